"""Our overhead ratios beside those that others measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.analysis import geometric_mean
from bench.charts.style import Look, look, plain, ratio_axis, sentence, size_axis
from bench.charts.variants import headline_only
from bench.labels import ratio_text, unit_text
from bench.published import beside, scatter

_MARKERS = "osD^vP"


def published_chart(
    frame: pd.DataFrame, size: str = "slide", style: str = "light", others: Sequence[pd.DataFrame] = ()
) -> Figure:
    """Ratio against n, ours and published, a panel a workload; the last panel has all of one against the other.

    `others` are further runs, each a line of its own: a real board beside the virtual one. InputError where a run has
    nothing in common with what was published.
    """
    runs, face = [(each, figures(each)) for each in (frame, *others)], look(size, style)
    rows = pd.concat([rows for _, rows in runs])
    workloads = list(rows["workload"].unique())
    columns = 3 if len(workloads) < 6 else 5
    lines = -(-(len(workloads) + 1) // columns)
    limits = _limits(rows)
    with face.applied():
        figure = face.figure((12.2 * lines + 10) * face.em)
        panels = list(figure.subplots(lines, columns, squeeze=False).flat)
        for place, (axes, workload) in enumerate(zip(panels, workloads, strict=False)):
            _draw_workload(axes, runs, workload, face)
            ratio_axis(axes, *limits, which="y", room=5)
            if place % columns == 0:
                axes.set_ylabel("overhead ratio")
        _draw_all(panels[len(workloads)], rows, limits, face)
        for axes in panels[len(workloads) + 1 :]:
            axes.set_visible(False)
        return face.finish(figure, frame, _title(frame, rows), _subtitle(rows), panels[0])


def figures(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of `bench.published.beside`."""
    return beside(headline_only(frame))


def caption(frame: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    rows = figures(frame)
    return (
        f"Overhead ratios (MicroPython / Arduino C++) of this run beside published ones ({_labels(rows)}): ours are "
        f"{_kind(frame)}, theirs are of time on a real board. {sentence(_subtitle(rows))}"
    )


def alt_text(frame: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    rows = figures(frame)
    parts = [
        f"{workload} {_range(mine['ours'])} in this run, {_range(mine['published'])} published, "
        f"quotient {geometric_mean(mine['quotient']).value:.2f}"
        for workload, mine in rows.groupby("workload", sort=False)
    ]
    return (
        f"Line charts of overhead ratios against n, this run ({_kind(frame)}) and {_labels(rows)}: {'; '.join(parts)}."
    )


def _range(ratios: pd.Series) -> str:
    return f"{ratio_text(ratios.min())} to {ratio_text(ratios.max())}"


def _limits(rows: pd.DataFrame) -> tuple[float, float]:
    low, high = rows[["ours", "published"]].min().min(), rows[["ours", "published"]].max().max()
    room = max(1.2, (high / low) ** 0.08)  # for the marks at the edges
    return low / room, high * room


def _kind(frame: pd.DataFrame) -> str:
    run = frame.attrs["run"]
    return f"ratios of {unit_text(run)}, {'simulated' if run['board']['simulated'] else 'measured'}"


def _labels(rows: pd.DataFrame) -> str:
    return ", ".join(rows["label"].unique())


def _title(frame: pd.DataFrame, rows: pd.DataFrame) -> str:
    unit = unit_text(frame.attrs["run"])
    return f"Published ratios (time): {scatter(rows).quotient:.2f} times ours ({unit})"


def _subtitle(rows: pd.DataFrame) -> str:
    whole = scatter(rows)
    return (
        f"geometric mean of {whole.count} quotients published / ours, scatter ×/÷ {whole.spread:.2f} (band); "
        f"rank correlation {whole.rank_correlation:.2f}; line: equal"
    )


def _draw_workload(axes: Axes, runs: Sequence[tuple[pd.DataFrame, pd.DataFrame]], workload: str, face: Look) -> None:
    """The lines of all published sets and of all runs, with the same legend in every panel."""
    everything = pd.concat([rows for _, rows in runs])
    for index, (label, mine) in enumerate(everything.groupby("label", sort=False)):
        line = mine[mine["workload"] == workload].drop_duplicates("n").sort_values("n")
        style = (0, (4, 1 + index))
        name = f"published, time: {plain(label, 40)}"
        axes.plot(line["n"], line["published"], "D", linestyle=style, color=face.palette.text, label=name)
    colours = list(face.palette.groups.values())
    for index, (frame, rows) in enumerate(runs):
        line = rows[rows["workload"] == workload].drop_duplicates("n").sort_values("n")
        run = frame.attrs["run"]
        axes.plot(
            line["n"],
            line["ours"],
            marker=_MARKERS[index % len(_MARKERS)],
            color=colours[index % len(colours)],
            label=f"{plain(run['run_id'], 40)}, {unit_text(run)}",
        )
    mine = everything[everything["workload"] == workload]
    size_axis(axes, mine["n"])
    axes.set_title(plain(workload, 18))
    quotient = f"quotient {geometric_mean(mine['quotient']).value:.2f}"
    axes.set_xlabel(f"n ({quotient if mine['comparable'].all() else 'not comparable: FPU'})")


def _draw_all(axes: Axes, rows: pd.DataFrame, limits: tuple[float, float], face: Look) -> None:
    """What can be compared, published against ours: the line where they are equal, the band of mean and spread."""
    rows, whole, ends = rows[rows["comparable"]], scatter(rows), np.array(limits)
    middle, spread = whole.quotient * ends, whole.spread if whole.count > 1 else 1.0
    axes.fill_between(ends, middle / spread, middle * spread, color=face.palette.grid, linewidth=0)
    axes.plot(ends, ends, color=face.palette.quiet, linewidth=0.1 * face.size.points)
    axes.plot(rows["ours"], rows["published"], "o", color=face.palette.text, markersize=0.3 * face.size.points)
    ratio_axis(axes, *limits, which="x", room=3)
    ratio_axis(axes, *limits, which="y", room=4)
    axes.grid(visible=False)
    axes.set_title("all")
    axes.set_xlabel("ours")
    axes.set_ylabel("published")
