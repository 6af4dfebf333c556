"""The serial link: bytes, deadlines and a transcript for errors. Does not know what the bytes mean.

Any pyserial URL serves: a device name, ``socket://host:port``, ``rfc2217://host:port``. The object also offers the few
pyserial methods that mpremote's transport uses, so that both languages share one link and one transcript.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

import serial
from serial.urlhandler import protocol_socket

from bench.errors import LinkLost, LinkSilent, ToolError
from bench.serial_port import BAUD, POLL_S, PORT_ERRORS, WRITE_TIMEOUT_S, open_serial

TRANSCRIPT_BYTES = 64 * 1024
MAX_LINE_BYTES = 4096
READ_TIMEOUT_S = 10.0  # for a given number of bytes

T = TypeVar("T")


class Link:
    """One open serial port. Reads end at a deadline; every byte received is kept for the transcript."""

    def __init__(self, port: Any, is_alive: Callable[[], bool] = lambda: True, *, restarted: bool = True) -> None:
        """`port` is an open pyserial object; `is_alive` tells whether a board is still at the other end; `restarted`,
        whether the board was made to start anew just now.
        """
        self._port = port
        self._is_alive = is_alive
        self._pending = bytearray()
        self._transcript = bytearray()
        self._watched: Mapping[re.Pattern[bytes], str] = {}
        self.read_timeout_s = READ_TIMEOUT_S
        self._restarted = restarted
        self._is_stopped = False

    @classmethod
    def open(
        cls,
        url: str,
        *,
        baudrate: int = BAUD,
        is_alive: Callable[[], bool] = lambda: True,
        write_timeout_s: float = WRITE_TIMEOUT_S,
    ) -> Link:
        """Open a pyserial URL for this process alone; see `bench.serial_port.open_serial` for what it raises."""
        return cls(open_serial(url, baudrate=baudrate, write_timeout_s=write_timeout_s), is_alive)

    @property
    def transcript(self) -> str:
        """The last received text, escapes shown, for an error message or a log."""
        return self._transcript.decode("utf-8", "backslashreplace")

    @property
    def port(self) -> Any:
        """The open pyserial object, for whoever sets its lines to reset the board. Reading from it is the link's."""
        return self._port

    def write(self, data: bytes) -> None:
        """Send all of `data`; LinkLost where the port is gone, or the peer takes no more within the time-out."""
        try:
            self._port.write(data)
        except serial.SerialTimeoutException as error:
            raise LinkLost("the serial link broke while sending: the board takes no more bytes") from error
        except PORT_ERRORS as error:
            raise LinkLost(f"the serial link broke while sending: {error}") from error

    def stop(self) -> None:
        """From any thread: whoever reads gets a LinkLost, at once, however much the board still says."""
        self._is_stopped = True

    def watch_for(self, signs: Mapping[re.Pattern[bytes], str]) -> None:
        """From now on a read that meets one of these patterns raises LinkLost with its message, at once.

        For what a board sends only when it did something else than was expected of it, such as its boot banner.
        """
        self._watched = signs

    def discard(self, quiet_s: float, at_most_s: float) -> None:
        """Throw away what has come, until nothing came for `quiet_s`; a board that never ends is left talking."""
        deadline = time.monotonic() + at_most_s
        quiet_since = time.monotonic()
        while time.monotonic() < min(deadline, quiet_since + quiet_s):
            self._receive_available()
            if self._pending:
                self._pending.clear()
                quiet_since = time.monotonic()
            time.sleep(0.01)

    def read_line(self, timeout_s: float) -> bytes:
        """The next line with its newline. LinkLost when none came in time, or the board is gone.

        A line longer than MAX_LINE_BYTES is given in pieces: noise must not fill the memory.
        """
        return self._read_to(self._line_end, timeout_s, "a line")

    def read_until(self, ending: bytes, timeout_s: float) -> bytes:
        """All bytes up to and including `ending`. LinkLost when it did not come in time."""

        def end() -> int:
            found = self._pending.find(ending)
            return found + len(ending) if found >= 0 else 0

        return self._read_to(end, timeout_s, repr(ending))

    # The pyserial names that mpremote's SerialTransport uses.

    def read(self, count: int = 1) -> bytes:
        """Exactly `count` bytes; LinkLost where they do not come within `read_timeout_s`."""
        return self._read_to(lambda: count if len(self._pending) >= count else 0, self.read_timeout_s, f"{count} bytes")

    def hears_something(self, timeout_s: float) -> bool:
        """Whether anything comes within so many seconds; it stays to be read."""
        deadline = time.monotonic() + timeout_s
        while not self._pending and time.monotonic() < deadline:
            self._receive()
        return bool(self._pending)

    def speaks_first(self, timeout_s: float) -> bool:
        """Whether the board says something without being asked, as one does that restarts. No other is waited for."""
        return self._restarted and self.hears_something(timeout_s)

    def inWaiting(self) -> int:
        """How many bytes can be read at once, without waiting."""
        self._receive_available()
        return len(self._pending)

    def close(self) -> None:
        """Close the port; harmless when it is closed or gone."""
        with suppress(*PORT_ERRORS):  # the far end went first; there is nothing left to release
            self._port.close()

    def _take(self, count: int) -> bytes:
        taken = bytes(self._pending[:count])
        del self._pending[:count]
        return taken

    def _line_end(self) -> int:
        end = self._pending.find(b"\n", 0, MAX_LINE_BYTES) + 1
        return end or (MAX_LINE_BYTES if len(self._pending) >= MAX_LINE_BYTES else 0)

    def _read_to(self, find_end: Callable[[], int], timeout_s: float, expected: str) -> bytes:
        """The pending bytes up to where `find_end` says, once it says more than 0; LinkLost when it does not in time.

        A board that goes on to send something else does not put the deadline off.
        """
        deadline = time.monotonic() + timeout_s
        while not (end := find_end()) or self._is_stopped:
            if self._is_stopped:
                raise LinkLost("the board was told to stop")
            self._check(self._pending)
            is_last_try = time.monotonic() >= deadline
            if not self._receive() and not self._is_alive():
                raise LinkLost("the board went away in the middle of a measurement")
            if is_last_try and not find_end():
                came = f", got {bytes(self._pending[-60:])!r}" if self._pending else ""
                raise LinkSilent(f"the board is silent: expected {expected} within {timeout_s:.3g} s{came}")
        taken = self._take(end)
        self._check(taken)
        return taken

    def _check(self, data: bytes | bytearray) -> None:
        for sign, message in self._watched.items():
            if sign.search(data):
                raise LinkLost(message)

    def _receive(self) -> bool:
        """Wait up to a poll's length for bytes and put all there are into the pending buffer; whether some came."""
        chunk = self._guarded(lambda: self._port.read(1))
        self._keep(chunk)
        if chunk:
            self._receive_available()
        return bool(chunk)

    def _receive_available(self) -> None:
        try:
            self._keep(self._guarded(self._read_available))
        except LinkLost:
            if not self._pending:  # else what came before the end is read first; the next read fails again
                raise

    def _read_available(self) -> bytes:
        if not isinstance(self._port, protocol_socket.Serial):
            waiting = self._port.in_waiting
            return bytes(self._port.read(waiting)) if waiting else b""
        # Its in_waiting says only "some" or "none"; a read without waiting takes all there is.
        self._port.timeout = 0
        try:
            return bytes(self._port.read(MAX_LINE_BYTES))
        finally:
            self._port.timeout = POLL_S

    def _guarded(self, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except PORT_ERRORS as error:
            raise LinkLost(f"the serial link broke: {error}") from error

    def _keep(self, chunk: bytes) -> None:
        self._pending += chunk
        self._transcript += chunk
        del self._transcript[:-TRANSCRIPT_BYTES]


def open_when_there(find: Callable[[], str | None], wait_s: float, open_port: Callable[[str], T]) -> T:
    """Open the port that `find` names, which may be another one each time: boards vanish and return while they reset.

    LinkLost where it is not there, or cannot be opened, within `wait_s`.
    """
    deadline = time.monotonic() + wait_s
    while True:
        url, reason = find(), "no such port"
        if url is not None:
            try:
                return open_port(url)
            except ToolError as error:
                reason = str(error)
        if time.monotonic() > deadline:
            raise LinkLost(f"the board's port did not come back within {wait_s:g} s: {reason}")
        time.sleep(0.05)
