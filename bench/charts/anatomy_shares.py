"""What MicroPython's instructions are for: a bar a workload, 100 % long, by cause or by component."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.analysis import matched
from bench.charts.anatomy_bars import draw_stack, explain, finish, write_in
from bench.charts.anatomy_parts import (
    COUNTED,
    compared,
    kind_of,
    label,
    run_of,
    shares_in_words,
    table_of,
    without_small,
)
from bench.charts.rows import in_order, name_groups, row_panels
from bench.charts.style import Look, look, sentence
from bench.labels import origin_text, ratio_text, share_text

_RATIO = 4.4  # em for the column of ratios
_GROUP_AT = 0.9  # em behind it


def shares_chart(parts: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """A stacked bar a workload, each 100 % of MicroPython's instructions, in the catalogue's groups.

    `parts` is by cause or by component, as in `bench.charts.anatomy.anatomy_chart`; beside each bar the ratio to C++.
    Parts under 3 % in every bar are put together. InputError where no workload has bytecode and C++.
    """
    by, rows = kind_of(parts), figures(parts)
    table = table_of(rows, "share", by=by).droplevel("variant")
    face, figure, panels = row_panels(rows.drop_duplicates("workload"), look(size, style), around=15)
    with face.applied():
        segments = []
        for axes, names in panels:
            for row in names.to_dict("records"):
                stack = table.loc[row["workload"]]
                drawn = draw_stack(axes, row["place"], stack / stack.sum(), face, by=by)
                segments += [(axes, segment, share_text(stack[part] / stack.sum())) for segment, part in drawn]
            _finish_axes(axes, names, face)
        explain(panels[0][0], list(table.columns), face, by=by)
        finish(face, figure, rows, _title(rows, by), _subtitle(by), panels[0][0])
        for axes, segment, text in segments:
            write_in(axes, [(segment, text)], face)
        return figure


def figures(parts: pd.DataFrame) -> pd.DataFrame:
    """A row a workload and part, in the order of the groups and within each the largest ratio first."""
    rows = without_small(compared(parts))
    order = {group: place for place, group in enumerate(in_order(rows["group"].unique()))}
    rows = rows.assign(rank=rows["group"].map(order)).sort_values(
        ["rank", "total", "workload"], ascending=[True, False, True], kind="stable"
    )
    rows = rows.drop(columns="rank").reset_index(drop=True)
    rows.attrs = dict(parts.attrs)
    return rows


def caption(parts: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    rows, by = figures(parts), kind_of(parts)
    return (
        f"{sentence(_subtitle(by))} Each workload at its largest n, the cost of measuring subtracted; "
        f"{rows['workload'].nunique()} workloads. {sentence(origin_text(run_of(parts)))}"
    )


def alt_text(parts: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    words = [
        f"{name} (n = {mine['n'].iloc[0]}) {shares_in_words(mine)}"
        for name, mine in figures(parts).groupby("workload", sort=False)
    ]
    return f"Shares of MicroPython's {COUNTED}: {'; '.join(words)}."


def _finish_axes(axes: Axes, names: pd.DataFrame, face: Look) -> None:
    """Per cent below; the ratios and the groups' names beside."""
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100 %"])
    axes.spines["left"].set_visible(False)
    style: Any = {"textcoords": "offset fontsize", "ha": "right", "weight": "bold"}
    axes.annotate("× C++", (1, 1), xycoords="axes fraction", xytext=(_RATIO, 0), va="bottom", **style)
    for row in names.to_dict("records"):
        where = (1, row["place"])
        axes.annotate(ratio_text(row["total"]), where, xytext=(_RATIO, 0), va="center", **style | {"weight": "normal"})
    name_groups(axes, names, face, offset=_RATIO + _GROUP_AT)


def _title(rows: pd.DataFrame, by: str) -> str:
    table = table_of(matched(rows), "share", by=by)
    largest = table.median().idxmax()
    count = len(table)
    if count == 1:
        return f"What the instructions of {table.index[0][0]} are for"
    share = share_text(float(table[largest].median()))
    return f"{sentence(label(str(largest)))[:-1]}: {share} of MicroPython's instructions (median of {count})"


def _subtitle(by: str) -> str:
    return f"shares of MicroPython's {COUNTED}, by {by}; × C++: MicroPython's instructions over those of C++ -Os"
