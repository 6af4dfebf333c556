"""From samples to figures: cost per execution, overhead ratio, geometric mean. Does not care where samples came from.

All functions take the frame of `bench.load_run`. "Ticks" are in the run's tick unit: retired instructions on a virtual
board, which are not time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.catalogue import IDIOMATIC, OVERHEAD_WORKLOAD
from bench.errors import InputError
from bench.plan import KEY_COLUMNS, Key
from bench.statistics import Groups, Values, bootstrap_ratios, tukey_fences
from bench.variants import HEADLINE_VARIANT

_WAY = ["language", "variant"]
_MEASUREMENT = ["group", *KEY_COLUMNS]
_RATIO_COLUMNS = ["group", "workload", "n", "arduino", "arduino_iqr", "micropython", "micropython_iqr", "samples",
                  "outliers", "ratio", "ratio_low", "ratio_high", "constant", "layouts"]  # fmt: skip


@dataclass(frozen=True)
class GeometricMean:
    """A geometric mean; `spread` is the geometric standard deviation, a factor >= 1 (NaN for fewer than two values)."""

    value: float
    spread: float
    count: int


def cost_of_measuring(frame: pd.DataFrame) -> pd.DataFrame:
    """What the timed block costs without a workload, from the workload `empty`.

    Index: language and variant, since each variant calls run() in its own way. Columns: `fixed` (ticks a block),
    `per_loop` (ticks an execution): the line through the medians of the shortest and the longest empty block.
    InputError where a variant has no two of them, and where the frame holds several runs, whose blocks must not be
    mixed.
    """
    if frame["run_id"].nunique() > 1:
        raise InputError(
            f"expected the samples of one run, got those of {frame['run_id'].nunique()}: summarise each by itself, or "
            "compare them with `bench compare`"
        )
    empty = frame.loc[frame["workload"] == OVERHEAD_WORKLOAD, [*_WAY, "loops", "ticks"]]
    medians = empty.groupby([*_WAY, "loops"], as_index=False)["ticks"].median()
    points_of: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for row in medians.itertuples(index=False):
        points_of.setdefault((str(row.language), str(row.variant)), []).append((row.loops, row.ticks))
    lines = {}
    for language, variant in frame[_WAY].drop_duplicates().itertuples(index=False):
        points = sorted(points_of.get((language, variant), []))
        if len(points) < 2:
            raise InputError(
                f"the run has no figures of the workload {OVERHEAD_WORKLOAD!r} at two sizes in {language} ({variant}), "
                "which are subtracted from all others: complete it with `bench run --resume`"
            )
        (first, first_ticks), (last, last_ticks) = points[0], points[-1]
        per_loop = (last_ticks - first_ticks) / (last - first)
        lines[language, variant] = (first_ticks - per_loop * first, per_loop)
    index = pd.MultiIndex.from_tuples(list(lines), names=_WAY)
    return pd.DataFrame(list(lines.values()), index=index, columns=["fixed", "per_loop"], dtype=float)


def per_execution(frame: pd.DataFrame) -> pd.Series:
    """Ticks per execution of each sample, the cost of measuring subtracted. Index: as the frame's."""
    cost = cost_of_measuring(frame)
    ways = frame.groupby(_WAY, sort=False)  # a million texts are looked up once
    codes, names = ways.ngroup().to_numpy(), pd.MultiIndex.from_tuples([name for name, _ in ways], names=_WAY)
    fixed, per_loop = (cost[column].reindex(names).to_numpy()[codes] for column in ("fixed", "per_loop"))
    costs: pd.Series = (frame["ticks"] - fixed) / frame["loops"] - per_loop
    return costs


