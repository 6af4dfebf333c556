"""The report's sections on variants and on memory."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bench.errors import InputError
from bench.frames import load_memory
from bench.labels import LANGUAGE_NAMES, ratio_text, share_text, ticks_text, unit_text
from bench.recovery import variant_gains
from bench.report.blocks import Block, Cell, Section, Table, clean, sentence
from bench.report.figures import RunFigures, number
from bench.variants import HEADLINE_VARIANT


def variants(figures: RunFigures) -> Section | None:
    """What other emitters and compiler flags give, against the variant of the headline."""
    try:
        gains = variant_gains(figures.frame)
    except InputError:
        return None
    table = Table(
        caption=f"{sentence(unit_text(figures.run))} of one execution, how many times less they are than with "
        "Arduino's -Os or MicroPython's bytecode, and how much of the distance from MicroPython's bytecode to C++ that "
        "takes away; each workload at the largest n that both variants have. -nogc: the garbage collector is off in "
        f"the timed part. {figures.origin}",
        columns=("workload", "language", "variant", "n", "median", "gain", "closes"),
        numeric=(False, False, False, True, True, True, True),
        rows=tuple(_variant_cells(row) for row in gains.to_dict("records")),
    )
    blocks: tuple[Block, ...] = (*figures.charts("emitters"), table)
    return Section(figures.anchor("variants"), "Emitters, compiler flags, garbage collection", blocks)


def memory(figures: RunFigures) -> Section | None:
    """What each workload holds and takes, in the headline variants at its largest n."""
    rows = load_memory(figures.frame)
    rows = rows[rows["variant"] == rows["language"].map(HEADLINE_VARIANT)]
    if rows.empty:
        return None
    rows = rows.loc[rows.groupby(["workload", "language"], sort=False)["n"].idxmax()]
    table = Table(
        caption="Bytes at each workload's largest n. held: by inputs and outputs, static memory in C++, heap in "
        "MicroPython; allocated: heap that one execution takes while nothing is collected, more than the board has "
        "where a dash stands; stack: the most that one execution of C++ had on the stack.",
        columns=("workload", "language", "n", "held", "allocated", "stack"),
        numeric=(False, False, True, True, True, True),
        rows=tuple(_memory_cells(row) for row in rows.to_dict("records")),
    )
    return Section(figures.anchor("memory"), "Memory and allocation", (table,))


def _variant_cells(row: dict[Any, Any]) -> tuple[Cell, ...]:
    return (
        Cell(clean(row["workload"])),
        Cell(LANGUAGE_NAMES.get(row["language"], clean(row["language"]))),
        Cell(clean(row["variant"])),
        Cell(str(row["n"]), float(row["n"])),
        Cell(ticks_text(row["median"]), number(row["median"])),
        Cell(ratio_text(row["gain"]), number(row["gain"])),
        Cell(share_text(row["closed"]), number(row["closed"])),
    )


def _memory_cells(row: dict[Any, Any]) -> tuple[Cell, ...]:
    figures = [row[name] for name in ("held", "allocated", "stack")]
    return (
        Cell(clean(row["workload"])),
        Cell(LANGUAGE_NAMES.get(row["language"], clean(row["language"]))),
        Cell(str(row["n"]), float(row["n"])),
        *(Cell("-") if pd.isna(figure) else Cell(f"{figure:,}".replace(",", " "), float(figure)) for figure in figures),
    )
