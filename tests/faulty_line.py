"""A serial line that fails on purpose, between a real virtual board's UART and the port that the harness opens.

The line has two ends that stay apart: a guest, which a power cycle replaces by a fresh one, and a port, a TCP server or
a pseudo-terminal, which can vanish and come back under another name. In between every byte passes one by one, so that a
fault strikes at an exact place: so many bytes after the conversation came to a phase, in one direction.
"""

from __future__ import annotations

import os
import random
import select
import socket
import threading
import time
import tty
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Protocol

from bench.board import Image, Log
from bench.errors import LinkLost
from bench.link import Link, open_when_there
from bench.virtual_board.board import VirtualBoard
from bench.virtual_board.qemu import Qemu

TO_BOARD, TO_HOST = "to board", "to host"
ROM_TEXT = (
    b"ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"
    b"configsip: 0, SPIWP:0xee\r\nload:0x3fff0030,len:4728\r\nentry 0x400805f0\r\n"
)
# A phase begins when this passes: the direction, the bytes, and the phase. What comes before is the boot.
MARKERS = {
    "arduino": ((TO_BOARD, b"@B1 run", "command"), (TO_HOST, b"@B1 sample", "samples"), (TO_HOST, b"@B1 done", "done")),
    "micropython": (
        (TO_BOARD, b"\r\x01", "entry"),
        (TO_BOARD, b"\x05A\x01", "upload"),
        (TO_BOARD, b"benchlib.measure(", "command"),
        (TO_HOST, b"@B1 sample", "samples"),
        (TO_HOST, b"@B1 done", "done"),
    ),
}
PHASES = {language: ("boot", *(phase for _, _, phase in markers)) for language, markers in MARKERS.items()}
_LONGEST_MARKER = 20
# About how many bytes pass in a phase: a fault is placed within them.
_LENGTHS = {
    ("boot", TO_HOST): 120,
    ("entry", TO_BOARD): 4,
    ("entry", TO_HOST): 160,
    ("upload", TO_BOARD): 14_000,
    ("upload", TO_HOST): 500,
    ("command", TO_BOARD): 90,
    ("command", TO_HOST): 400,
    ("samples", TO_HOST): 150,
    ("done", TO_HOST): 60,
}
# What can happen, and how often beside the others.
KINDS = {
    "garble": 5,
    "drop": 4,
    "duplicate": 3,
    "delay": 3,
    "noise": 2,
    "boot text": 2,
    "reset": 4,
    "cut": 2,
    "mute": 2,
    "vanish": 3,
}


@dataclass(frozen=True)
class Fault:
    """One accident. It strikes `times` times, once a boot, each time at the same place."""

    kind: str
    phase: str
    direction: str
    after: int  # bytes of the direction in the phase
    size: int  # bytes that are hit
    seconds: float  # of a delay, or of an absence
    times: int
    seed: int

    def __str__(self) -> str:
        return f"{self.kind} {self.direction} in {self.phase}+{self.after}, {self.size} bytes, {self.times}x"


def random_fault(seed: int, language: str, longest_s: float) -> Fault:
    """The fault of a seed. `longest_s` is about how long the harness waits: delays are shorter or longer than that."""
    chance = random.Random(f"{language} {seed}")
    kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
    phase, direction = chance.choice([place for place in _LENGTHS if place[0] in PHASES[language]])
    if kind == "boot text":
        direction = TO_HOST
        phase = chance.choice([phase for phase, way in _LENGTHS if way == TO_HOST and phase in PHASES[language]])
    return Fault(
        kind=kind,
        phase=phase,
        direction=direction,
        after=chance.randrange(_LENGTHS[phase, direction]),
        size=chance.choice((1, 1, 2, 3, 8, 40)),
        seconds=longest_s * chance.choice((0.02, 0.1, 0.3, 1.2)),
        times=chance.choice((1, 1, 1, 2, 2, 3, 9)),
        seed=seed,
    )


class Port(Protocol):
    """The end of the line that the harness opens."""

    name: str

    def fileno(self) -> int:
        """What to wait on."""

    def receive(self) -> bytes | None:
        """What the harness sent, None for nothing."""

    def send(self, data: bytes) -> None:
        """To the harness; lost where nobody has the port open, as on a real wire."""

    def close(self) -> None:
        """Pull the plug."""


