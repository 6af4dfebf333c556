"""The figures: exact where they can be exact, absent where they would mean nothing; and how they are worded."""

from __future__ import annotations

import io
import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from bench.analysis import (
    cost_of_measuring,
    geometric_mean,
    group_means,
    headline,
    overhead_ratios,
    per_execution,
    summarise,
)
from bench.errors import InputError
from bench.frames import load_run
from bench.labels import origin_text, printable, provenance_text, ratio_text, ticks_text, unit_text
from bench.results import RunFolder
from bench.statistics import bootstrap_ratio
from bench.table import ratio_table, statistics_table
from tests.factories import facts, linear_run, make_run, measurement, samples

FIXED = {"arduino": 37, "micropython": 411}
PER_LOOP = {"arduino": 11, "micropython": 95}
COSTS = {
    ("fib", "arduino", 10): 500,
    ("fib", "arduino", 20): 4000,
    ("crc32", "arduino", 64): 250,
    ("fib", "micropython", 10): 10_000,
    ("fib", "micropython", 20): 100_000,
    ("crc32", "micropython", 64): 82_500,
}
POSITIVE = st.floats(1e-3, 1e6)


@pytest.fixture
def frame(tmp_path: Path) -> pd.DataFrame:
    """A run without any noise, whose costs are COSTS."""
    return linear_run(tmp_path / "run", COSTS, fixed=FIXED, per_loop=PER_LOOP)


def test_the_cost_of_measuring_is_the_line_through_the_empty_blocks(frame: pd.DataFrame) -> None:
    cost = cost_of_measuring(frame)
    assert cost.index.to_list() == [("arduino", "Os"), ("micropython", "bytecode")]
    assert cost.droplevel("variant").to_dict() == {"fixed": FIXED, "per_loop": PER_LOOP}


def test_the_cost_of_measuring_is_subtracted_to_the_tick(frame: pd.DataFrame) -> None:
    costs = per_execution(frame)
    for (workload, language, n), ticks in COSTS.items():
        mine = (frame["workload"] == workload) & (frame["language"] == language) & (frame["n"] == n)
        assert costs[mine].tolist() == [ticks] * 3
    assert set(costs[frame["workload"] == "empty"]) == {0.0}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(
    fixed=st.integers(0, 10_000),
    per_loop=st.integers(1, 1000),
    ticks=st.integers(1, 10**9),
    ratio=st.integers(1, 1000),
    loops=st.integers(1, 10_000),
)
def test_the_ratio_does_not_depend_on_what_measuring_costs(
    tmp_path_factory: pytest.TempPathFactory, fixed: int, per_loop: int, ticks: int, ratio: int, loops: int
) -> None:
    frame = linear_run(
        tmp_path_factory.mktemp("run") / "run",
        {("fib", "arduino", 20): ticks, ("fib", "micropython", 20): ratio * ticks},
        fixed={"arduino": fixed, "micropython": 3 * fixed},
        per_loop={"arduino": per_loop, "micropython": 7 * per_loop},
        loops=lambda n: loops,
    )
    assert overhead_ratios(frame)["ratio"].tolist() == pytest.approx([ratio], rel=1e-9)


def test_the_summary_has_one_row_a_measurement_without_the_empty_workload(tmp_path: Path) -> None:
    frame = linear_run(tmp_path / "run", COSTS, fixed=FIXED, per_loop=PER_LOOP, jitter=(0, 8, 16, 80))
    summary = summarise(frame)
    assert list(summary[["workload", "language", "n"]].itertuples(index=False, name=None)) == list(COSTS)
    first = summary.iloc[0]
    assert first[["group", "variant", "samples", "loops"]].tolist() == ["control", "Os", 4, 8]
    assert first[["min", "q25", "median", "q75"]].tolist() == [500, 500.75, 501.5, 504]


