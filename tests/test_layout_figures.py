"""Figures of C++ in several code layouts: what is kept of each, and how far the intervals then reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bench.analysis import overhead_ratios, summarise
from bench.catalogue import load_catalogue
from bench.errors import InputError
from bench.frames import load_memory, load_run
from bench.labels import scope_text
from bench.plan import Figures, Measurement, Memory, make_plan
from bench.results import RunFolder, read_rows
from bench.runs import Choices, Silent, new_run
from bench.statistics import bootstrap_ratio
from bench.variants import build_of, program_of
from bench.virtual_board.board import VirtualBoard
from tests.conftest import Project
from tests.factories import IMAGES, TICK_UNIT, facts, measurement, order_of, samples

SAMPLES = 4
# Ticks of a block in each layout; MicroPython has one build.
BUILDS: Mapping[str, Sequence[Sequence[int]]] = {
    "arduino": [(100, 101, 102, 103), (120, 121, 122, 123), (90, 91, 92, 93)],
    "micropython": [(1000, 1010, 1020, 1030)],
}


def blocks() -> dict[Measurement, Sequence[int]]:
    """All that is measured, layout by layout; measuring itself costs nothing."""
    found: dict[Measurement, Sequence[int]] = {}
    for language, builds in BUILDS.items():
        for layout, ticks in enumerate(builds):
            for n in (1, 1000):
                found[replace(measurement("empty", language, n), layout=layout)] = (1,) * SAMPLES
            found[replace(measurement("fib", language, 20), layout=layout)] = ticks
    return found


def make_folder(path: Path, keep: int | None = None) -> Path:
    """A run folder with the first `keep` of them, as a killed run leaves it, or all, closed."""
    todo = blocks()
    known = facts([each for each in todo if each.layout == 0], SAMPLES)
    known["settings"]["layouts"] = len(BUILDS["arduino"])
    with closing(RunFolder.create(path, known)) as folder:
        for each, ticks in list(todo.items())[:keep]:
            loops = each.n if each.workload == "empty" else 1
            image = IMAGES[each.language] + (f"-{each.layout}" if each.layout else "")
            memory = Memory(held=each.layout)
            folder.append(each, Figures(samples(ticks, loops), memory), TICK_UNIT, image)
        if keep is None:
            folder.finish("complete", order_of(todo))
    return path


def test_the_interval_reaches_from_the_lowest_layouts_end_to_the_highest(tmp_path: Path) -> None:
    [row] = overhead_ratios(load_run(make_folder(tmp_path / "run"))).to_dict("records")
    costs = [[ticks - 1 for ticks in build] for build in BUILDS["arduino"]]
    above = [ticks - 1 for ticks in BUILDS["micropython"][0]]
    each = [bootstrap_ratio(above, build, (1.0, 1.0)) for build in costs]
    assert row["ratio_low"] == min(interval.low for interval in each) == each[1].low
    assert row["ratio_high"] == max(interval.high for interval in each) == each[2].high
    assert row["layouts"] == 3 and row["ratio_low"] < row["ratio"] < row["ratio_high"]


def test_one_layout_has_the_interval_of_its_repeats_alone(tmp_path: Path) -> None:
    frame = load_run(make_folder(tmp_path / "run"))
    one = frame[~frame["image"].str.contains("-")]
    one.attrs = frame.attrs
    [row] = overhead_ratios(one).to_dict("records")
    expected = bootstrap_ratio([999, 1009, 1019, 1029], [99, 100, 101, 102], (1.0, 1.0))
    assert (row["ratio_low"], row["ratio_high"], row["layouts"]) == (expected.low, expected.high, 1)


def test_samples_of_all_layouts_are_summarised_and_memory_is_that_of_the_first(tmp_path: Path) -> None:
    frame = load_run(make_folder(tmp_path / "run"))
    row = summarise(frame).iloc[0]
    assert (row["language"], row["samples"], row["min"]) == ("arduino", 12, 89)
    memory = load_memory(frame)
    assert set(memory["held"]) == {0} and len(memory) == 6


def test_the_words_beside_the_table_say_how_many_layouts_there_are(tmp_path: Path) -> None:
    ratios = overhead_ratios(load_run(make_folder(tmp_path / "run")))
    assert scope_text(ratios).startswith("repeats, widest over 3 code layouts of C++")
    assert scope_text(ratios.assign(layouts=1)) == "repeats of one build, other builds are not in it"


@pytest.mark.parametrize("keep", range(13))
def test_what_is_finished_is_known_layout_by_layout(tmp_path: Path, keep: int) -> None:
    path = make_folder(tmp_path / "run", keep)
    with closing(RunFolder.reopen(path)) as folder:
        assert folder.finished() == {each.unit for each in list(blocks())[:keep]}
    assert len(load_run(path)) == min(keep, 12) * SAMPLES


def test_samples_beyond_the_layouts_of_the_run_do_not_count(tmp_path: Path) -> None:
    path = make_folder(tmp_path / "run", 12)
    text = (path / "run.json").read_text()
    (path / "run.json").write_text(text.replace('"layouts": 3', '"layouts": 1'))
    assert len(load_run(path)) == 6 * SAMPLES
    (path / "run.json").write_text(text.replace('"layouts": 3', '"layouts": 0'))
    with pytest.raises(InputError, match=r"expected settings\.layouts >= 1, got 0"):
        load_run(path)


@pytest.mark.parametrize(
    ("language", "variant", "layout", "program"),
    [
        ("arduino", "Os", 0, "arduino"),
        ("arduino", "O2", 0, "arduino-O2"),
        ("arduino", "Os", 2, "arduino-Os-2"),
        ("arduino", "O2", 11, "arduino-O2-11"),
        ("micropython", "native-nogc", 0, "micropython"),
    ],
)
def test_a_program_is_named_by_what_makes_it_another_one(
    language: str, variant: str, layout: int, program: str
) -> None:
    assert program_of(language, variant, layout) == program
    if language == "arduino":
        assert build_of(program) == (variant, layout)


def test_a_plan_measures_each_layout_of_every_c_plus_plus_program_in_one_go() -> None:
    plan = make_plan(load_catalogue(), names=["fib"], quick=True, variants=["Os", "O2"], layouts=2)
    assert list(dict.fromkeys(m.program for m in plan)) == [
        "arduino", "arduino-Os-1", "arduino-O2", "arduino-O2-1", "micropython",
    ]  # fmt: skip
    assert len({m.unit for m in plan}) == len(plan)


def test_layouts_of_a_virtual_board_cost_the_same(tmp_path: Path) -> None:
    choices = Choices(workloads=("fib", "sieve"), quick=True, layouts=2, samples=1)
    finished = new_run(VirtualBoard("virtual-esp32"), choices, Silent(), tmp_path / "run")
    assert finished.exit_code == 0
    rows = [row for row in read_rows(tmp_path / "run") if row["language"] == "arduino"]
    first, second = ([row for row in rows if row["sample"] == number] for number in "01")
    same = ("workload", "n", "loops", "ticks", "checksum")
    assert [[row[name] for name in same] for row in first] == [[row[name] for name in same] for row in second]
    assert {row["image"] for row in first}.isdisjoint(row["image"] for row in second)


def test_a_run_with_layouts_is_resumed_with_them(project: Project) -> None:
    run = ("run", "--board", "virtual-esp32", "-w", "fib", "--quick", "--samples", "1", "--no-charts")
    first = project.bench(*run, "--layouts", "2", "--only", "arduino", "--out", "results/r")
    assert first.returncode == 0, first.stderr
    assert "no ratios yet" in first.stderr
    again = project.bench("run", "--resume", "results/r", "--no-charts")
    assert again.returncode == 0 and "widest over 2 code layouts" in " ".join(again.stdout.split()), again.stdout
    wrong = project.bench("run", "--resume", "results/r", "--layouts", "3")
    assert wrong.returncode == 2 and "leave out 'layouts'" in wrong.stderr
