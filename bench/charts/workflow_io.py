"""How long the I/O programs are in both languages, as pairs of bars, and how much more their operations cost."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bench.charts.style import Look, look, plain, ratio_axis, sentence
from bench.errors import InputError
from bench.labels import LANGUAGE_NAMES, origin_text, ratio_text, share_text, unit_text

_LENGTHS = ("lines", "characters")
_MANY = 20  # devices from which on their text is smaller
_THICK = 0.36  # of a bar, in rows
_ROOM = 1.28  # of the longest bar, so that its figure stands inside the panel


def io_chart(frame: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """Lines and characters of each device's programs, and the ratio of what one operation costs.

    The frame is of `bench.workflow.io_costs.with_costs`. InputError where no device is in it in both languages.
    """
    rows, face = figures(frame), look(size, style)
    face = face.dense() if len(rows) > _MANY else face
    with face.applied():
        figure = face.figure(face.rows_height(2 * len(rows), around=12))
        panels = figure.subplots(1, 3, sharey=True)
        for axes, what in zip(panels, _LENGTHS, strict=False):
            _draw_lengths(axes, rows, what, face)
        _draw_ratios(panels[2], rows, frame, face)
        panels[0].set_yticks(range(len(rows)), [plain(name) for name in rows["device"]])
        panels[0].set_ylim(len(rows) - 0.4, -0.6)
        for axes in panels:
            axes.tick_params(axis="y", length=0)
        return face.finish(figure, frame, _title(rows), _subtitle(rows), panels[0])


def figures(frame: pd.DataFrame) -> pd.DataFrame:
    """A row a device that both languages have: device, lines_arduino, lines_micropython, characters_..., ratio.

    In the table's order. InputError where there is none.
    """
    ratios = frame.groupby("device", sort=False)["ratio"].first()
    wide = frame.pivot(index="device", columns="language", values=list(_LENGTHS)).reindex(ratios.index)
    wide.columns = pd.Index(["_".join(map(str, names)) for names in wide.columns.to_flat_index()])
    wanted = [f"{what}_{language}" for what in _LENGTHS for language in LANGUAGE_NAMES]
    rows = wide.reindex(columns=wanted).assign(ratio=ratios).dropna(subset=wanted)
    if rows.empty:
        raise InputError("the run has no device with programs in both languages: measure it with `bench workflow`")
    return rows.reset_index().astype(dict.fromkeys(wanted, int))


def caption(frame: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    return (
        "Lines and characters, without comments, of programs that do the same in both languages, and the "
        f"{unit_text(frame.attrs['run'])} of one operation in MicroPython as a multiple of those in C++, from the "
        f"workload of the group machine that repeats it. {sentence(_subtitle(figures(frame)))} "
        f"{sentence(origin_text(frame.attrs['run']))}"
    )


def alt_text(frame: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    parts = []
    for row in figures(frame).to_dict("records"):
        lengths = ", ".join(f"{row[f'{what}_arduino']} and {row[f'{what}_micropython']} {what}" for what in _LENGTHS)
        ratio = "" if math.isnan(row["ratio"]) else f", an operation {ratio_text(row['ratio'])}"
        parts.append(f"{row['device']}: {lengths}{ratio}")
    return f"Length of the I/O programs in Arduino C++ and MicroPython, and cost ratio: {'; '.join(parts)}."


def _title(rows: pd.DataFrame) -> str:
    mine, theirs = int(rows["lines_micropython"].sum()), int(rows["lines_arduino"].sum())
    return f"The same I/O: {mine} lines in MicroPython, {theirs} in Arduino C++"


def _subtitle(rows: pd.DataFrame) -> str:
    shares = [share_text(rows[f"{what}_micropython"].sum() / rows[f"{what}_arduino"].sum()) for what in _LENGTHS]
    devices = "one device" if len(rows) == 1 else f"{len(rows)} devices together"
    known = rows["ratio"].dropna()
    cost = ""
    if len(known):
        ends = dict.fromkeys((ratio_text(known.min()), ratio_text(known.max())))
        cost = f"; an operation costs {' to '.join(ends)} as much"
    return f"without comments, {devices}: {shares[0]} of C++'s lines, {shares[1]} of its characters{cost}"


def _draw_lengths(axes: Axes, rows: pd.DataFrame, what: str, face: Look) -> None:
    for shift, (language, name) in zip((-0.5, 0.5), LANGUAGE_NAMES.items(), strict=True):
        lengths = rows[f"{what}_{language}"]
        places = [place + shift * _THICK for place in range(len(rows))]
        axes.barh(places, lengths, _THICK, color=face.palette.languages[language], label=name)
        for place, length in zip(places, lengths, strict=True):
            _write(axes, str(length), length, place, face)
    longest = max(rows[f"{what}_{language}"].max() for language in LANGUAGE_NAMES)
    axes.set_xlim(0, _ROOM * longest)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True, prune="upper"))
    axes.set_xlabel(what)
    axes.grid(axis="x")


def _draw_ratios(axes: Axes, rows: pd.DataFrame, frame: pd.DataFrame, face: Look) -> None:
    known = rows["ratio"].dropna()
    low, high = (min(1.0, known.min()), max(2.0, known.max())) if len(known) else (1.0, 10.0)
    ratio_axis(axes, low / 1.15, high * 4, room=4)
    colour = face.palette.group("machine")
    for place, ratio in enumerate(rows["ratio"]):
        if math.isnan(ratio):
            _write(axes, "no figure", low, place, face, color=face.palette.quiet)
            continue
        axes.hlines(place, 1, ratio, color=colour, linewidth=0.15 * face.size.points)
        axes.plot([ratio], [place], "o", color=colour)
        _write(axes, ratio_text(ratio), ratio, place, face)
    axes.set_xlabel(f"operation, MicroPython / C++\n({unit_text(frame.attrs['run'])}, log scale)")


def _write(axes: Axes, text: str, x: float, y: float, face: Look, **style: Any) -> None:
    axes.annotate(
        text, (x, y), xytext=(0.6, 0), textcoords="offset fontsize", va="center", fontsize=face.second, **style
    )