def test_ratios_of_constant_samples_are_exact_and_have_no_spread(frame: pd.DataFrame) -> None:
    ratios = overhead_ratios(frame)
    assert ratios[["workload", "n", "ratio"]].values.tolist() == [["fib", 10, 20], ["fib", 20, 25], ["crc32", 64, 330]]
    assert set(ratios["arduino_iqr"]) == set(ratios["micropython_iqr"]) == {0.0}
    assert set(ratios["samples"]) == {3}


def test_ratios_of_constant_samples_are_known_to_a_timer_tick(frame: pd.DataFrame) -> None:
    ratios = overhead_ratios(frame)
    assert ratios["constant"].all()
    assert ratios["ratio_low"].iloc[0] == pytest.approx((10_000 - 1 / 8) / (500 + 1 / 8))
    assert ratios["ratio_high"].iloc[0] == pytest.approx((10_000 + 1 / 8) / (500 - 1 / 8))


def test_a_ratio_has_the_interval_of_what_is_left_when_measuring_is_subtracted(tmp_path: Path) -> None:
    jitter = (0, 8, 16, 24, 32, 40, 48, 800)
    frame = linear_run(tmp_path / "run", COSTS, fixed=FIXED, per_loop=PER_LOOP, jitter=jitter)
    fib, costs = overhead_ratios(frame).iloc[0], per_execution(frame)
    sides = [costs[(frame["workload"] == "fib") & (frame["n"] == 10) & (frame["language"] == each)] for each in FIXED]
    expected = bootstrap_ratio(sides[1], sides[0], (1 / 8, 1 / 8))
    assert (fib["ratio_low"], fib["ratio_high"]) == (expected.low, expected.high)
    assert fib["ratio_low"] < fib["ratio"] < fib["ratio_high"]
    assert not fib["constant"]
    assert fib["outliers"] == 2


def test_outliers_are_counted_and_kept(tmp_path: Path) -> None:
    jitter = (0, 8, 16, 24, 32, 40, 48, 8000)
    row = summarise(linear_run(tmp_path / "run", COSTS, fixed=FIXED, per_loop=PER_LOOP, jitter=jitter)).iloc[0]
    assert row[["samples", "outliers", "median"]].tolist() == [8, 1, 503.5]


def test_one_sample_has_a_ratio_and_no_interval(tmp_path: Path) -> None:
    ratios = overhead_ratios(linear_run(tmp_path / "run", COSTS, fixed=FIXED, per_loop=PER_LOOP, jitter=(0,)))
    assert ratios["ratio"].tolist() == [20, 25, 330]
    assert ratios[["ratio_low", "ratio_high"]].isna().all(axis=None)


def test_of_several_variants_the_headline_ones_make_the_ratio(frame: pd.DataFrame) -> None:
    native = frame[frame["language"] == "micropython"].assign(variant="native")
    dearer = native["ticks"].where(native["workload"] == "empty", 2 * native["ticks"])
    both = pd.concat([frame, native.assign(ticks=dearer)], ignore_index=True)
    pd.testing.assert_frame_equal(overhead_ratios(both), overhead_ratios(frame))


def test_groups_have_their_mean_and_all_workloads_theirs() -> None:
    ratios = pd.DataFrame({"group": ["a", "a", "b", "b", "c"], "ratio": [2.0, 8.0, 27.0, float("nan"), float("nan")]})
    means = group_means(ratios)
    assert means["group"].tolist() == ["a", "b", "c", "all"]
    assert means["count"].tolist() == [2, 1, 0, 3]
    assert means["mean"].tolist() == pytest.approx([4, 27, float("nan"), 432 ** (1 / 3)], nan_ok=True)
    assert means["spread"].isna().tolist() == [False, True, True, False]


