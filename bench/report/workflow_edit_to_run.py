"""The report's subsection on the way from a saved change to the running program."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bench.charts.workflow_edit_to_run import SCENARIOS, STEPS, WAYS, seconds_text
from bench.report.blocks import Block, Bullets, Cell, Table, Text, clean
from bench.report.figures import RunFigures, count_cell, number
from bench.workflow.generated import SIZES as LINES
from bench.workflow.line_times import BLOCK_ERASE_S, PAGE_PROGRAM_S, SECTOR_ERASE_S

_STEP_NAMES = {"total": "total", "on_board_compile": "compile or load on the board"} | {
    step: name for step, (name, _) in STEPS.items()
}
_KEYS = ["scenario", "size", "way"]


def blocks(figures: RunFigures, table: pd.DataFrame) -> list[Block]:
    """Two sentences, the chart, the totals, every step, and what was not measured."""
    found: list[Block] = []
    totals = _slowest_line(table[table["step"] == "total"])
    if not totals.empty:
        found += [
            Text(_in_words(table, totals)),
            *figures.charts("workflow_edit_to_run"),
            _totals_table(table, figures),
        ]
    found.append(_steps_table(table, figures))
    gaps = table[table["how"].isin(["left out", "failed"])]
    notes = [_method(table), *(_gap_text(row) for row in gaps.to_dict("records"))]
    found.append(Bullets(tuple(clean(note) for note in notes)))
    return found


def _slowest_line(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["baud"] == rows.groupby("way")["baud"].transform("min")).fillna(True)]


def _in_words(table: pd.DataFrame, totals: pd.DataFrame) -> str:
    """What a class takes away: how long until a changed line runs, and what is done anew."""
    lines = totals[totals["scenario"] == "one_line"]
    sizes = [size for size in LINES if size in set(lines["size"])]
    if not sizes:
        return "How long it takes from a saved change to the first line of the new program, in each way."
    times = {way: lines[lines["way"] == way].set_index("size")["time_s"] for way in ("platformio", "raw_paste")}
    if any(set(sizes) - set(known.index) for known in times.values()):
        return "How long it takes from a saved change to the first line of the new program, in each way."
    parts = [
        f"{seconds_text(times['raw_paste'][size])} in MicroPython and {seconds_text(times['platformio'][size])} in "
        f"Arduino C++ ({size}: about {LINES[size]} lines)"
        for size in sizes
    ]
    compiled = table[(table["scenario"] == "one_line") & (table["way"] == "platformio") & (table["step"] == "compile")]
    files = int(compiled["files"].max())
    computed = ", transfer and flash computed," if (lines["how"] == "computed").any() else ""
    return (
        f"After a change of one line, the new program prints its first line{computed} after {'; '.join(parts)}. "
        f"MicroPython sends and compiles only the module that has changed, into the board that runs; PlatformIO "
        f"compiles {files} file{'s' * (files != 1)}, looks through all others, links everything, and the whole image "
        "goes over the line and into the flash."
    )


def _totals_table(table: pd.DataFrame, figures: RunFigures) -> Table:
    rows = table[table["step"] == "total"]
    cells = [
        (
            Cell(SCENARIOS.get(row["scenario"], clean(row["scenario"]))),
            Cell(clean(row["size"])),
            Cell(WAYS.get(row["way"], clean(row["way"]))),
            count_cell(row["baud"]),
            _seconds(row["time_s"]),
            _seconds(row["time_iqr_s"]),
            Cell(clean(row["how"])),
            count_cell(row["bytes"]),
            count_cell(row["files"]),
            count_cell(row["instructions"]),
        )
        for row in rows.to_dict("records")
    ]
    return Table(
        caption="From a saved change to the first line of the new program: median and interquartile range of "
        f"{_repetitions(rows)} repetitions; computed: transfer and flash are, the rest is measured. Bytes to the "
        f"board; files compiled (C++) or sent (MicroPython); instructions on the simulated board, no time. "
        f"{figures.origin}",
        columns=("change", "size", "way", "baud", "total", "IQR", "how", "bytes sent", "files", "instructions"),
        numeric=(False, False, False, True, True, True, False, True, True, True),
        rows=tuple(cells),
    )


def _steps_table(table: pd.DataFrame, figures: RunFigures) -> Table:
    rows = table[(table["step"] != "total") & ~table["how"].isin(["left out", "failed"])]
    cells = [
        (
            Cell(SCENARIOS.get(row["scenario"], clean(row["scenario"]))),
            Cell(clean(row["size"])),
            Cell(WAYS.get(row["way"], clean(row["way"]))),
            Cell(_STEP_NAMES.get(row["step"], clean(row["step"]))),
            count_cell(row["baud"]),
            Cell(clean(row["how"])),
            _seconds(row["time_s"]),
            _seconds(row["time_iqr_s"]),
            Cell("yes" if row["in_total"] == 1 else "no"),
            count_cell(row["instructions"]),
            count_cell(row["bytes"]),
        )
        for row in rows.to_dict("records")
    ]
    outside = (
        "those of the simulator" if figures.simulated else "told by the board's own clock, and pass within other steps"
    )
    return Table(
        caption=f"Every step. Seconds that are not in the total are {outside}. {figures.origin}",
        columns=("change", "size", "way", "step", "baud", "how", "time", "IQR", "in total", "instructions", "bytes"),
        numeric=(False, False, False, False, True, False, True, True, False, True, True),
        rows=tuple(cells),
        folded=f"Table of every step ({len(cells)} rows)",
    )


def _method(table: pd.DataFrame) -> str:
    return (
        "The programs are generated: equal functions in equal order, and answers that are compared with CPython's in "
        "every repetition. PlatformIO builds in a folder of its own and keeps its builds; its time is split by when "
        "each compiler, archiver and linker ran. Fresh clone: no build folder, toolchain installed, files in the "
        "system's cache. The start of a tool counts each time, as on a command line; an editor that keeps the port "
        "open saves MicroPython's. Computed: ten bits a byte and no pauses, esptool's packets and its program for the "
        "chip included, its greetings not; flash with typical times of the W25Q32JV's datasheet "
        f"({1e3 * SECTOR_ERASE_S:g} ms a sector, {1e3 * BLOCK_ERASE_S:g} ms a block of 64 KB, "
        f"{1e3 * PAGE_PROGRAM_S:g} ms a page). The image of a "
        "virtual board is small; one for an ESP32, with its operating system, has hundreds of KB, so that compiling, "
        f"transfer and flash take longer there. {_host_text(table)}"
    )


def _host_text(table: pd.DataFrame) -> str:
    host = table.attrs.get("workflow", {}).get("host", {})
    return f"Wall times of a computer with {host['cpus']} processors, {host['system']}." if "cpus" in host else ""


def _gap_text(row: dict[Any, Any]) -> str:
    where = ", ".join(str(row[key]) for key in ("way", "size", "scenario") if row[key])
    return f"{row['how']}: {where}: {row['note']}"


def _repetitions(rows: pd.DataFrame) -> str:
    low, high = int(rows["time_n"].min()), int(rows["time_n"].max())
    return str(low) if low == high else f"{low} to {high}"


def _seconds(value: Any) -> Cell:
    return Cell("-") if pd.isna(value) else Cell(seconds_text(float(value)), number(float(value)))
