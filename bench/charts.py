"""Charts of a run: a data frame in, a figure or files out. Each chart is one function and useful alone."""

from __future__ import annotations

import math
import textwrap
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")  # files only: no display is needed

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from bench.analysis import geometric_mean, headline, overhead_ratios, summarise
from bench.errors import InputError, ToolError
from bench.labels import LANGUAGE_NAMES, provenance_text, ratio_text, spread_text, unit_text

# Okabe and Ito's palette: told apart with every common kind of colour blindness, and in grey.
LANGUAGE_COLOURS = {"arduino": "#0072B2", "micropython": "#D55E00"}
LANGUAGE_MARKERS = {"arduino": "o", "micropython": "s"}
GROUP_COLOURS = {"control": "#0072B2", "integer": "#009E73", "float": "#D55E00", "machine": "#CC79A7"}
SLIDE_INCHES = (12.0, 6.75)  # 16:9
PIXELS_PER_INCH = 160
_ROOM_FOR_VALUES = 1.9  # to the right of the longest bar
_STYLE: Any = {
    "font.size": 14,
    "axes.titlesize": 18,
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "bench",  # the same figure gives the same bytes
    "svg.fonttype": "path",
}


def overhead_chart(frame: pd.DataFrame) -> Figure:
    """Bars: the overhead ratio of each workload at its largest n, grouped and sorted, on a log axis from 1."""
    rows = headline(overhead_ratios(frame)).dropna(subset="ratio")
    if rows.empty:
        raise InputError("the run has no workload that both languages measured: nothing to chart")
    rows = _grouped_and_sorted(rows)
    mean = geometric_mean(rows["ratio"])
    with plt.rc_context(_STYLE):
        figure, axes = plt.subplots(figsize=(SLIDE_INCHES[0], max(SLIDE_INCHES[1], 2.2 + 0.42 * len(rows))))
        colours = [GROUP_COLOURS.get(group, "#666666") for group in rows["group"]]
        bars = axes.barh(rows["place"], rows["ratio"] - 1, left=1, color=colours, height=0.74)
        for bar, ratio in zip(bars, rows["ratio"], strict=True):
            axes.annotate(
                ratio_text(ratio),
                (ratio, bar.get_y() + bar.get_height() / 2),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontweight="bold",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},  # the dashed line must not cross a figure
            )
        axes.set_yticks(rows["place"], [f"{row.workload}  (n = {row.n})" for row in rows.itertuples()])
        axes.set_ylim(rows["place"].iloc[-1] + 0.7, rows["place"].iloc[0] - 0.7)
        axes.tick_params(axis="y", length=0)
        _log_ratio_axis(axes, rows["ratio"].max())
        axes.axvline(mean.value, color="#444444", linestyle="--", linewidth=1.3, zorder=0)
        axes.set_title(
            f"MicroPython takes {ratio_text(mean.value)} the {unit_text(frame.attrs['run'])} of Arduino C++",
            loc="left",
            pad=26,
        )
        axes.annotate(
            f"geometric mean of {mean.count} workloads, dashed ({spread_text(mean.spread)}); "
            "the ratio depends on what the program does",
            (0, 1),
            xytext=(0, 8),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=12,
            color="#444444",
        )
        axes.set_xlabel(
            f"overhead ratio, MicroPython / Arduino C++ ({unit_text(frame.attrs['run'])} per execution, log scale)"
        )
        _name_groups(axes, rows)
        _sign(figure, frame)
    return figure


