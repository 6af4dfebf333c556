"""What compiling costs on the board: each script of the catalogue, as it is sent, between two readings of the clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from bench.anatomy.attribution import component_of
from bench.anatomy.probes import Answer, Probe, ProbeFailed, Prober, probe_script
from bench.anatomy.profile import Profile
from bench.anatomy.tidy_csv import check_sums, load_beside, with_parts, write_beside
from bench.catalogue import Workload
from bench.errors import BenchError, BoardError, InputError
from bench.mpy_program import program

FILE = "compiling.csv"
EMITTERS = ("bytecode", "native")  # variants whose whole script one compile() makes
# A function counts for the nearest of these that it works for: copying bytes in the lexer is the lexer's work.
STAGES = ("lexer", "parser", "compiler", "emitter", "qstr", "allocation", "collection")
CALL = "call"  # from the first reading of the clock to compile(), and back to the second
LABELS = {
    "lexer": "lexer",
    "parser": "parser",
    "compiler": "compiler",
    "emitter": "emitter",
    "qstr": "names (qstr)",
    "allocation": "allocation",
    "collection": "garbage collection",
    CALL: "calling compile()",
}
COLUMNS = ("workload", "variant", "source_bytes", "lines", "held_bytes", "instructions", "part", "part_instructions")
_KEYS = ("workload", "variant")
_COMMAND = "bench anatomy-of compile"
_PIECE_BYTES = 512  # of a text that goes to the board at once
MORE_BOOTS = 2  # with the profiled one three samples; within a boot the second compilation is another one


@dataclass
class Compiled:
    """The frame of what was measured, and why others were not: by workload and variant."""

    frame: pd.DataFrame
    left_out: dict[tuple[str, str], str] = field(default_factory=dict)  # as the contracts foresee
    failures: dict[tuple[str, str], BenchError] = field(default_factory=dict)


def measure_compiling(
    prober: Prober,
    workloads: Sequence[Workload],
    variants: Sequence[str] = EMITTERS,
    *,
    fresh: bool = False,
    begin: Callable[[int], None] = lambda count: None,
    done: Callable[[str], None] = lambda name: None,
) -> Compiled:
    """Compile each workload's script on a fresh board. Columns: COLUMNS, a row for each part that has instructions.

    `held_bytes`: the heap that the code, its constants and new names take when compile() is done and garbage is
    collected. The parts of a compilation add up to its `instructions`, in which all boots agreed. `begin` is told how
    many there are, `done` the name of each that is finished. InputError for a variant that is none of EMITTERS.
    """
    known_variants(variants)
    compiled = Compiled(pd.DataFrame(columns=list(COLUMNS)))
    probes: dict[tuple[str, str], tuple[Probe, bytes]] = {}
    for workload in workloads:
        for variant in (name for name in EMITTERS if name in variants):
            key = workload.name, variant
            if variant in workload.barred:
                compiled.left_out[key] = workload.barred[variant]
                continue
            try:
                probes[key] = compiling_probe(workload, variant)
            except InputError as error:
                compiled.failures[key] = error
    begin(len(probes))
    asked = prober.ask([probe for probe, _ in probes.values()], lambda probe: done(probe.name), fresh=fresh)
    rows: list[tuple[str | int, ...]] = []
    for key, (probe, source) in probes.items():
        if probe in asked.failures:
            compiled.failures[key] = explained(asked.failures[probe], key, len(source))
        else:
            rows += [(*key, *row) for row in _rows(asked.answers[probe], source)]
    compiled.frame = pd.DataFrame(rows, columns=list(COLUMNS))
    compiled.frame.attrs["run"] = prober.facts("anatomy-of compile")
    return compiled


def known_variants(names: Sequence[str]) -> tuple[str, ...]:
    """The names, as they are; InputError where one is none of EMITTERS."""
    for name in names:
        if name not in EMITTERS:
            raise InputError(f"no figures of compiling for the variant {name!r}; known: {', '.join(EMITTERS)}, or all")
    return tuple(names)


def totals(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a compilation, in the frame's order: without the parts, with `instructions_per_byte` of source."""
    kept = list(COLUMNS[:-2])
    rows = frame[kept].drop_duplicates(list(_KEYS)).reset_index(drop=True)
    return rows.assign(instructions_per_byte=rows["instructions"] / rows["source_bytes"])


def wide(frame: pd.DataFrame) -> pd.DataFrame:
    """`totals` with a column of instructions for each part."""
    return with_parts(totals(frame), frame, _KEYS, LABELS)


def write_compiling(run: Path, frame: pd.DataFrame) -> Path:
    """Write the frame as anatomy/compiling.csv of a run; InputError where the board or the image is another."""
    return write_beside(run, FILE, frame, COLUMNS)


def load_compiling(run: Path) -> pd.DataFrame:
    """The frame that `write_compiling` wrote. InputError where there is none, or it is damaged."""
    frame = load_beside(run, FILE, COLUMNS, ("workload", "variant", "part"), _COMMAND)
    return check_sums(frame, _KEYS, FILE)


def parts_of(profile: Profile) -> Mapping[str, int]:
    """Instructions by stage; adds up to the profile's."""
    found: dict[str, int] = defaultdict(int)
    stages: dict[int, str] = {}
    for node, block, executions, _ in profile.counts:
        if node not in stages:
            stages[node] = _stage(profile.path(node))
        found[stages[node]] += executions * profile.blocks[block].instructions
    return {part: found[part] for part in LABELS if found[part]}


def _stage(path: Sequence[str]) -> str:
    for function in reversed(path):
        component = component_of(function, "micropython")
        if component in STAGES:
            return component
    return CALL


def compiling_probe(workload: Workload, variant: str) -> tuple[Probe, bytes]:
    """What to send so that a board tells what compiling takes, and the text that is compiled.

    The board then prints `ticks`, and `held_bytes` as in `measure_compiling`.
    """
    source = program(workload, variant)[1].text.encode()  # the first one is the on-board runner
    texts = (probe_script(FILE.replace(".csv", ".py")), *in_pieces(source), "_measure()")
    return Probe(f"compiling {workload.name} ({variant})", texts, MORE_BOOTS), source


def in_pieces(data: bytes) -> list[str]:
    """What to execute so that a script which has a list `_pieces` has these bytes in it."""
    pieces = [data[start : start + _PIECE_BYTES] for start in range(0, len(data), _PIECE_BYTES)]
    return [f"_pieces.append({piece!r})" for piece in pieces]


def _rows(answer: Answer, source: bytes) -> list[tuple[str | int, ...]]:
    facts = (len(source), len(source.splitlines()), answer.number("held_bytes"), answer.samples[-1])
    return [(*facts, part, count) for part, count in parts_of(answer.profile()).items()]


def explained(error: BenchError, key: tuple[str, str], source_bytes: int) -> BenchError:
    """What a person is to make of an exception on the board."""
    workload, variant = key
    if not isinstance(error, ProbeFailed):
        return error
    if error.reason.startswith("MemoryError"):
        return BoardError(f"the board has not enough memory to compile {workload} ({variant}), {source_bytes} bytes")
    if error.reason.startswith(("SyntaxError", "IndentationError", "ViperTypeError")):
        return InputError(f"{workload}.py line {error.line}: {error.reason} (MicroPython's compiler, {variant})")
    return error
