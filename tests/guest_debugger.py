"""A small client of QEMU's debugger: stops a guest at functions and at writes, reads and changes what is there.

The images stay as they are, byte by byte: what a test observes and what it stands in for happens from outside.
"""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from bench.virtual_board.profiles import Profile
from bench.virtual_board.qemu import Qemu

TIMEOUT_S = 60
RETURN_ADDRESS, ARGUMENT, PROGRAM_COUNTER = 1, 10, 32  # ra, a0 and pc, by the numbers that GDB gives registers
_BREAK, _WATCH = 0, 2


def symbols(elf: Path) -> dict[str, int]:
    """The addresses of all functions and variables, static ones too."""
    with elf.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        return {symbol.name: symbol["st_value"] for symbol in table.iter_symbols()}


@dataclass(frozen=True)
class Stop:
    """Where the guest stands: at a function that was asked for, or behind a write to an address."""

    at: int
    written: bool


class Debugger:
    """The guest's processor and memory, over GDB's remote protocol. The guest stands still between the calls."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._received = b""
        self._functions: set[int] = set()
        self._ask("qXfer:features:read:target.xml:0,ffb")  # before that, QEMU tells no single register

    def __enter__(self) -> Debugger:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._socket.close()

    def stop_at(self, function: int) -> None:
        """Stop when this function is entered."""
        self._functions.add(function)
        assert self._ask(f"Z{_BREAK},{function:x},2") == "OK"

    def run_to(self, function: int) -> None:
        """Let the guest run until it enters this function, and do not stop there again."""
        assert self._ask(f"Z{_BREAK},{function:x},2") == "OK"
        self.go()
        assert self.wait() == Stop(function, written=False)
        assert self._ask(f"z{_BREAK},{function:x},2") == "OK"

    def stop_after_write(self, address: int) -> None:
        """Stop behind each write to this word."""
        assert self._ask(f"Z{_WATCH},{address:x},4") == "OK"

    def go(self) -> None:
        """Let the guest run."""
        here = self.register(PROGRAM_COUNTER)
        if here in self._functions:  # it would stop where it is
            assert self._ask(f"z{_BREAK},{here:x},2") == "OK"
            self._ask("s")
            assert self._ask(f"Z{_BREAK},{here:x},2") == "OK"
        self._send("c")

    def wait(self) -> Stop:
        """Wait until the guest stops."""
        reply = self._packet()
        facts = dict(part.split(":", 1) for part in reply[3:].split(";") if ":" in part)
        if "watch" in facts:
            self._finish_write(int(facts["watch"], 16))
            return Stop(int(facts["watch"], 16), written=True)
        return Stop(self.register(PROGRAM_COUNTER), written=False)

    def return_from_function(self, value: int) -> None:
        """Leave the function that was just entered, as if it had returned this."""
        self.set_register(ARGUMENT, value)
        self.set_register(PROGRAM_COUNTER, self.register(RETURN_ADDRESS))

    def register(self, number: int) -> int:
        return int.from_bytes(bytes.fromhex(self._ask(f"p{number:x}")), "little")

    def set_register(self, number: int, value: int) -> None:
        assert self._ask(f"P{number:x}={value.to_bytes(4, 'little').hex()}") == "OK"

    def memory(self, address: int, count: int) -> bytes:
        return bytes.fromhex(self._ask(f"m{address:x},{count:x}"))

    def word(self, address: int) -> int:
        return int.from_bytes(self.memory(address, 4), "little")

    def set_memory(self, address: int, data: bytes) -> None:
        assert self._ask(f"M{address:x},{len(data):x}:{data.hex()}") == "OK"

    def set_word(self, address: int, value: int) -> None:
        self.set_memory(address, value.to_bytes(4, "little"))

    def _finish_write(self, address: int) -> None:
        """Where it counts instructions, QEMU stops before the write, and would do so again."""
        assert self._ask(f"z{_WATCH},{address:x},4") == "OK"
        self._ask("s")
        self.stop_after_write(address)

    def _ask(self, text: str) -> str:
        self._send(text)
        return self._packet()

    def _send(self, text: str) -> None:
        self._socket.sendall(f"${text}#{sum(text.encode()) % 256:02x}".encode())

    def _packet(self) -> str:
        while b"#" not in self._received[:-2]:
            data = self._socket.recv(4096)
            assert data, "the guest has ended"
            self._received += data
        packet, _, rest = self._received.partition(b"#")
        self._received = rest[2:]
        self._socket.sendall(b"+")
        return packet.partition(b"$")[2].decode()


class Console:
    """The other end of the guest's first serial line."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("socket://").partition(":")
        self._socket = socket.create_connection((host, int(port)), TIMEOUT_S)
        self.text = b""

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def wait_for(self, ending: bytes) -> None:
        """Read on until the guest has written this."""
        while ending not in self.text:
            self._take()

    def close(self) -> None:
        self._socket.close()

    def _take(self) -> None:
        data = self._socket.recv(4096)
        assert data, "the guest has ended"
        self.text += data


@contextmanager
def debugged(profile: Profile, elf: Path) -> Iterator[tuple[Debugger, Console]]:
    """A guest that stands before its first instruction."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/gdb"
        chardev = f"socket,id=gdb,path={path},server=on,wait=off"
        with Qemu(profile, elf, options=("-S", "-chardev", chardev, "-gdb", "chardev:gdb")) as guest:
            console = Console(guest.url)
            try:
                with Debugger(_connected(path, guest)) as debugger:
                    yield debugger, console
            finally:
                console.close()


def _connected(path: str, guest: Qemu) -> socket.socket:
    """A connection to the debugger, which is there a moment after the console."""
    while guest.is_alive():
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(TIMEOUT_S)
        try:
            connection.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
        else:
            return connection
    raise AssertionError(guest.describe_end())
