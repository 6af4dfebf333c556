"""Whose bytes are flashed: one bar a language, by owner, linear."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bench.charts.style import Look, look, sentence
from bench.errors import InputError
from bench.labels import LANGUAGE_NAMES, origin_text

# Owner -> the colour of a group of workloads; in this order from the left.
_COLOURS = {
    "program": "control",
    "bench library": "integer",
    "Arduino core": "machine",
    "runtime": "float",
    "compiler on the board": "data",
    "C library": "calls",
    "unnamed": "idiomatic",
}
_LABELLED = 0.045  # of the longest bar: a shorter part has no room for its number


def storage_chart(frame: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """KB that are flashed in each language, stacked by owner; the frame is the part `storage` of a run's workflow."""
    rows, face = figures(frame), look(size, style)
    totals = rows.groupby("language", sort=False)["bytes"].sum()
    with face.applied():
        figure = face.figure()
        axes = figure.subplots()
        places = {language: place for place, language in enumerate(totals.index)}
        for owner in (name for name in _COLOURS if name in set(rows["owner"])):
            _draw(axes, rows, owner, places, float(totals.max()), face)
        for language, whole in totals.items():
            axes.annotate(f"{whole / 1024:.0f} KB", (whole / 1024, places[str(language)]), xytext=(0.4, 0),
                          textcoords="offset fontsize", va="center", fontweight="bold")  # fmt: skip
        axes.set_yticks(list(places.values()), [LANGUAGE_NAMES[name] for name in places])
        axes.set_ylim(len(places) - 0.4, -0.6)
        axes.set_xlim(0, 1.12 * float(totals.max()) / 1024)
        axes.xaxis.set_major_locator(MaxNLocator(6, prune="upper"))
        axes.set_xlabel("KB of flash")
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
        return face.finish(figure, frame, _title(totals), _SUBTITLE, axes)


_SUBTITLE = (
    "Arduino: the suite with all workloads; MicroPython: the firmware, without any program. "
    "Unnamed: texts and alignment between symbols"
)


def figures(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows: language, owner, bytes, the languages in their usual order. InputError where there are none."""
    rows = frame[(frame["kind"] == "part") & frame["language"].isin(list(LANGUAGE_NAMES))]
    rows = rows.rename(columns={"name": "owner"})[["language", "owner", "bytes"]]
    if rows.empty:
        raise InputError("the run does not say whose bytes are flashed: nothing to chart")
    owners = rows["owner"].where(rows["owner"].isin(list(_COLOURS)), "unnamed")
    rows = rows.assign(owner=owners, bytes=rows["bytes"].astype("float64"))
    rows = rows.groupby(["language", "owner"], sort=False)["bytes"].sum().reset_index()
    order = {name: place for place, name in enumerate(LANGUAGE_NAMES)}
    return rows.sort_values("language", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def caption(frame: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    return f"Bytes that are flashed, by owner. {_SUBTITLE}. {sentence(origin_text(frame.attrs['run']))}"


def alt_text(frame: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    texts = []
    for language, mine in figures(frame).groupby("language", sort=False):
        parts = ", ".join(f"{row['owner']} {row['bytes']:.0f}" for row in mine.to_dict("records"))
        texts.append(f"{LANGUAGE_NAMES[str(language)]} {mine['bytes'].sum():.0f} ({parts})")
    return f"Bytes that are flashed, by owner: {'; '.join(texts)}."


def _title(totals: pd.Series) -> str:
    texts = [f"{LANGUAGE_NAMES[str(language)]} {whole / 1024:.0f} KB" for language, whole in totals.items()]
    return f"Flash: {', '.join(texts)}"


def _draw(axes: Axes, rows: pd.DataFrame, owner: str, places: dict[Any, int], longest: float, face: Look) -> None:
    colour = face.palette.group(_COLOURS[owner])
    edge: Any = {"edgecolor": face.palette.background, "linewidth": 0.06 * face.size.points}
    order = list(_COLOURS)
    for index, row in enumerate(rows[rows["owner"] == owner].to_dict("records")):
        mine = rows[rows["language"] == row["language"]]
        before = mine.loc[mine["owner"].map(order.index) < order.index(owner), "bytes"].sum() / 1024
        width = row["bytes"] / 1024
        place = places[row["language"]]
        axes.barh(place, width, 0.6, left=before, color=colour, label="" if index else owner, **edge)
        if row["bytes"] > _LABELLED * longest:
            axes.annotate(f"{width:.0f}", (before + width / 2, place), ha="center", va="center",
                          color=face.palette.background)  # fmt: skip