def test_the_tables_say_how_sure_a_figure_is(tmp_path: Path) -> None:
    def words(*jitter: int) -> str:
        frame = linear_run(tmp_path / f"run-{len(jitter)}", COSTS, fixed=FIXED, per_loop=PER_LOOP, jitter=jitter)
        console = Console(width=120, record=True, file=io.StringIO())
        console.print(ratio_table(frame), statistics_table(frame))
        return " ".join(console.export_text().split())

    assert "20.0× exact" not in words(0, 0)
    assert "25.0× exact" in words(0, 0, 0)
    assert "25.0× 1 sample" in words(0)
    varying = words(0, 8, 16, 24, 32, 40, 48, 8000)
    assert "outliers kept" in varying and "8, 1 out" in varying and "exact" not in varying
    assert "fewer than 6 samples" in words(0, 80, 160, 300)


def test_only_what_both_languages_measured_has_a_ratio(tmp_path: Path) -> None:
    costs = {key: ticks for key, ticks in COSTS.items() if key != ("crc32", "arduino", 64)}
    ratios = overhead_ratios(linear_run(tmp_path / "run", costs, fixed=FIXED, per_loop=PER_LOOP))
    assert ratios["workload"].tolist() == ["fib", "fib"]


@pytest.mark.parametrize("arduino_ticks", [0, -3])
def test_work_too_short_to_be_told_from_the_cost_of_measuring_has_no_ratio(tmp_path: Path, arduino_ticks: int) -> None:
    costs = COSTS | {("fib", "arduino", 20): arduino_ticks}
    ratios = overhead_ratios(linear_run(tmp_path / "run", costs, fixed=FIXED, per_loop=PER_LOOP))
    assert ratios["ratio"].isna().tolist() == [False, True, False]
    assert geometric_mean(ratios["ratio"]).count == 2


def test_the_headline_is_each_workloads_largest_n(frame: pd.DataFrame) -> None:
    rows = headline(overhead_ratios(frame))
    assert rows[["workload", "n", "ratio"]].values.tolist() == [["fib", 20, 25], ["crc32", 64, 330]]


def test_a_run_without_the_empty_workload_has_no_figures(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", {measurement("fib", "arduino", 10): samples([100, 100, 100])})
    with pytest.raises(InputError, match=r"no figures of the workload 'empty' at two sizes in arduino.*--resume"):
        overhead_ratios(load_run(run))


def test_a_run_in_which_nothing_was_measured_has_no_ratios(tmp_path: Path) -> None:
    RunFolder.create(tmp_path / "run", facts([], 3)).close()
    ratios = overhead_ratios(load_run(tmp_path / "run"))
    assert ratios.empty
    assert headline(ratios).empty
    assert geometric_mean(ratios["ratio"]).count == 0


@pytest.mark.parametrize(
    ("ratios", "value", "spread"),
    [
        ([2.0, 8.0], 4.0, math.exp(math.log(4) / math.sqrt(2))),
        ([1.0, 10.0, 100.0], 10.0, 10.0),
        ([5.0, 5.0, 5.0], 5.0, 1.0),
        ([4.0, float("nan"), 9.0], 6.0, math.exp(math.log(9 / 4) / math.sqrt(2))),
    ],
)
def test_the_geometric_mean_and_its_spread(ratios: list[float], value: float, spread: float) -> None:
    mean = geometric_mean(pd.Series(ratios))
    assert (mean.value, mean.spread) == pytest.approx((value, spread))
    assert mean.count == sum(not math.isnan(ratio) for ratio in ratios)


def test_one_ratio_has_no_spread_and_none_has_no_mean() -> None:
    one, none = geometric_mean(pd.Series([7.0])), geometric_mean(pd.Series([float("nan")]))
    assert one.value == pytest.approx(7.0)
    assert (one.count, none.count) == (1, 0)
    assert math.isnan(one.spread) and math.isnan(none.value) and math.isnan(none.spread)


@given(st.lists(POSITIVE, min_size=2, max_size=8), POSITIVE)
def test_the_geometric_mean_scales_with_its_ratios_and_its_spread_does_not(ratios: list[float], factor: float) -> None:
    plain, scaled = geometric_mean(pd.Series(ratios)), geometric_mean(pd.Series(ratios) * factor)
    assert scaled.value == pytest.approx(plain.value * factor)
    assert scaled.spread == pytest.approx(plain.spread)
    assert min(ratios) <= plain.value * (1 + 1e-9) and plain.value <= max(ratios) * (1 + 1e-9)
    assert plain.spread >= 1


@given(st.lists(POSITIVE, min_size=2, max_size=8))
def test_it_does_not_matter_which_language_is_divided_by_which(ratios: list[float]) -> None:
    plain, inverted = geometric_mean(pd.Series(ratios)), geometric_mean(1 / pd.Series(ratios))
    assert inverted.value == pytest.approx(1 / plain.value)
    assert inverted.spread == pytest.approx(plain.spread)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (1, "1.00×"),
        (1.004, "1.00×"),
        (1.006, "1.01×"),
        (1.52, "1.52×"),
        (9.994, "9.99×"),
        (9.996, "10.0×"),
        (46.42, "46.4×"),
        (99.94, "99.9×"),
        (99.95, "100×"),
        (330.4, "330×"),
        (999.4, "999×"),
        (999.6, "1000×"),
        (1893, "1893×"),
        (5000, "5000×"),
        (123456.7, "123457×"),
        (0.5, "0.500×"),
        (0.09996, "0.100×"),
        (0.0123, "0.0123×"),
        (float("nan"), "too short to tell"),
        (0.0, "too short to tell"),
        (-1.0, "too short to tell"),
        (math.inf, "too short to tell"),
    ],
)
def test_a_ratio_has_three_significant_digits(ratio: float, text: str) -> None:
    assert ratio_text(ratio) == text


