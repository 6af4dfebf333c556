"""From samples to figures: cost per execution, overhead ratio, geometric mean. Does not care where samples came from.

All functions take the frame of `bench.load_run`. "Ticks" are in the run's tick unit: retired instructions on a virtual
board, which are not time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.catalogue import OVERHEAD_WORKLOAD
from bench.errors import InputError

_MEASUREMENT = ["group", "workload", "language", "variant", "n"]


@dataclass(frozen=True)
class GeometricMean:
    """A geometric mean; `spread` is the geometric standard deviation, a factor >= 1 (NaN for fewer than two values)."""

    value: float
    spread: float
    count: int


def cost_of_measuring(frame: pd.DataFrame) -> pd.DataFrame:
    """What the timed block costs without a workload, from the workload `empty`.

    Index: language. Columns: `fixed` (ticks a block), `per_loop` (ticks an execution): the line through the medians of
    the shortest and the longest empty block. InputError where a language has no two of them.
    """
    empty = frame[frame["workload"] == OVERHEAD_WORKLOAD]
    medians = empty.groupby(["language", "loops"])["ticks"].median().reset_index()
    lines = {}
    for language in frame["language"].unique():
        points = medians[medians["language"] == language].sort_values("loops")
        if len(points) < 2:
            raise InputError(
                f"the run has no figures of the workload {OVERHEAD_WORKLOAD!r} at two sizes in {language}, which are "
                "subtracted from all others: complete it with `bench run --resume`"
            )
        first, last = points.iloc[0], points.iloc[-1]
        per_loop = (last["ticks"] - first["ticks"]) / (last["loops"] - first["loops"])
        lines[language] = {"fixed": first["ticks"] - per_loop * first["loops"], "per_loop": per_loop}
    return pd.DataFrame.from_dict(lines, orient="index", columns=["fixed", "per_loop"], dtype=float)


def per_execution(frame: pd.DataFrame) -> pd.Series:
    """Ticks per execution of each sample, the cost of measuring subtracted. Index: as the frame's."""
    cost = cost_of_measuring(frame)
    fixed = frame["language"].map(cost["fixed"]).astype(float)  # which an empty frame's would not be
    per_loop = frame["language"].map(cost["per_loop"]).astype(float)
    return (frame["ticks"] - fixed) / frame["loops"] - per_loop


def summarise(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a measurement, without `empty`, in the order of the run.

    Columns: group, workload, language, variant, n; median, q25, q75, min (ticks per execution, cost of measuring
    subtracted); samples (number of timed blocks), loops (executions in each).
    """
    frame = frame.assign(cost=per_execution(frame))
    frame = frame[frame["workload"] != OVERHEAD_WORKLOAD]
    grouped = frame.groupby(_MEASUREMENT, sort=False)
    cost = grouped["cost"]
    summary = pd.DataFrame(
        {
            "median": cost.median(),
            "q25": cost.quantile(0.25),
            "q75": cost.quantile(0.75),
            "min": cost.min(),
            "samples": cost.size(),
            "loops": grouped["loops"].first(),
        }
    )
    return summary.reset_index()


def overhead_ratios(frame: pd.DataFrame) -> pd.DataFrame:
    """The overhead ratio of every workload and n that both languages measured.

    Columns: group, workload, n; arduino, micropython (median ticks per execution); arduino_iqr, micropython_iqr (their
    interquartile ranges); samples (the smaller number of both); ratio (micropython / arduino; NaN where the work was
    too short to be told from the cost of measuring).
    """
    summary = summarise(frame)
    summary["iqr"] = summary["q75"] - summary["q25"]
    sides = [
        summary[summary["language"] == language]
        .rename(columns={"median": language, "iqr": f"{language}_iqr", "samples": f"{language}_samples"})
        .loc[:, ["group", "workload", "n", language, f"{language}_iqr", f"{language}_samples"]]
        for language in ("arduino", "micropython")
    ]
    both = sides[0].merge(sides[1], on=["group", "workload", "n"], how="inner", sort=False)
    both["samples"] = both[["arduino_samples", "micropython_samples"]].min(axis=1)
    measurable = (both["arduino"] > 0) & (both["micropython"] > 0)
    both["ratio"] = (both["micropython"] / both["arduino"].where(measurable)).where(measurable)
    return both.drop(columns=["arduino_samples", "micropython_samples"])


def headline(ratios: pd.DataFrame) -> pd.DataFrame:
    """The rows of `overhead_ratios` at each workload's largest n, where fixed costs weigh least."""
    return ratios.loc[ratios.groupby("workload", sort=False)["n"].idxmax()].reset_index(drop=True)


def geometric_mean(ratios: pd.Series) -> GeometricMean:
    """The geometric mean of ratios and its geometric standard deviation. Fleming and Wallace 1986 on why geometric."""
    logarithms = np.log(ratios.dropna().to_numpy(dtype=float))
    if len(logarithms) == 0:
        return GeometricMean(float("nan"), float("nan"), 0)
    spread = float(np.exp(logarithms.std(ddof=1))) if len(logarithms) > 1 else float("nan")
    return GeometricMean(float(np.exp(logarithms.mean())), spread, len(logarithms))