@dataclass(frozen=True)
class Measured:
    """The measurements of a run: `keys` has a row each (group, workload, language, variant, n, loops, checksum)."""

    keys: pd.DataFrame
    costs: Groups  # ticks per execution, the cost of measuring subtracted; group i belongs to row i of `keys`
    by_build: Mapping[Key, Sequence[Values]] = field(default_factory=dict)  # of what was measured in several builds

    def builds(self, row: int) -> Sequence[Values]:
        """The costs of a measurement in each build of its program, sorted."""
        if not self.by_build:
            return [self.costs[row]]
        return self.by_build.get(_key(self.keys.loc[row, list(KEY_COLUMNS)])) or [self.costs[row]]

    @property
    def tick(self) -> pd.Series:
        """One timer tick in ticks per execution: what a single cost is known to."""
        return 1 / self.keys["loops"]

    @property
    def constant(self) -> npt.NDArray[np.bool_]:
        """Whether all samples of a measurement are equal."""
        return np.asarray(self.costs.quantile(0) == self.costs.quantile(1))


def measurements(frame: pd.DataFrame) -> Measured:
    """The costs of each measurement, without `empty`, in the order of the run."""
    costs = per_execution(frame).to_numpy(dtype=float)
    labels = frame.groupby(list(KEY_COLUMNS), sort=False).ngroup().to_numpy(dtype=np.int64)
    first = ~pd.Series(labels).duplicated().to_numpy()
    keys = frame.loc[first, [*_MEASUREMENT, "loops", "checksum"]]
    real = (keys["workload"] != OVERHEAD_WORKLOAD).to_numpy(dtype=bool)
    number = np.cumsum(real) - 1  # of each measurement when those of `empty` are left out
    kept = real[labels]
    return Measured(
        pd.DataFrame(keys[real].reset_index(drop=True)),
        Groups(number[labels[kept]], costs[kept]),
        _costs_by_build(frame, costs),
    )


def _costs_by_build(frame: pd.DataFrame, costs: Values) -> dict[Key, list[Values]]:
    """The sorted costs in each image, of the measurements that were made with several."""
    if len(frame.drop_duplicates([*_WAY, "image"])) == len(frame.drop_duplicates(_WAY)):
        return {}
    found: dict[Key, list[Values]] = {}
    for name, rows in pd.Series(costs, frame.index).groupby([frame[c] for c in [*KEY_COLUMNS, "image"]], sort=False):
        found.setdefault(_key(name), []).append(np.sort(rows.to_numpy(dtype=float)))
    return {key: builds for key, builds in found.items() if len(builds) > 1}


def _key(values: Any) -> Key:
    """The key of a measurement from what pandas gives: its four columns, and maybe more after them."""
    workload, language, variant, n, *_ = values
    return str(workload), str(language), str(variant), int(n)


