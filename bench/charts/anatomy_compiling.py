"""What compiling each script costs on the board, by part of the compiler: one bar a workload, linear."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bench.anatomy.compiling import LABELS, wide
from bench.charts.rows import row_panels
from bench.charts.style import Look, look, plain, sentence
from bench.errors import InputError
from bench.labels import origin_text, share_text, ticks_text

_COLOURS = {
    "parser": "integer",
    "lexer": "control",
    "allocation": "calls",
    "qstr": "machine",
    "emitter": "float",
    "compiler": "data",
    "collection": "idiomatic",
    "call": "idiomatic",
}
_LEAST_SHARE = 0.001  # of all scripts together, for a part to be in the picture


def compiling_chart(
    frame: pd.DataFrame, size: str = "slide", style: str = "light", variant: str = "bytecode"
) -> Figure:
    """Instructions of compiling each script, stacked by part, the dearest first; the frame is of `measure_compiling`.

    InputError where it has nothing of this variant.
    """
    rows = figures(frame, variant)
    parts = _parts(rows)
    rows = rows.assign(group="", n=rows["lines"])
    face, figure, panels = row_panels(rows, look(size, style), around=13)
    longest = float(rows["instructions"].max())
    with face.applied():
        for axes, mine in panels:
            _draw(axes, mine, parts, face)
            axes.set_yticks(mine["place"], [plain(name) for name in mine["workload"]])
            axes.set_xlim(0, 1.2 * longest)
            axes.xaxis.set_major_locator(MaxNLocator(4 if len(panels) > 1 else 6, prune="upper"))
            axes.xaxis.set_major_formatter(lambda value, _: f"{value / 1e6:g}")
            axes.set_xlabel("million instructions, simulated")
            axes.grid(axis="x")
        title = f"Compiling on the board: {_range_text(rows)} instructions per source byte"
        return face.finish(figure, frame, title, _subtitle(rows, variant), panels[0][0])


def figures(frame: pd.DataFrame, variant: str = "bytecode") -> pd.DataFrame:
    """The rows of `bench.anatomy.compiling.wide` of a variant, the dearest first. InputError where there are none."""
    mine = frame[frame["variant"] == variant]
    if mine.empty:
        raise InputError(f"nothing was compiled with the variant {variant!r}: nothing to chart")
    return wide(mine).sort_values(["instructions", "workload"], ascending=[False, True], ignore_index=True)


def caption(frame: pd.DataFrame, variant: str = "bytecode") -> str:
    """One paragraph to stand below the chart."""
    return (
        "Instructions, simulated, of compile() for the script of each workload, on a freshly started board; a function "
        "counts for the part of the compiler that it works for. "
        f"{sentence(_subtitle(figures(frame, variant), variant))} {sentence(origin_text(frame.attrs['run']))}"
    )


def alt_text(frame: pd.DataFrame, variant: str = "bytecode") -> str:
    """The figures of the chart in words."""
    rows = figures(frame, variant)
    parts = _parts(rows)
    texts = [
        f"{row['workload']} {ticks_text(row['instructions'])} for {row['source_bytes']} bytes ("
        + ", ".join(f"{LABELS[part]} {share_text(row[part] / row['instructions'])}" for part in parts)
        + ")"
        for row in rows.to_dict("records")
    ]
    return f"Instructions of compiling each script to {variant}, simulated: {'; '.join(texts)}."


def _parts(rows: pd.DataFrame) -> list[str]:
    """The parts that can be seen, the largest of all scripts together first."""
    whole = rows["instructions"].sum()
    shares = {part: rows[part].sum() / whole for part in LABELS if part in rows}
    return sorted((part for part in shares if shares[part] >= _LEAST_SHARE), key=lambda part: -shares[part])


def _draw(axes: Axes, rows: pd.DataFrame, parts: list[str], face: Look) -> None:
    left = pd.Series(0.0, index=rows.index)
    edge: Any = {"edgecolor": face.palette.background, "linewidth": 0.04 * face.size.points}
    for part in parts:
        colour = face.palette.group(_COLOURS[part])
        axes.barh(rows["place"], rows[part], 0.72, left=left, color=colour, label=LABELS[part], **edge)
        left += rows[part]
    for row in rows.to_dict("records"):
        axes.annotate(
            f"{row['instructions_per_byte']:.0f}",
            (row["instructions"], row["place"]),
            xytext=(0.4, 0),
            textcoords="offset fontsize",
            va="center",
        )


def _range_text(rows: pd.DataFrame) -> str:
    low, high = round(rows["instructions_per_byte"].min()), round(rows["instructions_per_byte"].max())
    return str(low) if low == high else f"{low} to {high}"


def _subtitle(rows: pd.DataFrame, variant: str) -> str:
    whole = rows["instructions"].sum()
    shares = [f"{LABELS[part]} {share_text(rows[part].sum() / whole)}" for part in _parts(rows)]
    scripts = "1 script" if len(rows) == 1 else f"{len(rows)} scripts together"
    return f"to {variant}, {scripts}: {', '.join(shares)}; beside the bars: instructions per source byte"
