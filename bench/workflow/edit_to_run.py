"""From a saved change to the first line of the new program: its steps, in both languages, by size and by change."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from importlib.metadata import PackageNotFoundError, version

from bench.errors import BenchError, NotAvailable, ToolError
from bench.workflow.context import Context
from bench.workflow.edit_rows import COLUMNS, EXACT, FAILED, KEYS, LEFT_OUT, Case, case_rows, gap_row
from bench.workflow.edit_scenarios import SCENARIOS
from bench.workflow.edit_ways import PLATFORMIO, WAYS, ArduinoWay, Way, open_micropython
from bench.workflow.generated import SIZES, generate
from bench.workflow.mpy_cross import find_mpy_cross
from bench.workflow.parts import Part, PartlyFailed, Row

_QUICK_SIZES, _QUICK_SCENARIOS = ("small",), ("one_line",)
_TOOLS = ("platformio", "scons", "esptool", "mpremote")
_TIMEOUT_S = 60


def wanted(context: Context, names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Sizes, scenarios and ways to be measured. The names may be of any part; of a kind that has none named: all."""

    def chosen(known: Sequence[str], otherwise: Sequence[str]) -> tuple[str, ...]:
        return tuple(name for name in known if name in names) or tuple(otherwise)

    return (
        chosen(tuple(SIZES), _QUICK_SIZES if context.quick else tuple(SIZES)),
        chosen(SCENARIOS, _QUICK_SCENARIOS if context.quick else SCENARIOS),
        chosen(WAYS, WAYS),
    )


def measure(context: Context, names: Sequence[str]) -> Iterator[Row]:
    """Rows as they are finished. What fails becomes a row that says why, all else is measured; then PartlyFailed."""
    failures: list[BenchError] = []
    board = context.board.facts.name
    for way in wanted(context, names)[2]:
        try:
            yield from _way_rows(way, context, names, failures)
        except NotAvailable as reason:
            context.log(f"left out, {way}: {reason}")
            yield gap_row(Case(board, _language(way), way), LEFT_OUT, str(reason))
        except BenchError as error:
            context.log(f"failed, {way}: {error}")
            failures.append(error)
            yield gap_row(Case(board, _language(way), way), FAILED, str(error))
    if failures:
        raise PartlyFailed(failures[0], len(failures))


def _way_rows(name: str, context: Context, names: Sequence[str], failures: list[BenchError]) -> Iterator[Row]:
    sizes, scenarios, _ = wanted(context, names)
    language = _language(name)
    with ExitStack() as stack:
        way = _open(name, context, stack)
        for size in sizes:
            for scenario in scenarios:
                case = Case(context.board.facts.name, language, name, size, scenario, generate(size).lines(language))
                try:
                    yield from case_rows(case, list(way.steps(size, scenario)))
                except BenchError as error:
                    context.log(f"failed, {name}, {size}, {scenario}: {error}")
                    failures.append(error)
                    yield gap_row(case, FAILED, str(error))


def _open(name: str, context: Context, stack: ExitStack) -> Way:
    """The way, ready to be measured. NotAvailable, with the reason, where this board or this computer has it not."""
    if name == PLATFORMIO:
        return stack.enter_context(ArduinoWay.opened(context, start_times("esptool", context.repetitions)))
    return open_micropython(name, context, start_times("mpremote", context.repetitions))


def start_times(module: str, repetitions: int) -> tuple[float, ...]:
    """Seconds that a command-line tool takes to start, which pass before it sends a byte, and to end."""
    return tuple(_start_s(module) for _ in range(repetitions + 1))[1:]  # the first one reads it from the disk


def _start_s(module: str) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-m", module, "version"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    if done.returncode != 0:
        raise ToolError(f"{module} does not start: run `make setup`")
    return time.perf_counter() - began


def _language(way: str) -> str:
    return "arduino" if way == PLATFORMIO else "micropython"


def _inputs(context: Context, names: Sequence[str]) -> object:
    """Versions of the tools that take part, and of the compiler where it is this computer's."""
    from bench.virtual_board.toolchain import compiler_version

    tools = {name: _version_of(name) for name in _TOOLS}
    try:
        tools["mpy-cross"] = find_mpy_cross().sha256
    except ToolError:
        tools["mpy-cross"] = ""
    return tools | ({"compiler": compiler_version()} if context.board.facts.simulated else {})


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


PART = Part(
    name="edit_to_run",
    title="From a saved change to the running program",
    columns=COLUMNS,
    exact=EXACT,
    keys=KEYS,
    measure=measure,
    inputs=_inputs,
)