@given(st.floats(1e-6, 999.4))
def test_every_ratio_below_1000_shows_three_digits_and_is_not_off_by_more_than_their_rounding(ratio: float) -> None:
    text = ratio_text(ratio).removesuffix("×")
    assert len(text.replace(".", "").lstrip("0")) == 3
    assert float(text) == pytest.approx(ratio, rel=0.00501)


@pytest.mark.parametrize(
    ("ticks", "text"),
    [
        (0, "0.0"),
        (-0.04, "0.0"),
        (-3.25, "-3.2"),
        (1.005, "1.0"),
        (9.995, "10.0"),
        (99.94, "99.9"),
        (99.96, "100"),
        (-99.96, "-100"),
        (999.6, "1 000"),
        (5000, "5 000"),
        (1234567.8, "1 234 568"),
        (float("nan"), "-"),
    ],
)
def test_ticks_are_whole_numbers_in_groups_but_for_small_ones(ticks: float, text: str) -> None:
    assert ticks_text(ticks) == text


def test_a_simulated_count_is_never_worded_as_time() -> None:
    run = facts([], 3)
    assert unit_text(run) == "retired instructions"
    assert origin_text(run) == "simulated on virtual-esp32 (rv32imfc in QEMU 7.2.0); instructions, not time"


def test_a_measured_figure_names_the_board_and_its_unit() -> None:
    run = facts([], 3)
    run["board"] |= {"name": "esp32", "simulated": False, "tick_unit": "cycle"}
    assert unit_text(run) == "cycles"
    assert origin_text(run) == "measured on esp32 (ESP32, 1000 MHz)"


def test_the_short_provenance_names_board_compilers_commit_and_run() -> None:
    assert provenance_text(facts([], 3)).split(" · ")[1:] == [
        "Arduino C++: GCC 12.2.0 -Os",
        "MicroPython v1.28.0: GCC 12.2.1",
        "bench 0123456789",
        "run 20240101-000000-virtual-esp32",
    ]


def test_a_boards_text_cannot_command_the_terminal_nor_fill_it() -> None:
    assert printable("µs \x1b[31m\r\nred\x07") == "µs ?[31m??red?"
    assert len(printable("x" * 10_000)) == 300
