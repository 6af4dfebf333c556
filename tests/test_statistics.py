"""The intervals are SciPy's, hold what they promise, and survive samples that have no spread at all."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap

from bench.labels import reach_text
from bench.statistics import Groups, Interval, bootstrap_ratio, bootstrap_ratios, median, tukey_outliers

COSTS = st.lists(st.floats(1, 1e6), min_size=2, max_size=20)
QUICK = settings(max_examples=40, deadline=None)


def ratio(above: list[float], below: list[float]) -> float:
    """The ratio of medians."""
    return float(np.median(above) / np.median(below))


@pytest.mark.parametrize("sizes", [(10, 10), (11, 40), (30, 7)])
def test_the_interval_is_that_of_scipys_bootstrap(sizes: tuple[int, int]) -> None:
    random = np.random.default_rng(sizes[0])
    above, below = random.normal(100, 5, sizes[0]), random.normal(10, 1, sizes[1])
    scipys = bootstrap(
        (above, below),
        lambda x, y, axis: np.median(x, axis=axis) / np.median(y, axis=axis),
        n_resamples=9999,
        method="percentile",
        random_state=3,
    ).confidence_interval
    ours = bootstrap_ratio(above, below)
    width = scipys.high - scipys.low
    assert (ours.low, ours.high) == pytest.approx((scipys.low, scipys.high), abs=0.15 * width)


def test_the_interval_holds_the_true_ratio_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(1)
    above = list(np.sort(random.lognormal(0, 0.1, (400, 25)) * 300, axis=1))
    below = list(np.sort(random.lognormal(0, 0.02, (400, 15)), axis=1))
    low, high = bootstrap_ratios(above, below, np.zeros((400, 2)))
    assert 0.92 <= np.mean((low <= 300) & (high >= 300)) <= 0.99


@QUICK
@given(COSTS, COSTS)
def test_the_ratio_lies_in_its_interval_which_lies_in_what_the_samples_allow(
    above: list[float], below: list[float]
) -> None:
    found = bootstrap_ratio(above, below)
    assert found.low <= ratio(above, below) * (1 + 1e-12) and ratio(above, below) <= found.high * (1 + 1e-12)
    assert found.low >= min(above) / max(below) * (1 - 1e-12)
    assert found.high <= max(above) / min(below) * (1 + 1e-12)


@QUICK
@given(COSTS, COSTS, st.sampled_from([0.25, 0.5, 2.0, 1024.0]))
def test_another_unit_changes_nothing(above: list[float], below: list[float], unit: float) -> None:
    plain = bootstrap_ratio(above, below, (1, 0.5))
    scaled = bootstrap_ratio([unit * x for x in above], [unit * x for x in below], (unit, 0.5 * unit))
    assert (scaled.low, scaled.high) == pytest.approx((plain.low, plain.high))


@QUICK
@given(COSTS, COSTS)
def test_the_same_samples_in_any_order_give_the_same_interval(above: list[float], below: list[float]) -> None:
    assert bootstrap_ratio(above, below) == bootstrap_ratio(above[::-1], sorted(below))


def test_many_pairs_at_once_are_what_each_gives_alone() -> None:
    random = np.random.default_rng(5)
    sizes = [(5, 5), (5, 9), (2, 2), (5, 5), (40, 3)]
    pairs = [(np.sort(random.uniform(50, 99, a)), np.sort(random.uniform(5, 9, b))) for a, b in sizes]
    low, high = bootstrap_ratios([a for a, _ in pairs], [b for _, b in pairs], np.full((5, 2), 0.1))
    alone = [bootstrap_ratio(a, b, (0.1, 0.1)) for a, b in pairs]
    assert [Interval(*ends) for ends in zip(low, high, strict=True)] == alone


def test_constant_samples_have_the_interval_of_one_timer_tick() -> None:
    assert bootstrap_ratio([300, 300, 300], [10, 10], (1, 0.5)) == Interval(299 / 10.5, 301 / 9.5)
    assert bootstrap_ratio([300] * 5, [10] * 3) == Interval(30, 30)
    assert bootstrap_ratio([300, 300], [1, 1], (1, 1)).high == math.inf


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ([5], [1, 2, 3]),
        ([5, 6], [1]),
        ([], [1, 2]),
        ([5, 6], []),
        ([5, 6], [0, 0]),
        ([-1, -1], [2, 2]),
        ([math.nan, math.nan], [2, 2]),
    ],
)
def test_where_there_are_no_repeats_or_nothing_to_divide_there_is_no_interval(
    above: list[float], below: list[float]
) -> None:
    found = bootstrap_ratio(above, below)
    assert math.isnan(found.low) and math.isnan(found.high)


def test_resamples_that_reach_zero_make_the_interval_endless_not_an_error() -> None:
    found = bootstrap_ratio([5, 6, 7], [-1, 1, 1])
    assert 0 < found.low < found.high == math.inf


def test_outliers_are_marked_by_tukeys_fences() -> None:
    assert tukey_outliers([10, 11, 12, 13, 14, 40]).tolist() == [False] * 5 + [True]
    assert tukey_outliers([-30, 10, 11, 12, 13, 14]).tolist() == [True] + [False] * 5
    assert tukey_outliers([7] * 9).tolist() == [False] * 9
    assert tukey_outliers([]).tolist() == tukey_outliers([3]).tolist()[:0]


def test_a_single_tick_off_a_constant_is_the_timer_and_no_outlier() -> None:
    values = [100.0] * 9 + [101.0]
    assert tukey_outliers(values).tolist() == [False] * 9 + [True]
    assert not tukey_outliers(values, tick=1).any()


@QUICK
@given(st.lists(st.tuples(st.integers(0, 3), st.floats(-1e6, 1e6)), min_size=1, max_size=30))
def test_quantiles_of_groups_are_numpys(pairs: list[tuple[int, float]]) -> None:
    names = list(dict.fromkeys(name for name, _ in pairs))
    groups = Groups(np.array([names.index(name) for name, _ in pairs]), np.array([value for _, value in pairs]))
    for share in (0, 0.25, 0.5, 0.75, 1):
        expected = [np.quantile([value for name, value in pairs if name == one], share) for one in names]
        assert groups.quantile(share) == pytest.approx(expected, abs=1e-6)
    for place, one in enumerate(names):
        assert groups[place].tolist() == sorted(value for name, value in pairs if name == one)
        assert median(groups[place]) == pytest.approx(float(np.median(groups[place])), abs=1e-6)


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (100, 100, "<0.01 %"),
        (99.98, 100.01, "0.02 %"),
        (97.5, 101, "2.5 %"),
        (80, 112, "20 %"),
        (90, math.inf, "∞"),
        (math.nan, math.nan, "-"),
    ],
)
def test_an_interval_is_worded_by_its_wider_side(low: float, high: float, text: str) -> None:
    assert reach_text(100, low, high) == text
