"""How a board loads and executes a .mpy file: texts for its raw REPL.

A board with a file system gets the file and imports it. The virtual board has no files: there a function of its
firmware, `machine._mpy`, makes of the file's bytes what `import` would have made, with MicroPython's own loader.
"""

from __future__ import annotations

from bench.board import BoardFacts
from bench.errors import BoardError, InputError

_PIECE_BYTES = 256  # of a file in one text: a longer literal would need much memory at once
_NAMED_ERRORS = {28: "its file system is full: remove files from it", 30: "its file system is read-only"}


def store_texts(mpy: bytes, module: str, board: BoardFacts) -> tuple[str, ...]:
    """What to execute, in this order, so that the board has the file: as /<module>.mpy, or without files in its RAM."""
    _check_name(module)
    pieces = [mpy[start : start + _PIECE_BYTES] for start in range(0, len(mpy), _PIECE_BYTES)]
    if board.simulated:
        return ("_pieces = []", *(f"_pieces.append({piece!r})" for piece in pieces))
    return (f"_file = open('/{module}.mpy', 'wb')", *(f"_file.write({piece!r})" for piece in pieces), "_file.close()")


def run_text(module: str, board: BoardFacts) -> str:
    """What to execute then: loads the file and executes the module to its end.

    On the virtual board its names are those of the raw REPL afterwards, on others those of the module.
    """
    _check_name(module)
    return "import machine\nmachine._mpy(b''.join(_pieces))()" if board.simulated else f"import {module}"


def storing_failed(traceback: str, module: str) -> BoardError:
    """What a person is to make of an exception while a file was written."""
    lines = [line.strip() for line in traceback.splitlines() if line.strip()] or ["failed without a message"]
    for number, meaning in _NAMED_ERRORS.items():
        if lines[-1].startswith((f"OSError: [Errno {number}]", f"OSError: {number}")):
            return BoardError(f"the board cannot store {module}.mpy: {meaning}")
    return BoardError(f"the board cannot store {module}.mpy: {lines[-1]:.200}")


def _check_name(module: str) -> None:
    if not module.isidentifier() or not module.isascii():
        raise InputError(f"expected the name of a Python module, got {module!r:.60}")
