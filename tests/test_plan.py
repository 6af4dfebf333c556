"""The plan: which measurements a person's choices amount to."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.catalogue import OVERHEAD_WORKLOAD, Workload, load_catalogue
from bench.errors import InputError
from bench.plan import Measurement, Sample, make_plan
from bench.variants import LANGUAGES
from tests.factories import catalogue_text, overhead_table, workload_table

PROJECT = load_catalogue()


@pytest.fixture
def workloads(tmp_path: Path) -> dict[str, Workload]:
    """empty (n = 1, 10, 100), fib (n = 10, 20; quick 10) and crc32 (n = 20, 40; quick 40)."""
    crc32 = workload_table(
        group="integer", sizes=[20, 40], quick=40, seed=7, checksums={"20": "0x00000002", "40": "0x00000004"}
    )
    path = tmp_path / "workloads.toml"
    path.write_text(catalogue_text({"empty": overhead_table(), "fib": workload_table(), "crc32": crc32}))
    return load_catalogue(path)


def sizes(plan: list[Measurement]) -> dict[str, list[int]]:
    """The n of each workload, which must be the same in both languages."""
    by_language = [
        {
            m.workload: [other.n for other in plan if (other.workload, other.language) == (m.workload, language)]
            for m in plan
        }
        for language in LANGUAGES
    ]
    assert by_language[0] == by_language[1]
    return by_language[0]


def test_without_choices_everything_is_measured_language_by_language(workloads: dict[str, Workload]) -> None:
    plan = make_plan(workloads)
    assert sizes(plan) == {"empty": [1, 10, 100], "fib": [10, 20], "crc32": [20, 40]}
    assert [m.language for m in plan] == ["arduino"] * 7 + ["micropython"] * 7
    assert {(m.language, m.variant) for m in plan} == {("arduino", "Os"), ("micropython", "bytecode")}


def test_a_measurement_has_the_contract_of_its_workload(workloads: dict[str, Workload]) -> None:
    plan = make_plan(workloads)
    assert Measurement("crc32", "arduino", "Os", 40, seed=7, fixed_loops=0, expected_checksum=4) in plan
    assert Measurement("empty", "micropython", "bytecode", 10, seed=1, fixed_loops=10, expected_checksum=10) in plan


def test_a_quick_run_has_one_n_a_workload_and_the_whole_overhead(workloads: dict[str, Workload]) -> None:
    assert sizes(make_plan(workloads, quick=True)) == {"empty": [1, 10, 100], "fib": [10], "crc32": [40]}


def test_the_overhead_workload_always_comes_along(workloads: dict[str, Workload]) -> None:
    assert sizes(make_plan(workloads, names=["crc32"])) == {"empty": [1, 10, 100], "crc32": [20, 40]}
    assert sizes(make_plan(workloads, groups=["control"])) == {"empty": [1, 10, 100], "fib": [10, 20]}
    assert sizes(make_plan(workloads, names=["empty"])) == {"empty": [1, 10, 100]}


def test_chosen_sizes_are_measured_where_a_workload_has_them(workloads: dict[str, Workload]) -> None:
    assert sizes(make_plan(workloads, sizes=[20])) == {"empty": [1, 10, 100], "fib": [20], "crc32": [20]}
    assert sizes(make_plan(workloads, sizes=[40, 10, 10])) == {"empty": [1, 10, 100], "fib": [10], "crc32": [40]}
    assert sizes(make_plan(workloads, names=["empty"], sizes=[1])) == {"empty": [1, 10, 100]}


def test_chosen_sizes_win_over_quick(workloads: dict[str, Workload]) -> None:
    assert sizes(make_plan(workloads, names=["fib"], sizes=[20], quick=True))["fib"] == [20]


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"names": ["fob"]}, "no workload 'fob'; known: empty, fib, crc32"),
        ({"groups": ["fast"]}, "no group 'fast'"),
        ({"sizes": [15]}, "no workload asked for has n = 15; .*fib has n = 10, 20; crc32 has n = 20, 40"),
        ({"sizes": [10]}, "crc32 has no n = 10; crc32 has n = 20, 40"),
        ({"names": ["fib"], "sizes": [40]}, "no workload asked for has n = 40; fib has n = 10, 20"),
        ({"names": ["fib"], "sizes": [10, 11]}, "no workload asked for has n = 11"),
    ],
)
def test_a_choice_that_cannot_be_met_is_named(
    workloads: dict[str, Workload], choices: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        make_plan(workloads, **choices)  # type: ignore[arg-type]


@given(st.sets(st.sampled_from(sorted(PROJECT))), st.booleans())
def test_a_plan_of_the_projects_catalogue_has_each_measurement_once(names: set[str], quick: bool) -> None:
    plan = make_plan(PROJECT, names=sorted(names), quick=quick)
    assert len({m.key for m in plan}) == len(plan)
    assert {m.workload for m in plan} == (names or set(PROJECT)) | {OVERHEAD_WORKLOAD}
    assert all(m.expected_checksum == PROJECT[m.workload].checksums[m.n] for m in plan)


@pytest.mark.parametrize(
    "values",
    [
        (-1, 1, 1, 0),
        (0, 0, 1, 0),
        (0, 1, 0, 0),
        (0, 1, -5, 0),
        (0, 1, 10**18, 0),
        (0, 2**32, 1, 0),
        (0, 1, 1, -1),
        (0, 1, 1, 2**32),
    ],
)
def test_a_sample_that_makes_no_sense_cannot_be_made(values: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="not a sample"):
        Sample(*values)
