"""How many instructions a guest has executed by the time it waits, read from outside through QEMU's debugger port.

A program on the board that reads its own counter has to be told to, and what tells it costs instructions.
"""

from __future__ import annotations

import re
import socket
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench.errors import ToolError
from bench.virtual_board.board import VirtualBoard

_BOOT_S = 10.0
_ANSWER_S = 5.0
_PAUSE_S = 0.02  # between two readings, which are equal when the guest waits
_READINGS = 100
_PACKET = re.compile(rb"\$([^#]*)#[0-9a-f]{2}")
_COUNTERS = re.compile(r'<reg name="(minstreth?)"[^>]*?regnum="(\d+)"')
_INTERRUPT = b"\x03"


def instructions_until_idle(board: VirtualBoard, program: str, ready: bytes) -> int:
    """Boot a program, wait until it has said `ready` and has nothing more to do; the instructions since power-on."""
    with tempfile.TemporaryDirectory(prefix="bench-gdb-", ignore_cleanup_errors=True) as folder:
        port = Path(folder) / "port"
        with board.boot(program, ("-gdb", f"unix:{port},server=on,wait=off")) as link:
            link.read_until(ready, _BOOT_S)
            with closing(_Debugger(port)) as debugger:
                return debugger.steady_count()


class _Debugger:
    """A connection in gdb's remote protocol. The guest stands still while it is not told to go on."""

    def __init__(self, port: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(_ANSWER_S)
        self._received = b""
        try:
            self._socket.connect(str(port))
        except OSError as error:
            raise ToolError(f"QEMU's debugger port does not open: {error}") from error
        self._packet()  # connecting stops the guest, which is told unasked
        self._ask("qSupported:xmlRegisters=riscv")
        self._registers = dict(_COUNTERS.findall(self._description("riscv-csr.xml")))
        if len(self._registers) != 2:
            raise ToolError("QEMU's debugger port shows no counter of instructions: expected minstret and minstreth")

    def close(self) -> None:
        """The guest goes on, if it is still there."""
        self._socket.close()

    def steady_count(self) -> int:
        """The count, when it is the same as shortly before; ToolError where the guest does not come to rest."""
        before = -1
        for _ in range(_READINGS):
            if (count := self._count()) == before:
                return count
            before = count
            self._send("c")
            time.sleep(_PAUSE_S)
            self._socket.sendall(_INTERRUPT)
            self._packet()
        raise ToolError("the guest was expected to wait, it goes on executing instructions")

    def _count(self) -> int:
        low, high = (
            int.from_bytes(bytes.fromhex(self._ask(f"p{int(self._registers[name]):x}")), "little")
            for name in ("minstret", "minstreth")
        )
        return high << 32 | low

    def _description(self, name: str) -> str:
        text, answer = "", "m"
        while answer.startswith("m"):  # more to come
            answer = self._ask(f"qXfer:features:read:{name}:{len(text):x},7f0")
            text += answer[1:]
        return text

    def _ask(self, command: str) -> str:
        self._send(command)
        return self._packet()

    def _send(self, command: str) -> None:
        data = command.encode()
        self._socket.sendall(b"$%s#%02x" % (data, sum(data) % 256))

    def _packet(self) -> str:
        while (found := _PACKET.search(self._received)) is None:
            try:
                piece = self._socket.recv(65536)
            except OSError as error:
                raise ToolError(f"QEMU's debugger port does not answer: {error}") from error
            if not piece:
                raise ToolError("QEMU's debugger port was closed")
            self._received += piece
        self._received = self._received[found.end() :]
        self._socket.sendall(b"+")
        return found[1].decode("ascii", "replace")
