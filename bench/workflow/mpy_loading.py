"""How a board loads and executes a .mpy file: texts for its raw REPL.

A board with a file system gets the file and imports it. The virtual board has no files: there a function of its
firmware, `machine._mpy`, makes of the file's bytes what `import` would have made, with MicroPython's own loader.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench.board import Board
from bench.errors import BoardError, InputError, NotAvailable
from bench.labels import printable
from bench.runners.exchange import Patience
from bench.runners.micropython import open_repl
from bench.runners.raw_repl import RawRepl, last_line
from bench.workflow.mpy_format import MpyFormat, decode_number

_ASK = """\
import sys, machine
print(getattr(sys.implementation, "_mpy", 0), int(hasattr(machine, "_mpy")))"""
_PIECE_BYTES = 256  # of a file in one text: a longer literal would need much memory at once
_MEANINGS = {"28": "its file system is full: remove files from it", "30": "its file system is read-only"}


@dataclass(frozen=True)
class MpyLoader:
    """Which .mpy files a board's firmware loads, and whether from its file system or, without one, from bytes."""

    format: MpyFormat
    has_files: bool

    def store(self, mpy: bytes, module: str) -> tuple[str, ...]:
        """What to execute so that the board has the file: as /<module>.mpy, or without files in its RAM.

        A text that raises means that the board cannot store it: `storing_failed` says why.
        """
        _check_name(module)
        pieces = [mpy[start : start + _PIECE_BYTES] for start in range(0, len(mpy), _PIECE_BYTES)]
        if not self.has_files:
            return ("_pieces = []", *(f"_pieces.append({piece!r})" for piece in pieces))
        return (
            f"_file = open('/{module}.mpy', 'wb')",
            *(f"_file.write({piece!r})" for piece in pieces),
            "_file.close()",
        )

    def run(self, module: str) -> str:
        """What to execute then: loads the file and executes the module to its end.

        Without files its names are those of the raw REPL afterwards, else those of the module.
        """
        _check_name(module)
        return f"import {module}" if self.has_files else "import machine\nmachine._mpy(b''.join(_pieces))()"

    def remove(self, module: str) -> str:
        """What to execute so that the board no longer has the file."""
        _check_name(module)
        return f"import os\nos.remove('/{module}.mpy')" if self.has_files else "_pieces.clear()"


def loader_of(board: Board, patience: Patience | None = None) -> MpyLoader:
    """Boot a board with MicroPython and ask it. NotAvailable where its firmware loads no .mpy files."""
    with board.boot("micropython") as link:
        return ask_loader(open_repl(link, board, patience or Patience()))


def ask_loader(repl: RawRepl) -> MpyLoader:
    """Ask the board at this raw REPL. NotAvailable where its firmware loads no .mpy files."""
    output, traceback = repl.run(_ASK)
    if traceback:
        raise BoardError(f"the board cannot tell which .mpy files it loads: {printable(last_line(traceback))}")
    words = output.split()
    if len(words) != 2 or not all(word.isdecimal() and len(word) <= 9 for word in words):
        raise BoardError(f"expected sys.implementation._mpy and a flag, the board printed {printable(output, 60)!r}")
    number, has_own_loader = map(int, words)
    if not number:
        raise NotAvailable("this board's MicroPython loads no .mpy files")
    return MpyLoader(decode_number(number), has_files=not has_own_loader)


def storing_failed(traceback: str, module: str, suffix: str = ".mpy") -> BoardError:
    """What a person is to make of an exception while a file was stored."""
    lines = [line.strip() for line in traceback.splitlines() if line.strip()] or ["failed without a message"]
    reason = printable(lines[-1], 200)
    if reason.startswith("OSError:"):
        numbers = "".join(c if c.isdecimal() else " " for c in reason).split()
        reason = next((_MEANINGS[number] for number in numbers if number in _MEANINGS), reason)
    return BoardError(f"the board cannot store {module}{suffix}: {reason}")


def _check_name(module: str) -> None:
    if not module.isidentifier() or not module.isascii():
        raise InputError(f"expected the name of a Python module, got {printable(module, 60)!r}")
