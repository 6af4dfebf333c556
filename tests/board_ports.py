"""The ports that a test's board shows to the harness: a TCP server, a pseudo-terminal, and a server of RFC 2217."""

from __future__ import annotations

import ctypes
import os
import socket
import termios
import tty
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from serial import rfc2217

Lines = Callable[[bool, bool], None]  # DTR and RTS, each True where it is active
_SPEEDS = {getattr(termios, f"B{baud}"): baud for baud in (9600, 38400, 57600, 115200, 230400, 460800, 921600)}
_IN_CLOSE_WRITE = 0x8


class Port(Protocol):
    """The end of the line that the harness opens."""

    name: str

    def fileno(self) -> int:
        """What to wait on."""

    def receive(self) -> bytes | None:
        """What the harness sent, None for nothing."""

    def send(self, data: bytes) -> None:
        """To the harness; lost where nobody has the port open, as on a real wire."""

    def hung_up(self) -> bool:
        """Whether a program that had the port open has closed it since this was asked last."""

    @property
    def baudrate(self) -> int | None:
        """The speed that the harness has set; None where the port has none."""

    def close(self) -> None:
        """Pull the plug."""


class TcpPort:
    """A serial port as a TCP server, one client at a time."""

    baudrate: int | None = None
    scheme = "socket"

    def __init__(self, number: int = 0) -> None:
        """`number` is the TCP port, 0 for any free one."""
        self._listener = socket.create_server(("127.0.0.1", number))
        self._client: socket.socket | None = None
        self._hung_up = False
        self.number: int = self._listener.getsockname()[1]
        self.name = f"{self.scheme}://127.0.0.1:{self.number}"

    def fileno(self) -> int:
        return (self._client or self._listener).fileno()

    def receive(self) -> bytes | None:
        if self._client is None:
            self._client, _ = self._listener.accept()
            self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connected()
            return None
        try:
            data = self._client.recv(4096)
        except OSError:
            data = b""
        if not data:
            self.hang_up()
        return data or None

    def send(self, data: bytes) -> None:
        if self._client is not None:
            with suppress(OSError):
                self._client.sendall(data)

    def hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
            self._hung_up = True

    def hung_up(self) -> bool:
        happened, self._hung_up = self._hung_up, False
        return happened

    def close(self) -> None:
        self.hang_up()
        self._listener.close()

    def _connected(self) -> None:
        """A client is there."""


class _FarPort:
    """What pyserial's server takes for a serial port. Its two outgoing lines lead to the chip."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._dtr = self._rts = False
        self.baudrate = 115200
        self.bytesize, self.parity, self.stopbits = 8, "N", 1
        self.xonxoff = self.rtscts = self.break_condition = False
        self.cts = self.dsr = self.ri = self.cd = False

    @property
    def dtr(self) -> bool:
        return self._dtr

    @dtr.setter
    def dtr(self, active: bool) -> None:
        self._dtr = active
        self._lines(self._dtr, self._rts)

    @property
    def rts(self) -> bool:
        return self._rts

    @rts.setter
    def rts(self, active: bool) -> None:
        self._rts = active
        self._lines(self._dtr, self._rts)

    def reset_input_buffer(self) -> None:
        """Nothing is kept back here."""

    def reset_output_buffer(self) -> None:
        """Nothing is kept back here."""


class Rfc2217Port(TcpPort):
    """A serial port with its lines, behind pyserial's server of RFC 2217."""

    scheme = "rfc2217"

    def __init__(self, lines: Lines, number: int = 0) -> None:
        super().__init__(number)
        self._far = _FarPort(lines)
        self._manager: rfc2217.PortManager | None = None

    @property
    def baudrate(self) -> int | None:  # type: ignore[override]
        return self._far.baudrate

    def receive(self) -> bytes | None:
        data = super().receive()
        if data is None or self._manager is None:
            return None
        return b"".join(self._manager.filter(data)) or None

    def send(self, data: bytes) -> None:
        if self._manager is not None:
            super().send(b"".join(self._manager.escape(data)))

    def write(self, data: bytes) -> None:
        """Of the manager, to the client."""
        super().send(data)

    def hang_up(self) -> None:
        self._manager = None
        super().hang_up()

    def _connected(self) -> None:
        self._manager = rfc2217.PortManager(self._far, self)  # type: ignore[arg-type]  # they act alike


class PtyPort:
    """A serial port as a pseudo-terminal."""

    def __init__(self) -> None:
        self._master, self._slave = os.openpty()  # the slave stays open: else reading fails while nobody has it open
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.name = os.ttyname(self._slave)
        self._closings = _watch_closings(self.name)

    @property
    def baudrate(self) -> int | None:
        return _SPEEDS.get(termios.tcgetattr(self._slave)[5])

    def fileno(self) -> int:
        return self._master

    def receive(self) -> bytes | None:
        try:
            return os.read(self._master, 4096) or None
        except OSError:
            return None

    def send(self, data: bytes) -> None:
        with suppress(OSError):
            os.write(self._master, data)

    def hung_up(self) -> bool:
        try:
            return bool(os.read(self._closings, 4096))
        except BlockingIOError:
            return False

    def close(self) -> None:
        for descriptor in (self._slave, self._master, self._closings):
            os.close(descriptor)


def _watch_closings(path: str) -> int:
    """A descriptor with something to read whenever a program has closed the file.

    The terminal itself tells only that nobody has it open now, which a program that opens it again at once conceals.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor: int = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if descriptor < 0 or libc.inotify_add_watch(descriptor, path.encode(), _IN_CLOSE_WRITE) < 0:
        raise OSError(ctypes.get_errno(), f"cannot watch {path}")
    return descriptor


def make_port(kind: str, lines: Lines = lambda dtr, rts: None, number: int = 0) -> Port:
    """A port of a kind: tcp, rfc2217 or pty. `number` is the TCP port of the first two, 0 for any free one."""
    if kind == "pty":
        return PtyPort()
    return TcpPort(number) if kind == "tcp" else Rfc2217Port(lines, number)
