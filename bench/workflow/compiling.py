"""Compiling: each script on the board, against loading its .mpy file, and both languages' compilers on the computer.

A row a workload, language and variant. Of C++ there is the compiler's time on the computer alone: nothing of it happens
on the board.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bench import paths
from bench.anatomy.compiling import EMITTERS, explained
from bench.anatomy.probes import Probe
from bench.catalogue import Workload
from bench.errors import BenchError, BoardError, InputError
from bench.mpy_program import read_script
from bench.variants import HEADLINE_VARIANT
from bench.workflow.asking import Asker, Numbers
from bench.workflow.compiling_probes import Probes, probes_of
from bench.workflow.context import Context
from bench.workflow.cpp_compiler import find_cpp_compiler
from bench.workflow.mpy_cross import compile_timed, find_mpy_cross
from bench.workflow.mpy_format import MpyFormat, code_bytes
from bench.workflow.mpy_loading import loader_of
from bench.workflow.parts import Part, Row
from bench.workflow.source_counts import count
from bench.workflow.timing import wall_cells, wall_columns

QUICK = ("fib", "sieve", "crc32", "sha256", "nbody")
_HOST = "host_compile"
_BOARD_COLUMNS = (
    "compile_ticks",  # of compile() on the board, in the board's unit
    "compile_held_bytes",  # heap that code, constants and new names take afterwards
    "compile_needs_bytes",  # free heap without which it fails, to 256 bytes; the names known
    # Of the loader, over bytes in RAM where the board has no files. Else of `import`: reading, and executing it, too.
    "load_ticks",
    "load_held_bytes",
    "load_needs_bytes",  # empty where the board loads from files
)
_COLUMNS = {
    "workload": "str",
    "language": "str",
    "variant": "str",
    "source_bytes": "int",  # MicroPython: as it is sent; C++: the sketch and the header with the algorithm
    "lines": "int",
    "tokens": "int",  # without comments and line ends, see source_counts.py
    "code_bytes": "int",  # bytecode or machine code of all functions; C++: text of the sketch's object file
    "mpy_bytes": "int",  # of the .mpy file
    **dict.fromkeys(_BOARD_COLUMNS, "int"),
    **wall_columns(_HOST),  # of g++ with the board's flags on the sketch alone, or of mpy-cross, its start included
}
_KEYS = ("workload", "language", "variant")


@dataclass
class _Asked:
    """What the board told, and what it could not."""

    numbers: dict[Probe, Numbers] = field(default_factory=dict)
    failures: dict[Probe, BenchError] = field(default_factory=dict)

    def cell(self, probe: Probe | None, key: str) -> int | None:
        return self.numbers[probe][key] if probe in self.numbers else None


def measure(context: Context, names: Sequence[str]) -> Iterator[Row]:
    """The rows; `names` are workloads. Raises InputError where a script does not compile, ToolError without a tool."""
    wanted = names or (QUICK if context.quick else ())
    chosen = [workload for workload in context.catalogue.values() if not wanted or workload.name in wanted]
    if not chosen:
        return
    compiler = find_cpp_compiler(context.board.facts.name, paths.cache_dir())
    loader = loader_of(context.board)
    scripts = [
        probes_of(workload, variant, loader)
        for workload in chosen
        for variant in EMITTERS
        if variant not in workload.barred
    ]
    asked = _ask(context, scripts)
    for workload in chosen:
        for probes in (each for each in scripts if each.workload is workload):
            yield _script_row(context, probes, asked, loader.format)
        with compiler.on(workload) as run:
            once = run.once()  # not timed: the files were not in the computer's memory yet
            seconds = [run.once().seconds for _ in range(context.repetitions)]
        yield _sketch_row(workload, once.code_bytes, seconds)
        context.step(f"compilers on the computer: {workload.name}")


def _ask(context: Context, scripts: Sequence[Probes]) -> _Asked:
    """All that the board has to tell. Too little memory leaves cells empty; any other failure is raised."""
    asker = Asker(context)
    timed = [probe for each in scripts for probe in (each.compiling, each.loading)]
    searched = [probe for each in scripts for probe in (each.compiling_needs, each.loading_needs) if probe is not None]
    numbers, failures = asker.ask(timed)
    more_numbers, more_failures = asker.ask_plainly(searched, boots=1)
    asked = _Asked(numbers | more_numbers, failures | more_failures)
    for each in scripts:
        for probe in (each.compiling, each.loading, each.compiling_needs, each.loading_needs):
            if probe in asked.failures:
                _report(context, explained(asked.failures[probe], (each.workload.name, each.variant), len(each.source)))
    return asked


def _report(context: Context, error: BenchError) -> None:
    if not isinstance(error, BoardError) or "not enough memory" not in str(error):
        raise error
    context.log(str(error))


def _script_row(context: Context, probes: Probes, asked: _Asked, board: MpyFormat) -> Row:
    name = probes.workload.script.name
    seconds = [compile_timed(probes.source, name, board=board).seconds for _ in range(context.repetitions)]
    pairs = ((probes.compiling, probes.compiling_needs), (probes.loading, probes.loading_needs))
    board_cells = [
        cell
        for probe, needs in pairs
        for cell in (asked.cell(probe, "ticks"), asked.cell(probe, "held_bytes"), asked.cell(needs, "needed_bytes"))
    ]
    return {
        **_source_cells(probes.workload, "micropython", probes.variant, probes.source),
        "code_bytes": code_bytes(probes.mpy),
        "mpy_bytes": len(probes.mpy),
        **dict(zip(_BOARD_COLUMNS, board_cells, strict=True)),
        **wall_cells(_HOST, seconds),
    }


def _sketch_row(workload: Workload, text_bytes: int, seconds: Sequence[float]) -> Row:
    source = read_script(workload.sketch) + read_script(workload.header)
    return {
        **_source_cells(workload, "arduino", HEADLINE_VARIANT["arduino"], source),
        "code_bytes": text_bytes,
        "mpy_bytes": None,
        **dict.fromkeys(_BOARD_COLUMNS),
        **wall_cells(_HOST, seconds),
    }


def _source_cells(workload: Workload, language: str, variant: str, source: str) -> Mapping[str, object]:
    return {
        "workload": workload.name,
        "language": language,
        "variant": variant,
        "source_bytes": len(source.encode()),
        "lines": len(source.splitlines()),
        "tokens": count(source, language).tokens,
    }


def _inputs(context: Context, names: Sequence[str]) -> object:
    """mpy-cross decides figures too; without one there are none to keep."""
    try:
        return find_mpy_cross().sha256
    except (BenchError, InputError):
        return None


PART = Part(
    name="compiling",
    title="Compiling on the board and on the computer",
    columns=_COLUMNS,
    exact=tuple(column for column in _COLUMNS if column not in _KEYS and not column.startswith(_HOST)),
    keys=_KEYS,
    measure=measure,
    inputs=_inputs,
)
