"""Figures that others measured on a real board and published, beside those of a run."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from bench.charts.variants import headline_only
from bench.errors import InputError
from bench.labels import ratio_text
from bench.published import Source, beside, findings, load_published, load_sources
from bench.report.blocks import Block, Bullets, Cell, Link, Section, Table, Text, clean, sentence
from bench.report.figures import RunFigures

_DOI = re.compile(r"10\.[0-9]{4,9}/[!-~]+\Z")
_WITHOUT_FPU = (
    "The board of this run has no floating-point hardware, so C++ executes many times as much in float workloads "
    "and MicroPython hardly more: do not read its float ratios against those of a board that has it, such as an ESP32."
)


def published_section(figures: RunFigures) -> Section | None:
    """Our ratios beside the published ones, how far they lie apart and why; None where nothing was published."""
    load_published()  # a damaged set is an error, and not the same as nothing in common
    frame = headline_only(figures.frame)
    try:
        rows = beside(frame)
    except InputError:
        return None
    blocks: list[Block] = [*figures.charts("published"), Bullets(tuple(clean(finding) for finding in findings(frame)))]
    if figures.run["board"].get("fpu") is False:
        blocks.append(Text(_WITHOUT_FPU))
    blocks.append(_table(rows, figures))
    for source in load_sources():
        if source.name in set(rows["source"]):
            blocks += _about(source)
    return Section(figures.anchor("published"), "Published figures beside ours", tuple(blocks))


def _table(rows: pd.DataFrame, figures: RunFigures) -> Table:
    return Table(
        caption="Overhead ratios (MicroPython / Arduino C++) of this run and of others, at each n that "
        f"both have. Published: of time, measured. Ours: {figures.origin}",
        columns=("workload", "n", "ours", "published", "published / ours", "set"),
        numeric=(False, True, True, True, True, False),
        rows=tuple(_cells(row) for row in rows.to_dict("records")),
        folded="Table of every pair",
    )


def _cells(row: dict[Any, Any]) -> tuple[Cell, ...]:
    return (
        Cell(clean(row["workload"])),
        Cell(str(row["n"]), float(row["n"])),
        *(Cell(ratio_text(row[column]), float(row[column])) for column in ("ours", "published", "quotient")),
        Cell(row["label"]),
    )


def _about(source: Source) -> list[Block]:
    """Where a published set comes from."""
    origin = (
        f"{source.label}: {source.board} at {source.clock_mhz} MHz, {source.compiler}, MicroPython "
        f"{source.micropython_version}. {sentence(source.figures)}."
    )
    blocks: list[Block] = [Text(origin), Text(f"{source.citation}.")]
    return [*blocks, Link(f"doi:{source.doi}", f"https://doi.org/{source.doi}")] if _DOI.match(source.doi) else blocks
