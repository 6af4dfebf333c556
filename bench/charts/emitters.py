"""What another compilation recovers: -O2 over -Os, native and viper code over bytecode."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.analysis import geometric_mean, matched
from bench.charts.style import Look, look, plain, ratio_axis, sentence
from bench.errors import InputError
from bench.labels import LANGUAGE_NAMES, origin_text, ratio_text, unit_text
from bench.recovery import other_compilations, variant_gains
from bench.variants import HEADLINE_VARIANT

_MARKERS = "osD^vP"


def emitter_chart(frame: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """How many times cheaper each other variant is than its language's headline variant, by workload at its largest n.

    InputError where no language was measured in a second variant.
    """
    rows, face = figures(frame), look(size, style)
    workloads = list(rows["workload"].unique())
    unit = unit_text(frame.attrs["run"])
    with face.applied():
        figure = face.figure(face.rows_height(len(workloads), around=13))
        axes = figure.subplots()
        axes.axvline(1, color=face.palette.quiet, linewidth=0.08 * face.size.points)
        for index, (series, mine) in enumerate(rows.groupby("series", sort=False)):
            _draw_series(axes, index, plain(series), mine, workloads, face)
        sizes = rows.drop_duplicates("workload").set_index("workload")["n"]
        axes.set_yticks(range(len(workloads)), [f"{plain(name)}  (n = {sizes[name]})" for name in workloads])
        axes.set_ylim(len(workloads) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        ratio_axis(axes, min(1, rows["gain"].min()) / 1.15, max(1, rows["gain"].max()) * 1.15)
        axes.set_xlabel(f"{unit} of the headline variant / of this variant (log scale)")
        return face.finish(figure, frame, "What another way of compiling recovers", _subtitle(rows), axes)


def figures(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of `bench.recovery.variant_gains` with the collector on, and `series`: language and variant.

    InputError where no language was measured in a second variant of that kind.
    """
    rows = other_compilations(variant_gains(frame))
    if rows.empty:
        raise InputError("the run differs in its garbage collection only: nothing to chart")
    series = rows["language"].map(LANGUAGE_NAMES) + " " + rows["variant"]
    return rows.assign(series=series)


def caption(frame: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    run = frame.attrs["run"]
    return (
        f"How many times fewer {unit_text(run)} a variant takes than its language's headline variant "
        f"({_headline_names()}), each workload at its largest n. {sentence(origin_text(run))}"
    )


def alt_text(frame: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    parts = [
        f"{row['workload']} {row['series']} {ratio_text(row['gain'])}" for row in figures(frame).to_dict("records")
    ]
    return f"Gain of other variants over the headline variant: {'; '.join(parts)}."


def _headline_names() -> str:
    return ", ".join(f"{name} {HEADLINE_VARIANT[language]}" for language, name in LANGUAGE_NAMES.items())


def _subtitle(rows: pd.DataFrame) -> str:
    means = [
        f"{series} {ratio_text(geometric_mean(matched(mine)['gain']).value)}"
        for series, mine in rows.groupby("series", sort=False)
    ]
    return f"geometric means: {', '.join(means)}; 1× is the headline variant ({_headline_names()})"


def _draw_series(axes: Axes, index: int, name: str, rows: pd.DataFrame, workloads: list[str], face: Look) -> None:
    places = [workloads.index(workload) for workload in rows["workload"]]
    colours = [face.palette.languages["arduino"], face.palette.languages["micropython"], *face.palette.groups.values()]
    axes.plot(
        rows["gain"],
        places,
        _MARKERS[index % len(_MARKERS)],
        color=colours[index % len(colours)],
        markersize=0.62 * face.size.points,
        label=name,
    )
