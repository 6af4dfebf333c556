"""The report's sections on variants and on memory."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bench.analysis import geometric_mean, matched
from bench.errors import InputError
from bench.frames import load_memory
from bench.labels import LANGUAGE_NAMES, ratio_text, share_text, spread_text, ticks_text, unit_text
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
        folded="Table of every variant of every workload",
    )
    blocks: tuple[Block, ...] = (*figures.charts("emitters"), _means_table(gains, figures), table)
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
        "where a dash stands in MicroPython's row; stack: the most "
        f"that one execution of C++ had on the stack. {figures.origin}",
        folded="Table of every workload",
        columns=("workload", "language", "n", "held", "allocated", "stack"),
        numeric=(False, False, True, True, True, True),
        rows=tuple(_memory_cells(row) for row in rows.to_dict("records")),
    )
    blocks: tuple[Block, ...] = (*figures.charts("memory"), table)
    return Section(figures.anchor("memory"), "Memory and allocation", blocks)


def _means_table(gains: pd.DataFrame, figures: RunFigures) -> Table:
    """A row a variant: what it gives on the average."""
    rows = []
    for (language, variant), mine in matched(gains).groupby(["language", "variant"], sort=False):
        mean, closed = geometric_mean(mine["gain"]), float(mine["closed"].median())
        cells = (
            Cell(f"{LANGUAGE_NAMES.get(str(language), clean(language))} {clean(variant)}"),
            Cell(str(mean.count), float(mean.count)),
            Cell(ratio_text(mean.value), number(mean.value)),
            Cell(spread_text(mean.spread), number(mean.spread)),
            Cell(share_text(closed), number(closed)),
        )
        rows.append(cells)
    return Table(
        caption="Gain of each variant over its language's headline variant, the geometric mean of the workloads that "
        "have both, and the median share of the distance to C++ that it takes away. The variants do not have the same "
        f"workloads, so read down the column with that in mind. {figures.origin}",
        columns=("variant", "workloads", "mean gain", "spread", "closes"),
        numeric=(False, True, True, True, True),
        rows=tuple(rows),
    )


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
