"""Memory against speed: the heap that one execution of MicroPython takes, and the overhead ratio."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.ticker import NullLocator

from bench.analysis import geometric_mean, matched, overhead_ratios
from bench.catalogue import IDIOMATIC
from bench.charts.names import LINE, name_around, name_beside, spread_beside
from bench.charts.rows import in_order
from bench.charts.style import Look, look, plain, ratio_axis, sentence
from bench.charts.variants import headline_only
from bench.errors import InputError
from bench.frames import load_memory
from bench.labels import origin_text, ratio_text, unit_text
from bench.variants import HEADLINE_VARIANT

_FEW = 12  # workloads up to which the text keeps its size
_NAME_AT = 5.0  # em from a mark to its name, in a column
_BESIDE = 9.0  # em beside and between the panels
_TITLES = {"none": "nothing", "some": "bytes", "beyond": "too much"}
_BYTES = (16, 64, 256, 1024, 4096, 16384, 65536, 262144)


def memory_chart(frame: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """Overhead ratio against heap bytes that one execution of MicroPython takes while nothing is collected, log-log.

    A point a workload, at its largest n at which the bytes are known. What takes none stands at the left, what takes
    more than the board has at every n at the right. InputError where the run has no such figures.
    """
    rows, face = figures(frame), look(size, style)
    face = face if len(rows) <= _FEW else face.dense()
    parts = {kind: rows[rows["kind"] == kind].sort_values("ratio") for kind in _TITLES if (rows["kind"] == kind).any()}
    lines = max(len(part) / (3 if kind == "some" else 1) for kind, part in parts.items())
    with face.applied():
        figure = face.figure((LINE * (lines + 1) + 14) * face.em)
        panels = _panels(figure, parts, face)
        columns = []
        for kind, axes in panels.items():
            _draw_points(axes, parts[kind], face)
            axes.set_title(_TITLES[kind])
            if kind == "some":
                _byte_axis(axes, parts[kind]["allocated"])
            else:
                columns.append((axes, _name_column(axes, parts[kind], face)))
        first = next(iter(panels.values()))
        low, high = rows["ratio"].min(), rows["ratio"].max()
        room = max(1.3, (high / low) ** 0.06)
        ratio_axis(first, low / room, high * room, which="y")
        first.set_ylabel("overhead ratio (log scale)")
        _explain_groups(first, rows, face)
        face.finish(figure, frame, _title(rows), _subtitle(rows), first)
        for axes, column in columns:
            spread_beside(axes, column, face)
        if "some" in panels:
            _name_points(panels["some"], parts["some"], face)
        return figure


def figures(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a workload: group, workload, n, ratio, allocated (bytes), kind.

    kind is `none` (no byte is taken), `some`, or `beyond`: more than the board has at every n, allocated is NaN. n is
    the largest at which the bytes are known, or, beyond, the largest. InputError where the run has no such figures.
    """
    memory = load_memory(frame)
    mine = (memory["language"] == "micropython") & (memory["variant"] == HEADLINE_VARIANT["micropython"])
    memory = memory.loc[mine, ["workload", "n", "allocated"]]
    ratios = overhead_ratios(headline_only(frame)).dropna(subset="ratio")[["group", "workload", "n", "ratio"]]
    rows = ratios.merge(memory, on=["workload", "n"])
    if rows["allocated"].isna().all():
        raise InputError("the run has no figures on the heap that workloads take: measure it again")
    rows["allocated"] = rows["allocated"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    known = rows["allocated"].notna()
    rows = rows[known | ~known.groupby(rows["workload"]).transform("any")]
    rows = rows.loc[rows.groupby("workload", sort=False)["n"].idxmax()].reset_index(drop=True)
    kind = np.select([rows["allocated"].isna(), rows["allocated"] == 0], ["beyond", "none"], "some")
    return rows.assign(kind=kind)[["group", "workload", "n", "ratio", "allocated", "kind"]]


def caption(frame: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    run, rows = frame.attrs["run"], figures(frame)
    return (
        f"Overhead ratio (MicroPython / Arduino C++, {unit_text(run)}) against the heap that one execution of "
        f"MicroPython takes while nothing is collected. {sentence(_subtitle(rows))} {sentence(origin_text(run))}"
    )


def alt_text(frame: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    parts = [
        f"{row['workload']} (n = {row['n']}) {_bytes_text(row)}, {ratio_text(row['ratio'])}"
        for row in figures(frame).to_dict("records")
    ]
    return f"Heap bytes that one execution takes, and overhead ratio: {'; '.join(parts)}."


def _bytes_text(row: dict[Any, Any]) -> str:
    if row["kind"] == "beyond":
        return "more than the board has"
    return f"{row['allocated']:,.0f} bytes".replace(",", " ") if row["kind"] == "some" else "nothing"


def _title(rows: pd.DataFrame) -> str:
    taking = int((rows["kind"] != "none").sum())
    return f"Memory against speed: {taking} of {len(rows)} workloads take heap memory"


def _subtitle(rows: pd.DataFrame) -> str:
    """The mean ratio of matched workloads that take no memory, and of those that do."""
    means = {
        words: geometric_mean(matched(rows).loc[(matched(rows)["kind"] == "none") == nothing, "ratio"])
        for words, nothing in (("without it", True), ("with it", False))
    }
    texts = [f"{ratio_text(mean.value)} {words} ({mean.count})" for words, mean in means.items() if mean.count]
    hollow = "; hollow: idiomatic, in no mean" if (rows["group"] == IDIOMATIC).any() and len(matched(rows)) else ""
    beyond = "; too much: more than the board has, at every n" if (rows["kind"] == "beyond").any() else ""
    return (
        f"heap that one execution of MicroPython takes, at the largest n where it is known; geometric mean "
        f"{', '.join(texts)}{beyond}{hollow}"
    )


def _panels(figure: Figure, parts: dict[str, pd.DataFrame], face: Look) -> dict[str, Axes]:
    """Axes for each kind, those without an axis of bytes as narrow as their names allow."""
    widths = [
        1.0 if kind == "some" else (_NAME_AT + 0.62 * part["workload"].map(plain).str.len().max()) * face.em
        for kind, part in parts.items()
    ]
    if "some" in parts:
        rest = sum(widths) - 1 + (_BESIDE * face.em)
        widths[list(parts).index("some")] = max(0.3 * face.size.width, face.size.width - rest)
    ratios = {"width_ratios": widths}
    panels = figure.subplots(1, len(parts), sharey=True, squeeze=False, gridspec_kw=ratios)[0]
    for axes in panels:
        axes.grid(axis="y")
    for axes in panels[1:]:
        axes.tick_params(axis="y", length=0)
    return dict(zip(parts, panels, strict=True))


def _draw_points(axes: Axes, rows: pd.DataFrame, face: Look) -> None:
    """A mark a workload; where there is no axis of bytes, one above the other."""
    for group, mine in rows.groupby("group", sort=False):
        places = mine["allocated"].where(mine["kind"] == "some", 0.0)
        axes.plot(places, mine["ratio"], **_mark(str(group), face))


def _explain_groups(axes: Axes, rows: pd.DataFrame, face: Look) -> None:
    """Marks without a place, for the legend."""
    for group in in_order(rows["group"].unique()):
        axes.plot([], [], label=plain(group), **_mark(group, face))


def _mark(group: str, face: Look) -> dict[str, Any]:
    colour = face.palette.group(group)
    inside = face.palette.background if group == IDIOMATIC else colour
    size = 0.5 * face.size.points
    return {"marker": "o", "linestyle": "none", "color": colour, "markerfacecolor": inside, "markersize": size}


def _byte_axis(axes: Axes, sizes: pd.Series) -> None:
    low, high = sizes.min() / 3, sizes.max() * 8  # room for names
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    marks = [mark for mark in _BYTES if low <= mark <= high]
    axes.set_xticks(marks, [f"{mark}" if mark < 1024 else f"{mark // 1024} Ki" for mark in marks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("heap bytes taken by one execution (log scale)")


def _name_column(axes: Axes, rows: pd.DataFrame, face: Look) -> list[Annotation]:
    """The marks at the left of the axes, their names in a column at the right."""
    width = (_NAME_AT + 0.62 * rows["workload"].map(plain).str.len().max()) / _NAME_AT
    axes.set_xlim(-0.3, width)
    axes.set_xticks([])
    marks = [(0.0, float(ratio)) for ratio in rows["ratio"]]
    names, colours = [*map(plain, rows["workload"])], [*map(face.palette.group, rows["group"])]
    return name_beside(axes, names, marks, colours, at=1.15 / (width + 0.3))


def _name_points(axes: Axes, rows: pd.DataFrame, face: Look) -> None:
    rows = rows.sort_values("ratio", ascending=False)
    marks = list(zip(rows["allocated"].astype(float), rows["ratio"].astype(float), strict=True))
    name_around(axes, [*map(plain, rows["workload"])], marks, [*map(face.palette.group, rows["group"])], face)
