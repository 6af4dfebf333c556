"""Statistics of samples, in NumPy and SciPy: ratios of medians with an interval, quantiles of groups, outliers.

An interval covers what repeats of one build show, and nothing else: other builds, code layouts and compilers are not in
it (`bench.analysis` widens it over the layouts that were measured). Constant samples are normal (C++ repeats exactly),
so nothing here divides by a spread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
CONFIDENCE = 0.95
RESAMPLES = 999
SEED = 1
ENOUGH_SAMPLES = (
    6  # all of n samples lie on one side of the true median with probability 2 ** (1 - n): below 5 % from 6
)
_AT_ONCE = 4_000_000  # resampled ratios held in memory


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`; both NaN where there is nothing to tell it from."""

    low: float
    high: float


class Groups:
    """Numbers in groups, each group sorted. The groups are numbered from 0 in the order of their first number."""

    def __init__(self, labels: npt.NDArray[np.int64], values: Values) -> None:
        order = np.lexsort((values, labels))
        self._values = values[order]
        self.counts = np.bincount(labels)
        self._starts = np.cumsum(self.counts) - self.counts

    def __getitem__(self, group: int) -> Values:
        """The numbers of a group, sorted."""
        start = self._starts[group]
        return self._values[start : start + self.counts[group]]

    def quantile(self, share: float) -> Values:
        """The quantile of each group, interpolated linearly (NumPy's default, type 7 of Hyndman and Fan 1996)."""
        place = self._starts + share * (self.counts - 1)
        below = np.floor(place).astype(np.int64)
        above = np.ceil(place).astype(np.int64)
        return self._values[below] + (place - below) * (self._values[above] - self._values[below])

    def count_outside(self, low: Values, high: Values) -> npt.NDArray[np.int64]:
        """How many numbers of each group lie below its `low` or above its `high`."""
        outside = (self._values < np.repeat(low, self.counts)) | (self._values > np.repeat(high, self.counts))
        group = np.repeat(np.arange(len(self.counts)), self.counts)
        return np.bincount(group[outside], minlength=len(self.counts))


