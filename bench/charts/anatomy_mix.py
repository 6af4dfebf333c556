"""Which kinds of instructions C++ and MicroPython execute: two bars a workload, each 100 % of its instructions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from bench.analysis import matched
from bench.anatomy.mix import CLASSES, classes, headline_mix, mean_shares, shares
from bench.charts.rows import in_order, name_groups, row_panels
from bench.charts.style import Look, look, plain, sentence
from bench.labels import LANGUAGE_NAMES, origin_text, share_text
from bench.variants import HEADLINE_VARIANT

# After Okabe and Ito. Two that touch differ in lightness too.
_COLOURS = dict(
    zip(CLASSES, ("#0072B2", "#6CC0EE", "#D99A00", "#F3E75A", "#C65100", "#40C09A", "#A9467F", "#AEB6BD"), strict=True)
)
_MEAN = "mean"
_BAR = 0.36  # the height of a bar, in rows
_COLUMN = 3.4  # em, of the figures beside the bars
_SHORT = {"arduino": "C++", "micropython": "MPy"}


def mix_chart(mix: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """The upper bar of a workload is C++'s instructions by kind, the lower one MicroPython's; beside them bytes moved.

    `mix` is what `bench.anatomy.mix.instruction_mix` gives; each workload at its largest n in both languages. The last
    row has the means. InputError where no workload has both.
    """
    rows = figures(mix)
    both = rows[rows["language"] == "arduino"]
    face, figure, panels = row_panels(both, look(size, style), around=16)
    legend_face = face.dense()
    with face.applied():
        for axes, names in panels:
            _draw_bars(axes, names, rows, face)
            _write_bytes(axes, names, rows)
            _finish_axes(axes, names, marks=5 if len(panels) == 1 else 3)
            name_groups(axes, names[names["group"] != _MEAN], face, offset=0.9 + 2 * _COLUMN)
        for name, colour in _COLOURS.items():  # bars without a length, for the legend
            panels[0][0].barh([0], [0], color=colour, label=name, linewidth=0)
    with legend_face.applied():
        return legend_face.finish(figure, _carrier(mix), _title(rows), _subtitle(rows), panels[0][0])


def figures(mix: pd.DataFrame) -> pd.DataFrame:
    """A row a workload and language, in the order of the groups, the means of both languages below.

    Columns: group, workload, n (in the means: of how many workloads), language, the classes of
    `bench.anatomy.mix.CLASSES` (shares that add up to 1), bytes_per_instruction. InputError as `mix_chart`.
    """
    headline = headline_mix(mix)
    table = shares(headline)
    rows = table[["group", "workload", "n", "language", "bytes_per_instruction"]].join(classes(table))
    order = {group: place for place, group in enumerate(in_order(rows["group"].unique()))}
    rows = rows.sort_values("group", key=lambda groups: groups.map(order), kind="stable")
    means = mean_shares(headline)
    below = classes(means).assign(
        group=_MEAN, workload=_MEAN, n=means["workloads"], bytes_per_instruction=means["bytes_per_instruction"]
    )
    rows = pd.concat([rows, below.rename_axis("language").reset_index()], ignore_index=True)
    return rows[["group", "workload", "n", "language", *CLASSES, "bytes_per_instruction"]]


def caption(mix: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    rows = figures(mix)
    left_out = len(rows) // 2 - 1 - len(matched(rows[rows["group"] != _MEAN])) // 2
    apart = f" {left_out} idiomatic ones are not in the means." if left_out else ""
    return (
        f"Retired instructions by kind, as shares of all instructions of one execution, each workload at its largest "
        f"n, the cost of measuring subtracted; beside them the bytes that an instruction loads and stores on average. "
        f"{sentence(_subtitle(rows))}{apart} {sentence(_origin(mix))}"
    )


def alt_text(mix: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    rows = figures(mix)
    means = rows[rows["group"] == _MEAN]
    parts = [
        f"{LANGUAGE_NAMES[row['language']]} {', '.join(f'{name} {share_text(row[name])}' for name in CLASSES)}, "
        f"{row['bytes_per_instruction']:.2f} bytes per instruction"
        for row in means.to_dict("records")
    ]
    each = []
    for workload, pair in rows[rows["group"] != _MEAN].groupby("workload", sort=False):
        memory = {row["language"]: row["loads"] + row["stores"] for row in pair.to_dict("records")}
        each.append(f"{workload} {share_text(memory['arduino'])} and {share_text(memory['micropython'])}")
    return (
        f"Stacked bars of instructions, simulated, by kind. Means over {means['n'].iloc[0]} workloads: "
        f"{'; '.join(parts)}. Loads and stores together in C++ and in MicroPython: {'; '.join(each)}."
    )


def _title(rows: pd.DataFrame) -> str:
    means = rows[rows["group"] == _MEAN].set_index("language")["bytes_per_instruction"]
    return f"An instruction moves {means['arduino']:.2f} bytes in C++, {means['micropython']:.2f} in MicroPython"


def _subtitle(rows: pd.DataFrame) -> str:
    means = rows[rows["group"] == _MEAN].set_index("language")
    memory = means["loads"] + means["stores"]
    return (
        f"instructions, simulated; upper bars: C++ -{HEADLINE_VARIANT['arduino']}, lower bars: MicroPython "
        f"{HEADLINE_VARIANT['micropython']}; mean of {means['n'].iloc[0]}: loads and stores are "
        f"{share_text(memory['arduino'])} in C++, {share_text(memory['micropython'])} in MicroPython"
    )


def _origin(mix: pd.DataFrame) -> str:
    return origin_text(mix.attrs["run"])


def _carrier(mix: pd.DataFrame) -> pd.DataFrame:
    """A frame with run.json in its attrs, from which a chart's corner is written."""
    frame = pd.DataFrame()
    frame.attrs["run"] = mix.attrs["run"]
    return frame