class TcpPort:
    """A serial port as a TCP server, one client at a time."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._client: socket.socket | None = None
        self.name = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"

    def fileno(self) -> int:
        return (self._client or self._listener).fileno()

    def receive(self) -> bytes | None:
        if self._client is None:
            self._client, _ = self._listener.accept()
            self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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

    def close(self) -> None:
        self.hang_up()
        self._listener.close()


class PtyPort:
    """A serial port as a pseudo-terminal."""

    def __init__(self) -> None:
        self._master, self._slave = os.openpty()  # the slave stays open: else reading fails while nobody has it open
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.name = os.ttyname(self._slave)

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

    def close(self) -> None:
        os.close(self._slave)
        os.close(self._master)


PORTS: dict[str, Callable[[], TcpPort | PtyPort]] = {"tcp": TcpPort, "pty": PtyPort}


class FaultyLine:
    """A board's line with at most one fault. A context manager: leaving it ends the guest and closes the port."""

    def __init__(self, board: VirtualBoard, language: str, port: str, fault: Fault | None = None) -> None:
        self._board = board
        self._language = language
        self._make_port = PORTS[port]
        self._fault = fault
        self._chance = random.Random(fault.seed if fault else 0)
        self._lock = threading.RLock()
        self._port: Port | None = self._make_port()
        self._back_at = 0.0
        self._guest: Qemu | None = None
        self._uart: socket.socket | None = None
        self._late: deque[tuple[float, str, bytes]] = deque()
        self._held_until: dict[str, float] = {}
        self._is_over = False
        self.struck = 0
        self.old_firmware = False  # plays one that knows no raw paste
        self.alter: tuple[bytes, bytes] | None = None  # to the board: some bytes, and what the byte after them becomes
        self._begin()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> FaultyLine:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._is_over = True
        self._thread.join()
        self._end_guest()
        if self._port is not None:
            self._port.close()

    def port_name(self) -> str | None:
        """Where the board is now; None while it is nowhere."""
        with self._lock:
            return self._port.name if self._port is not None else None

    def power_cycle(self) -> None:
        """A fresh guest, running the program from its start."""
        with self._lock:
            self._begin()
            self._start_guest()

    def _begin(self) -> None:
        self._phase = "boot"
        self._passed = dict.fromkeys((TO_BOARD, TO_HOST), 0)
        self._recent = dict.fromkeys((TO_BOARD, TO_HOST), b"")
        self._muted: set[str] = set()
        self._struck_this_boot = False
        self._to_hit = 0

    def _start_guest(self) -> None:
        self._end_guest()
        self._guest = Qemu(self._board.profile, self._board.image(self._language))
        host, _, port = self._guest.url.removeprefix("socket://").partition(":")
        self._uart = socket.create_connection((host, int(port)))
        self._uart.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _end_guest(self) -> None:
        if self._uart is not None:
            self._uart.close()
        if self._guest is not None:
            self._guest.stop()
        self._uart = self._guest = None

    def _serve(self) -> None:
        while not self._is_over:
            with self._lock:
                ends = [end for end in (self._port, self._uart) if end is not None]
            with suppress(OSError, ValueError):  # an end was closed meanwhile
                readable, _, _ = select.select(ends, [], [], 0.005)
                with self._lock:
                    self._pass_on(readable)
            with self._lock:
                self._deliver_late()
                if self._port is None and time.monotonic() > self._back_at:
                    self._port = self._make_port()
            if not ends:
                time.sleep(0.005)

    def _pass_on(self, readable: Sequence[object]) -> None:
        if self._port is not None and self._port in readable:
            data = self._port.receive()
            if data is not None:
                self._through(TO_BOARD, data)
        if self._uart is not None and self._uart in readable:
            data = self._uart.recv(4096)
            if data:
                self._through(TO_HOST, data)

    def _through(self, direction: str, data: bytes) -> None:
        if direction == TO_BOARD and self.old_firmware:
            data = data.replace(b"\x05A\x01", b"A\x01")  # which shows the banner, as the old ones do
        out = bytearray()
        guest = self._guest
        for byte in data:
            if self._guest is not guest:
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
            self._emit(TO_HOST, ROM_TEXT[: self._chance.choice((0, 30, 1000))])
            self._restart()
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

    def _restart(self) -> None:
        """The board starts anew by itself; what the harness thinks of as its boot goes on."""
        struck = self._struck_this_boot
        self._begin()
        self._struck_this_boot = struck
        self._start_guest()

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

    def _unplug(self, seconds: float) -> None:
        if self._port is not None:
            self._port.close()
        self._port = None
        self._back_at = time.monotonic() + seconds

    def _advance(self, direction: str, byte: bytes) -> None:
        self._passed[direction] += len(byte)
        self._recent[direction] = (self._recent[direction] + byte)[-_LONGEST_MARKER:]
        phases = PHASES[self._language]
        for way, marker, phase in MARKERS[self._language]:
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


class BoardOnALine:
    """A board behind a serial port that can fail, as the harness sees it: what it boots is a power cycle."""

    max_parallel = 1
    line_may_fail = True

    def __init__(self, board: VirtualBoard, line: FaultyLine, min_ticks: int, wait_s: float) -> None:
        self.facts = replace(board.facts)
        self.min_ticks = min_ticks
        self._board = board
        self._line = line
        self._wait_s = wait_s
        self._aborted = False

    def prepare(self, program: str, log: Log) -> Image:
        """As the virtual board does."""
        return self._board.prepare(program, log)

    @contextmanager
    def boot(self, program: str) -> Iterator[Link]:
        """Open the port wherever it is, then reset the board: not a byte of its boot is lost."""
        if self._aborted:
            raise LinkLost("the board was told to stop")
        with closing(open_when_there(self._line.port_name, self._wait_s, Link.open)) as link:
            self._line.power_cycle()
            yield link

    def abort(self) -> None:
        """Boot nothing more."""
        self._aborted = True
