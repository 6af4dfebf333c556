"""A serial line between a board and the port that the harness opens, where at most one fault strikes.

The line has two ends that stay apart: what runs on the board, which a reset replaces, and a port, which can vanish and
come back under another name. In between, where a fault is to strike, every byte passes one by one, so that it strikes
at an exact place: so many bytes after the conversation came to a phase, in one direction.
"""

from __future__ import annotations

import random
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Self

from bench.virtual_board.qemu import Qemu
from tests.board_ports import Port
from tests.line_faults import LONGEST_MARKER, MARKERS, PHASES, ROM_TEXT, TO_BOARD, TO_HOST, Fault

_POLL_S = 0.005


def connect(guest: Qemu) -> socket.socket:
    """The UART of a guest, which this lets run."""
    host, _, port = guest.url.removeprefix("socket://").partition(":")
    uart = socket.create_connection((host, int(port)))
    uart.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return uart


class SerialLine:
    """A board's line with at most one fault. A context manager: leaving it ends the board and closes the port.

    Whoever derives from it says with `_start` and `_end` what runs on the board, and sets `_uart` to the line's end
    there.
    """

    def __init__(self, conversation: str, make_port: Callable[[], Port], fault: Fault | None = None) -> None:
        self._conversation = conversation  # which phases there are
        self._make_port = make_port
        self._fault = fault
        self._chance = random.Random(fault.seed if fault else 0)
        self._lock = threading.RLock()
        self._port: Port | None = make_port()
        self._next_port: Port | None = None
        self._back_at = 0.0
        self._uart: socket.socket | None = None
        self._boots = 0
        self._late: deque[tuple[float, str, bytes]] = deque()
        self._held_until: dict[str, float] = {}
        self._is_over = False
        self._broken: Exception | None = None
        self.struck = 0
        self.old_firmware = False  # plays one that knows no raw paste
        self.alter: tuple[bytes, bytes] | None = None  # to the board: some bytes, and what the byte after them becomes
        self._begin()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._is_over = True
        self._thread.join()
        self._end()
        for port in (self._port, self._next_port):
            if port is not None:
                port.close()
        if self._broken is not None:
            raise self._broken

    def port_name(self) -> str | None:
        """Where the board is now; None while it is nowhere."""
        with self._lock:
            return self._port.name if self._port is not None else None

    def power_cycle(self) -> None:
        """A board that runs its program from the start."""
        with self._lock:
            self._begin()
            self._start()

    # ---- For those who derive

    def _start(self) -> None:
        """Start what runs on the board, instead of what runs there now."""
        raise NotImplementedError

    def _end(self) -> None:
        """End what runs on the board."""
        if self._uart is not None:
            self._uart.close()
        self._uart = None

    def _tick(self) -> None:
        """Called every few milliseconds."""

    def _host_left(self) -> None:
        """Called when a program has closed the port."""

    def _board_ended(self) -> None:
        """Called when what ran on the board has ended by itself."""
        self._end()

    def _as_heard(self, data: bytes) -> bytes:
        """What the bytes become on their way in either direction, faults aside."""
        return data

    # ---- The line

    def _begin(self) -> None:
        self._boots += 1
        self._phase = "boot"
        self._passed = dict.fromkeys((TO_BOARD, TO_HOST), 0)
        self._recent = dict.fromkeys((TO_BOARD, TO_HOST), b"")
        self._muted: set[str] = set()
        self._struck_this_boot = False
        self._to_hit = 0

    def _serve(self) -> None:
        try:
            while not self._is_over:
                self._serve_once()
        except Exception as error:  # told by __exit__: the test waits for the board in vain
            self._broken = error

    def _serve_once(self) -> None:
        with self._lock:
            ends = [end for end in (self._port, self._uart) if end is not None]
        readable: Sequence[object] = ()
        with suppress(OSError, ValueError):  # an end was closed meanwhile
            readable, _, _ = select.select(ends, [], [], _POLL_S)
        with self._lock:
            if self._port is not None and self._port.hung_up():
                self._host_left()
            self._pass_on(readable)
            self._deliver_late()
            if self._port is None and time.monotonic() > self._back_at:
                self._port, self._next_port = self._next_port or self._make_port(), None
            self._tick()
        if not ends:
            time.sleep(_POLL_S)

    def _pass_on(self, readable: Sequence[object]) -> None:
        if self._port is not None and self._port in readable:
            data = self._port.receive()
            if data is not None:
                self._through(TO_BOARD, self._as_heard(data))
        if self._uart is not None and self._uart in readable:
            try:
                data = self._uart.recv(4096)
            except OSError:
                data = b""
            if data:
                self._through(TO_HOST, self._as_heard(data))
            else:
                self._board_ended()

    def _through(self, direction: str, data: bytes) -> None:
        if self._fault is None and self.alter is None and not self.old_firmware:
            self._emit(direction, data)
            return
        if direction == TO_BOARD and self.old_firmware:
            data = data.replace(b"\x05A\x01", b"A\x01")  # which shows the banner, as the old ones do
        out = bytearray()
        boots = self._boots
        for byte in data:
            if self._boots != boots:
                return  # the board was reset: what was on its way is lost
            out += self._byte(direction, bytes([byte]), out)
        self._emit(direction, bytes(out))

    def _byte(self, direction: str, byte: bytes, so_far: bytearray) -> bytes:
        fault = self._fault
        if self.alter is not None and direction == TO_BOARD and self._recent[TO_BOARD].endswith(self.alter[0]):
            byte = self.alter[1]
        if self.old_firmware and direction == TO_HOST:  # whatever its version is, it says 1.13
            byte = {b"(1, ": b"1", b"1, 1": b"3"}.get(self._recent[TO_HOST][-4:], byte)
        if fault is not None and direction == fault.direction:
            if self._to_hit:
                self._to_hit -= 1
                byte = self._hit(fault, byte)
            elif self._strikes(fault):
                self.struck += 1
                self._struck_this_boot = True
                byte = self._strike(fault, byte, so_far)
        self._advance(direction, byte)
        return b"" if direction in self._muted else byte

    def _strikes(self, fault: Fault) -> bool:
        if fault.conversation not in ("", self._conversation):
            return False
        if self._phase != fault.phase or self.struck >= fault.times or self._struck_this_boot:
            return False
        return self._passed[fault.direction] >= fault.after

    def _strike(self, fault: Fault, byte: bytes, so_far: bytearray) -> bytes:
        """What passes instead of the byte. What came before it in this bunch, `so_far`, has passed."""
        if fault.kind in ("garble", "drop", "noise"):
            self._to_hit = 10_000 if fault.kind == "noise" else fault.size - 1
            return self._hit(fault, byte)
        if fault.kind == "duplicate":
            return (bytes(so_far[-fault.size :]) if fault.size > 1 else byte) + byte
        if fault.kind == "boot text":
            return ROM_TEXT + byte
        self._emit(fault.direction, bytes(so_far))
        so_far.clear()
        if fault.kind == "delay":
            self._held_until[fault.direction] = time.monotonic() + fault.seconds
        elif fault.kind == "reset":
            self._restart_by_itself()
            return b""
        elif fault.kind == "mute":
            self._muted.add(fault.direction)
        elif fault.kind == "cut":
            self._unplug(0.0)
        elif fault.kind == "vanish":
            self._unplug(fault.seconds)
            self._restart()
            return b""
        return byte

    def _restart_by_itself(self) -> None:
        self._emit(TO_HOST, ROM_TEXT[: self._chance.choice((0, 30, 1000))])
        self._restart()

    def _restart(self) -> None:
        """The board starts anew by itself; what the harness thinks of as its boot goes on."""
        struck = self._struck_this_boot
        self._begin()
        self._struck_this_boot = struck
        self._start()

    def _hit(self, fault: Fault, byte: bytes) -> bytes:
        if fault.kind == "noise" and self._chance.random() > 0.01:
            return byte
        if fault.kind == "drop" or (fault.kind == "noise" and self._chance.random() < 0.3):
            return b""
        if self._chance.random() < 0.5:
            return bytes([byte[0] ^ (1 << self._chance.randrange(8))])
        # Another character of the same sort: the damage that looks most like something that was meant.
        alike = (
            b"0123456789" if byte.isdigit() else b"abcdefghijklmnopqrstuvwxyz_" if byte.isalpha() else bytes(range(256))
        )
        return bytes([self._chance.choice(alike)])

    def _unplug(self, seconds: float, keep_name: bool = False) -> None:
        """The port is gone for so long, and then another one, or with `keep_name` one that is made when it is time."""
        if self._port is None:
            return
        if not keep_name and self._next_port is None:
            self._next_port = self._make_port()  # while the old one has its name
        self._port.close()
        self._port = None
        self._back_at = time.monotonic() + seconds

    def _advance(self, direction: str, byte: bytes) -> None:
        self._passed[direction] += len(byte)
        self._recent[direction] = (self._recent[direction] + byte)[-LONGEST_MARKER:]
        phases = PHASES[self._conversation]
        for way, marker, phase in MARKERS[self._conversation]:
            is_later = phases.index(phase) > phases.index(self._phase)
            if way == direction and is_later and self._recent[direction].endswith(marker):
                self._phase = phase
                self._passed = dict.fromkeys(self._passed, 0)

    def _emit(self, direction: str, data: bytes) -> None:
        until = self._held_until.get(direction, 0.0)
        if data and until > time.monotonic():
            self._late.append((until, direction, data))
        elif data:
            self._send(direction, data)

    def _deliver_late(self) -> None:
        while self._late and self._late[0][0] <= time.monotonic():
            _, direction, data = self._late.popleft()
            self._send(direction, data)

    def _send(self, direction: str, data: bytes) -> None:
        if direction == TO_HOST and self._port is not None:
            self._port.send(data)
        elif direction == TO_BOARD and self._uart is not None:
            with suppress(OSError):
                self._uart.sendall(data)
