"""The chart of a comparison: how the cost of each workload changed from the first run to the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from bench.charts.style import LANGUAGE_MARKERS, Look, look, plain, ratio_axis
from bench.compare import Comparison
from bench.labels import LANGUAGE_NAMES, unit_text

_NAMED_RUNS = 4  # more than these get one colour and no names
_LINEAR_BELOW = 2.0  # highest ratio by lowest: below it a logarithmic axis has no marks


def comparison_chart(comparison: Comparison, size: str = "slide", style: str = "light") -> Figure:
    """A panel a language: other / first of each workload at its largest n, a mark a run, with 95 % intervals.

    The shaded band is where no difference is shown.
    """
    face = look(size, style)
    rows = _rows(comparison)
    languages = list(dict.fromkeys(rows["language"]))
    workloads = list(dict.fromkeys(rows["workload"]))
    with face.applied():
        figure = face.figure(face.rows_height(len(workloads) * max(1.0, 0.6 * _lanes(comparison)), around=13))
        panels = figure.subplots(1, len(languages), squeeze=False, sharey=True, sharex=True)[0]
        for axes, language in zip(panels, languages, strict=True):
            _draw(axes, rows[rows["language"] == language], comparison, workloads, face)
            axes.set_title(LANGUAGE_NAMES.get(language, plain(language)))
            axes.set_xlabel("other / first")
            _ratio_axis(axes, rows, comparison.least)
        panels[0].set_yticks(range(len(workloads)), [_label(rows, name) for name in workloads])
        panels[0].set_ylim(len(workloads) - 0.5, -0.5)
        signed = pd.DataFrame()
        signed.attrs["run"] = comparison.facts
        legend = panels[0] if 1 < len(comparison.runs) - 1 <= _NAMED_RUNS else None
        return face.finish(figure, signed, _title(comparison), _subtitle(comparison), legend)


def _rows(comparison: Comparison) -> pd.DataFrame:
    rows = comparison.rows.dropna(subset="ratio")
    largest = rows.groupby(["run", "language", "workload"], sort=False)["n"].transform("max")
    return rows[rows["n"] == largest]


def _lanes(comparison: Comparison) -> int:
    others = len(comparison.runs) - 1
    return others if others <= _NAMED_RUNS else 1


def _label(rows: pd.DataFrame, workload: str) -> str:
    return f"{plain(workload)}  (n = {rows.loc[rows['workload'] == workload, 'n'].max()})"


def _title(comparison: Comparison) -> str:
    others = comparison.runs[1:]
    what = plain(others[0], 40) if len(others) == 1 else f"{len(others)} runs"
    return f"{what} against {plain(comparison.runs[0], 40)}"


def _subtitle(comparison: Comparison) -> str:
    changed = comparison.rows["verdict"].value_counts()
    counts = ", ".join(f"{count} {verdict}" for verdict, count in changed.items())
    return (
        f"{unit_text(comparison.facts)} per execution, right of 1×: more. Of all n: {counts}. Whiskers: 95 % intervals "
        f"of repeats; in the band, {100 * comparison.least:g} %, no difference is shown. Signed with the first run"
    )


def _draw(axes: Axes, rows: pd.DataFrame, comparison: Comparison, workloads: list[str], face: Look) -> None:
    lanes = _lanes(comparison)
    colours = list(face.palette.groups.values())
    axes.axvspan(1 / (1 + comparison.least), 1 + comparison.least, color=face.palette.grid, alpha=0.6, zorder=0)
    axes.axvline(1, color=face.palette.quiet, zorder=0.5)
    for index, (run, mine) in enumerate(rows.groupby("run", sort=False)):
        lane = index % lanes
        places = mine["workload"].map(workloads.index).to_numpy() + 0.7 * ((lane + 0.5) / lanes - 0.5)
        low, high = (mine[name].replace(np.inf, np.nan) for name in ("ratio_low", "ratio_high"))
        reach = np.stack([mine["ratio"] - low, high - mine["ratio"]]).clip(min=0)
        axes.errorbar(
            mine["ratio"],
            places,
            xerr=np.nan_to_num(reach),
            fmt=LANGUAGE_MARKERS.get(mine["language"].iloc[0], "o"),
            color=colours[lane],
            alpha=1 if lanes > 1 or len(comparison.runs) == 2 else 0.3,
            elinewidth=0.1 * face.size.points,
            label=plain(run, 40),
        )
    axes.tick_params(axis="y", length=0)


def _ratio_axis(axes: Axes, rows: pd.DataFrame, least: float) -> None:
    """From the lowest to the highest ratio, and 1, with room beside them; logarithmic where that says more."""
    low = min(rows["ratio"].min(), 1 / (1 + 2 * least))
    high = max(rows["ratio"].max(), 1 + 2 * least)
    room = (high / low) ** 0.08
    if high / low < _LINEAR_BELOW:
        axes.set_xlim(low / room, high * room)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.4g}×"))
        axes.grid(axis="x")
    else:
        ratio_axis(axes, low / room, high * room, room=5)
