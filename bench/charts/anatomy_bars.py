"""Stacked bars of an anatomy: segments with their labels, and panels by magnitude that each have a linear scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from bench.charts.anatomy_parts import colour, ink, label
from bench.charts.style import Look, plain
from bench.labels import ratio_text

_MANY = 20  # rows from which on they stand in two columns
_FACTOR = 6.0  # largest over smallest whole of one panel: the shortest bar takes a sixth of its width
_HEADING, _AXIS = 1.35, 1.6  # rows that a panel's heading and its axis take
_LONG_LEGEND = 9  # entries up to which a legend keeps the size of its text
_CHARACTER = 0.62  # width of a character, in em, on the safe side
_NUMBER = 4.4  # em for the number behind a bar


@dataclass(frozen=True)
class Panel:
    """Rows that share a linear scale from 0 to `limit`; `finer`: the limit of the panel below, 0 where it is the last.

    `start` is the height of its heading, `pitch` the distance of two rows; `continued` where its first rows stand in
    the column before.
    """

    workloads: tuple[str, ...]
    totals: tuple[float, ...]
    limit: float
    finer: float
    start: float = 0.0
    pitch: float = 1.0
    continued: bool = False

    @property
    def places(self) -> list[float]:
        """The height of each row."""
        return [self.start + _HEADING + self.pitch * (place + 0.5) - 0.5 for place in range(len(self.workloads))]

    @property
    def end(self) -> float:
        """The height of the axis: the lower edge of the rows."""
        return self.start + _HEADING + self.pitch * len(self.workloads) - 0.45

    @property
    def heading(self) -> str:
        """From the smallest whole to the largest."""
        low, high = ratio_text(min(self.totals)), ratio_text(max(self.totals))
        return (low if low == high else f"{low} to {high}") + (", continued" if self.continued else "")


def magnitudes(totals: pd.Series) -> list[Panel]:
    """Workloads (the index) from the largest whole to the smallest, in as few panels as `_FACTOR` allows."""
    ordered = totals.sort_values(ascending=False, kind="stable")
    found: list[list[str]] = []
    for name, total in ordered.items():
        if not found or total * _FACTOR < ordered[found[-1][0]]:
            found.append([])
        found[-1].append(str(name))
    tops = [float(ordered[names[0]]) for names in found]
    return [
        Panel(tuple(names), tuple(float(ordered[name]) for name in names), top, finer)
        for names, top, finer in zip(found, tops, [*tops[1:], 0.0], strict=True)
    ]


def columns_of(panels: Sequence[Panel], pitch: float = 1.0) -> list[list[Panel]]:
    """The panels one below the other, rows `pitch` apart; those of many rows in two columns of about one height."""
    rows = sum(len(panel.workloads) for panel in panels)
    if rows <= _MANY:
        return [_stacked(panels, pitch)]
    half, left, right = -(-rows // 2), list[Panel](), list[Panel]()
    for panel in panels:
        before = sum(len(each.workloads) for each in left)
        room = half - before if not right else 0
        nearly = len(panel.workloads) - room <= 0.12 * rows and room > 0
        if len(panel.workloads) <= room or nearly:
            left.append(panel)
        elif room <= 0.12 * rows and before:
            right.append(panel)
        else:
            left.append(_part(panel, 0, room))
            right.append(_part(panel, room, len(panel.workloads)))
    return [_stacked(column, pitch) for column in (left, right)]


def magnitude_figure(
    panels: Sequence[Panel], face: Look, around: float, pitch: float = 1.0, beside: float = 0.0
) -> tuple[Look, Figure, list[tuple[Axes, list[Panel]]]]:
    """The look for so many rows, an empty figure, and a column of panels in each of its axes, scales and names drawn.

    The axes go from 0 to 1 across: a bar's length over its panel's limit. `around` is the height of all else, `beside`
    the room at the right of the longest bar, both in em. Rows are `pitch` apart, more where there are few.
    """
    rows = sum(len(panel.workloads) for panel in panels)
    face = face.dense() if rows > _MANY else face
    room = (face.size.height / face.em - around) / 1.45 - len(panels) * (_HEADING + _AXIS)
    columns = columns_of(panels, pitch if rows > _MANY else min(max(pitch, room / rows), 2 * pitch))
    height = max(column[-1].end + _AXIS for column in columns)
    names = max(len(plain(name)) for panel in panels for name in panel.workloads) * _CHARACTER
    width = face.size.width / face.em / len(columns) - names - 2
    with face.applied():
        figure = face.figure(face.rows_height(height, around=around))
        grid = list(figure.subplots(1, len(columns), squeeze=False)[0])
        for axes, column in zip(grid, columns, strict=True):
            axes.set_xlim(0, 1 / (1 - (_NUMBER + beside) / width))
            axes.set_ylim(height - 0.5, 0.1)
            axes.set_xticks([])
            for side in ("bottom", "left"):
                axes.spines[side].set_visible(False)
            axes.tick_params(axis="y", length=0)
            places = [place for panel in column for place in panel.places]
            axes.set_yticks(places, [plain(name) for panel in column for name in panel.workloads])
            for panel in column:
                _draw_scale(axes, panel, face, marks=6 if len(columns) == 1 else 4)
    return face, figure, list(zip(grid, columns, strict=True))


def draw_stack(
    axes: Axes, place: float, parts: pd.Series, face: Look, *, by: str, scale: float = 1.0, height: float = 0.7
) -> list[tuple[Rectangle, str]]:
    """One bar around `place`, its parts (index) over `scale` from left to right; gives the segments and their parts."""
    left, drawn = 0.0, []
    for part, value in parts.items():
        width = float(value) / scale
        if width <= 0:
            continue
        fill = colour(str(part), by=by)
        segment = Rectangle((left, place - height / 2), width, height, facecolor=fill, linewidth=0, zorder=2)
        axes.add_patch(segment)
        drawn.append((segment, str(part)))
        if left:  # a hair between two parts, which does not swallow a thin one
            edge: Any = {"color": face.palette.background, "linewidth": 0.035 * face.size.points, "zorder": 3}
            axes.vlines(left, place - height / 2, place + height / 2, **edge)
        left += width
    outline: Any = {"fill": False, "edgecolor": face.palette.quiet, "linewidth": 0.05 * face.size.points, "zorder": 4}
    axes.add_patch(Rectangle((0, place - height / 2), left, height, **outline))
    return drawn


def draw_cpp(axes: Axes, top: float, height: float, panel: Panel, face: Look) -> None:
    """What C++ takes, to scale, as a bar below the row; it has at least the width of a hair, to be seen at all."""
    shade = face.palette.languages["arduino"]
    bar = Rectangle((0, top), 1 / panel.limit, height, facecolor=shade, edgecolor=shade)
    bar.set(linewidth=0.05 * face.size.points, zorder=5)
    axes.add_patch(bar)


def draw_cpp_line(axes: Axes, panel: Panel, face: Look) -> None:
    """A line through all rows of a panel, at what C++ takes."""
    shade, place = face.palette.languages["arduino"], 1 / panel.limit
    axes.vlines(
        place, panel.start + _HEADING - 0.5, panel.end, color=shade, linewidth=0.1 * face.size.points, zorder=1.5
    )


def explain(axes: Axes, parts: Sequence[str], face: Look, *, by: str, cpp: str = "", finer: bool = False) -> None:
    """Bars without a length, for the legend; `cpp` is what the mark of C++ is called there."""
    for part in parts:
        axes.barh([0], [0], color=colour(part, by=by), label=label(part), linewidth=0)
    if cpp:
        axes.barh([0], [0], color=face.palette.languages["arduino"], label=cpp, linewidth=0)
    if finer:
        axes.barh([0], [0], color=face.palette.grid, label="as wide as the next panel", linewidth=0)


def finish(face: Look, figure: Figure, frame: pd.DataFrame, title: str, subtitle: str, legend: Axes) -> Figure:
    """`Look.finish`, with smaller text where the legend has many entries."""
    face = face.dense() if len(legend.get_legend_handles_labels()[1]) > _LONG_LEGEND else face
    with face.applied():
        return face.finish(figure, frame, title, subtitle, legend)


def write_in(axes: Axes, segments: Sequence[tuple[Rectangle, str]], face: Look, points: float | None = None) -> None:
    """Write a text into each segment that has room for it; to be called once the figure is laid out."""
    points = points or face.second
    dot = axes.figure.dpi / 72
    for segment, text in segments:
        box = segment.get_window_extent()
        if box.width < (len(text) * _CHARACTER + 0.5) * points * dot or box.height < 0.95 * points * dot:
            continue
        shade = ink(to_hex(segment.get_facecolor()))
        middle = (segment.get_x() + segment.get_width() / 2, segment.get_y() + segment.get_height() / 2)
        axes.text(*middle, text, ha="center", va="center", color=shade, fontsize=points, zorder=6)


def _part(panel: Panel, start: int, end: int) -> Panel:
    """Some rows of a panel, with its scale."""
    return replace(panel, workloads=panel.workloads[start:end], totals=panel.totals[start:end], continued=start > 0)


def _stacked(panels: Sequence[Panel], pitch: float) -> list[Panel]:
    """The panels with the heights at which they stand one below the other."""
    placed, start = list[Panel](), 0.0
    for panel in panels:
        placed.append(replace(panel, start=start, pitch=pitch))
        start = placed[-1].end + _AXIS
    return placed


def _draw_scale(axes: Axes, panel: Panel, face: Look, marks: int) -> None:
    """The panel's heading, its axis with marks, and how wide the next panel would be in it."""
    top, limit, width = panel.start + _HEADING - 0.5, panel.limit, 0.06 * face.size.points
    if panel.finer:
        band = Rectangle((0, top), panel.finer / limit, panel.end - top, facecolor=face.palette.grid, linewidth=0)
        axes.add_patch(band).set(alpha=0.45, zorder=0)
    axes.text(0, panel.start + 0.5, panel.heading, ha="left", va="center", weight="bold")
    axes.hlines(panel.end, 0, 1, color=face.palette.quiet, linewidth=width)
    for mark in MaxNLocator(marks, steps=[1, 2, 2.5, 5, 10]).tick_values(0, limit):
        if not 0 <= mark <= limit:
            continue
        axes.vlines(mark / limit, top, panel.end, color=face.palette.grid, linewidth=width, zorder=0.5)
        style: Any = {
            "ha": "center" if mark else "left",
            "va": "top",
            "fontsize": face.second,
            "color": face.palette.quiet,
        }
        axes.text(mark / limit, panel.end + 0.12, f"{mark:g}×" if mark else "0", **style)
