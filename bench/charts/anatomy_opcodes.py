"""The opcodes that matter: how often each was executed, what one execution costs, and how much of the whole that is."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bench.analysis import matched
from bench.catalogue import OVERHEAD_WORKLOAD
from bench.charts.anatomy_parts import COMPONENTS, COUNTED, run_of
from bench.charts.style import look, plain, sentence
from bench.errors import InputError
from bench.labels import origin_text, share_text
from bench.variants import HEADLINE_VARIANT

_SHOWN = 12
_FIGURE_ROOM = 1.32  # times the longest bar: room for the figure behind it
_OPERAND = r"( n| -?\d+|_N)$"
_TITLES = ("executed", "instructions each", "of all instructions")


def opcode_chart(
    opcodes: pd.DataFrame, workload: str | None = None, size: str = "slide", style: str = "light", shown: int = _SHOWN
) -> Figure:
    """The opcodes that take most of bytecode's instructions, over all workloads or in one.

    `opcodes` is the frame of `bench.anatomy.frames.Anatomy`, with run.json in its attrs. Three columns: the share of
    executed opcodes, instructions per execution (in the bytecode loop itself, and in what it calls), and the product:
    the share of all instructions. InputError where there are none of that workload.
    """
    rows, face = figures(opcodes, workload).head(shown), look(size, style)
    face = face if len(rows) <= _SHOWN else face.dense()
    with face.applied():
        figure = face.figure(face.rows_height(len(rows) + 1, around=13))
        panels = list(figure.subplots(1, 3, sharey=True))
        loop = COMPONENTS["bytecode_loop"][1]
        inside, called = rows["each_loop"], rows["each"] - rows["each_loop"]
        _draw(panels[0], rows["executed"], face.palette.quiet)
        _draw(panels[1], inside, loop, name="each, in the bytecode loop itself")
        _draw(panels[1], called, face.palette.groups["calls"], inside, name="each, in what it calls")
        _draw(panels[2], rows["share"], face.palette.quiet)
        words = [
            [*map(share_text, rows["executed"])],
            [f"{each:.0f}" if each >= 9.95 else f"{each:.1f}" for each in rows["each"]],
            [*map(share_text, rows["share"])],
        ]
        ends = (rows["executed"], rows["each"], rows["share"])
        for axes, texts, values, heading in zip(panels, words, ends, _TITLES, strict=True):
            _finish_axes(axes, texts, values, heading, percent=heading != _TITLES[1])
        panels[0].set_yticks(range(len(rows)), [plain(name) for name in rows["opcode"]])
        panels[0].set_ylim(len(rows) - 0.4, -0.6)
        return face.finish(figure, opcodes, _title(rows, workload), _subtitle(opcodes, workload), panels[1])


def figures(opcodes: pd.DataFrame, workload: str | None = None) -> pd.DataFrame:
    """A row an opcode of bytecode, its short forms together, the one with most instructions first.

    Columns: opcode; executed and share (of all opcodes' executions and instructions); each and each_loop (instructions
    per execution, and those of them in the bytecode loop itself). Each workload at its largest n; over all of them each
    counts as if it took as many instructions as any other, the idiomatic ones, whose few opcodes take thousands each,
    not at all. InputError where there are none.
    """
    rows = _bytecode(opcodes)
    known = [str(name) for name in rows["workload"].unique()]
    rows = rows[rows["workload"] == workload] if workload is not None else matched(rows)
    if rows.empty:
        whose = f"of the workload {workload!r}; known: {', '.join(known)}" if workload and known else "of bytecode"
        raise InputError(f"the anatomy has no opcodes {whose}")
    weight = rows.groupby("workload")["instructions"].transform("sum")
    columns = ["executions", "instructions", "loop_instructions"]
    sums = rows[columns].div(weight, axis=0).assign(opcode=rows["opcode"]).groupby("opcode", as_index=False).sum()
    sums = sums[sums["executions"] > 0]
    result = pd.DataFrame(
        {
            "opcode": sums["opcode"],
            "executed": sums["executions"] / sums["executions"].sum(),
            "each": sums["instructions"] / sums["executions"],
            "each_loop": sums["loop_instructions"] / sums["executions"],
            "share": sums["instructions"] / sums["instructions"].sum(),
        }
    )
    return result.sort_values(["share", "opcode"], ascending=[False, True], kind="stable").reset_index(drop=True)


def caption(opcodes: pd.DataFrame, workload: str | None = None) -> str:
    """One paragraph to stand below the chart."""
    return (
        f"{sentence(_subtitle(opcodes, workload))} An opcode's instructions go from its dispatch to the next one, "
        f"with all that it calls. {sentence(origin_text(run_of(opcodes)))}"
    )


def alt_text(opcodes: pd.DataFrame, workload: str | None = None) -> str:
    """The figures of the chart in words."""
    words = [
        f"{row['opcode']} {share_text(row['executed'])} of the executions, {row['each']:.1f} each, "
        f"{share_text(row['share'])} of all"
        for row in figures(opcodes, workload).head(_SHOWN).to_dict("records")
    ]
    return f"Opcodes of {workload or 'all workloads'} and their {COUNTED}: {'; '.join(words)}."


def without_operand(names: pd.Series) -> pd.Series:
    """Names of bytecodes, the short forms that hold their operand as one with the long form."""
    return names.str.replace(_OPERAND, "", regex=True)


def _bytecode(opcodes: pd.DataFrame) -> pd.DataFrame:
    """Bytecode's rows, each workload at its largest n: not of `empty`, nor of what was executed before any opcode.

    The short forms of an opcode, which hold its operand (LOAD_FAST 0, LOAD_FAST 1, LOAD_FAST_N), are one.
    """
    rows = opcodes[(opcodes["variant"] == HEADLINE_VARIANT["micropython"]) & (opcodes["workload"] != OVERHEAD_WORKLOAD)]
    rows = rows[~rows["opcode"].str.startswith("(")]
    rows = rows.assign(opcode=without_operand(rows["opcode"]))
    rows = rows[rows["n"] == rows.groupby("workload")["n"].transform("max")]
    groups = opcodes.attrs.get("run", {}).get("workloads", {})
    return rows.assign(group=[groups.get(name, {}).get("group", "other") for name in rows["workload"]])


def _draw(axes: Axes, values: pd.Series, shade: str, left: pd.Series | None = None, name: str = "") -> None:
    start = 0 if left is None else left.to_numpy()
    axes.barh(range(len(values)), values.to_numpy(), left=start, height=0.66, color=shade, label=name or None)


def _finish_axes(axes: Axes, texts: list[str], values: pd.Series, heading: str, *, percent: bool) -> None:
    """The figures behind the bars, and an axis from 0."""
    for place, (text, value) in enumerate(zip(texts, values, strict=True)):
        axes.annotate(text, (value, place), xytext=(0.4, 0), textcoords="offset fontsize", va="center")
    axes.set_xlim(0, _FIGURE_ROOM * values.max())
    axes.set_title(heading)
    axes.tick_params(axis="y", length=0)
    marks = [mark for mark in MaxNLocator(3, steps=[1, 2, 5, 10]).tick_values(0, values.max()) if mark <= values.max()]
    axes.set_xticks(marks, [f"{100 * mark:g} %" if percent and mark else f"{mark:g}" for mark in marks])


def _title(rows: pd.DataFrame, workload: str | None) -> str:
    top = rows.iloc[0]
    where = plain(workload) if workload else "bytecode"
    return f"{plain(top['opcode'])} takes {share_text(top['share'])} of the instructions of {where}"


def _subtitle(opcodes: pd.DataFrame, workload: str | None) -> str:
    rows = _bytecode(opcodes)
    if workload:
        n = int(rows.loc[rows["workload"] == workload, "n"].iloc[0])
        whose = f"{plain(workload)} (n = {n})"
    else:
        apart = "" if len(matched(rows)) == len(rows) else ", without the idiomatic ones"
        whose = f"{matched(rows)['workload'].nunique()} workloads, each of the same weight{apart}"
    return f"MicroPython's opcodes and their {COUNTED}; {whose}"
