"""The report's section on the two ways of working: a subsection for each part that the run has.

A part's module bench/report/workflow_<part>.py has `blocks(figures, table) -> list[Block]`: what stands in its
subsection. A part without such a module is shown as its table.
"""

from __future__ import annotations

import importlib
import importlib.util

import pandas as pd

from bench.errors import InputError
from bench.report.blocks import Block, Bullets, Cell, Section, Table, Text, clean
from bench.report.claims import claims
from bench.report.figures import RunFigures
from bench.workflow.frames import workflow_of
from bench.workflow.parts import Part, find_part
from bench.workflow.store import COMPLETE, read_facts

_PACKAGE = "bench.report"


def workflow(figures: RunFigures) -> Section | None:
    """The ways of working; None where the run has nothing of them."""
    try:
        tables = workflow_of(figures.frame)
    except InputError:
        return None
    judged = claims(figures)
    sections = [judged] if judged else []
    sections += [_part_section(figures, find_part(name), table) for name, table in tables.items()]
    blocks: list[Block] = [Text(_method(figures)), *_missing(figures)]
    return Section(figures.anchor("workflow"), "The ways of working", tuple(blocks), tuple(sections))


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
    host = (
        next(iter(workflow_of(figures.frame).values())).attrs["workflow"]["host"] if workflow_of(figures.frame) else {}
    )
    seconds = ", ".join(str(host[key]) for key in ("system", "machine") if key in host)
    cpus = f", {host['cpus']} processors" if host.get("cpus") else ""
    return (
        "What the two languages differ in beside their speed: where programs are kept, what they take in flash and "
        "RAM, and what lies between a change and its effect. Bytes and instructions repeat to the last digit on a "
        "virtual board. Seconds are wall time on the computer beside it, medians with the interquartile range and the "
        f"number of repetitions ({clean(seconds)}{clean(cpus)}); where a row says computed, nothing was timed. "
        f"{figures.origin}"
    )


def _missing(figures: RunFigures) -> list[Bullets]:
    """The parts that ended without a table, and why."""
    folder = getattr(figures.frame.attrs["run"], "folder", None)
    facts = read_facts(folder) if folder is not None else {"parts": {}}
    lines = [
        f"{clean(name)}: {entry['status']}: {clean(entry['message'])}"
        for name, entry in facts["parts"].items()
        if entry["status"] != COMPLETE
    ]
    return [Bullets(tuple(lines))] if lines else []
