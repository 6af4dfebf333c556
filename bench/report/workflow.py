"""The report's section on the two ways of working: a subsection for each part that the run has.

A part's module bench/report/workflow_<part>.py has `blocks(figures, table) -> list[Block]`: what stands in its
subsection. A part without such a module is shown as its table.
"""

from __future__ import annotations

import importlib
import importlib.util

import pandas as pd

from bench.errors import InputError
from bench.report.blocks import Block, Cell, Section, Table, Text, clean
from bench.report.figures import RunFigures
from bench.workflow.frames import workflow_of
from bench.workflow.parts import Part, find_part

_PACKAGE = "bench.report"


def workflow(figures: RunFigures) -> Section | None:
    """The ways of working; None where the run has nothing of them."""
    try:
        tables = workflow_of(figures.frame)
    except InputError:
        return None
    sections = tuple(_part_section(figures, find_part(name), table) for name, table in tables.items())
    return Section(figures.anchor("workflow"), "The ways of working", (Text(_method(figures)),), sections)


def _part_section(figures: RunFigures, part: Part, table: pd.DataFrame) -> Section:
    name = f"{_PACKAGE}.workflow_{part.name}"
    has_own = importlib.util.find_spec(name) is not None
    blocks: list[Block] = (
        importlib.import_module(name).blocks(figures, table) if has_own else [plain_table(figures, part, table)]
    )
    return Section(figures.anchor(f"workflow-{part.name}"), part.title, tuple(blocks))


def plain_table(figures: RunFigures, part: Part, table: pd.DataFrame) -> Table:
    """All rows and columns of a part as they stand in its file, behind a text that opens it."""
    rows = tuple(
        tuple(_cell(row[column], kind) for column, kind in part.columns.items()) for row in table.to_dict("records")
    )
    return Table(
        caption=f"{part.title}. {figures.origin}",
        columns=tuple(part.columns),
        rows=rows,
        numeric=tuple(kind != "str" for kind in part.columns.values()),
        folded=f"Table of {len(rows)} rows: {part.title}",
    )


def _cell(value: object, kind: str) -> Cell:
    if kind == "str":
        return Cell(clean(value))
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return Cell("-")
    number = float(str(value))
    return Cell(f"{number:,.0f}".replace(",", " ") if kind == "int" else f"{number:.6g}", number)


def _method(figures: RunFigures) -> str:
    return f"What the two languages differ in beside their speed. {figures.origin}"
