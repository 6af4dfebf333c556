"""Sentences of the summary. Every number in them is computed from the run."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bench.analysis import group_means, matched, overall_mean
from bench.labels import origin_text, ratio_text, reach_text, spread_text, unit_text
from bench.report.blocks import clean
from bench.statistics import ENOUGH_SAMPLES

INTERVAL = "± 95 %"

_NO_FIGURES = "No workload has a figure in both languages yet, so the run says nothing of the overhead."


def summary_sentences(frame: pd.DataFrame, rows: pd.DataFrame) -> tuple[str, ...]:
    """Three to six sentences on a run; `rows` are its headline ratios that could be told."""
    run = frame.attrs["run"]
    sentences = [_range(rows, clean(unit_text(run))), _mean(rows)] if len(rows) else [_NO_FIGURES]
    if rows["group"].nunique() > 1:
        sentences.append(_groups(rows))
    if len(rows):
        sentences.append(_certainty(rows))
    sentences.append(_origin(frame))
    if run["failures"] or run["status"] != "complete":
        sentences.append(
            f"The run is {clean(run['status'])}: {len(run['failures'])} measurements failed, and what failed or was "
            "not reached has no figure here."
        )
    return tuple(sentences)


def extremes(rows: pd.DataFrame) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """The matched workloads with the smallest and with the largest ratio."""
    ordered = matched(rows).sort_values("ratio", kind="stable").to_dict("records")
    return ordered[0], ordered[-1]


def _range(rows: pd.DataFrame, unit: str) -> str:
    least, most = extremes(rows)
    if len(rows) == 1:
        return (
            f"For the same work, MicroPython needs {ratio_text(least['ratio'])} the {unit} of Arduino C++ "
            f"({clean(least['workload'])}, n = {least['n']})."
        )
    return (
        f"For the same work, MicroPython needs {ratio_text(least['ratio'])} ({clean(least['workload'])}) to "
        f"{ratio_text(most['ratio'])} ({clean(most['workload'])}) the {unit} of Arduino C++."
    )


def _mean(rows: pd.DataFrame) -> str:
    mean = overall_mean(rows)
    if mean.count == 1:
        return "One workload is no average: what a ratio is depends on what the program does."
    return (
        f"There is no single ratio, because it depends on what a program does: the geometric mean of these "
        f"{mean.count} workloads is {ratio_text(mean.value)} ({spread_text(mean.spread)}), to be read with the table."
    )


def _groups(rows: pd.DataFrame) -> str:
    means = group_means(rows)
    means = means[means["group"] != "all"].sort_values("mean")
    within = means["group"].isin(matched(rows)["group"])
    named, apart = (
        ", ".join(f"{clean(row['group'])} {ratio_text(row['mean'])}" for row in part.to_dict("records"))
        for part in (means[within], means[~within])
    )
    beside = f"; beside them, in no mean: {apart}" if apart else ""
    return f"By group of workloads, from the smallest to the largest geometric mean: {named}{beside}."


def _certainty(rows: pd.DataFrame) -> str:
    samples = int(rows["samples"].min())
    known = rows.dropna(subset="ratio_low").to_dict("records")
    if not known:
        return "Each figure comes from a single sample, so nothing is known of how repeats scatter."
    widest = max(known, key=lambda row: row["ratio_high"] / row["ratio_low"])
    reach = reach_text(widest["ratio"], widest["ratio_low"], widest["ratio_high"])
    few = (
        f" (95 % take {ENOUGH_SAMPLES} samples or more)"
        if samples < ENOUGH_SAMPLES and not rows["constant"].all()
        else ""
    )
    layouts = int(rows["layouts"].min())
    scatter = "repeats of one build leave" if layouts < 2 else f"repeats and {layouts} code layouts of C++ leave"
    return (
        f"Each ratio is one of medians of at least {samples} samples; {scatter} it uncertain by "
        f"±{reach} at most{few}. Another compiler, build or board may differ by far more."
    )


def _origin(frame: pd.DataFrame) -> str:
    run = frame.attrs["run"]
    if not run["board"]["simulated"]:
        return f"The figures were {clean(origin_text(run))}."
    return (
        f"All figures are {clean(origin_text(run))}: a real chip weighs instructions differently, so its digits differ."
    )
