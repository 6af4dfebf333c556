"""What one garbage collection costs on the board, by the heap that it walks through and by what is alive in it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from bench.anatomy.probes import Answer, Probe, ProbeFailed, Prober, probe_script
from bench.anatomy.profile import Profile
from bench.anatomy.tidy_csv import check_sums, load_beside, with_parts, write_beside
from bench.errors import BenchError, BoardError, InputError, ToolError

FILE = "collecting.csv"
SHAPES = {
    "ints": "a list of small ints: one piece of memory, no pointers",
    "nodes": "a linked list of instances, two pieces of memory each",
    "floats": "a list of floats, a piece of memory each",
    "tuples": "a list of tuples of three, a piece of memory each",
}
LIVE = (0, 25, 50, 100, 200, 400, 700, 1000)
FILLED = (0, 48 * 1024, 96 * 1024, 144 * 1024)  # bytes; 0: nothing but what is alive
BLOCK_BYTES = 16  # the heap's unit on a 32-bit board
LABELS = {
    "roots": "finding roots",
    "mark": "marking",
    "mark_again": "marking again",
    "sweep": "sweeping",
    "call": "calling gc.collect()",
}
# The parts of gc.c, for whatever of them the compiler did not build into its caller. In the images of the virtual board
# gc_collect_end holds the sweep and the search for objects whose children were not marked for want of stack.
_PARTS = {
    "gc_collect": "roots",
    "gc_collect_start": "roots",
    "gc_collect_root": "roots",
    "gc_helper_collect_regs_and_stack": "roots",
    "gc_helper_get_regs_and_sp": "roots",
    "gc_mark_subtree": "mark",
    "gc_deal_with_stack_overflow": "mark_again",
    "gc_collect_end": "sweep",
    "gc_sweep_run_finalisers": "sweep",
    "gc_sweep_free_blocks": "sweep",
}
_MARKS_AGAIN = {"gc_collect_end", "gc_deal_with_stack_overflow"}  # what is marked from here was forgotten before
COLUMNS = ("shape", "live_objects", "filled_bytes", "live_bytes", "heap_bytes", "walked_bytes", "instructions", "part",
           "part_instructions")  # fmt: skip
_KEYS = ("shape", "live_objects", "filled_bytes")
_COMMAND = "bench anatomy-of gc"
_TOTAL = re.compile(r"^GC: total: (\d+)", re.MULTILINE)
_AREA = re.compile(r"^GC memory layout", re.MULTILINE)
_ROW = re.compile(r"^([0-9a-f]{8}): (\S+)", re.MULTILINE)
_FREE = "."


@dataclass
class Collected:
    """The frame of what was measured, and why others were not: by shape, live objects and filled bytes."""

    frame: pd.DataFrame
    failures: dict[tuple[str, int, int], BenchError] = field(default_factory=dict)


@dataclass(frozen=True)
class Fit:
    """instructions = fixed + per_walked_byte * walked + per_heap_byte * heap + per_live_block * live / BLOCK_BYTES.

    `marks_again`: of the collections in which an object had more children than the collector's own stack has room for.
    Then it looks through the whole heap for what it forgot, and marks that again.
    """

    shape: str  # or "all"
    marks_again: bool
    points: int
    fixed: float
    per_walked_byte: float
    per_heap_byte: float
    per_live_block: float
    r2: float
    largest_error: float  # in instructions
    largest_share: float  # the largest error as a share of the collection that it is of

    @property
    def per_walked_kb(self) -> float:
        """Instructions for each 1024 bytes that the sweep walks through, alive or not."""
        return 1024 * self.per_walked_byte

    @property
    def per_heap_kb(self) -> float:
        """Instructions for each 1024 bytes of the heap, even of those that were never used."""
        return 1024 * self.per_heap_byte


def measure_collecting(
    prober: Prober,
    shapes: Sequence[str] = tuple(SHAPES),
    live: Sequence[int] = LIVE,
    filled: Sequence[int] = FILLED,
    *,
    fresh: bool = False,
    begin: Callable[[int], None] = lambda count: None,
    done: Callable[[str], None] = lambda name: None,
) -> Collected:
    """Time one collection for each shape, number of live objects and filling, each on a fresh board. Columns: COLUMNS.

    `filled_bytes`: the heap was once in use up to so many bytes, and is sparsely used since. `heap_bytes`: all areas of
    the heap, which the port adds as it needs them. `walked_bytes`: from the start of each area to its last used block,
    which is as far as the sweep goes. `live_bytes`: all that is in use, the interpreter's own too. The parts of a
    collection add up to its `instructions`. `begin` is told how many there are, `done` the name of each that is
    finished. InputError for an unknown shape.
    """
    known_shapes(shapes)
    keys = [(shape, count, until) for shape in SHAPES if shape in shapes for until in filled for count in live]
    probes = {key: _probe(*key) for key in dict.fromkeys(keys)}
    begin(len(probes))
    asked = prober.ask(list(probes.values()), lambda probe: done(probe.name), fresh=fresh)
    collected = Collected(pd.DataFrame(columns=list(COLUMNS)))
    rows: list[tuple[str | int, ...]] = []
    for key, probe in probes.items():
        if probe in asked.failures:
            collected.failures[key] = _explained(asked.failures[probe], key)
        else:
            rows += [(*key, *row) for row in _rows(asked.answers[probe])]
    collected.frame = pd.DataFrame(rows, columns=list(COLUMNS))
    collected.frame.attrs["run"] = prober.facts("anatomy-of gc")
    return collected


def known_shapes(names: Sequence[str]) -> tuple[str, ...]:
    """The names, as they are; InputError where one is none of SHAPES."""
    for name in names:
        if name not in SHAPES:
            raise InputError(f"no shape {name!r}; known: {', '.join(SHAPES)}")
    return tuple(names)


def totals(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a collection, in the frame's order, without the parts."""
    return frame[list(COLUMNS[:-2])].drop_duplicates(list(_KEYS)).reset_index(drop=True)


