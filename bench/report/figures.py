"""Sections with a run's figures: overhead, variants, scaling, published. A section without data is not made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from bench.analysis import group_means, headline, overall_mean, overhead_ratios, summarise
from bench.charts import alt_text, available, caption
from bench.charts.variants import headline_only
from bench.labels import (
    LANGUAGE_NAMES,
    interval_text,
    origin_text,
    ratio_text,
    scope_text,
    spread_text,
    ticks_text,
    unit_text,
)
from bench.report.blocks import Block, Cell, Chart, Section, Table, Text, clean, sentence
from bench.report.words import INTERVAL


@dataclass(frozen=True)
class RunFigures:
    """A run and what is computed of it once. `place` is its place among the report's runs, from 0."""

    place: int
    frame: pd.DataFrame

    @property
    def run(self) -> dict[str, Any]:
        """run.json."""
        facts: dict[str, Any] = self.frame.attrs["run"]
        return facts

    @cached_property
    def ratios(self) -> pd.DataFrame:
        """`overhead_ratios` at every n, those that could be told."""
        return overhead_ratios(headline_only(self.frame)).dropna(subset="ratio").reset_index(drop=True)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """`ratios` at the largest n of each workload."""
        return headline(self.ratios)

    @property
    def simulated(self) -> bool:
        """Whether ticks were counted in a simulator."""
        return bool(self.run["board"]["simulated"])

    @property
    def origin(self) -> str:
        """Whose figures these are, as every caption says it."""
        return f"{sentence(origin_text(self.run))}. Run {clean(self.run['run_id'])}."

    def anchor(self, name: str) -> str:
        """An anchor in this run's part of the report."""
        return f"run-{self.place + 1}-{name}"

    @cached_property
    def _available(self) -> list[str]:
        return available(self.frame) if len(self.rows) else []

    def charts(self, *names: str) -> list[Chart]:
        """The charts of these names that the run has figures for."""
        return [
            Chart(self.place, name, clean(caption(name, self.frame)), clean(alt_text(name, self.frame)))
            for name in names
            if name in self._available
        ]


def overhead(figures: RunFigures) -> Section | None:
    """The overhead ratio of each workload at its largest n, and of each group."""
    if figures.rows.empty:
        return None
    mean = overall_mean(figures.rows)
    unit = clean(unit_text(figures.run))
    table = Table(
        caption=f"Overhead ratio (MicroPython / Arduino C++) of each workload at its largest n, and the {unit} of one "
        f"execution; medians, the cost of measuring subtracted. {_interval_note(figures)}{figures.origin}",
        columns=("workload", "ratio", INTERVAL, "group", "n", *LANGUAGE_NAMES.values()),
        numeric=(False, True, True, False, True, True, True),
        rows=tuple(
            _ratio_cells(row, figures.rows["ratio"].max(), simulated=figures.simulated)
            for row in figures.rows.to_dict("records")
        ),
        foot=_padded((Cell("geometric mean"), Cell(ratio_text(mean.value)), Cell(spread_text(mean.spread))), 7),
    )
    blocks: list[Block] = [*figures.charts("overhead"), table]
    if figures.rows["group"].nunique() > 1:
        blocks += [*figures.charts("groups"), _group_table(figures)]
    blocks += [*figures.charts("distribution"), _statistics_table(figures)]
    return Section(figures.anchor("overhead"), "Overhead of each workload and group", tuple(blocks))


def scaling(figures: RunFigures) -> Section | None:
    """How cost and ratio change with n, for workloads that were measured at several."""
    counts = figures.ratios.groupby("workload")["n"].transform("nunique")
    rows = figures.ratios[counts > 1]
    if rows.empty:
        return None
    table = Table(
        caption=f"{sentence(unit_text(figures.run))} of one execution and their ratio. {figures.origin}",
        columns=("workload", "n", "ratio", INTERVAL, *LANGUAGE_NAMES.values()),
        numeric=(False, True, True, True, True, True),
        rows=tuple(
            _size_cells(row, rows["ratio"].max(), simulated=figures.simulated) for row in rows.to_dict("records")
        ),
        folded="Table of the ratios at every n",
    )
    blocks: tuple[Block, ...] = (Text(_scaling_words(rows)), *figures.charts("scaling"), table)
    return Section(figures.anchor("scaling"), "Scaling with n", blocks)


