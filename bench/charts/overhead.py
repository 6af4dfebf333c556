"""The overhead ratio of each workload as bars."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.analysis import headline, matched, overall_mean, overhead_ratios
from bench.catalogue import IDIOMATIC
from bench.charts.rows import name_groups, row_panels
from bench.charts.style import Look, look, ratio_axis, sentence
from bench.charts.variants import headline_only
from bench.errors import InputError
from bench.labels import origin_text, ratio_text, spread_text, unit_text

_ROOM_FOR_VALUES = 0.14  # to the right of the longest bar, as a share of its length
_ROOM_IN_HALVES = 0.24  # the same where there are two columns
_VISIBLE_INTERVAL = 1.02  # high / low from which an interval is more than the thickness of its line


def overhead_chart(frame: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """Bars: the overhead ratio of each workload at its largest n, grouped and sorted, on a log axis from 1.

    An interval is drawn where it is wide enough to be seen. Hatched bars are in no mean. InputError where the run has
    no ratio.
    """
    rows, unit = figures(frame), unit_text(frame.attrs["run"])
    mean = overall_mean(rows)
    face, figure, panels = row_panels(rows, look(size, style), around=12)
    with face.applied():
        for axes, mine in panels:
            _draw_bars(axes, mine, face)
            axes.axvline(mean.value, color=face.palette.quiet, linestyle="--", zorder=0.5)
            name_groups(axes, mine, face)
        _same_axis(panels, rows)
        whole = f"overhead ratio, MicroPython / Arduino C++ ({unit} per execution, log scale)"
        for axes, _ in panels:
            axes.set_xlabel(whole if len(panels) == 1 else "overhead ratio (log scale)")
        title = f"MicroPython takes {ratio_text(mean.value)} the {unit} of Arduino C++"
        return face.finish(figure, frame, title, _subtitle(rows, named=len(panels) == 1))


def figures(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of `headline` that have a ratio, in the chart's order."""
    rows = headline(overhead_ratios(headline_only(frame))).dropna(subset="ratio")
    if rows.empty:
        raise InputError("the run has no workload that both languages measured: nothing to chart")
    return _grouped_and_sorted(rows)


def caption(frame: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    run, rows = frame.attrs["run"], figures(frame)
    return (
        f"Overhead ratio (MicroPython / Arduino C++, {unit_text(run)} per execution) of {len(rows)} workloads, each at "
        f"its largest n. {_mean_text(rows)}. {_apart_text(rows)}{_interval_text(rows)} {sentence(origin_text(run))}"
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


def _apart_text(rows: pd.DataFrame) -> str:
    apart = len(rows) - len(matched(rows))
    return f"{apart} idiomatic workloads, hatched, are not in the mean. " if apart else ""


def _subtitle(rows: pd.DataFrame, *, named: bool) -> str:
    mean = overall_mean(rows)
    drawn = f"; whiskers: 95 % intervals of {_covered(rows)}" if _with_interval(rows).any() else ""
    apart = "; hatched: left out of the mean" if len(matched(rows)) < len(rows) else ""
    largest = "" if named else "; each at its largest n"
    return (
        f"geometric mean of {mean.count} workloads, dashed ({spread_text(mean.spread)}); "
        f"the ratio depends on what the program does{largest}{apart}{drawn}"
    )


def _interval_text(rows: pd.DataFrame) -> str:
    drawn = int(_with_interval(rows).sum())
    return f"95 % bootstrap intervals of {_covered(rows)}: {drawn} of {len(rows)} wide enough to be drawn."


def _covered(rows: pd.DataFrame) -> str:
    layouts = int(rows["layouts"].min())
    return "repeats" if layouts < 2 else f"repeats in {layouts} code layouts of C++"


def _with_interval(rows: pd.DataFrame) -> pd.Series:
    return rows["ratio_high"] > _VISIBLE_INTERVAL * rows["ratio_low"]


def _draw_bars(axes: Axes, rows: pd.DataFrame, face: Look) -> None:
    for group, mine in rows.groupby("group", sort=False):
        colour = face.palette.group(str(group))
        apart: Any = {"facecolor": face.palette.background, "edgecolor": colour, "hatch": "////"}
        axes.barh(
            mine["place"], mine["ratio"] - 1, left=1, height=0.74, **apart if group == IDIOMATIC else {"color": colour}
        )
    _draw_intervals(axes, rows, face)
    for place, ratio, end in zip(rows["place"], rows["ratio"], _reaches(rows)[1], strict=True):
        axes.annotate(
            ratio_text(ratio),
            (max(end, 1), place),
            xytext=(0.5, 0),
            textcoords="offset fontsize",
            va="center",
            fontweight="bold",
            # The dashed line must not cross a figure.
            bbox={"facecolor": face.palette.background, "edgecolor": "none", "pad": 0.07 * face.size.points},
        )


def _same_axis(panels: list[tuple[Axes, pd.DataFrame]], rows: pd.DataFrame) -> None:
    """All panels from the lowest to the highest value, with room for the text behind the longest bar."""
    low, high = _reaches(rows)
    smallest, largest = min(1, low.min() / 1.2), max(high.max(), 1)
    room = _ROOM_FOR_VALUES if len(panels) == 1 else _ROOM_IN_HALVES
    for axes, _ in panels:
        ratio_axis(axes, smallest, largest * max(largest / smallest, 1.5) ** room, room=8 // len(panels))


def _reaches(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """How far down and up each row reaches with its whisker: to a tenth or ten times of its ratio at most."""
    seen = _with_interval(rows)
    low = rows["ratio_low"].clip(lower=rows["ratio"] / 10).where(seen, rows["ratio"])
    return low, rows["ratio_high"].clip(upper=rows["ratio"] * 10).where(seen, rows["ratio"])


def _draw_intervals(axes: Axes, rows: pd.DataFrame, face: Look) -> None:
    """Draw the visible intervals as whiskers, and as arrows where they are cut."""
    style: Any = {"color": face.palette.text, "linewidth": 0.13 * face.size.points}
    rows = rows[_with_interval(rows)]
    low, high = _reaches(rows)
    axes.hlines(rows["place"], low, high, **style)
    for ends, whole, arrow in ((low, rows["ratio_low"], "<"), (high, rows["ratio_high"], ">")):
        for place, end, beyond in zip(rows["place"], ends, ends != whole, strict=True):
            axes.plot([end], [place], marker=arrow if beyond else "|", markersize=0.45 * face.size.points, **style)


def _grouped_and_sorted(rows: pd.DataFrame) -> pd.DataFrame:
    """Groups by their largest ratio, the one that is in no mean last; workloads by their ratio."""
    rows = rows.assign(apart=rows["group"] == IDIOMATIC, peak=rows.groupby("group")["ratio"].transform("max"))
    order = {"apart": True, "peak": False, "group": True, "ratio": False}
    return rows.sort_values(list(order), ascending=list(order.values())).reset_index(drop=True)
