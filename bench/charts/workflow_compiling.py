"""Compiling each script on the board against loading its .mpy file: two marks a workload, logarithmic."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from bench.charts.rows import row_panels
from bench.charts.style import Look, log_marks, look, plain, sentence
from bench.errors import InputError
from bench.labels import origin_text, ratio_text, ticks_text, unit_text

_VARIANT = "bytecode"
_COLOURS = {"compile": "float", "load": "control"}
_MARKERS = {"compile": "s", "load": "o"}
_LABELS = {"compile": "compiling the script", "load": "loading its .mpy file"}


def loading_chart(frame: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """The board's ticks for compiling and for loading, the dearest to compile first; the frame is the part `compiling`.

    InputError where the board has told neither of any script.
    """
    rows = figures(frame)
    face, figure, panels = row_panels(rows.assign(group="", n=rows["lines"]), look(size, style), around=13)
    low, high = 0.8 * rows["load_ticks"].min(), 2.6 * rows["compile_ticks"].max()
    with face.applied():
        for axes, mine in panels:
            axes.set_xscale("log")
            axes.set_xlim(low, high)
            _draw(axes, mine, face)
            axes.set_yticks(mine["place"], [plain(name) for name in mine["workload"]])
            marks = log_marks(low, high, 4 if len(panels) > 1 else 7)
            axes.set_xticks(marks, [_mark_text(mark) for mark in marks])
            axes.xaxis.set_minor_locator(NullLocator())
            axes.set_xlabel(unit_text(frame.attrs["run"]))
            axes.grid(axis="x")
        title = f"Compiling on the board costs {_range_text(rows)} loading a .mpy"
        return face.finish(figure, frame, title, _subtitle(rows), panels[0][0])


def figures(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of MicroPython's bytecode that have both figures, with their `ratio`. InputError where there are none."""
    mine = frame[(frame["language"] == "micropython") & (frame["variant"] == _VARIANT)]
    mine = mine.dropna(subset=["compile_ticks", "load_ticks"])
    mine = mine[(mine["compile_ticks"] > 0) & (mine["load_ticks"] > 0)]
    if mine.empty:
        raise InputError("no script with figures of compiling and of loading: nothing to chart")
    mine = mine.astype({"compile_ticks": "float64", "load_ticks": "float64"})
    mine = mine.assign(ratio=mine["compile_ticks"] / mine["load_ticks"])
    return mine.sort_values(["compile_ticks", "workload"], ascending=[False, True], ignore_index=True)


def caption(frame: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    rows = figures(frame)
    unit = sentence(unit_text(frame.attrs["run"]))[:-1]
    return (
        f"{unit} of compile() for the script of each workload on a freshly started "
        "board, and of loading the .mpy file that mpy-cross makes of it on the computer. Neither executes the script. "
        f"{sentence(_subtitle(rows))} {sentence(origin_text(frame.attrs['run']))}"
    )


def alt_text(frame: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    texts = [
        f"{row['workload']} {ticks_text(row['compile_ticks'])} against {ticks_text(row['load_ticks'])} "
        f"({ratio_text(row['ratio'])})"
        for row in figures(frame).to_dict("records")
    ]
    unit = unit_text(frame.attrs["run"])
    return f"{sentence(unit)[:-1]} of compiling each script against loading its .mpy file: {'; '.join(texts)}."


def _draw(axes: Axes, rows: pd.DataFrame, face: Look) -> None:
    axes.hlines(rows["place"], rows["load_ticks"], rows["compile_ticks"], color=face.palette.grid, zorder=1)
    for what in _LABELS:
        colour = face.palette.group(_COLOURS[what])
        axes.plot(rows[f"{what}_ticks"], rows["place"], _MARKERS[what], color=colour, label=_LABELS[what], zorder=2)
    for row in rows.to_dict("records"):
        axes.annotate(
            ratio_text(row["ratio"]),
            (row["compile_ticks"], row["place"]),
            xytext=(0.7, 0),
            textcoords="offset fontsize",
            va="center",
        )


def _mark_text(mark: float) -> str:
    return f"{mark / 1e6:g} M" if mark >= 1e6 else f"{mark / 1e3:g} k" if mark >= 1e3 else f"{mark:g}"


def _range_text(rows: pd.DataFrame) -> str:
    low, high = ratio_text(rows["ratio"].min()), ratio_text(rows["ratio"].max())
    return low if low == high else f"{low} to {high}"


def _subtitle(rows: pd.DataFrame) -> str:
    scripts = "1 script" if len(rows) == 1 else f"{len(rows)} scripts"
    needs = rows.dropna(subset=["compile_needs_bytes", "load_needs_bytes"])
    heap = ""
    if len(needs):
        most = needs.astype({"compile_needs_bytes": "float64"}).nlargest(1, "compile_needs_bytes").iloc[0]
        heap = (
            f"; most free heap is needed by {plain(most['workload'])}: {most['compile_needs_bytes'] / 1024:.1f} KB to "
            f"compile, {float(most['load_needs_bytes']) / 1024:.1f} KB to load"
        )
    return f"{scripts} as {_VARIANT}; beside the marks: compiling / loading{heap}"