def _statistics_table(figures: RunFigures) -> Table:
    rows = summarise(figures.frame)
    cells = [
        (
            Cell(clean(row["workload"])),
            Cell(LANGUAGE_NAMES.get(row["language"], clean(row["language"]))),
            Cell(clean(row["variant"])),
            Cell(str(row["n"]), float(row["n"])),
            *(
                Cell(ticks_text(figure), number(figure))
                for figure in (row["median"], row["q75"] - row["q25"], row["min"])
            ),
            *(Cell(str(row[column]), float(row[column])) for column in ("samples", "outliers")),
        )
        for row in rows.to_dict("records")
    ]
    return Table(
        caption=f"{sentence(unit_text(figures.run))} of one execution, and how many of the samples are "
        f"outliers (more than 1.5 interquartile ranges beyond the quartiles; all are kept). {figures.origin}",
        columns=("workload", "language", "variant", "n", "median", "IQR", "min", "samples", "outliers"),
        numeric=(False, False, False, True, True, True, True, True, True),
        rows=tuple(cells),
        folded="Table of every measurement: median, IQR, minimum, samples, outliers",
    )


def _interval_note(figures: RunFigures) -> str:
    note = f"{INTERVAL}: bootstrap interval of {scope_text(figures.rows)}. "
    return f"{note}exact: every sample equal. " if figures.simulated and figures.rows["constant"].any() else note


def _group_table(figures: RunFigures) -> Table:
    means = group_means(figures.rows)
    largest = means["mean"].max()
    cells = [
        (
            Cell(clean(row["group"])),
            Cell(ratio_text(row["mean"]), float(row["mean"]), bar_length(row["mean"], largest)),
            Cell(spread_text(row["spread"]), number(row["spread"])),
            Cell(str(row["count"]), float(row["count"])),
        )
        for row in means.to_dict("records")
    ]
    return Table(
        caption=f"Geometric mean of the overhead ratios of each group; the spread is their geometric standard "
        f"deviation, a factor. Idiomatic workloads are in no mean but their own. {figures.origin}",
        columns=("group", "geometric mean", "spread", "workloads"),
        numeric=(False, True, True, True),
        rows=tuple(cells[:-1]),
        foot=cells[-1],
    )


def _ratio_cells(row: dict[Any, Any], largest: float, *, simulated: bool) -> tuple[Cell, ...]:
    return (
        Cell(clean(row["workload"])),
        Cell(ratio_text(row["ratio"]), float(row["ratio"]), bar_length(row["ratio"], largest)),
        Cell(interval_text(row, simulated=simulated), _reach(row)),
        Cell(clean(row["group"])),
        Cell(str(row["n"]), float(row["n"])),
        *(Cell(ticks_text(row[language]), number(row[language])) for language in LANGUAGE_NAMES),
    )


def _size_cells(row: dict[Any, Any], largest: float, *, simulated: bool) -> tuple[Cell, ...]:
    return (
        Cell(clean(row["workload"])),
        Cell(str(row["n"]), float(row["n"])),
        Cell(ratio_text(row["ratio"]), float(row["ratio"]), bar_length(row["ratio"], largest)),
        Cell(interval_text(row, simulated=simulated), _reach(row)),
        *(Cell(ticks_text(row[language]), number(row[language])) for language in LANGUAGE_NAMES),
    )


def _scaling_words(rows: pd.DataFrame) -> str:
    ordered = rows.sort_values("n").groupby("workload", sort=False)["ratio"]
    ends = [(str(name), ratios.iloc[0], ratios.iloc[-1]) for name, ratios in ordered]
    name, first, last = max(ends, key=lambda end: abs(math.log(end[2] / end[1])))
    return (
        f"From the smallest n to the largest, the ratio changes most in {clean(name)}: from {ratio_text(first)} to "
        f"{ratio_text(last)}. A ratio that changes with n tells of costs that do not grow with the work, such as those "
        "of a call, or of garbage collections that short work does not see."
    )


def bar_length(ratio: float, largest: float) -> float | None:
    """How far a bar reaches on a logarithmic axis from 1 to `largest`, as a share of it."""
    if not 1 < ratio < math.inf:
        return 0.0
    return round(min(1.0, math.log(ratio) / math.log(largest)), 3)


def _reach(row: dict[Any, Any]) -> float | None:
    """What the column of intervals is sorted by."""
    return number((row["ratio_high"] - row["ratio_low"]) / row["ratio"])


def number(value: float) -> float | None:
    """What a cell is sorted by: None where there is no figure."""
    return float(value) if math.isfinite(value) else None


def count_cell(value: Any) -> Cell:
    """A whole number in groups of three; a dash where there is none."""
    if value is None or pd.isna(value):
        return Cell("-")
    return Cell(f"{float(value):,.0f}".replace(",", " "), float(value))


def _padded(cells: tuple[Cell, ...], width: int) -> tuple[Cell, ...]:
    return cells + (Cell(""),) * (width - len(cells))
