"""The overhead ratio against n, a panel a group: what the scaling chart of many workloads shows."""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.ticker import NullLocator

from bench.analysis import overhead_ratios
from bench.charts.names import LINE, name_beside, spread_beside
from bench.charts.rows import in_order
from bench.charts.style import Look, log_marks, plain, ratio_axis
from bench.charts.variants import headline_only
from bench.labels import ratio_text

_COLUMNS = 4
_STEADY = 1.1  # largest / smallest ratio up to which a workload's ratio counts as independent of n
_LEAST_RANGE = 3.0  # of the axis of ratios, so that a difference of a few percent looks like one


def ratios_by_size(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of `overhead_ratios` of the workloads that have a ratio at several n, and `growth`: n / smallest n."""
    rows = overhead_ratios(headline_only(frame)).dropna(subset="ratio")
    sizes = rows.groupby("workload")["n"]
    rows = rows.assign(growth=rows["n"] / sizes.transform("min"))
    return rows[sizes.transform("nunique") > 1].reset_index(drop=True)


def ratio_panels(frame: pd.DataFrame, face: Look) -> Figure:
    """The figure: lines of ratios, each panel with its own range of ratios and its names beside."""
    rows, face = ratios_by_size(frame), face.dense()
    groups = in_order(rows["group"].unique())
    columns = min(_COLUMNS, len(groups))
    lines = -(-len(groups) // columns)
    names = rows.groupby("group")["workload"].nunique().max()
    with face.applied():
        figure = face.figure((lines * (max(9.0, LINE * (names + 1)) + 4.5) + 9) * face.em)
        grid = list(figure.subplots(lines, columns, squeeze=False).flat)
        widest = rows["growth"].max()
        written = [
            (axes, _draw_panel(axes, group, rows[rows["group"] == group], widest, face))
            for axes, group in zip(grid, groups, strict=False)
        ]
        for axes in grid[len(groups) :]:
            axes.set_visible(False)
        face.finish(figure, frame, _title(rows), ratio_subtitle(rows))
        for axes, column in written:
            spread_beside(axes, column, face)
        return figure


def ratio_subtitle(rows: pd.DataFrame) -> str:
    """What the panels show, and which workload's ratio depends on n most."""
    change = _changes(rows)
    most = str(change.idxmax())
    mine = rows[rows["workload"] == most].sort_values("n")
    first, last = mine.iloc[0], mine.iloc[-1]
    return (
        f"overhead ratio against n, each n over the workload's smallest, both on log scales; thin and grey: less than "
        f"{100 * (_STEADY - 1):.0f} % between the largest and the smallest ratio; most change: {plain(most)}, "
        f"{ratio_text(first['ratio'])} at n = {first['n']}, {ratio_text(last['ratio'])} at n = {last['n']}"
    )


def _title(rows: pd.DataFrame) -> str:
    change = _changes(rows)
    steady = int((change <= _STEADY).sum())
    return f"In {steady} of {len(change)} workloads n changes the ratio by less than {100 * (_STEADY - 1):.0f} %"


def _changes(rows: pd.DataFrame) -> pd.Series:
    """Largest over smallest ratio of each workload."""
    ratios = rows.groupby("workload", sort=False)["ratio"]
    return ratios.max() / ratios.min()


def _draw_panel(axes: Axes, group: str, rows: pd.DataFrame, widest: float, face: Look) -> list[Annotation]:
    colour, change = face.palette.group(group), _changes(rows)
    marks, names, colours = [], [], []
    for workload, line in rows.sort_values("n").groupby("workload", sort=False):
        steady = change[workload] <= _STEADY
        shade = face.palette.quiet if steady else colour
        width = (0.06 if steady else 0.16) * face.size.points
        axes.plot(line["growth"], line["ratio"], "o-", color=shade, linewidth=width, markersize=0.3 * face.size.points)
        marks.append((float(line["growth"].iloc[-1]), float(line["ratio"].iloc[-1])))
        names.append(plain(workload))
        colours.append(shade)
    axes.set_title(plain(group), color=colour)
    _scale(axes, rows, widest)
    return name_beside(axes, names, marks, colours)


def _scale(axes: Axes, rows: pd.DataFrame, widest: float) -> None:
    axes.set_xscale("log")
    axes.set_xlim(0.8, 1.25 * widest)
    ends = log_marks(1, widest, room=3)
    axes.set_xticks(ends, [f"{mark:,.0f}".replace(",", " ") for mark in ends])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("n / smallest n")
    low, high = rows["ratio"].min(), rows["ratio"].max()
    room = max(1.08, math.sqrt(_LEAST_RANGE * low / high))
    ratio_axis(axes, low / room, high * room, which="y", room=5)
