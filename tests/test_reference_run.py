"""The committed reference runs: whole, of today's sources, and equal to what is measured now, count by count."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench import load_run, paths, provenance
from bench.catalogue import load_catalogue
from bench.comparable import toolchain_differences
from bench.plan import KEY_COLUMNS, make_plan
from bench.results import read_facts
from bench.runs import Silent
from bench.variants import ALL
from bench.verify import reference_runs, verify
from bench.virtual_board.profiles import PROFILES
from tests.conftest import Project


@pytest.fixture(params=list(PROFILES))
def reference(request: pytest.FixtureRequest) -> Path:
    """The reference run of each board."""
    return reference_runs([request.param])[0]


def test_it_holds_every_measurement_of_the_catalogue(reference: Path) -> None:
    frame = load_run(reference)
    run = frame.attrs["run"]
    assert run["status"] == "complete"
    measured = set(zip(*(frame[column] for column in KEY_COLUMNS), strict=True))
    left_out = {tuple(entry[column] for column in KEY_COLUMNS) for entry in run["skipped"]}
    assert measured | left_out == {measurement.key for measurement in make_plan(load_catalogue(), variants=[ALL])}
    assert not {name for name, _, variant, _ in left_out if variant in ("Os", "O2")}
    headline = {name for name, _, variant, _ in left_out if variant == "bytecode"}
    assert headline == {name for name, workload in load_catalogue().items() if workload.needs}


def test_it_was_made_from_the_sources_that_are_here(reference: Path) -> None:
    facts = read_facts(reference)
    for name, workload in load_catalogue().items():
        assert facts["workloads"][name]["source_sha256"] == provenance.source_hashes(workload), (
            f"make reference: {name} changed"
        )
    assert facts["on_board_runner_sha256"] == provenance.on_board_runner_hash(), "make reference: benchlib.py changed"
    assert facts["harness"]["commit"] and not facts["harness"]["uncommitted_changes"]


def test_its_charts_are_there(reference: Path) -> None:
    for name in ("overhead.png", "overhead.svg", "scaling.png", "scaling.svg"):
        assert (reference / name).stat().st_size > 10_000


def compare(reference: Path, *, quick: bool) -> None:
    comparison = verify(reference, Silent(), quick=quick)
    if comparison.toolchain_differences:
        pytest.skip("; ".join(comparison.toolchain_differences))
    assert comparison.compared > 0
    assert not comparison.count_differences


@pytest.mark.parametrize("board", ["virtual-esp32", pytest.param("virtual-esp32c3", marks=pytest.mark.slow)])
def test_its_quick_sizes_are_measured_again_to_the_same_count(board: str) -> None:
    compare(reference_runs([board])[0], quick=True)


@pytest.mark.slow
def test_all_of_it_is_measured_again_to_the_same_count(reference: Path) -> None:
    compare(reference, quick=False)


def test_verify_names_every_difference(project: Project) -> None:
    source = reference_runs(["virtual-esp32"])[0]
    copy = project.results / source.name
    copy.mkdir(parents=True)
    for name in ("run.json", "samples.csv"):
        (copy / name).write_bytes((source / name).read_bytes())
    rows = (copy / "samples.csv").read_text().splitlines(keepends=True)
    place = next(i for i, row in enumerate(rows) if row.startswith("fib,arduino,Os,15,0,"))
    cells = rows[place].split(",")
    cells[6] = str(int(cells[6]) + 1)
    (copy / "samples.csv").write_text("".join([*rows[:place], ",".join(cells), *rows[place + 1 :]]))
    done = project.bench("verify", "--quick")
    if "another toolchain" in done.stdout:
        pytest.skip(done.stdout)
    assert done.returncode == 1
    assert re.search(r"fib n=15 in arduino \(Os\), sample 0: ticks \d+ in the reference run, \d+ now", done.stdout)
    assert "1 of" in done.stdout


def test_another_toolchain_is_named() -> None:
    facts = read_facts(reference_runs(["virtual-esp32"])[0])
    other = {
        **facts,
        "languages": {**facts["languages"], "arduino": {**facts["languages"]["arduino"], "compiler": "g++ 99"}},
    }
    assert toolchain_differences(facts, facts) == []
    assert ["g++ 99" in difference for difference in toolchain_differences(facts, other)] == [True]


def test_the_readme_shows_what_the_command_prints() -> None:
    command = [sys.executable, "tools/update_readme.py", "--check"]
    done = subprocess.run(command, cwd=paths.PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
