"""How far the samples of a measurement lie from their median."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bench.analysis import per_execution
from bench.catalogue import OVERHEAD_WORKLOAD
from bench.charts.rows import row_panels
from bench.charts.style import LANGUAGE_MARKERS, Look, look, sentence
from bench.charts.variants import headline_only
from bench.errors import InputError
from bench.labels import LANGUAGE_NAMES, origin_text
from bench.statistics import Values, tukey_fences

_DRAWN_SINGLY = 30  # samples of a measurement up to which each is a mark; above, a box with its outliers
_MANY = 20  # workloads from which on those without any difference are not drawn
_OUTLIERS_DRAWN = 100  # at most, of a measurement: the farthest
_OFFSET = {"arduino": -0.19, "micropython": 0.19}  # of a row
_COLUMN = {"arduino": 0.8, "micropython": 9.2}  # em beside the axes


def distribution_chart(frame: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """Each sample's distance from the median of its measurement, both languages, each workload at its largest n.

    Up to 30 samples are marks, more are a box (quartiles, Tukey's whiskers) with outliers; what lies beyond the axis is
    a triangle at its edge. The spread of all samples stands beside each row, or that they are identical. InputError
    where no measurement has two samples.
    """
    rows = figures(frame)
    drawn = _worth_a_row(rows)
    limit = _axis_limit(drawn)
    unit, factor = _unit(limit)
    face, figure, panels = row_panels(drawn.drop_duplicates("workload"), look(size, style), around=13)
    with face.applied():
        for axes, names in panels:
            places = names.set_index("workload")["place"]
            axes.axvline(0, color=face.palette.quiet, linewidth=0.08 * face.size.points)
            for (workload, language), mine in _measurements(drawn[drawn["workload"].isin(places.index)]):
                place = places[workload]
                _draw(axes, place + _OFFSET[str(language)], str(language), mine * factor, limit * factor, face)
                _beside(axes, place, str(language), _spread_text(mine["deviation"] * factor, unit), face)
            for language, name in LANGUAGE_NAMES.items():
                colour = face.palette.languages[language]
                _beside(axes, -0.6, language, name, face, weight="bold", va="bottom", color=colour)
            marks = MaxNLocator(5 if len(panels) == 1 else 3).tick_values(-limit * factor, limit * factor)
            axes.set_xticks([mark for mark in marks if abs(mark) <= limit * factor])
            axes.set_xlim(-limit * factor, limit * factor)
            axes.grid(axis="x")
            axes.set_xlabel(f"sample's distance from its measurement's median ({unit})")
        return face.finish(figure, frame, _title(rows), _subtitle(rows))


def figures(frame: pd.DataFrame) -> pd.DataFrame:
    """The samples at each workload's largest n: group, workload, language, n, deviation, tick and builds.

    deviation is cost / median of the measurement - 1, tick is one timer tick on that scale, builds is the largest
    number of images that a language was measured in.
    """
    frame = headline_only(frame)
    builds = int(frame.groupby("language")["image"].nunique().max())
    rows = frame[["group", "workload", "language", "n", "loops"]].assign(cost=per_execution(frame), builds=builds)
    largest = rows.groupby("workload")["n"].transform("max")
    rows = rows[(rows["workload"] != OVERHEAD_WORKLOAD) & (rows["n"] == largest)]
    median = rows.groupby(["workload", "language"])["cost"].transform("median")
    rows = rows[median > 0].assign(deviation=rows["cost"] / median - 1, tick=1 / (rows["loops"] * median))
    if rows.empty or rows.groupby(["workload", "language"]).size().max() < 2:
        raise InputError("the run has no measurement of two samples: nothing to say of their spread")
    return rows[["group", "workload", "language", "n", "deviation", "tick", "builds"]].reset_index(drop=True)


def caption(frame: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    rows = figures(frame)
    return " ".join(sentence(text) for text in (_title(rows), _subtitle(rows), origin_text(frame.attrs["run"])))


def alt_text(frame: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    rows = figures(frame)
    parts = [
        f"{workload} in {LANGUAGE_NAMES.get(str(language), language)} {_spread_text(100 * mine['deviation'], '%')}"
        for (workload, language), mine in rows.groupby(["workload", "language"], sort=False)
    ]
    return f"{_title(rows)}. Spread of the samples, (largest - smallest) / median: {'; '.join(parts)}."


def _title(rows: pd.DataFrame) -> str:
    spans = _spans(rows)
    same = int((spans == 0).sum())
    if same == len(spans):
        return "All samples identical: every measurement repeats to the last tick"
    builds = int(rows["builds"].max())
    of = "one build" if builds < 2 else f"{builds} code layouts of C++ and one build of MicroPython"
    return f"Repeats of {of}: all samples identical in {same} of {len(spans)} measurements"


def _subtitle(rows: pd.DataFrame) -> str:
    counts = rows.groupby(["workload", "language"]).size()
    low, high = counts.min(), counts.max()
    samples = f"{low}" if low == high else f"{low} to {high}"
    kind = "a mark is a sample" if high <= _DRAWN_SINGLY else "boxes: quartiles, whiskers after Tukey, marks: outliers"
    beside = "beside: (largest - smallest) / median"
    left_out = rows["workload"].nunique() - _worth_a_row(rows)["workload"].nunique()
    others = f"; {left_out} workloads without any difference are not drawn" if left_out else ""
    return f"{samples} samples a measurement, each workload at its largest n; {kind}; {beside}{others}"


def _worth_a_row(rows: pd.DataFrame) -> pd.DataFrame:
    """Of many workloads those whose samples differ in a language; all where none do."""
    differs = rows["deviation"].abs().groupby(rows["workload"]).transform("max") > 0
    return rows[differs] if rows["workload"].nunique() > _MANY and differs.any() else rows


def _spans(rows: pd.DataFrame) -> pd.Series:
    """Largest less smallest deviation of each measurement."""
    deviations = rows.groupby(["workload", "language"], sort=False)["deviation"]
    return deviations.max() - deviations.min()


def _spread_text(deviations: pd.Series, unit: str) -> str:
    span = float(deviations.max() - deviations.min())
    if len(deviations) < 2:
        return "one sample"
    if span == 0:
        return "identical"
    return f"{span:.2g} {unit}" if 0.0001 <= span < 100 else f"{span:.0f} {unit}" if span >= 100 else f"<0.0001 {unit}"


def _unit(limit: float) -> tuple[str, float]:
    """The unit of the axis, and what deviations are multiplied with."""
    return ("%", 100) if limit >= 0.0005 else ("millionths", 1e6)


def _measurements(rows: pd.DataFrame) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """Workload and language, and the deviations with their tick."""
    for (workload, language), mine in rows.groupby(["workload", "language"], sort=False):
        yield (str(workload), str(language)), mine[["deviation", "tick"]]


def _axis_limit(rows: pd.DataFrame) -> float:
    """How far the farthest mark or whisker lies: one far outlier must not squeeze everything else into a line."""
    ends = []
    for _, mine in _measurements(rows):
        values = mine["deviation"].to_numpy()
        ends.append(np.abs(_whiskers(mine) if len(values) > _DRAWN_SINGLY else values).max())
    return 1.15 * float(max(ends)) or 0.01


def _whiskers(mine: pd.DataFrame) -> Values:
    """The farthest samples within Tukey's fences."""
    values = mine["deviation"].to_numpy()
    q25, q75 = np.quantile(values, [0.25, 0.75])
    low, high = tukey_fences(q25, q75, mine["tick"].iloc[0])
    inside = values[(values >= low) & (values <= high)]
    return np.array([inside.min(), inside.max()])


def _draw(axes: Axes, line: float, language: str, mine: pd.DataFrame, limit: float, face: Look) -> None:
    """The samples of a measurement at the height `line`; deviations, tick and limit are in the axis' unit."""
    colour, points = face.palette.languages[language], face.size.points
    values = mine["deviation"].to_numpy()
    marks = np.unique(values)
    if len(values) > _DRAWN_SINGLY and values.min() < values.max():
        low, high = _whiskers(mine)
        axes.hlines(line, low, high, color=colour, linewidth=0.1 * points)
        axes.hlines(line, *np.quantile(values, [0.25, 0.75]), color=colour, linewidth=0.4 * points)
        axes.plot([0], [line], marker="|", color=face.palette.background, markersize=0.4 * points)
        outside = values[(values < low) | (values > high)]
        marks = outside[np.argsort(-np.abs(outside), kind="stable")][:_OUTLIERS_DRAWN]
    inside = marks[np.abs(marks) <= limit]
    style: Any = {"color": colour, "linestyle": "none", "markersize": 0.36 * points, "clip_on": False}
    if len(inside):  # an empty line that is not clipped counts as one in the corner of the figure
        axes.plot(inside, np.full(len(inside), line), marker=LANGUAGE_MARKERS[language], **style)
    for side, marker in ((-1, "<"), (1, ">")):
        if (side * marks > limit).any():
            axes.plot([side * limit], [line], marker=marker, **style)


def _beside(axes: Axes, place: float, language: str, text: str, face: Look, **style: str) -> None:
    """A cell of the columns to the right of the axes."""
    defaults: dict[str, Any] = {"va": "center", "color": face.palette.text}
    axes.annotate(
        text,
        (1, place),
        xycoords=("axes fraction", "data"),
        xytext=(_COLUMN[language], 0),
        textcoords="offset fontsize",
        **defaults | style,
    )
