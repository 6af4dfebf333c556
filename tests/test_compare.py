"""Runs against each other: no difference is made up, none that is there is lost, and what cannot be compared is not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import paths
from bench.charts.compare import comparison_chart
from bench.compare import (
    FASTER,
    IDENTICAL,
    NO_DIFFERENCE,
    SLOWER,
    TOO_SHORT,
    Comparison,
    Limit,
    compare,
)
from bench.errors import InputError
from bench.frames import load_run
from bench.results import RUN_FILE, SAMPLES_FILE
from tests.conftest import Project
from tests.factories import make_run, measurement, samples

EMPTY = {
    measurement("empty", language, n): samples([10 + 7 * n] * 2, loops=n, checksum=n)
    for language in ("arduino", "micropython")
    for n in (1, 1000)
}
STEADY = [1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007]
A_FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def run(path: Path, ticks: Sequence[int], *, language: str = "arduino", checksum: int = 1, **facts: Any) -> Path:
    """A run that measured fib n=20 in one language, its blocks so long besides the 17 ticks of measuring.

    `facts` replace fields in tables of run.json, such as board={"fpu": False}; on hardware with `simulated` False.
    """
    blocks = {key: each[:1] * len(ticks) for key, each in EMPTY.items()}
    blocks = {
        key: samples([its[0].ticks] * len(ticks), loops=its[0].loops, checksum=its[0].checksum)
        for key, its in blocks.items()
        if key.language == language
    }
    blocks[measurement("fib", language, 20)] = samples([17 + count for count in ticks], checksum=checksum)
    make_run(path, blocks)
    return change(path, **facts)


def change(path: Path, **facts: Any) -> Path:
    """Replace fields of run.json."""
    source = path / RUN_FILE
    known = json.loads(source.read_text())
    for name, value in facts.items():
        known[name] = {**known[name], **value} if isinstance(value, dict) else value
    source.write_text(json.dumps(known))
    return path


REAL = {"simulated": False, "tick_unit": "cycle", "clock_hz": 240_000_000}


def compared(tmp_path: Path, *ticks: Sequence[int], **facts: Any) -> Comparison:
    """Runs with these blocks, compared."""
    return compare(load_run(run(tmp_path / f"run-{i}", each, **facts)) for i, each in enumerate(ticks))


def verdict(tmp_path: Path, *ticks: Sequence[int], **facts: Any) -> str:
    """The verdict on the second of two runs with these blocks."""
    rows = compared(tmp_path, *ticks, **facts).rows
    assert len(rows) == 1
    return str(rows["verdict"].iloc[0])


@A_FEW
@given(ticks=st.lists(st.integers(1, 10**6), min_size=1, max_size=12), simulated=st.booleans())
def test_a_run_never_differs_from_itself(
    tmp_path_factory: pytest.TempPathFactory, ticks: list[int], simulated: bool
) -> None:
    path = run(tmp_path_factory.mktemp("run") / "run", ticks, board={} if simulated else REAL)
    comparison = compare([load_run(path), load_run(path)])
    assert set(comparison.rows["verdict"]) == {IDENTICAL if simulated else NO_DIFFERENCE}
    assert comparison.rows["ratio"].tolist() == [1.0]
    assert comparison.runs[1] == comparison.runs[0] + " (2)"
    assert not comparison.warnings


def test_the_reference_run_is_identical_to_itself_in_every_row() -> None:
    frame = load_run(paths.RESULTS / "reference-virtual-esp32")
    rows = compare([frame, frame]).rows
    assert set(rows["verdict"]) == {IDENTICAL}
    assert len(rows) == len(
        frame[frame["workload"] != "empty"].drop_duplicates(["workload", "language", "variant", "n"])
    )


@A_FEW
@given(st.integers(2, 50))
def test_it_does_not_matter_how_long_the_work_is(tmp_path_factory: pytest.TempPathFactory, factor: int) -> None:
    first, other = STEADY, [2 * count for count in STEADY[:5]]
    rows = compared(tmp_path_factory.mktemp("a"), first, other, board=REAL).rows
    long = compared(tmp_path_factory.mktemp("b"), *([factor * c for c in each] for each in (first, other)), board=REAL)
    assert long.rows["ratio"].tolist() == pytest.approx(rows["ratio"].tolist())
    assert long.rows["verdict"].tolist() == rows["verdict"].tolist() == [SLOWER]


@pytest.mark.parametrize(
    ("first", "other", "expected"),
    [
        ([1000] * 3, [1000] * 3, IDENTICAL),
        ([1000] * 3, [1000] * 7, IDENTICAL),
        ([1000] * 3, [1002] * 3, SLOWER),
        ([100_000] * 3, [100_050] * 3, NO_DIFFERENCE),
        ([1002] * 3, [1000] * 3, FASTER),
        ([1000, 1000, 1100], [1050, 1050, 1050], NO_DIFFERENCE),
        ([1000], [1000], IDENTICAL),
        ([1000], [1200], SLOWER),
    ],
)
def test_counts_of_a_virtual_board_differ_from_a_thousandth_on(
    tmp_path: Path, first: list[int], other: list[int], expected: str
) -> None:
    assert verdict(tmp_path, first, other) == expected


@pytest.mark.parametrize(
    ("first", "other", "expected"),
    [
        ([1000] * 8, [1000] * 8, NO_DIFFERENCE),
        ([1000] * 8, [1040] * 8, NO_DIFFERENCE),
        (STEADY, [1040 + count - 1000 for count in STEADY], NO_DIFFERENCE),
        (STEADY, [1080 + count - 1000 for count in STEADY[:3]], SLOWER),
        ([1080 + count - 1000 for count in STEADY], STEADY[:6], FASTER),
        ([1000, 1400, 900, 1600, 1000, 700], [1080, 1500, 950, 1700, 1080, 750], NO_DIFFERENCE),
        ([1000], [2000], NO_DIFFERENCE),
        (STEADY, [9000], NO_DIFFERENCE),
        ([1000] * 8, [1200] * 7 + [90_000], SLOWER),
    ],
)
def test_times_of_a_real_board_differ_from_five_percent_on_where_repeats_show_it(
    tmp_path: Path, first: list[int], other: list[int], expected: str
) -> None:
    assert verdict(tmp_path, first, other, board=REAL) == expected


def test_a_smaller_difference_counts_where_three_layouts_of_each_run_agree(tmp_path: Path) -> None:
    def layouts(name: str, middles: Sequence[int]) -> Path:
        """A run whose samples come from as many images as there are numbers."""
        path = run(tmp_path / name, [m + i for m in middles for i in range(4)], board=REAL)
        lines = (path / SAMPLES_FILE).read_text().splitlines(keepends=True)
        for place, line in enumerate(lines):
            if line.startswith("fib,"):
                image = int(line.split(",")[4]) // 4
                lines[place] = line.replace("a0a0a0a0", f"a0a0a0a{image}")
        (path / SAMPLES_FILE).write_text("".join(lines))
        facts = json.loads((path / RUN_FILE).read_text())
        del facts["samples_file"]
        (path / RUN_FILE).write_text(json.dumps(facts))
        return path

    first = load_run(layouts("first", [1000, 1005, 1010]))
    assert compare([first, load_run(layouts("slower", [1030, 1035, 1040]))]).rows["verdict"].tolist() == [SLOWER]
    assert compare([first, load_run(layouts("mixed", [1000, 1035, 1070]))]).rows["verdict"].tolist() == [NO_DIFFERENCE]
    assert compare([first, load_run(layouts("two", [1030, 1035]))]).rows["verdict"].tolist() == [NO_DIFFERENCE]


def test_work_too_short_for_the_cost_of_measuring_has_a_verdict_of_its_own(tmp_path: Path) -> None:
    assert verdict(tmp_path, [1000] * 3, [-3] * 3) == TOO_SHORT


def test_more_runs_are_each_compared_with_the_first(tmp_path: Path) -> None:
    comparison = compared(tmp_path, [1000] * 3, [1000] * 3, [1500] * 2, [500] * 4)
    assert comparison.rows["verdict"].tolist() == [IDENTICAL, SLOWER, FASTER]
    assert comparison.rows["ratio"].tolist() == [1, 1.5, 0.5]
    overall = comparison.overall()
    assert overall["mean"].tolist() == pytest.approx([1, 1.5, 0.5])
    assert overall[[SLOWER, FASTER, IDENTICAL]].values.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"board": {"clock_hz": 160_000_000}}, "clock_hz is 240000000 in the first and 160000000"),
        ({"board": {"tick_unit": "us"}}, "tick unit is cycle in the first and us"),
        ({"board": {"simulated": True}}, "simulated is False in the first and True"),
        ({"settings": {"gc": "off"}}, "gc is on in the first and off"),
    ],
)
def test_figures_that_mean_something_else_are_refused(tmp_path: Path, changes: dict[str, Any], named: str) -> None:
    first = run(tmp_path / "first", [1000] * 3, board=REAL)
    other = change(run(tmp_path / "other", [1000] * 3, board=REAL), **changes)
    with pytest.raises(InputError, match=named):
        compare([load_run(first), load_run(other)])


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"board": {"name": "other"}}, "board name: virtual-esp32 against other"),
        ({"harness": {"commit": "fedcba"}}, "harness commit: 0123456789abcdef against fedcba"),
        ({"languages": {"arduino": {"image": "x", "compiler": "GCC 15"}}}, "arduino compiler: GCC 12.2.0"),
        ({"status": "interrupted"}, "the other run is interrupted, not complete"),
        ({"harness": {"uncommitted_changes": True}}, "the other run was made with uncommitted changes"),
        (
            {"workloads": {"fib": {"group": "control", "source_sha256": {"arduino": "f"}}}},
            "source of fib changed in arduino",
        ),
        ({"board": {"name": "\x1b[31m"}}, r"against \?\[31m"),
    ],
)
def test_what_may_explain_a_difference_is_named(tmp_path: Path, changes: dict[str, Any], named: str) -> None:
    first, other = run(tmp_path / "first", [1000] * 3), change(run(tmp_path / "other", [1000] * 3), **changes)
    warnings = compare([load_run(first), load_run(other)]).warnings
    assert any(pd.Series([warning]).str.contains(named).item() for warning in warnings), warnings


def test_of_long_flags_only_what_differs_is_named(tmp_path: Path) -> None:
    flags = "-std=gnu++11 -fno-exceptions -fno-rtti -fno-threadsafe-statics -freorder-blocks"
    first, other = (
        run(tmp_path / level, [1000] * 3, languages={"arduino": {"image": "x", "flags": f"{flags} -{level}"}})
        for level in ("Os", "O2")
    )
    assert compare([load_run(first), load_run(other)]).warnings == ["arduino flags: -Os against -O2"]


def test_a_run_at_another_optimisation_is_compared_although_its_variant_has_another_name(tmp_path: Path) -> None:
    size = load_run(run(tmp_path / "size", [1000] * 3))
    speed = load_run(run(tmp_path / "speed", [800] * 3)).replace({"variant": {"Os": "O2"}})
    rows = compare([size, speed]).rows
    assert rows[["variant", "ratio", "verdict"]].values.tolist() == [["Os", 0.8, FASTER]]
    mixed = pd.concat([size, speed[speed["language"] == "arduino"]], ignore_index=True)
    mixed.attrs = size.attrs
    assert compare([mixed, mixed]).rows["verdict"].tolist() == [IDENTICAL, IDENTICAL]


def test_floats_are_not_compared_where_one_board_has_no_fpu() -> None:
    boards = ("virtual-esp32", "virtual-esp32c3")
    comparison = compare(load_run(paths.RESULTS / f"reference-{board}") for board in boards)
    assert "float" not in set(comparison.rows["group"])
    assert any("one board has an FPU" in w and "fir_f32, iir_f32, mandelbrot" in w for w in comparison.warnings)


def test_different_answers_are_not_compared(tmp_path: Path) -> None:
    first, other = run(tmp_path / "first", [1000] * 3), run(tmp_path / "other", [1000] * 3, checksum=2)
    with pytest.raises(InputError, match=r"nothing was measured in .* and in another run too"):
        compare([load_run(first), load_run(other)])


def test_what_only_one_run_measured_is_named(tmp_path: Path) -> None:
    first = load_run(run(tmp_path / "first", [1000] * 3))
    both = compare([first, first, load_run(run(tmp_path / "other", [1000] * 3, language="micropython"))])
    assert [w.split(" (")[0] for w in both.warnings] == ["some n or language not measured in both: fib"]


def test_one_run_is_nothing_to_compare(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected at least two runs to compare, got 1"):
        compared(tmp_path, [1000] * 3)


def test_a_frame_of_two_runs_is_refused(tmp_path: Path) -> None:
    frame = load_run(run(tmp_path / "first", [1000] * 3))
    mixed = pd.concat([frame, frame.assign(run_id="another")])
    mixed.attrs = frame.attrs
    with pytest.raises(InputError, match="expected the samples of one run, got those of 2"):
        compare([mixed, frame])


@pytest.mark.parametrize("text", ["slower", "slower=5", "slower=-5%", "slower=five%", "bigger=5%", "slower=1e3%", ""])
def test_a_limit_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected slower=PERCENT% or faster=PERCENT%"):
        Limit.parse(text)


def test_a_limit_finds_the_rows_beyond_it(tmp_path: Path) -> None:
    comparison = compared(tmp_path, [1000] * 3, [1040] * 3, [1060] * 3, [900] * 3)
    assert Limit.parse("slower=5%").broken_by(comparison)["ratio"].tolist() == [1.06]
    assert Limit.parse("slower=0.1%").broken_by(comparison)["ratio"].tolist() == [1.04, 1.06]
    assert Limit.parse("faster=10%").broken_by(comparison)["ratio"].tolist() == [0.9]
    assert Limit.parse("faster=12%").broken_by(comparison).empty
    with pytest.raises(InputError, match=r"expected a limit of at least 0\.1 %, got 0\.01 %"):
        Limit.parse("slower=0.01%").broken_by(comparison)


def test_the_command_says_what_changed_by_which_rule_and_fails_on_request(tmp_path: Path) -> None:
    first, other = run(tmp_path / "first", [1000] * 3), run(tmp_path / "other", [1100] * 3)
    project = Project(paths.PROJECT)
    chart = tmp_path / "chart.svg"
    done = project.bench("compare", str(first), str(other), "--fail-if", "slower=5%", "--chart", str(chart))
    assert done.returncode == 1, done.stderr
    assert "1.1000×" in done.stdout and SLOWER in done.stdout
    assert "instructions per execution" in done.stdout and "Instructions, not time" in done.stdout
    assert "rule: identical: the same counts" in done.stdout
    assert "--fail-if slower=5%: 1 of 1 measurements" in done.stderr
    assert chart.read_text().startswith("<?xml")
    assert project.bench("compare", str(first), str(other), "--fail-if", "slower=11%").returncode == 0
    for wrong in (["--fail-if", "slower"], ["--chart", "chart.exe"], [str(tmp_path / "none")]):
        refused = project.bench("compare", str(first), str(other), *wrong)
        assert refused.returncode == 2
        assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("others", [1, 2, 9])
def test_the_chart_has_a_mark_for_every_run_and_names_what_it_shows(tmp_path: Path, others: int) -> None:
    comparison = compared(tmp_path, [1000] * 3, *[[1000 + 300 * i] * 3 for i in range(others)])
    axes = comparison_chart(comparison).axes[0]
    marks = [line for line in axes.lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in marks] == comparison.rows["ratio"].tolist()  # type: ignore[index]
    low, high = axes.get_xlim()
    assert low < comparison.rows["ratio"].min() and comparison.rows["ratio"].max() < high
    assert axes.get_yticklabels()[0].get_text() == "fib  (n = 20)"


def test_a_virtual_board_is_identical_to_itself() -> None:
    done = Project(paths.PROJECT).bench("selftest-noise", "-w", "fib", "-w", "crc32")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("measuring: 12 measurements") == 2, "figures of an earlier run say nothing of noise"
    assert "noise floor: none, all 4 measurements identical" in done.stdout