def summarise(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a measurement, without `empty`, in the order of the run.

    Columns: group, workload, language, variant, n; median, q25, q75, min (ticks per execution, cost of measuring
    subtracted); samples (number of timed blocks), outliers (how many of them lie beyond Tukey's fences, the
    interquartile range taken as one timer tick at least; none is left out of any figure), loops (executions in each).
    """
    return _summary(measurements(frame))


def _summary(measured: Measured) -> pd.DataFrame:
    costs = measured.costs
    q25, q75 = costs.quantile(0.25), costs.quantile(0.75)
    figures = {"median": costs.quantile(0.5), "q25": q25, "q75": q75, "min": costs.quantile(0), "samples": costs.counts}
    outliers = costs.count_outside(*tukey_fences(q25, q75, measured.tick.to_numpy()))
    return measured.keys[_MEASUREMENT].assign(**figures, outliers=outliers, loops=measured.keys["loops"])


def overhead_ratios(frame: pd.DataFrame) -> pd.DataFrame:
    """The overhead ratio of every workload and n that both languages measured, in their headline variants.

    Columns: group, workload, n; arduino, micropython (median ticks per execution); arduino_iqr, micropython_iqr (their
    interquartile ranges); samples (the smaller number of both); outliers (of both together, see `summarise`); ratio
    (micropython / arduino; NaN where the work was too short to be told from the cost of measuring); ratio_low,
    ratio_high (95 % bootstrap interval of the ratio, see `bench.statistics.bootstrap_ratio`; it covers repeats, and
    takes the cost of measuring as known; NaN where ratio is, and where a side has one sample only; where C++ was
    measured in several code layouts it reaches from the lowest end of all their intervals to the highest); constant
    (True where all samples of each side are equal: the interval is then one timer tick on either side); layouts (how
    many builds of C++ there are in it).
    """
    measured = measurements(frame)
    sides = [_side(measured, language) for language in ("arduino", "micropython")]
    both = sides[0].merge(sides[1], on=["group", "workload", "n"], how="inner", sort=False)
    both["samples"] = both[["arduino_samples", "micropython_samples"]].min(axis=1)
    both["outliers"] = both["arduino_outliers"] + both["micropython_outliers"]
    measurable = (both["arduino"] > 0) & (both["micropython"] > 0)
    both["ratio"] = (both["micropython"] / both["arduino"].where(measurable)).where(measurable)
    both["ratio_low"], both["ratio_high"] = _intervals(measured, both["micropython_place"], both["arduino_place"])
    both["constant"] = both["arduino_constant"] & both["micropython_constant"]
    both["layouts"] = [len(measured.builds(row)) for row in both["arduino_place"]]
    return both[_RATIO_COLUMNS]


def _side(measured: Measured, language: str) -> pd.DataFrame:
    """One language's half of `overhead_ratios`, its columns named by it; `place` is the row in `measured`."""
    summary = _summary(measured)
    figures: dict[str, Any] = {
        language: summary["median"],
        f"{language}_iqr": summary["q75"] - summary["q25"],
        f"{language}_samples": summary["samples"],
        f"{language}_outliers": summary["outliers"],
        f"{language}_constant": measured.constant,
        f"{language}_place": summary.index,
    }
    chosen = summary["language"] == language
    if summary.loc[chosen, "variant"].nunique() > 1:
        chosen &= summary["variant"] == HEADLINE_VARIANT[language]
    return summary[["group", "workload", "n"]].assign(**figures)[chosen]


def _intervals(measured: Measured, above: pd.Series, below: pd.Series) -> tuple[Values, Values]:
    """The bootstrap intervals of the costs of these measurements, given by their rows, over those: lows, highs.

    Of a measurement in several builds there is an interval for each, and the ends are those that lie farthest out: a
    few layouts are too few to tell how all of them are distributed.
    """
    tick = measured.tick.to_numpy()
    tops, bottoms, ticks, rows = [], [], [], []
    for place, (top, bottom) in enumerate(zip(above, below, strict=True)):
        for one, other in product(measured.builds(top), measured.builds(bottom)):
            tops.append(one)
            bottoms.append(other)
            ticks.append((tick[top], tick[bottom]))
            rows.append(place)
    ends = bootstrap_ratios(tops, bottoms, np.array(ticks, dtype=float).reshape(-1, 2))
    low, high = (pd.Series(end).groupby(rows) for end in ends)
    return np.asarray(low.min(), dtype=np.float64), np.asarray(high.max(), dtype=np.float64)


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


def matched(ratios: pd.DataFrame) -> pd.DataFrame:
    """The rows of matched workloads, of which means are made; where all are idiomatic, those."""
    rows = ratios[ratios["group"] != IDIOMATIC]
    return rows if len(rows) else ratios


def overall_mean(ratios: pd.DataFrame) -> GeometricMean:
    """The geometric mean of `ratio` over the matched workloads: rows of `headline(overhead_ratios(...))`."""
    return geometric_mean(matched(ratios)["ratio"])


def group_means(ratios: pd.DataFrame) -> pd.DataFrame:
    """The geometric mean of `ratio` in each group of workloads, and in all: rows of `headline(overhead_ratios(...))`.

    Columns: group, mean, spread (geometric standard deviation, NaN for fewer than two ratios), count (ratios that are
    not NaN). The last row, of the group "all", is over the matched workloads, not over the groups.
    """
    groups = [(str(name), geometric_mean(rows["ratio"])) for name, rows in ratios.groupby("group", sort=False)]
    means = [*groups, ("all", overall_mean(ratios))]
    return pd.DataFrame(
        [(name, mean.value, mean.spread, mean.count) for name, mean in means],
        columns=["group", "mean", "spread", "count"],
    )
