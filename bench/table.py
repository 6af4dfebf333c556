"""The table of a run for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from bench.analysis import GeometricMean, geometric_mean, headline, overhead_ratios
from bench.labels import LANGUAGE_NAMES, origin_text, printable, ratio_text, spread_text, ticks_text, unit_text


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
    for name in ("n", LANGUAGE_NAMES["arduino"], LANGUAGE_NAMES["micropython"], "ratio", "IQR"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows.to_dict("records"):
        table.add_row(
            escape(str(row["group"])),
            escape(str(row["workload"])),
            str(row["n"]),
            ticks_text(row["arduino"]),
            ticks_text(row["micropython"]),
            ratio_text(row["ratio"]),
            _spread(row),
        )
    mean = geometric_mean(headline(ratios)["ratio"])
    table.add_section()
    table.add_row("", "geometric mean", "", "", "", ratio_text(mean.value), "")
    table.caption = _caption(run, mean, every_n)
    return table


def failure_lines(run: Mapping[str, Any]) -> list[str]:
    """One line for each measurement of the run that has no figure."""
    return [f"no figure: {printable(failure.get('message', ''))}" for failure in run["failures"]]


def _spread(row: Mapping[Any, Any]) -> str:
    wider = max(row[f"{language}_iqr"] / row[language] for language in LANGUAGE_NAMES if row[language] > 0)
    if wider == 0:
        return "0"
    return f"{100 * wider:.2f} %" if wider >= 0.0001 else "<0.01 %"


def _caption(run: Mapping[str, Any], mean: GeometricMean, every_n: bool) -> str:
    origin = origin_text(run)
    at = "The geometric mean takes each workload at its largest n" if every_n else "Each workload at its largest n"
    return escape(
        f"ratio: MicroPython / Arduino C++. {at}, the cost of measuring (workload empty) subtracted; medians of "
        f"{run['settings'].get('samples')} samples, IQR: the wider of both sides, of repeats of one build. "
        f"Geometric mean of {mean.count}: {spread_text(mean.spread)} (geometric standard deviation). "
        f"{origin[0].upper()}{origin[1:]}. Run {run['run_id']} ({run['status']})."
    )
