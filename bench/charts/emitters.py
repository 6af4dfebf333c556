"""What another compilation recovers: where native and viper code lie between bytecode and C++, and C++ with -O2."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.analysis import geometric_mean, matched, summarise
from bench.charts.rows import in_order, name_groups, row_panels
from bench.charts.style import Look, look, plain, ratio_axis, sentence
from bench.errors import InputError
from bench.labels import LANGUAGE_NAMES, origin_text, ratio_text, share_text, unit_text
from bench.plan import KEY_COLUMNS
from bench.recovery import other_compilations, variant_gains
from bench.variants import HEADLINE_VARIANT

_MARKERS = "sD^vP*"
_HEADLINE_CPP, _HEADLINE_MPY = HEADLINE_VARIANT["arduino"], HEADLINE_VARIANT["micropython"]
_COLUMN = 4.6  # em between the columns beside the axes
_COLUMNS_SHOWN = 3


def emitter_chart(frame: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """Each variant's cost over that of C++ with -Os, a row a workload; the line is the distance from bytecode to C++.

    How much of it a variant of MicroPython closes stands beside. Each workload at its largest n. InputError where no
    workload has a figure of C++ with -Os and one of another variant.
    """
    rows, unit = figures(frame), unit_text(frame.attrs["run"])
    series = list(rows["series"].unique())
    shown = [name for name in series if rows.loc[rows["series"] == name, "closed"].notna().any()][:_COLUMNS_SHOWN]
    face, figure, panels = row_panels(rows.drop_duplicates("workload"), look(size, style), around=15)
    with face.applied():
        limits = min(1, rows["ratio"].min()) / 1.3, max(1, rows["ratio"].max()) * 1.3
        for axes, names in panels:
            places = names.set_index("workload")["place"]
            mine = rows[rows["workload"].isin(places.index)]
            mine = mine.assign(place=mine["workload"].map(places))
            _draw_distances(axes, mine, face)
            for name in series:
                _draw_series(axes, series.index(name), name, mine[mine["series"] == name], face)
            _write_closed(axes, mine, shown, face)
            name_groups(axes, names, face, offset=0.8 + _COLUMN * len(shown))
            ratio_axis(axes, *limits, room=8 // len(panels))
            axes.set_xlabel(f"{unit} / those of {_name('arduino', _HEADLINE_CPP)} (log scale)")
        title = "How much of the distance to C++ another emitter takes away"
        return face.finish(figure, frame, title, _subtitle(frame, rows), panels[0][0])


def figures(frame: pd.DataFrame) -> pd.DataFrame:
    """Where each variant with the collector on stands, each workload at the largest n of all its variants.

    Columns: group, workload, n, language, variant, series (language and variant), ratio (cost over that of C++ with
    -Os), gain and closed (see `bench.recovery.variant_gains`; NaN for MicroPython's bytecode). InputError where there
    is no other variant than the headline ones, or none with a figure of C++ beside it.
    """
    gains = other_compilations(variant_gains(frame))
    costs = other_compilations(summarise(frame))
    cpp = costs[(costs["language"] == "arduino") & (costs["variant"] == _HEADLINE_CPP) & (costs["median"] > 0)]
    costs = costs.merge(cpp[["workload", "n", "median"]].rename(columns={"median": "cpp"}), on=["workload", "n"])
    keys = list(KEY_COLUMNS)
    rows = costs.merge(gains[[*keys, "gain", "closed"]], on=keys, how="left")
    rows = rows[(rows["median"] > 0) & ~((rows["language"] == "arduino") & (rows["variant"] == _HEADLINE_CPP))]
    rows = rows[rows["n"] == rows["workload"].map(rows[rows["gain"].notna()].groupby("workload")["n"].max())]
    if rows.empty:
        raise InputError("the run has no other variant with a figure of C++ beside it: nothing to chart")
    rows = rows.assign(ratio=rows["median"] / rows["cpp"], series=[*map(_name, rows["language"], rows["variant"])])
    order = {group: place for place, group in enumerate(in_order(rows["group"].unique()))}
    rows = rows.sort_values("group", key=lambda groups: groups.map(order), kind="stable")
    return rows[["group", "workload", "n", "language", "variant", "series", "ratio", "gain", "closed"]].reset_index(
        drop=True
    )


def caption(frame: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    run, rows = frame.attrs["run"], figures(frame)
    return (
        f"Cost of each variant over that of {_name('arduino', _HEADLINE_CPP)} ({unit_text(run)}), each workload at its "
        f"largest n; beside it how much of the distance from bytecode to C++ a variant takes away. "
        f"{sentence(_subtitle(frame, rows))} {sentence(origin_text(run))}"
    )


def alt_text(frame: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    parts = []
    for row in figures(frame).to_dict("records"):
        closes = "" if math.isnan(row["closed"]) else f", closes {share_text(row['closed'])} of the distance"
        gain = "" if math.isnan(row["gain"]) else f", gain {ratio_text(row['gain'])}{closes}"
        parts.append(f"{row['workload']} {row['series']} {ratio_text(row['ratio'])}{gain}")
    return f"Cost of variants over that of {_name('arduino', _HEADLINE_CPP)}: {'; '.join(parts)}."


def _name(language: str, variant: str) -> str:
    return f"{LANGUAGE_NAMES.get(language, language)} {variant}"


def _subtitle(frame: pd.DataFrame, rows: pd.DataFrame) -> str:
    """Of each variant the mean gain over its language's headline variant, of matched workloads."""
    parts = []
    for series, mine in rows.dropna(subset="gain").groupby("series", sort=False):
        mean, closed = geometric_mean(matched(mine)["gain"]), matched(mine)["closed"].median()
        share = "" if math.isnan(closed) else f", closes {share_text(closed)} (median)"
        parts.append(f"{plain(series)} {ratio_text(mean.value)} of {mean.count} workloads{share}")
    return f"mean gain over the headline variant (Os, bytecode), geometric: {'; '.join(parts)}"


def _draw_distances(axes: Axes, rows: pd.DataFrame, face: Look) -> None:
    """A line from C++ to the farthest variant of MicroPython, and 1×: as cheap as C++."""
    reach = rows[rows["language"] == "micropython"].groupby("place")["ratio"].max()
    axes.hlines(reach.index, 1, reach, color=face.palette.grid, linewidth=0.25 * face.size.points, zorder=1)
    axes.axvline(1, color=face.palette.languages["arduino"], linewidth=0.12 * face.size.points, zorder=1)


def _draw_series(axes: Axes, index: int, name: str, rows: pd.DataFrame, face: Look) -> None:
    """The marks of a variant: hollow for the headline one of MicroPython, C++ in its colour."""
    cpp = name.startswith(LANGUAGE_NAMES["arduino"])
    base = name == _name("micropython", _HEADLINE_MPY)
    groups = face.palette.groups
    others = [groups["integer"], groups["machine"], groups["calls"], groups["data"]]
    colour = face.palette.languages["arduino"] if cpp else others[index % len(others)]
    colour = face.palette.languages["micropython"] if base else colour
    style: Any = {"markerfacecolor": face.palette.background} if base else {}
    axes.plot(
        rows["ratio"],
        rows["place"],
        "o" if base or cpp else _MARKERS[index % len(_MARKERS)],
        color=colour,
        markersize=0.55 * face.size.points,
        linestyle="none",
        label=plain(name),
        **style,
    )


def _write_closed(axes: Axes, rows: pd.DataFrame, shown: list[str], face: Look) -> None:
    """Columns beside the axes: how much of the distance to C++ each variant closes."""
    for place, name in enumerate(shown):
        mine = rows[rows["series"] == name]
        style: Any = {"textcoords": "offset fontsize", "ha": "right"}
        right = (_COLUMN * (place + 1), 0)
        heading = plain(name.rpartition(" ")[2], 7)
        axes.annotate(heading, (1, 1), xycoords="axes fraction", xytext=right, va="bottom", weight="bold", **style)
        for row in mine.dropna(subset="closed").to_dict("records"):
            text, where = share_text(row["closed"]), (1, row["place"])
            axes.annotate(text, where, xycoords=("axes fraction", "data"), xytext=right, va="center", **style)