def wide(frame: pd.DataFrame) -> pd.DataFrame:
    """`totals` with a column of instructions for each part."""
    return with_parts(totals(frame), frame, _KEYS, LABELS)


def marked_again(frame: pd.DataFrame) -> pd.DataFrame:
    """`totals` with `marks_again`: whether the collector ran out of stack, and marked some objects twice."""
    again = frame.loc[frame["part"] == "mark_again", list(_KEYS)].drop_duplicates().assign(marks_again=True)
    merged: pd.DataFrame = totals(frame).merge(again, on=list(_KEYS), how="left")
    return merged.assign(marks_again=merged["marks_again"].notna())


def fits(frame: pd.DataFrame) -> list[Fit]:
    """What `Fit` says, by least squares: for each shape and for all, apart whether the collections mark again.

    Where there are too few points, or all of them have the same size, there is none.
    """
    rows = marked_again(frame)
    found = []
    for marks_again, regime in rows.groupby("marks_again"):
        shapes = [(str(shape), mine) for shape, mine in regime.groupby("shape", sort=False)]
        for shape, mine in [*shapes, ("all", regime)] if len(shapes) > 1 else shapes:
            found.append(_fit(shape, bool(marks_again), mine))
    return [fit for fit in found if fit is not None]


def write_collecting(run: Path, frame: pd.DataFrame) -> Path:
    """Write the frame as anatomy/collecting.csv of a run; InputError where the board or the image is another."""
    return write_beside(run, FILE, frame, COLUMNS)


def load_collecting(run: Path) -> pd.DataFrame:
    """The frame that `write_collecting` wrote. InputError where there is none, or it is damaged."""
    return check_sums(load_beside(run, FILE, COLUMNS, ("shape", "part"), _COMMAND), _KEYS, FILE)


def parts_of(profile: Profile) -> Mapping[str, int]:
    """Instructions by part of a collection; adds up to the profile's."""
    found: dict[str, int] = defaultdict(int)
    for node, block, executions, _ in profile.counts:
        found[_part(profile.path(node))] += executions * profile.blocks[block].instructions
    return {part: found[part] for part in LABELS if found[part]}


def walked_blocks(heap_map: str) -> int:
    """How many blocks a sweep looks at, from what micropython.mem_info(1) prints: up to the last used one of each area.

    ToolError where it printed no map.
    """
    areas = _AREA.split(heap_map)[1:]
    if not areas:
        raise ToolError(
            "the board printed no map of its heap: its MicroPython was built without micropython.mem_info()"
        )
    walked = 0
    for area in areas:
        rows = [(int(start, 16) // BLOCK_BYTES, blocks) for start, blocks in _ROW.findall(area)]
        ends = [start + len(blocks.rstrip(_FREE)) for start, blocks in rows if blocks.strip(_FREE)]
        walked += max(ends, default=1)
    return walked


def _part(path: Sequence[str]) -> str:
    for function in reversed(path):
        part = _PARTS.get(function)
        if part is not None:
            return "mark_again" if part == "mark" and _MARKS_AGAIN.intersection(path) else part
    return "call"


def _probe(shape: str, live: int, filled: int) -> Probe:
    call = f"_measure({shape!r}, {live}, {filled})"
    return Probe(f"collecting among {live} {shape}, {filled} bytes filled", (probe_script("collecting.py"), call))


def _rows(answer: Answer) -> list[tuple[str | int, ...]]:
    total = _TOTAL.search(answer.output)
    if total is None:
        raise ToolError("the board did not tell the size of its heap: expected micropython.mem_info() to print it")
    walked = BLOCK_BYTES * walked_blocks(answer.output)
    facts = (answer.number("live_bytes"), int(total[1]), walked, answer.samples[-1])
    return [(*facts, part, count) for part, count in parts_of(answer.profile()).items()]


def _explained(error: BenchError, key: tuple[str, int, int]) -> BenchError:
    shape, live, filled = key
    if isinstance(error, ProbeFailed) and error.reason.startswith("MemoryError"):
        return BoardError(f"the board has not enough memory for {live} {shape} in a heap filled up to {filled} bytes")
    return error


def _fit(shape: str, marks_again: bool, rows: pd.DataFrame) -> Fit | None:
    counts = rows["instructions"].to_numpy(dtype=float)
    sizes = rows[["walked_bytes", "heap_bytes", "live_bytes"]].to_numpy(dtype=float) / [1, 1, BLOCK_BYTES]
    table = np.column_stack([np.ones(len(rows)), sizes])
    if len(rows) <= table.shape[1] or np.linalg.matrix_rank(table) < table.shape[1]:
        return None
    found = np.linalg.lstsq(table, counts, rcond=None)[0]
    errors = np.abs(counts - table @ found)
    spread = float(((counts - counts.mean()) ** 2).sum())
    r2 = 1 - float((errors**2).sum()) / spread if spread else 1.0
    factors = (float(found[0]), float(found[1]), float(found[2]), float(found[3]))
    return Fit(shape, marks_again, len(rows), *factors, r2, float(errors.max()), float((errors / counts).max()))
