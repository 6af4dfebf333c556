"""What would help: the share of bytecode's instructions that each remedy removes, a row a workload."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from bench.analysis import matched
from bench.anatomy.help_estimates import COMPUTED, MEASURED, REMEDIES, saved_text
from bench.charts.anatomy_parts import COUNTED, run_of
from bench.charts.rows import in_order, name_groups, row_panels
from bench.charts.style import Look, look, sentence
from bench.errors import InputError
from bench.labels import origin_text, share_text

_TRACK = 0.88  # of a column: the bar that stands for all of bytecode's instructions
_UPPER, _LOWER = 0.2, 0.42  # where it lies in a row, below the figure
_FIGURE = -0.2  # the middle of the figure
_APART = 0.4  # em that rows are higher than usual: they hold the figure and the bar
_LONG = 7  # characters of a heading that stay in one line
_HATCH = "///////"


def help_chart(estimates: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """Bars of what each remedy saves of bytecode's instructions: full where measured, hatched where computed.

    `estimates` is what `bench.anatomy.help_estimates.help_estimates` gives, with run.json in its attrs. InputError
    where it is empty.
    """
    rows = figures(estimates)
    shown = [remedy for remedy in REMEDIES if (rows["remedy"] == remedy).any()]
    names = rows.drop_duplicates("workload")
    around = 16 + _APART * len(names) / (2 if len(names) > 20 else 1)
    face, figure, panels = row_panels(names, look(size, style), around)
    with face.applied():
        for axes, names in panels:
            places = names.set_index("workload")["place"]
            mine = rows[rows["workload"].isin(places.index)]
            for row in mine.assign(place=mine["workload"].map(places)).to_dict("records"):
                _draw_cell(axes, shown.index(row["remedy"]), row, face)
            _mark_gaps(axes, mine, places, shown, face)
            _finish_axes(axes, shown)
            name_groups(axes, names, face)
        first = panels[0][0]
        shades = {MEASURED: "measured: a variant was run", COMPUTED: "computed, at most"}
        for kind, words in shades.items():
            if (rows["kind"] == kind).any():
                first.barh([-9], [0], label=words, **_fill(kind, face))
        return face.finish(figure, rows, _title(rows), _subtitle(), first)


def figures(estimates: pd.DataFrame) -> pd.DataFrame:
    """The rows of the estimates with `group`, in the order of the groups, within each as they came."""
    if estimates.empty:
        raise InputError("there is no estimate of what would help: the anatomy has no figures of bytecode")
    groups = {name: facts.get("group", "") for name, facts in run_of(estimates).get("workloads", {}).items()}
    rows = estimates.assign(group=estimates["workload"].map(lambda name: groups.get(name) or "other"))
    order = {group: place for place, group in enumerate(in_order(rows["group"].unique()))}
    rows = rows.sort_values("group", key=lambda names: names.map(order), kind="stable").reset_index(drop=True)
    rows.attrs = dict(estimates.attrs)
    return rows


def caption(estimates: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    meanings = "; ".join(f"{name}: {meaning}" for name, meaning in REMEDIES.values())
    return (
        f"{sentence(_subtitle())} {sentence(meanings)} Computed figures are bounds from above: all instructions with "
        "that cause and, as big integers and boxed floats are what the collector collects, all of the collector's; "
        "what the remedy itself would cost is not subtracted. They must not be added up. "
        f"{sentence(origin_text(run_of(estimates)))}"
    )


def alt_text(estimates: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    words = []
    for name, mine in figures(estimates).groupby("workload", sort=False):
        each = [f"{REMEDIES[row['remedy']][0]} {_told(row)}" for row in mine.to_dict("records")]
        words.append(f"{name} (n = {mine['n'].iloc[0]}) {', '.join(each)}")
    return f"Share of bytecode's {COUNTED}, that each remedy removes: {'; '.join(words)}."


def _told(row: dict[Any, Any]) -> str:
    share = share_text(row["saved_share"])
    return f"{share} (measured)" if row["kind"] == MEASURED else f"at most {share} (computed)"


def _fill(kind: str, face: Look) -> dict[str, Any]:
    """How a bar of that kind is drawn."""
    shade = face.palette.groups["integer"] if kind == MEASURED else face.palette.groups["calls"]
    style: dict[str, Any] = {"edgecolor": shade, "linewidth": 0.05 * face.size.points}
    return style | ({"facecolor": shade} if kind == MEASURED else {"facecolor": "none", "hatch": _HATCH})


def _draw_cell(axes: Axes, column: int, row: dict[Any, Any], face: Look) -> None:
    """The figure, below it a track as long as all of bytecode's instructions, in that the bar of what is saved."""
    high, share = _LOWER - _UPPER, min(max(row["saved_share"], 0.0), 1.0)
    corner = (column, row["place"] + _UPPER)
    axes.add_patch(Rectangle(corner, _TRACK, high, facecolor=face.palette.grid, linewidth=0))
    if share > 0:
        axes.add_patch(Rectangle(corner, share * _TRACK, high, **_fill(row["kind"], face)))
    weak = not row["saved_share"] >= 0.005
    style: Any = {"color": face.palette.quiet} if weak else {}
    axes.text(column, row["place"] + _FIGURE, saved_text(row), ha="left", va="center", **style)


def _mark_gaps(axes: Axes, rows: pd.DataFrame, places: pd.Series, shown: list[str], face: Look) -> None:
    """A dash where a workload has no figure of a remedy."""
    known = set(zip(rows["workload"], rows["remedy"], strict=True))
    for name, place in places.items():
        for column, remedy in enumerate(shown):
            if (name, remedy) not in known:
                axes.text(column, place + _FIGURE, "–", ha="left", va="center", color=face.palette.quiet)


def _finish_axes(axes: Axes, shown: list[str]) -> None:
    axes.set_xlim(-0.05, len(shown))
    axes.set_xticks([])
    for side in ("bottom", "left"):
        axes.spines[side].set_visible(False)
    for column, remedy in enumerate(shown):
        name = REMEDIES[remedy][0]
        heading = name.replace(" ", "\n") if len(name) > _LONG else name
        above: Any = {"xytext": (0, 0.2), "textcoords": "offset fontsize", "va": "bottom"}
        axes.annotate(heading, (column, 1), xycoords=("data", "axes fraction"), weight="bold", **above)


def _title(rows: pd.DataFrame) -> str:
    """The median of each measured remedy that another emitter is."""
    rows = matched(rows)
    words = []
    for remedy in ("native", "viper"):
        shares = rows.loc[rows["remedy"] == remedy, "saved_share"]
        if len(shares) and not math.isnan(shares.median()):
            words.append(f"{remedy} removes {share_text(float(shares.median()))}")
    return f"What would help: {', '.join(words)} (median)" if words else "What would help"


def _subtitle() -> str:
    return f"share of bytecode's {COUNTED}, that each remedy removes; the grey bar is all of them"
