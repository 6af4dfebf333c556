"""The shortest Arduino way to try an expression: it is in a sketch's println(), which is built, sent and started."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.board import Board
from bench.errors import ChecksumMismatch, LinkSilent, NotAvailable
from bench.workflow.context import Context
from bench.workflow.generated import Program
from bench.workflow.line_times import Upload, flash_image, upload_of
from bench.workflow.repl_expressions import EXPRESSIONS, Expression
from bench.workflow.sketch_project import Build, SketchProject

PROGRAM = "repl_expression"  # what boards call it
UPLOAD_BAUD = 460800  # PlatformIO's own for the chips
_START_S = 20.0


@dataclass(frozen=True)
class Attempt:
    """One expression changed in the sketch, to its value on the screen."""

    build_s: float
    start_s: float  # from power-on to the value, on the host
    image_bytes: int
    received_bytes: int  # the value's line
    upload: Upload | None = None  # what esptool would send, for a virtual board
    upload_s: float | None = None  # on a real board: until the flash holds it


def attempts(context: Context) -> Iterator[tuple[Expression, Attempt]]:
    """Each of EXPRESSIONS so often as the context wants, in turn: every build has a change of one line to compile.

    ToolError where a sketch does not build, ChecksumMismatch where one prints another value than it should.
    """
    with tempfile.TemporaryDirectory(prefix="bench-repl-", ignore_cleanup_errors=True) as name:
        project = SketchProject(context.board.facts.name, Path(name), context.log)
        project.install()
        _save(project, EXPRESSIONS[-1])
        project.build()  # everything, once
        for _ in range(context.repetitions):
            for expression in EXPRESSIONS:
                _save(project, expression)
                build = project.build()
                yield expression, _started(context.board, build, expression)
                context.step(f"Arduino's way to try {expression.name}")


def _save(project: SketchProject, expression: Expression) -> None:
    project.save(Program("expression", 0, 0, {"main.ino": expression.sketch()}, {}, "main"))


def _started(board: Board, build: Build, expression: Expression) -> Attempt:
    from bench.esp32.board import Esp32Board
    from bench.virtual_board.board import VirtualBoard

    upload, upload_s = None, None
    if isinstance(board, VirtualBoard):
        image = flash_image(build.elf)
        size = len(image)
        upload = upload_of(image, board.facts.name.removeprefix("virtual-"))
        board.adopt(PROGRAM, build.elf)
    elif isinstance(board, Esp32Board):
        size = sum(path.stat().st_size for _, path in build.flash_files)
        start = time.perf_counter()
        board.write_other(PROGRAM, build.flash_files, lambda done, total: None, baudrate=UPLOAD_BAUD)
        upload_s = time.perf_counter() - start
    else:
        raise NotAvailable(f"sketches cannot be put on {board.facts.name}")
    start_s, received = _value_after_start(board, expression)
    return Attempt(build.total_s, start_s, size, received, upload, upload_s)


def _value_after_start(board: Board, expression: Expression) -> tuple[float, int]:
    """Seconds until the value is there, and the bytes of its line. What a chip says while it starts is passed over."""
    start = time.perf_counter()
    refused: ChecksumMismatch | None = None
    with board.boot(PROGRAM) as link:
        try:
            while (left_s := start + _START_S - time.perf_counter()) > 0:
                line = link.read_line(left_s)
                try:
                    expression.check(line.decode("utf-8", "backslashreplace").strip())
                except ChecksumMismatch as error:
                    refused = error
                else:
                    return time.perf_counter() - start, len(line)
        except LinkSilent:
            if refused is None:
                raise
        raise refused or LinkSilent(f"expected the value of {expression.name} within {_START_S:g} s of the start")
