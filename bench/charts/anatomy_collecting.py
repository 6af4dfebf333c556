"""What one garbage collection costs against the number of live objects: a panel a shape, a line a size of heap."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bench.anatomy.collecting import Fit, fits, marked_again
from bench.charts.style import Look, look, sentence
from bench.errors import InputError
from bench.labels import origin_text, ticks_text

_TITLES = {"ints": "a list of small ints", "nodes": "linked instances", "floats": "a list of floats",
           "tuples": "a list of tuples"}  # fmt: skip
_COLOURS = ("idiomatic", "integer", "control", "float", "machine", "data")
_MARKERS = "osD^vP"


def collecting_chart(frame: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """Instructions of one collection against live objects, linear; the frame is of `measure_collecting`.

    Hollow marks: the collector ran out of stack and marked some objects again. InputError where no shape was measured
    with several numbers of objects.
    """
    rows, face = figures(frame), look(size, style)
    shapes = list(rows["shape"].unique())
    columns = 1 if len(shapes) == 1 else 2
    lines = -(-len(shapes) // columns)
    with face.applied():
        figure = face.figure((13 * lines + 10) * face.em)
        grid = figure.subplots(lines, columns, squeeze=False, sharex=True, sharey=True)
        for place, (axes, shape) in enumerate(zip(grid.flat, shapes, strict=False)):
            _draw(axes, rows[rows["shape"] == shape], sorted(rows["filled_bytes"].unique()), face)
            axes.set_title(_TITLES.get(shape, shape))
            if place % columns == 0:
                axes.set_ylabel("thousand instructions")
            if place + columns >= len(shapes):
                axes.set_xlabel("live objects")
                axes.tick_params(labelbottom=True)
        for axes in list(grid.flat)[len(shapes) :]:
            axes.set_visible(False)
        most = rows["live_objects"].max()
        grid.flat[0].set_xlim(-0.03 * most, 1.03 * most)
        grid.flat[0].set_xticks([mark for mark in MaxNLocator(5).tick_values(0, most) if 0 <= mark <= most])
        grid.flat[0].set_ylim(0, 1.06 * rows["instructions"].max() / 1000)
        return face.finish(figure, frame, _title(frame), _subtitle(frame, rows), grid.flat[0])


def figures(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of `bench.anatomy.collecting.marked_again` that make a line. InputError where none do."""
    rows = marked_again(frame)
    several = rows.groupby(["shape", "filled_bytes"])["live_objects"].transform("nunique") > 1
    if not several.any():
        raise InputError("no shape was collected with several numbers of live objects: nothing to chart")
    return (
        rows[several]
        .sort_values("live_objects", kind="stable")
        .sort_values(
            "shape", key=lambda names: names.map({name: place for place, name in enumerate(_TITLES)}), kind="stable"
        )
    )


def caption(frame: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    return (
        "Instructions, simulated, of one gc.collect() that finds no garbage, against the number of live objects, in a "
        "heap that was once in use up to so many KB. "
        f"{sentence(_subtitle(frame, figures(frame)))} {sentence(origin_text(frame.attrs['run']))}"
    )


def alt_text(frame: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    parts = []
    for (shape, filled), rows in figures(frame).groupby(["shape", "filled_bytes"], sort=False):
        first, last = rows.iloc[0], rows.iloc[-1]
        parts.append(
            f"{_TITLES.get(str(shape), shape)}, {_fill_text(int(str(filled)))}: {ticks_text(first['instructions'])} "
            f"with {first['live_objects']} objects, {ticks_text(last['instructions'])} with {last['live_objects']}"
        )
    return f"Instructions of one garbage collection, simulated: {'; '.join(parts)}."


def _draw(axes: Axes, rows: pd.DataFrame, fillings: list[int], face: Look) -> None:
    for place, filled in enumerate(fillings):
        mine = rows[rows["filled_bytes"] == filled]
        colour, marker = face.palette.group(_COLOURS[place % len(_COLOURS)]), _MARKERS[place % len(_MARKERS)]
        counts = mine["instructions"] / 1000
        axes.plot(mine["live_objects"], counts, color=colour, marker=marker, label=_fill_text(filled))
        again = mine["marks_again"]
        axes.plot(
            mine.loc[again, "live_objects"],
            counts[again],
            linestyle="none",
            color=colour,
            marker=marker,
            markerfacecolor=face.palette.background,
        )
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.grid()


def _fill_text(filled: int) -> str:
    return f"used up to {filled / 1024:g} KB" if filled else "only what is alive"


def _once(frame: pd.DataFrame) -> list[Fit]:
    return [fit for fit in fits(frame) if not fit.marks_again and fit.shape != "all"]


def _title(frame: pd.DataFrame) -> str:
    once = _once(frame)
    if not once:
        return "What one garbage collection costs"
    return f"A garbage collection: {_between([f.per_walked_kb for f in once])} instructions per KB walked"


def _subtitle(frame: pd.DataFrame, rows: pd.DataFrame) -> str:
    """What the fitted planes say."""
    once, parts = _once(frame), []
    if once:
        costs = ", ".join(f"{fit.per_live_block:.0f} ({fit.shape})" for fit in once)
        parts.append(f"heap once used so far, sparsely since; besides, per 16 bytes alive: {costs}")
    if rows["marks_again"].any():
        parts.append("hollow: the collector ran out of stack, searched the whole heap and marked again")
    return "; ".join(parts) or "one gc.collect() that finds no garbage"


def _between(values: list[float]) -> str:
    low, high = round(min(values), -1), round(max(values), -1)
    return f"{low:.0f}" if low == high else f"{low:.0f} to {high:.0f}"