def _draw_bars(axes: Axes, names: pd.DataFrame, rows: pd.DataFrame, face: Look) -> None:
    edge: Any = {"edgecolor": face.palette.background, "linewidth": 0.03 * face.size.points}
    for language, shift in (("arduino", -_BAR / 2), ("micropython", _BAR / 2)):
        mine = rows[rows["language"] == language].set_index("workload").loc[names["workload"]]
        places = names["place"].to_numpy() + shift
        left = pd.Series(0.0, mine.index)
        for name in CLASSES:
            # A share below nothing is what the subtraction of the cost of measuring leaves of a few instructions.
            width = mine[name].clip(lower=0)
            axes.barh(places, width, _BAR * 0.9, left=left, color=_COLOURS[name], **edge)
            left += width


def _write_bytes(axes: Axes, names: pd.DataFrame, rows: pd.DataFrame) -> None:
    """Two columns beside the bars: bytes per instruction in either language."""
    style: Any = {"textcoords": "offset fontsize", "ha": "right"}
    for column, language in enumerate(("arduino", "micropython")):
        right = 0.4 + _COLUMN * (column + 1) - 0.6
        above: Any = {"xycoords": "axes fraction", "va": "bottom", "weight": "bold"}
        axes.annotate(_SHORT[language], (1, 1), xytext=(right, 0.1), **above, **style)
        mine = rows[rows["language"] == language].set_index("workload")["bytes_per_instruction"]
        for row in names.to_dict("records"):
            where: Any = {"xycoords": ("axes fraction", "data"), "va": "center"}
            axes.annotate(f"{mine[row['workload']]:.2f}", (1, row["place"]), xytext=(right, 0), **where, **style)


def _finish_axes(axes: Axes, names: pd.DataFrame, marks: int) -> None:
    axes.set_xlim(0, 1)
    axes.set_xticks([mark / (marks - 1) for mark in range(marks)])
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.set_xlabel("share of the instructions; beside it, bytes per instruction")
    axes.spines["left"].set_visible(False)
    texts = [label.get_text() for label in axes.get_yticklabels()]
    axes.set_yticks(names["place"], [_row_name(row, t) for row, t in zip(names.to_dict("records"), texts, strict=True)])
    for label, group in zip(axes.get_yticklabels(), names["group"], strict=True):
        label.set_fontweight("bold" if group == _MEAN else "normal")


def _row_name(row: Mapping[Any, Any], text: str) -> str:
    return plain(f"{_MEAN} of {row['n']}") if row["group"] == _MEAN else text
