"""Whether a board runs the version of a program that was sent to it: its lines are those of CPython."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from bench.errors import BoardError, ChecksumMismatch, LinkSilent, ToolError
from bench.labels import printable
from bench.link import Link
from bench.runners.raw_repl import last_line
from bench.workflow.generated import Program

FIRST_WORD = "edit_to_run"
_TIMEOUT_S = 60
_ENDED = "\x04"  # how the raw REPL ends a program's output


def reference(program: Program) -> tuple[str, ...]:
    """The lines that CPython prints for this version of the program."""
    lines = _reference(tuple(program.python.items()))
    if lines[:1] != (program.first_line,):
        raise ToolError(f"CPython was to print {program.first_line!r} first, it printed {printable(lines, 80)}")
    return lines


@lru_cache(maxsize=256)
def _reference(files: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory(prefix="bench-edit-", ignore_cleanup_errors=True) as folder:
        for name, text in files:
            (Path(folder) / name).write_text(text, encoding="utf-8", newline="\n")
        done = subprocess.run(
            [sys.executable, "-B", "-c", "import edit_main"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    if done.returncode != 0:
        raise ToolError(f"CPython fails on the program: {printable((done.stderr.splitlines() or ['no message'])[-1])}")
    return tuple(done.stdout.splitlines())


def hear_first_line(link: Link, program: Program, timeout_s: float) -> None:
    """Wait for the program's first line; what a board says before is passed over. ChecksumMismatch: it is another's."""
    deadline = time.monotonic() + timeout_s
    line = ""
    while not line.startswith(FIRST_WORD):
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise LinkSilent(f"expected {program.first_line!r} within {timeout_s:g} s, the board said other things")
        line = _text(link.read_line(left_s))
        if line.startswith(_ENDED):
            rest = link.read_until(_ENDED.encode(), left_s).decode("utf-8", "replace").removesuffix(_ENDED)
            traceback = f"{line.removeprefix(_ENDED)}\n{rest}"
            raise BoardError(f"the program ended before its first line: {printable(last_line(traceback))}")
    if line != program.first_line:
        raise ChecksumMismatch(
            f"expected {program.first_line!r}, the board printed {printable(line, 80)!r}: it does not run the program "
            "that was sent to it; there is no figure"
        )


def check_rest(lines: Sequence[str], expected: Sequence[str], program: Program) -> None:
    """ChecksumMismatch where the lines after the first are not those of CPython, `expected`."""
    if list(lines) != list(expected[1:]):
        raise ChecksumMismatch(
            f"the program of build {program.build}: expected {list(expected[1:])} as CPython has it, the board printed "
            f"{printable(lines, 120)}: there is no figure"
        )


def read_lines(link: Link, count: int, timeout_s: float) -> list[str]:
    """The next lines of a board, without their ends."""
    return [_text(link.read_line(timeout_s)) for _ in range(count)]


def _text(line: bytes) -> str:
    return line.decode("utf-8", "backslashreplace").strip()
