"""The ways from a saved change to a running program, each with the steps of a scenario."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from bench.board import Board
from bench.errors import NotAvailable, ToolError
from bench.runners.micropython import PROMPT
from bench.workflow.context import Context
from bench.workflow.edit_arduino import arduino_steps, measure_arduino
from bench.workflow.edit_micropython import StoredProgram, Times, live_change_times, live_times, stored_times
from bench.workflow.edit_on_board import OnBoard, on_board_costs
from bench.workflow.edit_rows import COMPUTED, SELF_TEST, Step
from bench.workflow.edit_scenarios import CLONE, changed_files, versions
from bench.workflow.generated import Program, generate
from bench.workflow.line_times import BAUDS, line_s
from bench.workflow.mpy_cross import compile_mpy, find_mpy_cross
from bench.workflow.mpy_loading import MpyLoader, loader_of
from bench.workflow.sketch_project import SketchProject

PLATFORMIO, RAW_PASTE, FILE_COPY, MPY = "platformio", "raw_paste", "file_copy", "mpy"
WAYS = (PLATFORMIO, RAW_PASTE, FILE_COPY, MPY)
REPL_BAUD = 115200


class Way(Protocol):
    """One way from a saved change to a running program."""

    def steps(self, size: str, scenario: str) -> Iterator[Step]:
        """All steps of a scenario, each with its time in each repetition."""


class ArduinoWay:
    """PlatformIO, with a project of each size that keeps its builds from one change to the next."""

    def __init__(self, context: Context, folder: Path, tool_start_s: Sequence[float]) -> None:
        """`folder` is this object's own."""
        self._context = context
        self._folder = folder
        self._tool_start_s = tool_start_s
        self._projects: dict[str, SketchProject] = {}

    @classmethod
    @contextmanager
    def opened(cls, context: Context, tool_start_s: Sequence[float]) -> Iterator[ArduinoWay]:
        """In a folder outside of the checkout, which is removed in the end."""
        with tempfile.TemporaryDirectory(prefix="bench-edit-to-run-", ignore_cleanup_errors=True) as folder:
            yield cls(context, Path(folder).resolve(), tool_start_s)

    def steps(self, size: str, scenario: str) -> Iterator[Step]:
        """As `Way`."""
        project = self._project(size)
        programs = versions(size, scenario, self._context.repetitions)
        times = measure_arduino(
            self._context.board,
            project,
            programs,
            scenario == CLONE,
            lambda: self._context.step(f"platformio, {size}, {scenario}"),
        )
        yield from arduino_steps(times, self._tool_start_s)

    def _project(self, size: str) -> SketchProject:
        """The project, built, with every file in the system's cache: the first build of all is in no figure."""
        if size not in self._projects:
            project = SketchProject(_environment(self._context.board), self._folder / size, self._context.log)
            project.install()
            project.save(generate(size))
            project.build()
            self._projects[size] = project
        project = self._projects[size]
        project.save(generate(size))
        project.build()
        return project


