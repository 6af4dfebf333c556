"""The overhead ratio of each workload as bars."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.analysis import headline, overall_mean, overhead_ratios
from bench.charts.style import Look, look, plain, ratio_axis, sentence
from bench.charts.variants import headline_only
from bench.errors import InputError
from bench.labels import origin_text, ratio_text, spread_text, unit_text

_ROOM_FOR_VALUES = 0.14  # to the right of the longest bar, as a share of its length
_VISIBLE_INTERVAL = 1.02  # high / low from which an interval is more than the thickness of its line


def overhead_chart(frame: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """Bars: the overhead ratio of each workload at its largest n, grouped and sorted, on a log axis from 1.

    An interval is drawn where it is wide enough to be seen. InputError where the run has no ratio.
    """
    rows, face = figures(frame), look(size, style)
    unit = unit_text(frame.attrs["run"])
    mean = overall_mean(rows)
    with face.applied():
        figure = face.figure(face.rows_height(rows["place"].iloc[-1] + 1.4, around=12))
        axes = figure.subplots()
        _draw_bars(axes, rows, face)
        axes.axvline(mean.value, color=face.palette.quiet, linestyle="--", zorder=0.5)
        axes.set_xlabel(f"overhead ratio, MicroPython / Arduino C++ ({unit} per execution, log scale)")
        _name_groups(axes, rows, face)
        title = f"MicroPython takes {ratio_text(mean.value)} the {unit} of Arduino C++"
        return face.finish(figure, frame, title, _subtitle(rows))


def figures(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of `headline` that have a ratio, in the chart's order, with `place` (of the bar)."""
    rows = headline(overhead_ratios(headline_only(frame))).dropna(subset="ratio")
    if rows.empty:
        raise InputError("the run has no workload that both languages measured: nothing to chart")
    return _grouped_and_sorted(rows)


def caption(frame: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    run, rows = frame.attrs["run"], figures(frame)
    return (
        f"Overhead ratio (MicroPython / Arduino C++, {unit_text(run)} per execution) of {len(rows)} workloads, each at "
        f"its largest n. {_mean_text(rows)}. {_interval_text(rows)} {sentence(origin_text(run))}"
    )


def alt_text(frame: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    rows = figures(frame)
    values = "; ".join(
        f"{row['workload']} (n = {row['n']}) {ratio_text(row['ratio'])}" for row in rows.to_dict("records")
    )
    return f"Bar chart of overhead ratios, MicroPython / Arduino C++: {values}. {_mean_text(rows)}."


def _mean_text(rows: pd.DataFrame) -> str:
    mean = overall_mean(rows)
    return f"Geometric mean of {mean.count}: {ratio_text(mean.value)}, {spread_text(mean.spread)}"


def _subtitle(rows: pd.DataFrame) -> str:
    mean = overall_mean(rows)
    drawn = "; whiskers: 95 % intervals of repeats" if _with_interval(rows).any() else ""
    return (
        f"geometric mean of {mean.count} workloads, dashed ({spread_text(mean.spread)}); "
        f"the ratio depends on what the program does{drawn}"
    )


def _interval_text(rows: pd.DataFrame) -> str:
    drawn = int(_with_interval(rows).sum())
    return f"95 % bootstrap intervals of repeats: {drawn} of {len(rows)} wide enough to be drawn."


def _with_interval(rows: pd.DataFrame) -> pd.Series:
    return rows["ratio_high"] > _VISIBLE_INTERVAL * rows["ratio_low"]


def _draw_bars(axes: Axes, rows: pd.DataFrame, face: Look) -> None:
    colours = [face.palette.group(group) for group in rows["group"]]
    axes.barh(rows["place"], rows["ratio"] - 1, left=1, color=colours, height=0.74)
    low, ends = _draw_intervals(axes, rows, face)
    for place, ratio, end in zip(rows["place"], rows["ratio"], np.maximum(ends, 1), strict=True):
        axes.annotate(
            ratio_text(ratio),
            (end, place),
            xytext=(0.5, 0),
            textcoords="offset fontsize",
            va="center",
            fontweight="bold",
            # The dashed line must not cross a figure.
            bbox={"facecolor": face.palette.background, "edgecolor": "none", "pad": 0.07 * face.size.points},
        )
    axes.set_yticks(rows["place"], [f"{plain(row.workload)}  (n = {row.n})" for row in rows.itertuples()])
    axes.set_ylim(rows["place"].iloc[-1] + 0.7, rows["place"].iloc[0] - 0.7)
    axes.tick_params(axis="y", length=0)
    smallest, largest = min(1, low.min() / 1.2), max(ends.max(), 1)
    ratio_axis(axes, smallest, largest * max(largest / smallest, 1.5) ** _ROOM_FOR_VALUES)


def _draw_intervals(axes: Axes, rows: pd.DataFrame, face: Look) -> tuple[pd.Series, pd.Series]:
    """Draw the visible intervals as whiskers, and as arrows where they go beyond a tenth or ten times.

    Gives how far down and up each row reaches.
    """
    style: Any = {"color": face.palette.text, "linewidth": 0.13 * face.size.points}
    seen = _with_interval(rows)
    low = rows["ratio_low"].clip(lower=rows["ratio"] / 10).where(seen, rows["ratio"])
    high = rows["ratio_high"].clip(upper=rows["ratio"] * 10).where(seen, rows["ratio"])
    axes.hlines(rows["place"][seen], low[seen], high[seen], **style)
    for ends, whole, arrow in ((low[seen], rows["ratio_low"][seen], "<"), (high[seen], rows["ratio_high"][seen], ">")):
        for place, end, beyond in zip(rows["place"][seen], ends, ends != whole, strict=True):
            axes.plot([end], [place], marker=arrow if beyond else "|", markersize=0.45 * face.size.points, **style)
    return low, high


def _grouped_and_sorted(rows: pd.DataFrame) -> pd.DataFrame:
    """Groups by their largest ratio, workloads by theirs, and the place of each bar, with a gap between groups."""
    rows = rows.assign(group_peak=rows.groupby("group")["ratio"].transform("max"))
    rows = rows.sort_values(["group_peak", "group", "ratio"], ascending=[False, True, False]).reset_index(drop=True)
    starts_group = rows["group"] != rows["group"].shift()
    return rows.assign(place=rows.index + 0.55 * (starts_group.cumsum() - 1))


def _name_groups(axes: Axes, rows: pd.DataFrame, face: Look) -> None:
    for group, members in rows.groupby("group", sort=False):
        axes.annotate(
            plain(group),
            (1, members["place"].mean()),
            xycoords=("axes fraction", "data"),
            xytext=(0.7, 0),
            textcoords="offset fontsize",
            va="center",
            color=face.palette.group(str(group)),
            fontweight="bold",
        )
