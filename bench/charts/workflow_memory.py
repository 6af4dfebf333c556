"""What an execution takes from MicroPython's heap, and what it needs to have: two marks a workload, log."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from bench.charts.rows import row_panels
from bench.charts.style import Look, look, plain, sentence
from bench.errors import InputError
from bench.labels import origin_text

_BYTES = (16, 64, 256, 1024, 4096, 16384, 65536, 262144)
_MARKS = {"needed": ("s", "micropython", "needs to have"), "taken": ("o", "arduino", "takes in all")}
_FIGURES = ("needed", "inputs", "allocated")
_SUBTITLE = (
    "taken: inputs, and what one execution takes while nothing is collected; needed: the least free heap, to 512 "
    "bytes, in which setup() and one execution come to their end; without a mark: more than the board has"
)


def memory_need_chart(frame: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """Heap bytes of each workload, the neediest first; the frame is the part `memory` of a run's workflow."""
    rows = figures(frame)
    face, figure, panels = row_panels(rows.assign(group=""), look(size, style), around=13)
    low, high = _reach(rows)
    with face.applied():
        for axes, mine in panels:
            _draw(axes, mine, face)
            axes.set_xscale("log")
            axes.set_xlim(low, high)
            marks = [mark for mark in _BYTES if low <= mark <= high]
            axes.set_xticks(marks, [f"{mark}" if mark < 1024 else f"{mark // 1024} Ki" for mark in marks])
            axes.xaxis.set_minor_locator(NullLocator())
            axes.set_yticks(mine["place"], [plain(name) for name in mine["workload"]])
            axes.set_xlabel("bytes of heap (log scale)")
            axes.grid(axis="x")
        return face.finish(figure, frame, _title(rows), _SUBTITLE, panels[0][0])


def figures(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows: workload, n, needed, taken (bytes, NaN: unknown). InputError where there are none."""
    mine = frame[(frame["language"] == "micropython") & frame["figure"].isin(_FIGURES)]
    if mine.empty:
        raise InputError("the run has no figures on the heap that workloads need: nothing to chart")
    wide = mine.pivot(index=["workload", "n"], columns="figure", values="bytes").reset_index()
    for figure in _FIGURES:
        wide[figure] = wide[figure].astype("float64") if figure in wide else float("nan")
    wide["taken"] = wide["inputs"] + wide["allocated"]
    wide = wide[(wide[list(_MARKS)] > 0).any(axis=1)]
    if wide.empty:
        raise InputError("no workload of the run takes heap memory: nothing to chart")
    rows = wide.sort_values(["needed", "workload"], ascending=[False, True], ignore_index=True)
    return rows[["workload", "n", *_MARKS]].astype({"n": "int64"})


def caption(frame: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    return f"MicroPython's heap, {_SUBTITLE}. {sentence(origin_text(frame.attrs['run']))}"


def alt_text(frame: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    texts = [
        f"{row['workload']} (n = {row['n']}) needs {_words(row['needed'])}, takes {_words(row['taken'])}"
        for row in figures(frame).to_dict("records")
    ]
    return f"Bytes of heap that workloads need to have and take in all: {'; '.join(texts)}."


def _words(value: float) -> str:
    return "unknown" if pd.isna(value) else f"{value:.0f}"


def _title(rows: pd.DataFrame) -> str:
    both = rows.dropna(subset=list(_MARKS))
    more = int((both["taken"] > 2 * both["needed"]).sum())
    return f"Heap: {more} of {len(both)} workloads take more than twice what they need to have"


def _reach(rows: pd.DataFrame) -> tuple[float, float]:
    values = rows[list(_MARKS)].to_numpy(dtype=float)
    values = values[values > 0]
    return float(values.min()) / 2, float(values.max()) * 2


def _draw(axes: Axes, rows: pd.DataFrame, face: Look) -> None:
    both = rows[(rows[list(_MARKS)] > 0).all(axis=1)]
    axes.hlines(
        both["place"], both["needed"], both["taken"], color=face.palette.quiet, linewidth=0.1 * face.size.points
    )
    for figure, (marker, colour, label) in _MARKS.items():
        mine = rows[rows[figure] > 0]
        axes.plot(mine[figure], mine["place"], linestyle="none", marker=marker, color=face.palette.languages[colour],
                  label=label)  # fmt: skip
