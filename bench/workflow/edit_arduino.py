"""Arduino's way from a saved change to its first line: PlatformIO builds, esptool writes the flash, the board boots."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.board import Board
from bench.errors import NotAvailable, ToolError
from bench.labels import printable
from bench.link import Link
from bench.workflow.edit_answers import check_rest, hear_first_line, read_lines, reference
from bench.workflow.edit_rows import COMPUTED, SELF_TEST, Step
from bench.workflow.generated import Program
from bench.workflow.line_times import BAUDS, Upload, flash_image, flash_s, upload_of
from bench.workflow.sketch_project import Build, SketchProject

if TYPE_CHECKING:
    from bench.esp32.board import Esp32Board
    from bench.virtual_board.board import VirtualBoard

PROGRAM = "edit_to_run"  # what boards call it
_BOOT_S = 20.0
_TICKS = re.compile(r"instructions (\d+) (\d+)")
_UPLOAD_BAUD = 460800  # PlatformIO's own for the chips; also bench.esp32.flasher's


@dataclass(frozen=True)
class Started:
    """A program that was put on a board and ran to its first line."""

    boot_s: float  # from power-on, on the host's clock
    setup_at: int | None = None  # instructions of a virtual board until setup() begins
    first_line_at: int | None = None  # and until the first line is out
    image_bytes: int | None = None
    upload: Upload | None = None  # what esptool would send, for a virtual board
    connect_s: float | None = None  # on a real board: until the first byte of the image goes out
    write_s: float | None = None  # sending, erasing, programming
    verify_s: float | None = None


@dataclass
class ArduinoTimes:
    """What each repetition of a scenario took."""

    builds: list[Build] = field(default_factory=list)
    started: list[Started] = field(default_factory=list)


def measure_arduino(
    board: Board, project: SketchProject, versions: Sequence[Program], forget: bool, done: Callable[[], None]
) -> ArduinoTimes:
    """Save each version, build it, put it on the board, hear its lines; `forget`: as after `git clone`, each time."""
    times = ArduinoTimes()
    for program in versions:
        if forget:
            project.forget_builds()
        project.save(program)
        times.builds.append(project.build())
        times.started.append(_start(board, times.builds[-1], program))
        done()
    return times


def arduino_steps(times: ArduinoTimes, tool_start_s: Sequence[float]) -> Iterator[Step]:
    """The steps of a scenario. Counts and bytes are those of its first repetition."""
    builds, first = times.builds, times.started[0]
    yield Step("build_tool", [build.tool_s for build in builds])
    yield Step("compile", [build.compile_s for build in builds], files=len(builds[0].compiled))
    yield Step("link", [build.link_s for build in builds])
    yield Step("tool_start", tool_start_s)
    if first.upload is not None and first.image_bytes is not None:
        for baud in BAUDS:
            yield Step("transfer", [first.upload.seconds(baud)], COMPUTED, baud, bytes=first.upload.sent_bytes)
        yield Step("flash_write", [flash_s(first.image_bytes)], COMPUTED, bytes=first.image_bytes)
    else:
        yield from _real_upload(times.started)
    is_virtual = first.setup_at is not None
    boot_s = [started.boot_s for started in times.started]
    note = SELF_TEST if is_virtual else ""
    yield Step("reset_boot", boot_s, in_total=not is_virtual, instructions=first.setup_at, note=note)
    if first.setup_at is not None and first.first_line_at is not None:
        yield Step("first_output", in_total=False, instructions=first.first_line_at - first.setup_at)


def _real_upload(started: Sequence[Started]) -> Iterator[Step]:
    yield Step("connect", [one.connect_s for one in started if one.connect_s is not None])
    written = [one.write_s for one in started if one.write_s is not None]
    yield Step(
        "transfer", written, baud=_UPLOAD_BAUD, bytes=started[0].image_bytes, note="with erasing and programming"
    )
    yield Step("verify", [one.verify_s for one in started if one.verify_s is not None])


def _start(board: Board, build: Build, program: Program) -> Started:
    """Put it on the board and hear its lines: the one place that knows how each kind of board takes a program."""
    from bench.esp32.board import Esp32Board
    from bench.virtual_board.board import VirtualBoard

    if isinstance(board, VirtualBoard):
        return _start_virtual(board, build, program)
    if isinstance(board, Esp32Board):
        return _start_real(board, build, program)
    raise NotAvailable(f"sketches cannot be put on {board.facts.name}")


def _start_virtual(board: VirtualBoard, build: Build, program: Program) -> Started:
    board.adopt(PROGRAM, build.elf)
    image = flash_image(build.elf)
    boot_s, (told,) = _hear(board, program, 1)
    ticks = _TICKS.fullmatch(told)
    if ticks is None:
        raise ToolError(f"expected the sketch to tell its instructions, it printed {printable(told, 80)!r}")
    upload = upload_of(image, board.facts.name.removeprefix("virtual-"))
    return Started(boot_s, int(ticks[1]), int(ticks[2]), len(image), upload)


def _start_real(board: Esp32Board, build: Build, program: Program) -> Started:
    moments: list[float] = []
    began = time.perf_counter()
    board.write_other(
        PROGRAM, build.flash_files, lambda done, total: moments.append(time.perf_counter()), baudrate=_UPLOAD_BAUD
    )
    ended = time.perf_counter()
    boot_s, _ = _hear(board, program, 0)
    size = sum(path.stat().st_size for _, path in build.flash_files)
    first, last = (moments[0], moments[-1]) if moments else (ended, ended)
    return Started(boot_s, image_bytes=size, connect_s=first - began, write_s=last - first, verify_s=ended - last)


def _hear(board: Board, program: Program, more: int) -> tuple[float, list[str]]:
    """Boot; seconds until the first line, and the lines that follow the program's own."""
    expected = reference(program)
    began = time.perf_counter()
    with board.boot(PROGRAM) as link:
        seconds = _first_line_s(link, program, began)
        lines = read_lines(link, len(expected) - 1 + more, _BOOT_S)
    check_rest(lines[: len(expected) - 1], expected, program)
    return seconds, lines[len(expected) - 1 :]


def _first_line_s(link: Link, program: Program, began: float) -> float:
    hear_first_line(link, program, _BOOT_S)
    return time.perf_counter() - began