def median(values: Values) -> float:
    """The median of sorted values, of which there is at least one."""
    return float(values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


def tukey_fences(q25: Any, q75: Any, tick: Any = 0.0) -> tuple[Any, Any]:
    """Tukey's fences, 1.5 interquartile ranges beyond the quartiles ("Exploratory Data Analysis", 1977).

    `tick` is the timer's resolution, and the least that counts as an interquartile range. Takes numbers or arrays.
    """
    reach = 1.5 * np.maximum(q75 - q25, tick)
    return q25 - reach, q75 + reach


def tukey_outliers(values: npt.ArrayLike, tick: float = 0.0) -> npt.NDArray[np.bool_]:
    """Which of the values are outliers: beyond Tukey's fences. They are to be marked, and kept."""
    array = np.asarray(values, dtype=float)
    if len(array) == 0:
        return np.zeros(0, dtype=bool)
    low, high = tukey_fences(np.quantile(array, 0.25), np.quantile(array, 0.75), tick)
    return np.asarray((array < low) | (array > high))


def bootstrap_ratio(
    numerator: npt.ArrayLike,
    denominator: npt.ArrayLike,
    tick_floor: tuple[float, float] = (0.0, 0.0),
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> Interval:
    """The bootstrap interval of median(numerator) / median(denominator), for samples taken independently.

    The percentile method of `scipy.stats.bootstrap` (Efron and Tibshirani 1993, chapter 13). `tick_floor` is a timer
    tick in the unit of the numerator and of the denominator: the interval reaches at least as far as if both medians
    were off by it, which is all there is where samples are constant. With one sample on a side there are no repeats and
    the interval is NaN, as it is where a median is not positive. With fewer than ENOUGH_SAMPLES on a side it is
    narrower than `confidence` says, for no resample goes beyond the samples. `high` is infinite where resamples of the
    denominator reach zero. The same samples give the same interval.
    """
    pair = (np.sort(np.asarray(numerator, dtype=float)), np.sort(np.asarray(denominator, dtype=float)))
    low, high = bootstrap_ratios([pair[0]], [pair[1]], np.array([tick_floor]), confidence, seed)
    return Interval(float(low[0]), float(high[0]))


def bootstrap_ratios(
    numerators: Sequence[Values],
    denominators: Sequence[Values],
    tick_floors: Values,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> tuple[Values, Values]:
    """`bootstrap_ratio` for many pairs at once: the lower and the upper ends.

    Each numerator and denominator is sorted; `tick_floors` has a row a pair. Pairs with equal numbers of samples share
    their resamples, and constant ones need none.
    """
    low, high = _floor(numerators, denominators, tick_floors)
    alike: dict[tuple[int, int], list[int]] = {}
    for place, pair in enumerate(zip(numerators, denominators, strict=True)):
        if not np.isnan(low[place]) and any(side[0] != side[-1] for side in pair):
            alike.setdefault((len(pair[0]), len(pair[1])), []).append(place)
    for sizes, places in alike.items():
        ranks = _middle_ranks(*sizes, seed)
        step = max(1, _AT_ONCE // RESAMPLES)
        for part in (places[first : first + step] for first in range(0, len(places), step)):
            above = _medians(np.stack([numerators[place] for place in part]), ranks[:2])
            below = _medians(np.stack([denominators[place] for place in part]), ranks[2:])
            ends = _percentiles(_divide(np.maximum(above, 0), below), confidence)
            low[part] = np.minimum(low[part], ends[0])
            high[part] = np.maximum(high[part], ends[1])
    return low, high


def _floor(numerators: Sequence[Values], denominators: Sequence[Values], ticks: Values) -> tuple[Values, Values]:
    """The ratios with each median off by a tick; NaN where there are no repeats or nothing to divide."""
    above = np.array([median(side) if len(side) > 1 else np.nan for side in numerators], dtype=float)
    below = np.array([median(side) if len(side) > 1 else np.nan for side in denominators], dtype=float)
    unknown = ~((above > 0) & (below > 0))
    low = np.maximum(above - ticks[:, 0], 0) / np.where(unknown, 1, below + ticks[:, 1])
    high = _divide(above + ticks[:, 0], np.where(unknown, 1, below - ticks[:, 1]))
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


@lru_cache(maxsize=256)
def _middle_ranks(numerator_size: int, denominator_size: int, seed: int) -> npt.NDArray[np.int64]:
    """Which of the sorted samples are the two middle ones (the same one, if odd) of each resample, on both sides.

    A median depends on the order of the samples only, so SciPy's resamples of the ranks are resamples of any samples of
    these numbers. Shape: (numerator's lower and upper, denominator's lower and upper) x RESAMPLES.
    """
    from scipy.stats import bootstrap  # takes half a second, and runs whose samples are constant need none

    def middles(above: npt.NDArray[np.int64], below: npt.NDArray[np.int64], axis: int) -> Values:
        found = []
        for side in (above, below):
            size = side.shape[axis]
            middle = [(size - 1) // 2, size // 2]
            found += [np.take(np.partition(side, middle, axis=axis), place, axis=axis) for place in middle]
        return np.stack(found).astype(float)  # which SciPy wants

    resampled = bootstrap(
        (np.arange(numerator_size), np.arange(denominator_size)),
        middles,
        n_resamples=RESAMPLES,
        batch=max(1, _AT_ONCE // (numerator_size + denominator_size)),
        vectorized=True,
        method="percentile",
        random_state=seed,
    )
    return np.asarray(resampled.bootstrap_distribution).astype(np.int64)


def _medians(rows: Values, ranks: npt.NDArray[np.int64]) -> Values:
    return np.asarray((rows[:, ranks[0]] + rows[:, ranks[1]]) / 2)


def _divide(above: Values, below: Values) -> Values:
    """The quotient; infinite where the denominator is not positive."""
    positive = below > 0
    return np.where(positive, above / np.where(positive, below, 1), np.inf)


def _percentiles(resampled: Values, confidence: float) -> tuple[Values, Values]:
    """The ends of the middle share of each row, outwards to a resample: infinite ones cannot be interpolated."""
    last = resampled.shape[1] - 1
    low = int(np.floor(last * (1 - confidence) / 2))
    resampled.partition([low, last - low], axis=1)
    return resampled[:, low], resampled[:, last - low]
