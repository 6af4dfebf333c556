"""The tables of a comparison for a terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from bench.compare import FASTER, IDENTICAL, SLOWER, VERDICTS, Comparison
from bench.labels import LANGUAGE_NAMES, printable, reach_text, ticks_text, unit_text

_STYLES = {SLOWER: "red", FASTER: "green"}


def change_table(comparison: Comparison, run: str, *, every: bool = True) -> Table:
    """How each measurement of one run changed from the first run; without `every` only where a change is shown."""
    rows = comparison.rows[comparison.rows["run"] == run]
    rows = rows if every else rows[rows["verdict"].isin(_STYLES)]
    table = Table(
        title=f"{escape(printable(run, 80))} against {escape(printable(comparison.runs[0], 80))}, "
        f"{escape(unit_text(comparison.facts))} per execution",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in ("workload", "language"):
        table.add_column(name, no_wrap=True)
    for name in ("n", "first", "other", "other/first", "± 95 %"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict")
    for row in rows.to_dict("records"):
        table.add_row(
            escape(printable(row["workload"], 40)),
            LANGUAGE_NAMES.get(row["language"], escape(printable(row["language"], 40))),
            str(row["n"]),
            ticks_text(row["first"]),
            ticks_text(row["other"]),
            change_text(row["ratio"]),
            _reach(row),
            row["verdict"],
            style=_STYLES.get(row["verdict"]),
        )
    return table


def _reach(row: Mapping[Any, Any]) -> str:
    if row["samples"] == 1:
        return "1 sample"
    exact = row["ratio_low"] == row["ratio_high"]
    return "exact" if exact else reach_text(row["ratio"], row["ratio_low"], row["ratio_high"])


def overall_table(comparison: Comparison) -> Table:
    """One row a later run and language: the geometric mean of the ratios, and how many rows have each verdict."""
    table = Table(title=f"against {escape(printable(comparison.runs[0], 80))}", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("run", overflow="fold")
    table.add_column("language", no_wrap=True)
    rows = comparison.overall()
    verdicts = [verdict for verdict in VERDICTS if rows[verdict].any()]
    for name in ("mean", *verdicts):
        table.add_column(name, justify="right")
    for row in rows.to_dict("records"):
        counts = [str(row[verdict] or "-") for verdict in verdicts]
        language = LANGUAGE_NAMES.get(row["language"], escape(printable(row["language"], 40)))
        table.add_row(escape(printable(row["run"], 80)), language, change_text(row["mean"]), *counts)
    table.caption = (
        "mean: geometric mean of other/first over the workloads, each at its largest n; the rest counts measurements"
    )
    return table


def change_text(ratio: float) -> str:
    """A ratio near 1, in four decimals; those far from it in three digits."""
    if math.isnan(ratio):
        return "-"
    return f"{ratio:.4f}×" if 0.1 <= ratio < 10 else f"{ratio:.3g}×"


def noise_floor_text(comparison: Comparison) -> str:
    """One sentence on how far a board was from itself: the largest change either way, and where."""
    rows = comparison.rows
    away = np.log(rows["ratio"]).abs()
    if (rows["verdict"] == IDENTICAL).all():
        return f"noise floor: none, all {len(rows)} measurements identical"
    if away.isna().all():
        return "noise floor: not to be told, every workload was too short"
    worst = rows.loc[away.idxmax()]
    identical = int((rows["verdict"] == IDENTICAL).sum())
    return (
        f"noise floor: {100 * np.expm1(away.max()):.3f} % ({printable(worst['workload'], 40)} n={worst['n']} in "
        f"{worst['language']}); {identical} of {len(rows)} measurements identical"
    )
