"""Names beside marks and lines, moved apart so that none lies over another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from matplotlib.axes import Axes
from matplotlib.path import Path
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from bench.charts.style import Look

LINE = 1.25  # height of a line of names, in em
_DIRECTIONS = (
    (1, 0),
    (-1, 0),
    (1, 0.5),
    (1, -0.5),
    (-1, 0.5),
    (-1, -0.5),
    (1, 1),
    (1, -1),
    (-1, 1),
    (-1, -1),
    (0, 1),
    (0, -1),
)
_DISTANCES = (0.5, 0.9, 1.4, 2.0, 2.8, 3.8, 5.0, 6.5, 8.0, 10.0, 13.0)  # em from the mark to its name


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Places as near as can be (least squares) to those wanted, in their order, `apart` or more, from `low` to `high`.

    Where there is no room for that, from `low` on.
    """
    order = np.argsort(wanted, kind="stable")
    blocks: list[tuple[float, int]] = []  # mean and number of places that stand together
    for rank, place in enumerate(order):
        mean, count = wanted[place] - rank * apart, 1
        while blocks and blocks[-1][0] > mean:
            before, number = blocks.pop()
            mean, count = (before * number + mean * count) / (number + count), number + count
        blocks.append((mean, count))
    last = max(low, high - (len(wanted) - 1) * apart)
    level = [min(max(mean, low), last) for mean, count in blocks for _ in range(count)]
    places = [0.0] * len(wanted)
    for rank, place in enumerate(order):
        places[place] = level[rank] + rank * apart
    return places


def name_beside(
    axes: Axes, names: Sequence[str], marks: Sequence[tuple[float, float]], colours: Sequence[str], at: float = 1.03
) -> list[Annotation]:
    """A column of names that begins `at` this share of the axes' width, with lines to the marks.

    `spread_beside` moves them apart once the figure is laid out.
    """
    line = {"arrowstyle": "-", "linewidth": 0.6, "shrinkA": 1, "shrinkB": 1, "alpha": 0.6, "relpos": (0, 0.5)}
    return [
        axes.annotate(
            name,
            mark,
            xytext=(at, 0.5),
            textcoords="axes fraction",
            ha="left",
            va="center",
            color=colour,
            annotation_clip=False,
            arrowprops={**line, "color": colour},
        )
        for name, mark, colour in zip(names, marks, colours, strict=True)
    ]


def spread_beside(axes: Axes, column: Sequence[Annotation], face: Look) -> None:
    """Put each name of a column as near to the height of its mark as the others let it."""
    if not column:
        return
    box = axes.get_window_extent()
    apart = LINE * face.em * axes.figure.dpi / box.height
    wanted = [float(axes.transAxes.inverted().transform(axes.transData.transform(each.xy))[1]) for each in column]
    for each, place in zip(column, spread(wanted, apart, apart / 2, 1 - apart / 2), strict=True):
        each.set_position((each.get_position()[0], place))


def name_around(
    axes: Axes, names: Sequence[str], marks: Sequence[tuple[float, float]], colours: Sequence[str], face: Look
) -> None:
    """Write each name near its mark, where nothing else is; to be called once the figure is laid out.

    A name for which there is no room is left out.
    """
    em = face.em * axes.figure.dpi
    centres = axes.transData.transform(np.array(marks, dtype=float).reshape(-1, 2))
    dots = [Bbox.from_bounds(x - em / 3, y - em / 3, em / 1.5, em / 1.5) for x, y in centres]
    room, written, lines = axes.get_window_extent(), list[Bbox](), list[Path]()
    for name, centre, mark, colour in zip(names, centres, marks, colours, strict=True):
        for box in _around(centre, _extent(axes, name, face), em):
            line = Path([centre, (min(max(centre[0], box.x0), box.x1), (box.y0 + box.y1) / 2)])
            inside = room.x0 <= box.x0 and box.x1 <= room.x1 and room.y0 <= box.y0 and box.y1 <= room.y1
            if not inside or any(box.padded(1).overlaps(other) for other in (*dots, *written)):
                continue
            if any(line.intersects_bbox(other, filled=False) for other in written) or any(
                other.intersects_bbox(box, filled=False) for other in lines
            ):
                continue
            written.append(box)
            lines.append(line)
            _write_near(axes, name, mark, box, colour, led=bool(np.ptp(line.vertices, axis=0).max() > 0.65 * em))
            break


def _write_near(axes: Axes, name: str, mark: tuple[float, float], box: Bbox, colour: str, *, led: bool) -> None:
    """Write a name into a box (pixels), with a line to its mark where that is farther off."""
    x, y = axes.transAxes.inverted().transform((box.x0, (box.y0 + box.y1) / 2))
    axes.annotate(
        name,
        mark,
        xytext=(float(x), float(y)),
        textcoords="axes fraction",
        ha="left",
        va="center",
        color=colour,
        arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkB": 2, "alpha": 0.6} if led else None,
    )


def _extent(axes: Axes, name: str, face: Look) -> tuple[float, float]:
    """Width and height of a name in pixels."""
    box = Text(0, 0, name, fontsize=face.size.points, figure=axes.figure).get_window_extent()
    return box.width, max(box.height, face.em * axes.figure.dpi)


def _around(centre: Sequence[float], extent: tuple[float, float], em: float) -> Iterator[Bbox]:
    """Where a name could stand, the nearest places first."""
    (x, y), (width, height) = centre, extent
    for distance, (right, up) in product(_DISTANCES, _DIRECTIONS):
        left = x + right * distance * em - (0 if right > 0 else width if right < 0 else width / 2)
        yield Bbox.from_bounds(left, y + up * distance * em - height / 2, width, height)
