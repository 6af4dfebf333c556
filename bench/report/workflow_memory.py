"""The report's subsection on memory."""

from __future__ import annotations

import pandas as pd

from bench.labels import LANGUAGE_NAMES
from bench.report.blocks import Block, Cell, Table, Text, clean
from bench.report.figures import RunFigures, number
from bench.workflow.memory import FIGURES

_OF_MICROPYTHON = ("script", "inputs", "allocated", "needed", "largest_block")
_OF_ARDUINO = ("inputs", "stack")


def blocks(figures: RunFigures, table: pd.DataFrame) -> list[Block]:
    """RAM of both images, and what each workload takes of it."""
    found: list[Block] = [*figures.charts("workflow_memory"), _image_table(figures, table)]
    workloads = table[table["workload"] != ""]
    if not workloads.empty:
        found += [Text(_in_words(workloads)), _workload_table(figures, workloads)]
    return found


def _image_table(figures: RunFigures, table: pd.DataFrame) -> Table:
    rows = tuple(
        (
            Cell(f"{LANGUAGE_NAMES.get(row['language'], clean(row['language']))}: {clean(row['figure'])}"),
            Cell(_bytes(row["bytes"]), number(row["bytes"]) if pd.notna(row["bytes"]) else None),
            Cell("; ".join(filter(None, (FIGURES.get(row["figure"], ""), clean(row["note"]))))),
        )
        for row in table[table["workload"] == ""].to_dict("records")
    )
    return Table(
        caption=f"RAM that is taken before any program runs, in bytes. {figures.origin}",
        columns=("figure", "bytes", "what it is"),
        rows=rows,
        numeric=(False, True, False),
    )


def _in_words(workloads: pd.DataFrame) -> str:
    mine = workloads[workloads["language"] == "micropython"]
    wide = mine.pivot(index="workload", columns="figure", values="bytes").dropna(
        subset=["inputs", "allocated", "needed"]
    )
    more = int((wide["inputs"] + wide["allocated"] > 2 * wide["needed"]).sum())
    return (
        f"In {more} of {len(wide)} workloads inputs and one execution take more than twice as much from the heap as "
        "they need to have: the garbage collector hands the same memory out again and again. What is needed was "
        "found by making the heap smaller until the workload failed."
    )


def _workload_table(figures: RunFigures, workloads: pd.DataFrame) -> Table:
    columns = [("micropython", figure) for figure in _OF_MICROPYTHON] + [("arduino", figure) for figure in _OF_ARDUINO]
    known = {(row["workload"], row["language"], row["figure"]): row["bytes"] for row in workloads.to_dict("records")}
    sizes = dict(zip(workloads["workload"], workloads["n"], strict=True))
    rows = tuple(
        (
            Cell(clean(name)),
            Cell(str(n), number(n)),
            *(_cell(known.get((name, language, figure))) for language, figure in columns),
        )
        for name, n in sizes.items()
    )
    legend = "; ".join(
        f"{figure}: {FIGURES[figure].partition(':')[2].strip() or FIGURES[figure]}" for figure in _OF_MICROPYTHON
    )
    return Table(
        caption=f"Bytes of each workload at the n of a quick run. {legend}. Of Arduino C++: static memory of inputs "
        f"and outputs, and the stack. {figures.origin}",
        columns=("workload", "n", *_OF_MICROPYTHON, *(f"C++ {figure}" for figure in _OF_ARDUINO)),
        rows=rows,
        numeric=(False, *(True for _ in range(1 + len(columns)))),
        folded=f"Table of the memory of {len(rows)} workloads",
    )


def _cell(value: object) -> Cell:
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return Cell("-")
    return Cell(_bytes(value), number(float(str(value))))


def _bytes(value: object) -> str:
    return f"{int(str(value)):,}".replace(",", " ") if not pd.isna(value) else "-"  # type: ignore[call-overload]