class MicroPythonWay:
    """What all ways of MicroPython share: the tool that sends starts, then the board works."""

    def __init__(self, name: str, context: Context, tool_start_s: Sequence[float], mpy: MpyLoader | None) -> None:
        """`mpy` says how the board loads .mpy files, where it gets those; None: it gets the text."""
        self._name = name
        self._context = context
        self._tool_start_s = tool_start_s
        self._mpy = mpy
        self._compiled: dict[tuple[str, str], bytes] = {}

    def steps(self, size: str, scenario: str) -> Iterator[Step]:
        """As `Way`."""
        programs = versions(size, scenario, self._context.repetitions)
        files = len(changed_files(programs[0], scenario))
        yield Step("tool_start", self._tool_start_s)
        if self._mpy is not None:
            yield Step("compile", [self._compile_s(program, scenario) for program in programs], files=files)
        times = self._times(size, scenario, programs)
        self._context.step(f"{self._name}, {size}, {scenario}")
        yield from self._transfer(times, files)
        yield from self._on_board(times, size, scenario)

    def _times(self, size: str, scenario: str, programs: Sequence[Program]) -> Times:
        board = self._context.board
        if scenario == CLONE:
            return live_times(board, programs[0], self._texts, len(programs))
        changes = [(program, changed_files(program, scenario)[0]) for program in programs]
        return live_change_times(board, generate(size), changes, self._texts)

    def _transfer(self, times: Times, files: int) -> Iterator[Step]:
        if not self._simulated:
            yield Step("transfer", times.transfer_s, baud=REPL_BAUD, bytes=times.sent_bytes, files=files)
            return
        for baud in BAUDS:
            seconds = line_s(times.sent_bytes or 0, baud)
            yield Step("transfer", [seconds], COMPUTED, baud, bytes=times.sent_bytes, files=files)

    def _on_board(self, times: Times, size: str, scenario: str) -> Iterator[Step]:
        """What the board does. The seconds of a virtual one are QEMU's, so they are in no total."""
        is_real = not self._simulated
        if times.boot_s:
            instructions = _boot_instructions(self._context.board)
            note = "" if is_real else SELF_TEST
            yield Step("reset_boot", times.boot_s, in_total=is_real, instructions=instructions, note=note)
        cost = self._cost(size, scenario)
        if cost is not None and is_real:  # on the board's clock, and in other steps, too
            yield Step("on_board_compile", [cost.compiling / 1e6], in_total=False)
        elif cost is not None:
            yield Step("on_board_compile", in_total=False, instructions=cost.compiling)
        if times.first_output_s:
            instructions = None if cost is None or is_real else cost.to_first_line
            yield Step("first_output", times.first_output_s, in_total=is_real, instructions=instructions)

    def _cost(self, size: str, scenario: str) -> OnBoard | None:
        """What the board does itself; None where it cannot be told apart from the rest."""
        changed = [] if scenario == CLONE else versions(size, scenario, 1)
        changes = [(program, changed_files(program, scenario)[0]) for program in changed]
        cost, changed_costs = on_board_costs(
            self._context.board, generate(size), changes, self._data, self._mpy is not None
        )
        return (changed_costs or [cost])[0]

    @property
    def _simulated(self) -> bool:
        return self._context.board.facts.simulated

    def _texts(self, name: str, source: str) -> Sequence[str]:
        if self._mpy is None:
            return [source]
        module = name.removesuffix(".py")
        return [*self._mpy.store(self._data(name, source), module), self._mpy.run(module)]

    def _data(self, name: str, source: str) -> bytes:
        if self._mpy is None:
            return source.encode()
        if (name, source) not in self._compiled:
            self._compiled[name, source] = compile_mpy(source, name, board=self._mpy.format)
        return self._compiled[name, source]

    def _compile_s(self, program: Program, scenario: str) -> float:
        """Seconds that mpy-cross takes for the changed files, its start for each of them among it."""
        assert self._mpy is not None
        began = time.perf_counter()
        for name in changed_files(program, scenario):
            compile_mpy(program.python[name], name, board=self._mpy.format)
        return time.perf_counter() - began


class StoredWay(MicroPythonWay):
    """Files into the board's file system, then a reset."""

    def _times(self, size: str, scenario: str, programs: Sequence[Program]) -> Times:
        stored = StoredProgram(self._context.board, self._data, ".py" if self._mpy is None else ".mpy")
        stored.check()
        try:
            if scenario != CLONE:
                stored.store(generate(size).python)
            return stored_times(stored, [(program, changed_files(program, scenario)) for program in programs])
        finally:
            stored.remove()

    def _cost(self, size: str, scenario: str) -> OnBoard | None:
        """After the reset all files are compiled, whichever has changed. Loading .mpy files is part of their import."""
        return None if self._mpy is not None else super()._cost(size, CLONE)


def open_micropython(name: str, context: Context, tool_start_s: Sequence[float]) -> Way:
    """That way of MicroPython. NotAvailable, with the reason, where this board or this computer has it not."""
    if name == RAW_PASTE:
        return MicroPythonWay(name, context, tool_start_s, None)
    if name == FILE_COPY:
        StoredProgram(context.board, lambda module, text: text.encode(), ".py").check()
        return StoredWay(name, context, tool_start_s, None)
    try:
        find_mpy_cross()
    except ToolError as error:
        raise NotAvailable(str(error)) from error
    loader = loader_of(context.board)
    return (StoredWay if loader.has_files else MicroPythonWay)(name, context, tool_start_s, loader)


def _boot_instructions(board: Board) -> int | None:
    """From power-on to MicroPython's prompt, on a virtual board."""
    from bench.virtual_board.board import VirtualBoard
    from bench.virtual_board.counter import instructions_until_idle

    return instructions_until_idle(board, "micropython", PROMPT) if isinstance(board, VirtualBoard) else None


def _environment(board: Board) -> str:
    """The board's environment in platformio.ini."""
    from bench.esp32.chips import find_chip

    return board.facts.name if board.facts.simulated else find_chip(board.facts.name).pio_env
