"""What disappears and what remains with native and viper code: three bars a workload, by component."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from bench.analysis import matched
from bench.charts.anatomy_bars import (
    Panel,
    draw_cpp_line,
    draw_stack,
    explain,
    finish,
    magnitude_figure,
    magnitudes,
    write_in,
)
from bench.charts.anatomy_parts import COUNTED, CPP, compared, kind_of, run_of, shares_in_words, table_of, without_small
from bench.charts.style import Look, look, sentence
from bench.errors import InputError
from bench.labels import origin_text, ratio_text, share_text
from bench.variants import HEADLINE_VARIANT

VARIANTS = (HEADLINE_VARIANT["micropython"], "native", "viper")
_COLUMN = 4.4  # em a column of ratios beside the bars
_FIRST = 5.6  # em the first of them, below its longer name
_PITCH = 1.35  # rows of three bars need more room


def variants_chart(parts: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """Bars of bytecode, native and viper, one below the other for each workload, in multiples of C++'s instructions.

    `parts` as in `bench.charts.anatomy.anatomy_chart`, by component. InputError where no workload has bytecode, C++
    and one of native and viper.
    """
    by, rows = kind_of(parts), figures(parts)
    table = table_of(rows, "times_cpp", by=by)
    totals = rows.drop_duplicates(["workload", "variant"]).set_index(["workload", "variant"])["total"]
    shown = [variant for variant in VARIANTS if variant in set(rows["variant"])]
    panels = magnitudes(rows.groupby("workload", sort=False)["total"].max())
    beside = _FIRST + _COLUMN * (len(shown) - 1) - 4.0
    face, figure, columns = magnitude_figure(panels, look(size, style), around=12, pitch=_PITCH, beside=beside)
    with face.applied():
        segments = []
        for axes, column in columns:
            for panel in column:
                _head(axes, panel, shown)
                draw_cpp_line(axes, panel, face)
                for name, place in zip(panel.workloads, panel.places, strict=True):
                    bars = {variant: table.loc[(name, variant)] for variant in shown if (name, variant) in table.index}
                    for segment, text in _draw_row(axes, place, panel, bars, shown, face, by):
                        segments.append((axes, segment, text))
                    for lane, variant in enumerate(shown):
                        _write(axes, place, lane, ratio_text(totals[name, variant]) if variant in bars else "–")
        first = columns[0][0]
        explain(first, list(table.columns), face, by=by, cpp="line: C++ -Os, 1×", finer=len(panels) > 1)
        finish(face, figure, rows, _title(rows, shown), _subtitle(len(panels), shown, by), first)
        for axes, segment, text in segments:
            write_in(axes, [(segment, text)], face)
        return figure


def figures(parts: pd.DataFrame) -> pd.DataFrame:
    """A row a workload, variant and part, of the workloads with bytecode and another emitter; the largest first."""
    rows = compared(parts, VARIANTS)
    rows = rows[rows["workload"].isin(rows.loc[rows["variant"] != VARIANTS[0], "workload"])]
    if rows.empty:
        raise InputError("the anatomy has no workload in native or viper code: measure with --variant native")
    rows = without_small(rows, least=0.05)
    size = rows["workload"].map(rows[rows["variant"] == VARIANTS[0]].groupby("workload")["total"].first())
    rows = rows.assign(size=size, rank=rows["variant"].map(VARIANTS.index))
    rows = rows.sort_values(["size", "workload", "rank"], ascending=[False, True, True], kind="stable")
    rows = rows.drop(columns=["size", "rank"]).reset_index(drop=True)
    rows.attrs = dict(parts.attrs)
    return rows


def caption(parts: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    rows, by = figures(parts), kind_of(parts)
    shown = [variant for variant in VARIANTS if variant in set(rows["variant"])]
    panels = magnitudes(rows.groupby("workload")["total"].max())
    return (
        f"What remains of MicroPython's {COUNTED}, when a program is compiled on the board, in multiples of those of "
        f"{CPP}; each workload at its largest n. Not every workload has every variant. "
        f"{sentence(_subtitle(len(panels), shown, by))} {sentence(origin_text(run_of(parts)))}"
    )


def alt_text(parts: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    words = []
    for name, mine in figures(parts).groupby("workload", sort=False):
        each = [
            f"{variant} {ratio_text(bar['total'].iloc[0])} ({shares_in_words(bar, least=0.05)})"
            for variant, bar in mine.groupby("variant", sort=False)
        ]
        words.append(f"{name} (n = {mine['n'].iloc[0]}) {', '.join(each)}")
    return f"MicroPython's {COUNTED}, in multiples of C++'s, in each variant: {'; '.join(words)}."


def _head(axes: Axes, panel: Panel, shown: list[str]) -> None:
    """The names of the variants above their columns of ratios."""
    for lane, variant in enumerate(shown):
        _write(axes, panel.start + 0.5, lane, variant, bold=True)


def _write(axes: Axes, place: float, lane: int, text: str, *, bold: bool = False) -> None:
    axes.annotate(
        text,
        (1, place),
        xytext=(_FIRST + _COLUMN * lane, 0),
        textcoords="offset fontsize",
        ha="right",
        va="center",
        weight="bold" if bold else "normal",
    )


def _draw_row(
    axes: Axes, place: float, panel: Panel, bars: Mapping[str, Any], shown: list[str], face: Look, by: str
) -> list[tuple[Rectangle, str]]:
    """The bars of one workload; gives their segments with the share of the bar that each is."""
    high, found = 0.84 * panel.pitch / len(shown), []
    for variant, bar in bars.items():
        middle = place + (shown.index(variant) - (len(shown) - 1) / 2) * high
        drawn = draw_stack(axes, middle, bar, face, by=by, scale=panel.limit, height=0.88 * high)
        found += [(segment, share_text(bar[part] / bar.sum())) for segment, part in drawn]
    return found


def _title(rows: pd.DataFrame, shown: list[str]) -> str:
    """What is kept in the median of the workloads that have the variant."""
    wide = matched(rows).drop_duplicates(["workload", "variant"]).pivot(index="workload", columns="variant")["total"]
    kept = [f"{name} {share_text(float((wide[name] / wide[VARIANTS[0]]).median()))}" for name in shown[1:]]
    return f"Of bytecode's instructions remain: {', '.join(kept)} (median)"


def _subtitle(panels: int, shown: list[str], by: str) -> str:
    scales = "; each panel has a linear scale of its own, its left part (grey) is what the next one magnifies"
    return (
        f"MicroPython's {COUNTED}, in multiples of those of {CPP}, by {by}; from top to bottom {', '.join(shown)}"
        f"{scales if panels > 1 else ''}"
    )
