"""The report's subsection on I/O: lengths and costs in a table and a chart, and the programs side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from bench import paths
from bench.labels import LANGUAGE_NAMES, ratio_text, ticks_text, unit_text
from bench.report.blocks import Block, Bullets, Cell, SideBySide, Table, Text, clean
from bench.report.figures import RunFigures, number
from bench.workflow.io_costs import with_costs
from bench.workflow.io_programs import DEVICES, Device, read_source
from bench.workflow.source_counts import count

_WHAT = {
    "lines": "lines",
    "characters": "characters",
    "tokens": "tokens",
    "api_calls": "API names",
    "program_bytes": "bytes to the board",
}


def blocks(figures: RunFigures, table: pd.DataFrame) -> list[Block]:
    """What stands in the subsection; `table` is that of the part io."""
    rows = with_costs(figures.frame)
    found: list[Block] = [Text(_method(figures)), *figures.charts("workflow_io"), _table(rows, figures)]
    for device in DEVICES:
        mine = table[table["device"] == device.name]
        if len(mine):
            found += _programs(device, mine)
    return found


def _method(figures: RunFigures) -> str:
    return (
        "What a student writes to use a device, once as an Arduino sketch and once as a MicroPython script: both do "
        "the same, with the same names in the same order, and are formatted by one rule. Comments do not count. Tokens "
        "are the names, numbers, texts, operators and brackets; API names are those of the functions and classes that "
        "a program calls and does not define. Bytes to the board: code and data of the sketch's whole image, the core "
        "included; of MicroPython the script alone, since its runtime is there already. The cost of an operation is "
        f"that of the workload which repeats it. {figures.origin}"
    )


def _table(rows: pd.DataFrame, figures: RunFigures) -> Table:
    cells = []
    for device, mine in rows.groupby("device", sort=False):
        of = {str(row["language"]): row for row in mine.to_dict("records")}
        pair = [_figure(of.get(language, {}).get(what)) for what in _WHAT for language in LANGUAGE_NAMES]
        ticks = [_ticks(of.get(language, {})) for language in LANGUAGE_NAMES]
        ratio = float(mine["ratio"].iloc[0])
        last = Cell("-") if math.isnan(ratio) else Cell(ratio_text(ratio), number(ratio))
        cells.append((Cell(clean(device)), *pair, *ticks, last))
    unit = clean(unit_text(figures.run))
    names = [f"{what}, {language}" for what in _WHAT.values() for language in ("C++", "MicroPython")]
    columns = ("device", *names, "operation, C++", "operation, MicroPython", "ratio")
    return Table(
        caption=f"The programs for each device, and the {unit} of one operation: a dash where the run has no workload "
        f"of it, or its board's Arduino core lacks what the sketch calls. {figures.origin}",
        columns=columns,
        numeric=(False, *(True for _ in columns[1:])),
        rows=tuple(cells),
    )


def _figure(value: Any) -> Cell:
    if value is None or pd.isna(value):
        return Cell("-")
    return Cell(f"{int(value):,}".replace(",", " "), float(value))


def _ticks(row: Mapping[Any, Any]) -> Cell:
    ticks = float(row.get("ticks", math.nan))
    return Cell(ticks_text(ticks), number(ticks))


def _programs(device: Device, rows: pd.DataFrame) -> list[Block]:
    """Both programs, where they are still those that were counted."""
    texts = [(device.source(language), read_source(device.source(language))) for language in LANGUAGE_NAMES]
    for row in rows.to_dict("records"):
        now = count(read_source(device.source(str(row["language"]))), str(row["language"]))
        if (now.lines, now.characters, now.tokens) != (row["lines"], row["characters"], row["tokens"]):
            return [Text(f"{device.title}: the programs have changed since they were counted, so they are not shown.")]
    sources = tuple((path.relative_to(paths.PROJECT).as_posix(), text) for path, text in texts)
    only = (f"Only hardware shows {device.hardware_only}.",) if device.hardware_only else ()
    return [
        SideBySide(f"{device.title}: both programs, side by side", sources),
        Bullets((*device.differences, *only)),
    ]
