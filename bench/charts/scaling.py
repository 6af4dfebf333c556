"""Cost against n, a small panel a workload; of many workloads the overhead ratio against n, a panel a group."""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from bench.analysis import summarise
from bench.charts.scaling_groups import ratio_panels, ratio_subtitle, ratios_by_size
from bench.charts.style import LANGUAGE_MARKERS, Look, log_marks, look, plain, sentence, size_axis
from bench.charts.variants import headline_only
from bench.errors import InputError
from bench.labels import LANGUAGE_NAMES, origin_text, ticks_text, unit_text

MANY = 15  # workloads up to which each has a panel


def scaling_chart(frame: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """Small multiples, log-log, of the workloads with several n: ticks per execution against n in both languages.

    Of more than 15 workloads instead the overhead ratio against n, a panel a group with a line a workload. InputError
    where the run has no workload with several n.
    """
    rows, face = figures(frame), look(size, style)
    workloads = list(rows["workload"].unique())
    if len(workloads) > MANY:
        return ratio_panels(frame, face)
    columns = min(5, max(3, -(-len(workloads) // 2)), len(workloads))
    lines = -(-len(workloads) // columns)
    unit = unit_text(frame.attrs["run"])
    with face.applied():
        figure = face.figure((12.4 * lines + 9) * face.em)
        grid = figure.subplots(lines, columns, squeeze=False)
        costs = rows.loc[rows["median"] > 0, "median"]
        limits = costs.min() / 1.6, costs.max() * 1.6
        for place, (axes, workload) in enumerate(zip(grid.flat, workloads, strict=False)):
            _draw_panel(axes, rows[rows["workload"] == workload], face)
            _scale(axes, limits, named=place % columns == 0)
        for axes in list(grid.flat)[len(workloads) :]:
            axes.set_visible(False)
        figure.supylabel(f"{unit} per execution (log scale)", fontsize=0.93 * face.size.points)
        title = f"Cost of one execution against n: {unit}"
        return face.finish(figure, frame, title, "lines in parallel: a ratio that n does not change", grid.flat[0])


def figures(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of `summarise` of the workloads that were measured at several n."""
    summary = summarise(headline_only(frame))
    rows = summary[summary.groupby("workload")["n"].transform("nunique") > 1]
    rows = rows[rows.groupby("workload")["median"].transform("max") > 0]
    if rows.empty:
        raise InputError("the run has no workload at several n: nothing to chart against n (leave out --quick)")
    return rows


def caption(frame: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    run = frame.attrs["run"]
    if figures(frame)["workload"].nunique() > MANY:
        return (
            f"{sentence(ratio_subtitle(ratios_by_size(frame)))} Overhead ratio: MicroPython / Arduino C++, "
            f"{unit_text(run)}; a level line is a ratio that does not depend on n. {sentence(origin_text(run))}"
        )
    return (
        f"Cost of one execution ({unit_text(run)}, medians) against n in both languages, both axes logarithmic. Where "
        f"the lines run in parallel, the overhead ratio does not depend on n. {sentence(origin_text(run))}"
    )


def alt_text(frame: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    parts = []
    for (workload, language), rows in figures(frame).groupby(["workload", "language"], sort=False):
        first, last = rows.sort_values("n").iloc[0], rows.sort_values("n").iloc[-1]
        parts.append(
            f"{workload} in {LANGUAGE_NAMES.get(str(language), language)} {ticks_text(first['median'])} at n = "
            f"{first['n']} to {ticks_text(last['median'])} at n = {last['n']}"
        )
    return f"Line charts of {unit_text(frame.attrs['run'])} per execution: {'; '.join(parts)}."


def _draw_panel(axes: Axes, rows: pd.DataFrame, face: Look) -> None:
    for language, name in LANGUAGE_NAMES.items():
        mine = rows[(rows["language"] == language) & (rows["median"] > 0)].sort_values("n")
        axes.plot(
            mine["n"],
            mine["median"],
            color=face.palette.languages[language],
            marker=LANGUAGE_MARKERS[language],
            label=name,
        )
    size_axis(axes, rows["n"])
    axes.set_title(plain(rows["workload"].iloc[0], limit=18))
    axes.set_xlabel("n")
    axes.grid()


def _scale(axes: Axes, limits: tuple[float, float], named: bool) -> None:
    """The same logarithmic axis in every panel, its marks named in the first column only."""
    axes.set_yscale("log")
    axes.set_ylim(*limits)
    marks = log_marks(*limits, room=4)
    axes.set_yticks(marks, [_mark_text(mark) if named else "" for mark in marks])
    axes.yaxis.set_minor_locator(NullLocator())


def _mark_text(mark: float) -> str:
    power = math.log10(mark)
    return f"$10^{{{power:.0f}}}$" if power.is_integer() else ticks_text(mark)
