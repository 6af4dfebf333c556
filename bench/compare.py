"""Runs against each other: how each measurement's cost changed from the first run to every other one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bench.analysis import measurements, overall_mean
from bench.comparable import Differences, check_comparable, differences, float_work_differs
from bench.errors import InputError
from bench.plan import KEY_COLUMNS, Key
from bench.statistics import Values, bootstrap_ratios, median
from bench.variants import HEADLINE_VARIANT

IDENTICAL, NO_DIFFERENCE, SLOWER, FASTER = "identical", "no difference shown", "slower", "faster"
TOO_SHORT = "too short to tell"
VERDICTS = (SLOWER, FASTER, NO_DIFFERENCE, IDENTICAL, TOO_SHORT)
LEAST_SIMULATED = 0.001
LEAST_MEASURED = 0.05
LAYOUTS = 3  # so many images of each run must agree for a smaller difference to be one on hardware
_MISSING = "some n or language not measured in both"
_KEY = list(KEY_COLUMNS)


@dataclass(frozen=True)
class Comparison:
    """`rows` has one row a measurement and later run, in the order of the runs.

    Columns: run, group, workload, language, variant, n; first, other (median ticks per execution in the first run and
    in this one); ratio (other / first: above 1 is slower); ratio_low, ratio_high (95 % bootstrap interval of repeats,
    NaN where a side has one sample only); samples (the smaller number of both); verdict (one of VERDICTS, by `rule`).
    """

    runs: Sequence[str]
    rows: pd.DataFrame
    warnings: Sequence[str]  # what else differs between the runs, and what was left out: a sentence each
    facts: dict[str, Any]  # run.json of the first run

    @property
    def least(self) -> float:
        """The smallest change that is called one, as a share."""
        return LEAST_SIMULATED if self.facts["board"]["simulated"] else LEAST_MEASURED

    @property
    def rule(self) -> str:
        """How the verdicts are given, in words."""
        shown = "slower, faster: the interval excludes 1.00× and the change is at least"
        if self.facts["board"]["simulated"]:
            return (
                f"identical: the same counts; {shown} {100 * self.least:g} %, since objects elsewhere in the heap "
                f"change a count by less; else {NO_DIFFERENCE}. Instructions, not time"
            )
        return (
            f"{shown} {100 * self.least:g} %, since builds of the same code differ by so much through its place in the "
            f"flash cache, or all of at least {LAYOUTS} code layouts of each run agree; else {NO_DIFFERENCE}"
        )

    def changed(self, run: str) -> bool:
        """Whether anything in this run is slower or faster."""
        verdicts = self.rows.loc[self.rows["run"] == run, "verdict"]
        return bool(verdicts.isin([SLOWER, FASTER]).any())

    def overall(self) -> pd.DataFrame:
        """One row a later run and language, the mean over its headline variant where that was measured.

        Columns: run, language; mean, spread, count (geometric mean of the ratios at each workload's largest n, its
        geometric standard deviation, number of workloads); then the number of rows with each of VERDICTS.
        """
        found = []
        for (run, language), rows in self.rows.groupby(["run", "language"], sort=False):
            usual = rows[rows["variant"] == HEADLINE_VARIANT.get(str(language))]
            told = usual if len(usual) else rows
            largest = told.loc[told.groupby("workload", sort=False)["n"].idxmax()]
            mean = overall_mean(largest)
            counts = {verdict: int((rows["verdict"] == verdict).sum()) for verdict in VERDICTS}
            found.append({"run": run, "language": language, "mean": mean.value, "spread": mean.spread,
                          "count": mean.count} | counts)  # fmt: skip
        return pd.DataFrame(found, columns=["run", "language", "mean", "spread", "count", *VERDICTS])


@dataclass(frozen=True)
class Limit:
    """What a person does not accept: this verdict, at a change of this share or more."""

    verdict: str
    share: float

    @classmethod
    def parse(cls, text: str) -> Limit:
        """From `slower=5%`. InputError for anything else."""
        match = re.fullmatch(r"(slower|faster)=([0-9]{1,6}(?:\.[0-9]{1,6})?)%", text)
        if match is None:
            raise InputError(f"expected slower=PERCENT% or faster=PERCENT%, such as slower=5%, got {text!r:.80}")
        return cls(match[1], float(match[2]) / 100)

    def broken_by(self, comparison: Comparison) -> pd.DataFrame:
        """The rows beyond the limit. InputError where it is finer than the comparison can show."""
        if self.share < comparison.least:
            raise InputError(
                f"expected a limit of at least {100 * comparison.least:g} %, got {100 * self.share:g} %: smaller "
                "changes are not shown on this board"
            )
        rows = comparison.rows
        factor = rows["ratio"] if self.verdict == SLOWER else 1 / rows["ratio"]
        return rows[(rows["verdict"] == self.verdict) & (factor >= 1 + self.share)]


@dataclass(frozen=True)
class _Cell:
    """One measurement of a run."""

    group: str
    checksum: str
    costs: Values  # sorted, ticks per execution
    tick: float
    layouts: Values  # the median of each image that was measured


@dataclass(frozen=True)
class _Run:
    name: str
    facts: dict[str, Any]
    cells: dict[Key, _Cell]

    def only_variants(self) -> dict[str, str]:
        """The variant of each language that was measured in one variant only."""
        found: dict[str, set[str]] = {}
        for _, language, variant, _ in self.cells:
            found.setdefault(language, set()).add(variant)
        return {language: min(variants) for language, variants in found.items() if len(variants) == 1}


def compare(frames: Iterable[pd.DataFrame]) -> Comparison:
    """The runs of `load_run`, each against the first; a generator of them need not be in memory at once.

    InputError where there are fewer than two, where they cannot be compared (tick unit, clock, garbage collection), and
    where nothing was measured in both. Rows whose answers differ, and float workloads where one board has an FPU and
    the other has none, are left out and named in `warnings`.
    """
    first: _Run | None = None
    names: list[str] = []
    pairs = _Pairs()
    noted = Differences()
    for frame in frames:
        run = _run(frame, names)
        names.append(run.name)
        if first is None:
            first = run
            continue
        check_comparable((first.name, first.facts), (run.name, run.facts))
        noted.add(run.name, differences(first.facts, run.facts))
        noted.add(run.name, pairs.add(first, run))
    if first is None or len(names) < 2:
        raise InputError(f"expected at least two runs to compare, got {len(names)}")
    if not pairs:
        raise InputError(f"nothing was measured in {names[0]} and in another run too: there is nothing to compare")
    simulated = bool(first.facts["board"]["simulated"])
    return Comparison(names, pairs.rows(simulated), noted.sentences(len(names) - 1), first.facts)


def _run(frame: pd.DataFrame, names: Sequence[str]) -> _Run:
    facts = frame.attrs["run"]
    name, again = facts["run_id"], 2
    while name in names:  # the same folder twice, or copies of it
        name, again = f"{facts['run_id']} ({again})", again + 1
    measured = measurements(frame)
    keys = measured.keys.to_dict("list")
    layouts = {key: np.array([median(costs) for costs in builds]) for key, builds in measured.by_build.items()}
    cells = {
        key: _Cell(group, checksum, measured.costs[place], 1 / loops, layouts.get(key, np.zeros(0)))
        for place, (key, group, checksum, loops) in enumerate(
            zip(
                zip(keys["workload"], keys["language"], keys["variant"], keys["n"], strict=True),
                keys["group"], keys["checksum"], keys["loops"], strict=True,
            )
        )
    }  # fmt: skip
    return _Run(name, facts, cells)


class _Pairs:
    """The measurements that two runs have in common, gathered over all runs to be resampled together."""

    def __init__(self) -> None:
        self._rows: list[tuple[object, ...]] = []
        self._cells: list[tuple[_Cell, _Cell]] = []

    def __len__(self) -> int:
        return len(self._cells)

    def add(self, first: _Run, other: _Run) -> list[str]:
        """Take what both measured. Gives a phrase for each reason to leave something out, with the workloads."""
        left_out: dict[str, dict[str, None]] = {}
        without_float = float_work_differs(first.facts, other.facts)
        variants = first.only_variants(), other.only_variants()
        met = set()
        for key, mine in first.cells.items():
            workload, language, variant, n = key
            twin = (workload, language, variants[1].get(language, variant) if language in variants[0] else variant, n)
            its = other.cells.get(twin)
            met.add(twin)
            reason = _obstacle(mine, its, without_float)
            if its is None or reason:
                left_out.setdefault(reason, {})[workload] = None
            else:
                self._rows.append((other.name, mine.group, workload, language, variant, n))
                self._cells.append((mine, its))
        for workload, *_ in other.cells.keys() - met:
            left_out.setdefault(_MISSING, {})[workload] = None
        return [f"{reason}: {', '.join(sorted(workloads))}" for reason, workloads in left_out.items()]

    def rows(self, simulated: bool) -> pd.DataFrame:
        """`Comparison.rows`."""
        rows = pd.DataFrame(self._rows, columns=["run", "group", *_KEY])
        first, other = [pair[0] for pair in self._cells], [pair[1] for pair in self._cells]
        rows["first"] = [median(cell.costs) for cell in first]
        rows["other"] = [median(cell.costs) for cell in other]
        measurable = (rows["first"] > 0) & (rows["other"] > 0)
        rows["ratio"] = (rows["other"] / rows["first"].where(measurable)).where(measurable)
        # A simulator counts exactly; a timer is known to a tick.
        ticks = np.array([(0, 0) if simulated else (its.tick, mine.tick) for mine, its in self._cells])
        rows["ratio_low"], rows["ratio_high"] = bootstrap_ratios(
            [cell.costs for cell in other], [cell.costs for cell in first], ticks
        )
        rows["samples"] = [min(len(mine.costs), len(its.costs)) for mine, its in self._cells]
        rows["verdict"] = _verdicts(rows, self._cells, simulated)
        return rows


def _obstacle(mine: _Cell, its: _Cell | None, without_float: bool) -> str:
    """Why two measurements cannot be compared; empty where they can."""
    if its is None:
        return _MISSING
    if mine.checksum != its.checksum:
        return "not compared, the answers differ"
    if without_float and mine.group == "float":
        return "not compared, one board has an FPU and the other has none"
    return ""


def _verdicts(rows: pd.DataFrame, cells: Sequence[tuple[_Cell, _Cell]], simulated: bool) -> pd.Series:
    """The words for each row, by `Comparison.rule`."""
    least = LEAST_SIMULATED if simulated else LEAST_MEASURED
    ratio, low, high = rows["ratio"], rows["ratio_low"], rows["ratio_high"]
    # A count that was taken once is as good as one that was repeated; a time is not.
    low, high = (low.fillna(ratio), high.fillna(ratio)) if simulated else (low, high)
    same = pd.Series([simulated and _same_values(*pair) for pair in cells], index=rows.index, dtype=bool)
    agreed = pd.Series([_layouts_agree(*pair) for pair in cells], index=rows.index, dtype=bool)
    words = pd.Series(NO_DIFFERENCE, index=rows.index, dtype="str")
    words[(low > 1) & ((ratio >= 1 + least) | agreed)] = SLOWER
    words[(high < 1) & ((ratio <= 1 / (1 + least)) | agreed)] = FASTER
    words[same] = IDENTICAL
    words[ratio.isna()] = TOO_SHORT
    return words


def _same_values(first: _Cell, other: _Cell) -> bool:
    return bool(np.array_equal(np.unique(first.costs), np.unique(other.costs)))


def _layouts_agree(first: _Cell, other: _Cell) -> bool:
    """Whether every code layout of one run is faster than every one of the other, of LAYOUTS and more on each side."""
    if min(len(first.layouts), len(other.layouts)) < LAYOUTS:
        return False
    return bool(first.layouts.max() < other.layouts.min() or other.layouts.max() < first.layouts.min())
