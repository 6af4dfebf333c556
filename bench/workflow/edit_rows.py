"""The rows of the part edit_to_run: steps of one way to a running program, and their sums.

A sum has the seconds that pass on the host, measured, and on the line and in the flash: measured on a real board,
computed for a virtual one. What a virtual board does costs instructions, which are no seconds: they stand beside the
sum, and the seconds that QEMU takes for them are told but not in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.workflow.parts import Row
from bench.workflow.timing import wall_cells, wall_columns

MEASURED, COMPUTED, LEFT_OUT, FAILED = "measured", "computed", "left out", "failed"
TOTAL, GAP = "total", "none"
SELF_TEST = "1.2 million of the instructions are the virtual board's test of its counter"
COLUMNS: Mapping[str, str] = {
    "board": "str",
    "language": "str",
    "way": "str",
    "size": "str",
    "scenario": "str",
    "baud": "int",  # empty: the step does not depend on it
    "step": "str",
    "how": "str",  # measured; computed, as a total is in which something is; left out or failed: the note says why
    **wall_columns("time"),
    "in_total": "int",  # 1: its seconds are in the total
    "instructions": "int",  # on a virtual board
    "bytes": "int",  # sent to the board; of flash_write: written
    "source_lines": "int",
    "files": "int",  # compiled, or sent
    "note": "str",
}
_NO_SPREAD: Mapping[str, object] = {"time_iqr_s": None, "time_n": None}  # computed, so never repeated
KEYS = ("board", "language", "way", "size", "scenario", "baud", "step")
EXACT = ("how", "in_total", "instructions", "bytes", "source_lines", "files", "note")


@dataclass(frozen=True)
class Case:
    """What was done: in which way, with a program of which size, after which change."""

    board: str
    language: str
    way: str
    size: str = ""
    scenario: str = ""
    source_lines: int = 0


@dataclass(frozen=True)
class Step:
    """One step, with a time for each repetition; one that is computed, or the same for all, has a single time."""

    name: str
    seconds: Sequence[float] = ()
    how: str = MEASURED
    baud: int | None = None
    in_total: bool = True
    instructions: int | None = None
    bytes: int | None = None
    files: int | None = None
    note: str = ""


def case_rows(case: Case, steps: Sequence[Step]) -> Iterator[Row]:
    """A row a step, and a total for each speed of the line."""
    for step in steps:
        yield _row(case, step)
    bauds = sorted({step.baud for step in steps if step.baud is not None})
    speeds: list[int | None] = [*bauds] or [None]
    for baud in speeds:
        yield _row(case, _total([step for step in steps if step.baud in (None, baud)], baud))


def gap_row(case: Case, how: str, reason: str) -> Row:
    """Says that there is no figure of a way, or of one scenario, and why: LEFT_OUT or FAILED."""
    return _row(case, Step(GAP, how=how, in_total=False, note=reason))


def _total(steps: Sequence[Step], baud: int | None) -> Step:
    counted = [step for step in steps if step.in_total and step.seconds]
    repetitions = max((len(step.seconds) for step in counted), default=0)
    sums = [sum(_at(step.seconds, place) for step in counted) for place in range(repetitions)]
    instructions = [step.instructions for step in steps if step.instructions is not None]
    sent = [step.bytes for step in steps if step.bytes is not None and step.baud is not None]
    return Step(
        TOTAL,
        sums,
        COMPUTED if any(step.how == COMPUTED for step in counted) else MEASURED,
        baud,
        instructions=sum(instructions) if instructions else None,
        bytes=sum(sent) if sent else None,
        files=next((step.files for step in steps if step.files is not None), None),
    )


def _at(seconds: Sequence[float], place: int) -> float:
    return seconds[place] if len(seconds) > 1 else seconds[0]


def _row(case: Case, step: Step) -> Row:
    return {
        "board": case.board,
        "language": case.language,
        "way": case.way,
        "size": case.size,
        "scenario": case.scenario,
        "baud": step.baud,
        "step": step.name,
        "how": step.how,
        **wall_cells("time", step.seconds),
        **(_NO_SPREAD if step.how == COMPUTED and step.name != TOTAL else {}),
        "in_total": int(step.in_total and bool(step.seconds)),
        "instructions": step.instructions,
        "bytes": step.bytes,
        "source_lines": case.source_lines or None,
        "files": step.files,
        "note": step.note,
    }
