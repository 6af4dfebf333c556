"""The table of a run for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from bench.analysis import GeometricMean, geometric_mean, headline, overhead_ratios, summarise
from bench.labels import (
    LANGUAGE_NAMES,
    interval_text,
    origin_text,
    printable,
    ratio_text,
    spread_text,
    ticks_text,
    unit_text,
)
from bench.statistics import ENOUGH_SAMPLES

INTERVAL = "± 95 %"


def ratio_table(frame: pd.DataFrame, *, every_n: bool = False) -> Table:
    """Cost per execution in both languages and the overhead ratio; one row a workload, or one for every n."""
    run = frame.attrs["run"]
    ratios = overhead_ratios(frame)
    rows = ratios if every_n else headline(ratios)
    table = Table(
        title=f"MicroPython against Arduino C++, {escape(unit_text(run))} per execution",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("group", style="dim", no_wrap=True)
    table.add_column("workload", no_wrap=True)
    for name in ("n", LANGUAGE_NAMES["arduino"], LANGUAGE_NAMES["micropython"], "ratio", INTERVAL):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows.to_dict("records"):
        table.add_row(
            escape(str(row["group"])),
            escape(str(row["workload"])),
            str(row["n"]),
            ticks_text(row["arduino"]),
            ticks_text(row["micropython"]),
            ratio_text(row["ratio"]),
            interval_text(row, simulated=run["board"]["simulated"]),
        )
    mean = geometric_mean(headline(ratios)["ratio"])
    table.add_section()
    table.add_row("", "geometric mean", "", "", "", ratio_text(mean.value), "")
    table.caption = _caption(run, rows, mean, every_n)
    return table


def failure_lines(run: Mapping[str, Any]) -> list[str]:
    """One line for each measurement of the run that has no figure."""
    return [f"no figure: {printable(failure.get('message', ''))}" for failure in run["failures"]]


def statistics_table(frame: pd.DataFrame) -> Table:
    """Median, interquartile range, minimum, number of samples and of outliers of every measurement."""
    run = frame.attrs["run"]
    table = Table(title=f"{escape(unit_text(run))} per execution", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("workload", "language"):
        table.add_column(name, no_wrap=True)
    for name in ("n", "median", "IQR", "min", "samples"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in summarise(frame).to_dict("records"):
        table.add_row(
            escape(printable(row["workload"], 40)),
            LANGUAGE_NAMES.get(row["language"], escape(printable(row["language"], 40))),
            str(row["n"]),
            ticks_text(row["median"]),
            ticks_text(row["q75"] - row["q25"]),
            ticks_text(row["min"]),
            f"{row['samples']}, {row['outliers']} out" if row["outliers"] else str(row["samples"]),
        )
    origin = origin_text(run)
    table.caption = escape(
        "The cost of measuring (workload empty) subtracted. out: outliers, over 1.5 interquartile ranges beyond the "
        f"quartiles (Tukey), counted and kept. {origin[0].upper()}{origin[1:]}. Run {run['run_id']}."
    )
    return table


def statistics_note(rows: pd.DataFrame, run: Mapping[str, Any]) -> str:
    """What the column of intervals means for these rows."""
    note = f"{INTERVAL}: bootstrap interval of repeats of one build, other builds are not in it"
    if run["board"]["simulated"] and rows["constant"].any():
        note += "; exact: every sample equal"
    if ((rows["samples"] < ENOUGH_SAMPLES) & ~rows["constant"]).any():
        note += f"; with fewer than {ENOUGH_SAMPLES} samples it is no wider than they are"
    if outliers := int(rows["outliers"].sum()):
        note += f"; {outliers} outliers kept"
    return note


def _caption(run: Mapping[str, Any], rows: pd.DataFrame, mean: GeometricMean, every_n: bool) -> str:
    origin = origin_text(run)
    at = "The geometric mean takes each workload at its largest n" if every_n else "Each workload at its largest n"
    return escape(
        f"ratio: MicroPython / Arduino C++. {at}, the cost of measuring (workload empty) subtracted; medians of "
        f"{run['settings'].get('samples')} samples; {statistics_note(rows, run)}. "
        f"Geometric mean of {mean.count}: {spread_text(mean.spread)} (geometric standard deviation). "
        f"{origin[0].upper()}{origin[1:]}. Run {run['run_id']} ({run['status']})."
    )
