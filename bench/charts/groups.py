"""The mean overhead ratio of each group of workloads, with its spread."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.analysis import group_means, headline, matched, overhead_ratios
from bench.catalogue import IDIOMATIC
from bench.charts.style import Look, look, plain, ratio_axis, sentence
from bench.charts.variants import headline_only
from bench.errors import InputError
from bench.labels import origin_text, ratio_text, unit_text


def group_chart(frame: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """Geometric means of the overhead ratio, a row a group and one for all, with the geometric standard deviation.

    Small marks are the workloads, each at its largest n. InputError where the run has no ratio.
    """
    ratios, face = _ratios(frame), look(size, style)
    means = _means(ratios)
    with face.applied():
        figure = face.figure(face.rows_height(1.8 * len(means), around=12))
        axes = figure.subplots()
        for place, row in enumerate(means.to_dict("records")):
            mine = matched(ratios) if row["group"] == "all" else ratios[ratios["group"] == row["group"]]
            _draw_group(axes, place, row, mine["ratio"], face)
        whole = int(means.index[means["group"] == "all"][0])
        for place in {whole, min(whole + 1, len(means) - 1)}:
            axes.axhline(place - 0.5, color=face.palette.grid, linewidth=0.1 * face.size.points)
        axes.set_yticks(range(len(means)), [plain(group) for group in means["group"]], fontweight="bold")
        axes.set_ylim(len(means) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        lowest = min(ratios["ratio"].min(), (means["mean"] / means["spread"]).min())
        highest = max(ratios["ratio"].max(), (means["mean"] * means["spread"]).max())
        ratio_axis(axes, lowest / 1.25, highest * 1.25)
        unit = unit_text(frame.attrs["run"])
        axes.set_xlabel(f"overhead ratio, MicroPython / Arduino C++ ({unit}, log scale)")
        subtitle = "geometric means (diamonds), ×/÷ geometric standard deviation (lines); small marks are workloads"
        return face.finish(figure, frame, _title(means), subtitle + _apart_text(means))


def figures(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of `bench.analysis.group_means`, the groups by their mean; below "all" those that are not in it."""
    return _means(_ratios(frame))


def caption(frame: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    run, means = frame.attrs["run"], figures(frame)
    return (
        f"Geometric mean and geometric standard deviation of the overhead ratio (MicroPython / Arduino C++, "
        f"{unit_text(run)}) by group of workloads, each workload at its largest n. Which workloads a suite holds "
        f"decides its mean{_apart_text(means)}. {sentence(origin_text(run))}"
    )


def alt_text(frame: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    parts = [
        f"{row['group']} {ratio_text(row['mean'])} ({_spread_text(row)})" for row in figures(frame).to_dict("records")
    ]
    return f"Geometric means of the overhead ratio by group: {'; '.join(parts)}."


def _ratios(frame: pd.DataFrame) -> pd.DataFrame:
    rows = headline(overhead_ratios(headline_only(frame))).dropna(subset="ratio")
    if rows.empty:
        raise InputError("the run has no workload that both languages measured: nothing to chart")
    return rows


def _means(ratios: pd.DataFrame) -> pd.DataFrame:
    means = group_means(ratios)
    groups, whole = means.iloc[:-1].sort_values("mean", ascending=False), means.iloc[-1:]
    apart = ~groups["group"].isin(matched(ratios)["group"])
    return pd.concat([groups[~apart], whole, groups[apart]], ignore_index=True)


def _apart_text(means: pd.DataFrame) -> str:
    below = means.iloc[int(means.index[means["group"] == "all"][0]) + 1 :]
    return f"; {', '.join(map(plain, below['group']))}, hollow: not in “all”" if len(below) else ""


def _title(means: pd.DataFrame) -> str:
    within = int(means.index[means["group"] == "all"][0])
    first, last = means.iloc[0], means.iloc[within - 1]
    if within == 1:
        return f"One group of workloads: {plain(first['group'])}, {ratio_text(first['mean'])}"
    return (
        f"From {ratio_text(last['mean'])} ({plain(last['group'])}) to {ratio_text(first['mean'])} "
        f"({plain(first['group'])}), by kind of program"
    )


def _spread_text(row: Mapping[Any, Any]) -> str:
    return f"×/÷ {row['spread']:.2f}, {row['count']} workloads" if row["count"] > 1 else "one workload"


def _draw_group(axes: Axes, place: int, row: Mapping[Any, Any], ratios: pd.Series, face: Look) -> None:
    colour = face.palette.text if row["group"] == "all" else face.palette.group(row["group"])
    points = face.size.points
    if not math.isnan(row["spread"]):
        axes.hlines(
            place, row["mean"] / row["spread"], row["mean"] * row["spread"], color=colour, linewidth=0.2 * points
        )
    axes.plot(ratios, [place + 0.26] * len(ratios), "o", color=colour, markersize=0.3 * points, alpha=0.6)
    inside = face.palette.background if row["group"] == IDIOMATIC else colour
    axes.plot([row["mean"]], [place], "D", color=colour, markerfacecolor=inside, markersize=0.7 * points)
    for text, line, style in (
        (ratio_text(row["mean"]), 0.15, {"weight": "bold", "va": "bottom"}),
        (_spread_text(row), -0.15, {"color": face.palette.quiet, "va": "top", "fontsize": face.second}),
    ):
        axes.annotate(
            text,
            (1, place),
            xycoords=("axes fraction", "data"),
            xytext=(points, line * points),
            textcoords="offset points",
            **style,
        )