def scaling_chart(frame: pd.DataFrame) -> Figure:
    """Small multiples: ticks per execution against n in both languages, log-log, for workloads with several n."""
    summary = summarise(frame)
    counts = summary.groupby("workload", sort=False)["n"].nunique()
    workloads = [name for name in counts.index if counts[name] > 1]
    if not workloads:
        raise InputError("the run has no workload at several n: nothing to chart against n (leave out --quick)")
    columns = min(5, max(3, -(-len(workloads) // 2)), len(workloads))
    lines = -(-len(workloads) // columns)
    with plt.rc_context(_STYLE | {"font.size": 12, "axes.titlesize": 14}):
        figure, grid = plt.subplots(
            lines,
            columns,
            figsize=(SLIDE_INCHES[0], max(SLIDE_INCHES[1], 2.9 * lines + 0.8)),
            squeeze=False,
            sharey=True,
        )
        for axes, workload in zip(grid.flat, workloads, strict=False):
            _scaling_panel(axes, summary[summary["workload"] == workload], workload)
        for axes in list(grid.flat)[len(workloads) :]:
            axes.set_visible(False)
        handles, labels = grid.flat[0].get_legend_handles_labels()
        figure.suptitle(
            f"Cost of one execution against n: {unit_text(frame.attrs['run'])}",
            x=0.01,
            ha="left",
            fontsize=18,
            fontweight="bold",
        )
        figure.legend(handles, labels, loc="upper right", ncols=2, frameon=False, fontsize=14)
        figure.supylabel(f"{unit_text(frame.attrs['run'])} per execution (log scale)", fontsize=13)
        _sign(figure, frame, top=0.99)
    return figure


CHARTS = {"overhead": overhead_chart, "scaling": scaling_chart}


def save_charts(frame: pd.DataFrame, folder: Path, formats: tuple[str, ...] = ("png", "svg")) -> list[Path]:
    """Draw all charts that the run has figures for and write them. Gives the files; ToolError where one cannot be."""
    written = []
    for name, draw in CHARTS.items():
        try:
            figure = draw(frame)
        except InputError:
            if name == "overhead":
                raise
            continue  # a quick run has one n a workload: there is no scaling to show
        written += [_save(figure, folder / f"{name}.{suffix}") for suffix in formats]
        plt.close(figure)
    return written


def _save(figure: Figure, path: Path) -> Path:
    undated = {"Date": None} if path.suffix == ".svg" else {"Software": None}
    try:
        with plt.rc_context(_STYLE):
            figure.savefig(path, dpi=PIXELS_PER_INCH, metadata=undated)
    except OSError as error:
        raise ToolError(f"cannot write {path}: {error.strerror or error}; choose another --out") from error
    return path


def _grouped_and_sorted(rows: pd.DataFrame) -> pd.DataFrame:
    """Groups by their largest ratio, workloads by theirs, and the place of each bar, with a gap between groups."""
    rows = rows.assign(group_peak=rows.groupby("group")["ratio"].transform("max"))
    rows = rows.sort_values(["group_peak", "group", "ratio"], ascending=[False, True, False]).reset_index(drop=True)
    starts_group = rows["group"] != rows["group"].shift()
    return rows.assign(place=rows.index + 0.55 * (starts_group.cumsum() - 1))


def _name_groups(axes: Axes, rows: pd.DataFrame) -> None:
    for group, members in rows.groupby("group", sort=False):
        axes.annotate(
            str(group),
            (1, members["place"].mean()),
            xycoords=("axes fraction", "data"),
            xytext=(10, 0),
            textcoords="offset points",
            va="center",
            color=GROUP_COLOURS.get(str(group), "#666666"),
            fontweight="bold",
        )


def _log_ratio_axis(axes: Axes, largest: float) -> None:
    axes.set_xscale("log")
    axes.set_xlim(1, largest * _ROOM_FOR_VALUES)
    steps = (1, 2, 5) if largest < 60 else (1,)
    powers = range(math.ceil(math.log10(largest * _ROOM_FOR_VALUES)))
    marks = [step * 10**power for power in powers for step in steps if step * 10**power < largest * _ROOM_FOR_VALUES]
    axes.set_xticks(marks, [f"{mark}×" for mark in marks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(axis="x", color="#dddddd", linewidth=0.8)
    axes.set_axisbelow(True)


def _scaling_panel(axes: Axes, rows: pd.DataFrame, workload: str) -> None:
    for language, name in LANGUAGE_NAMES.items():
        mine = rows[(rows["language"] == language) & (rows["median"] > 0)].sort_values("n")
        axes.plot(
            mine["n"],
            mine["median"],
            color=LANGUAGE_COLOURS[language],
            marker=LANGUAGE_MARKERS[language],
            label=name,
            linewidth=2,
        )
    sizes = sorted(rows["n"].unique())
    shown = [sizes[0], sizes[len(sizes) // 2], sizes[-1]]
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(shown, [str(n) for n in shown])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_title(workload, loc="left")
    axes.set_xlabel("n")
    axes.grid(color="#e4e4e4", linewidth=0.8)


def _sign(figure: Figure, frame: pd.DataFrame, top: float = 1.0) -> None:
    """Where the figures come from, at the lower edge, and room for it."""
    lines = textwrap.wrap(provenance_text(frame.attrs["run"]), width=150)
    line_height = 0.17 / figure.get_figheight()  # of 9 point text, as a share of the figure
    figure.text(0.012, 0.5 * line_height, "\n".join(lines), fontsize=9, color="#555555", va="bottom")
    figure.tight_layout(rect=(0, (1 + len(lines)) * line_height, 1, top))
