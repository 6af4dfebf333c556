"""The anatomy of the overhead: a bar a workload, from C++'s instructions to MicroPython's, split by cause.

The ratios go from 6 to 660. A stack on a logarithmic axis would lie: there the same cause gets longer the nearer it
stands to the left. So workloads of like magnitude share a panel with a linear scale of its own, and a grey band shows
in each panel how wide the next one is.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from bench.charts.anatomy_bars import draw_cpp, draw_stack, explain, finish, magnitude_figure, magnitudes, write_in
from bench.charts.anatomy_parts import COUNTED, CPP, compared, kind_of, run_of, shares_in_words, table_of, without_small
from bench.charts.style import look, plain, sentence
from bench.labels import origin_text, ratio_text


def anatomy_chart(parts: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """A stacked bar a workload: MicroPython's instructions in multiples of C++'s, by cause (or component).

    `parts` is what `bench.anatomy.frames.parts` gives, with run.json in its attrs; each workload at its largest n.
    InputError where no workload has bytecode and C++.
    """
    by, rows = kind_of(parts), figures(parts)
    table = table_of(rows, "times_cpp", by=by).droplevel("variant")
    panels = magnitudes(rows.drop_duplicates("workload").set_index("workload")["total"])
    face, figure, columns = magnitude_figure(panels, look(size, style), around=12)
    with face.applied():
        segments = []
        for axes, column in columns:
            for panel in column:
                for name, total, place in zip(panel.workloads, panel.totals, panel.places, strict=True):
                    stack: pd.Series = table.loc[name]  # type: ignore[assignment]
                    high = 0.7 * panel.pitch
                    middle = place - 0.07 * panel.pitch
                    drawn = draw_stack(axes, middle, stack, face, by=by, scale=panel.limit, height=high)
                    segments += [(axes, segment, ratio_text(stack[part])) for segment, part in drawn]
                    draw_cpp(axes, middle + high / 2, 0.13 * panel.pitch, panel, face)
                    behind: Any = {"textcoords": "offset fontsize", "va": "center", "weight": "bold"}
                    axes.annotate(ratio_text(total), (max(total, stack.sum()) / panel.limit, place), (0.4, 0), **behind)
        first = columns[0][0]
        explain(first, list(table.columns), face, by=by, cpp="thin bar: C++ -Os, 1×", finer=len(panels) > 1)
        finish(face, figure, rows, _title(rows), _subtitle(len(panels), by), first)
        for axes, segment, text in segments:
            write_in(axes, [(segment, text)], face)
        return figure


def figures(parts: pd.DataFrame) -> pd.DataFrame:
    """A row a workload and part, the largest ratio first: see `bench.charts.anatomy_parts.compared`."""
    rows = without_small(compared(parts))
    rows = rows.sort_values(["total", "workload"], ascending=[False, True], kind="stable").reset_index(drop=True)
    rows.attrs = dict(parts.attrs)
    return rows


def caption(parts: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    rows = figures(parts)
    panels = magnitudes(rows.drop_duplicates("workload").set_index("workload")["total"])
    return (
        f"MicroPython's {COUNTED}, in multiples of those of {CPP}, split by {kind_of(parts)}; each workload at its "
        f"largest n, the cost of measuring subtracted. {sentence(_subtitle(len(panels), kind_of(parts)))} "
        f"{sentence(origin_text(run_of(parts)))}"
    )


def alt_text(parts: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    words = [
        f"{name} (n = {mine['n'].iloc[0]}) {ratio_text(mine['total'].iloc[0])}: {shares_in_words(mine)}"
        for name, mine in figures(parts).groupby("workload", sort=False)
    ]
    return f"MicroPython's {COUNTED}, in multiples of C++'s, and what they are for: {'; '.join(words)}."


def _title(rows: pd.DataFrame) -> str:
    first, last = rows.iloc[0], rows.iloc[-1]
    if first["workload"] == last["workload"]:
        return f"Where the {ratio_text(first['total'])} of {plain(first['workload'])} come from"
    return (
        f"From {ratio_text(last['total'])} ({plain(last['workload'])}) to {ratio_text(first['total'])} "
        f"({plain(first['workload'])}): where the instructions go"
    )


def _subtitle(panels: int, by: str) -> str:
    scales = (
        "; each panel has a linear scale of its own, its left part (grey) is what the next one magnifies"
        if panels > 1
        else ""
    )
    return f"MicroPython's {COUNTED}, in multiples of those of {CPP}, by {by}{scales}"
