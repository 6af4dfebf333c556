"""`bench workflow` as a person uses it: rightly, wrongly, and interrupted."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from bench import load_workflow, paths
from bench.results import RUN_FILES
from bench.workflow.store import FOLDER
from tests.conftest import Project
from tests.test_faults import error_line, wait_for
from tests.workflow_tables import run_with_workflow, storage_row

RUN = (
    "run",
    "--board",
    "virtual-esp32",
    "--workload",
    "fib",
    "--workload",
    "sieve",
    "--quick",
    "--no-charts",
    "--samples",
    "2",
    "--out",
)
SHORT = ("--part", "storage", "--part", "memory", "--only", "sieve")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Path]:
    """The project, and a run in a folder of the test's with a short workflow."""
    project = Project(paths.PROJECT)
    run = tmp_path_factory.mktemp("workflow") / "r"
    assert project.bench(*RUN, str(run)).returncode == 0
    done = project.bench("workflow", str(run), *SHORT)
    assert done.returncode == 0, done.stderr
    assert "holds" in done.stdout and "storage.csv" in done.stdout and "memory.csv" in done.stdout
    return project, run


@pytest.fixture
def copy(measured: tuple[Project, Path], tmp_path: Path) -> tuple[Project, Path]:
    """The same, for a test that changes it."""
    project, run = measured
    shutil.copytree(run, tmp_path / "r")
    return project, tmp_path / "r"


def tables_of(run: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((run / FOLDER).glob("*.csv"))}


def test_what_has_not_changed_is_not_measured_again_and_would_be_the_same(copy: tuple[Project, Path]) -> None:
    project, run = copy
    before = tables_of(run)
    again = project.bench("workflow", str(run), *SHORT)
    assert "not measured again" in again.stderr and "storage, memory" in again.stderr
    (run / FOLDER / "storage.csv").unlink()
    mended = project.bench("workflow", str(run), *SHORT)
    assert mended.returncode == 0 and tables_of(run) == before
    fresh = project.bench("workflow", str(run), *SHORT, "--fresh")
    assert fresh.returncode == 0 and "not measured again" not in fresh.stderr
    assert tables_of(run) == before


def test_verify_measures_again_and_names_what_differs(copy: tuple[Project, Path]) -> None:
    project, run = copy
    same = project.bench("workflow", str(run), "--verify")
    assert same.returncode == 0 and "identical" in same.stdout, same.stdout + same.stderr
    table, facts_file = run / FOLDER / "storage.csv", run / FOLDER / "workflow.json"
    table.write_text(table.read_text().replace("in_suite,sieve,", "in_suite,sieve,9"))
    facts = json.loads(facts_file.read_text())
    facts["parts"]["storage"]["sha256"] = hashlib.sha256(table.read_bytes()).hexdigest()
    facts_file.write_text(json.dumps(facts))
    other = project.bench("workflow", str(run), "--verify", "--part", "storage")
    assert other.returncode == 1
    assert "storage arduino in_suite sieve: bytes 9" in other.stdout and "1 figures differ" in other.stdout


def test_claims_are_judged_without_measuring(measured: tuple[Project, Path]) -> None:
    project, run = measured
    done = project.bench("workflow", str(run), "--claims")
    assert done.returncode == 0
    assert "does not hold" not in done.stdout and "not measured in this run" in done.stdout
    assert done.stderr == ""


def test_a_report_and_an_export_have_it(measured: tuple[Project, Path], tmp_path: Path) -> None:
    project, run = measured
    assert project.bench("report", str(run), "--out", str(tmp_path)).returncode == 0
    report = (tmp_path / "report.html").read_text()
    assert "The ways of working" in report and 'id="run-1-claim-slower"' in report
    done = project.bench("export", str(run), "--what", "workflow", "--format", "csv,json", "--out", str(tmp_path / "e"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "e" / "workflow_memory.csv").is_file()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("nowhere",), "is no run folder"),
        (("nowhere", "--part", "colour"), "no part 'colour' of the workflow; known: storage, memory"),
        (("x", "--part", "memory", "--only", "siev"), "--only 'siev': expected a name of memory: empty, fib"),
        (("--claims",), "--claims and --verify need a RUN"),
        (("--verify",), "--claims and --verify need a RUN"),
        (("x", "--board", "virtual-esp32"), "leave out --board and --out"),
        (("x", "--claims", "--fresh"), "--claims measures nothing"),
        (("x", "--verify", "--quick"), "only --part goes with it"),
        (("--board", "uno"), "no board 'uno'"),
        (("x", "--repetitions", "0"), "Invalid value for '--repetitions'"),
    ],
)
def test_a_wrong_argument_is_answered_with_what_would_be_right(arguments: tuple[str, ...], expected: str) -> None:
    done = Project(paths.PROJECT).bench("workflow", *arguments)
    assert expected in error_line(done)
    assert done.returncode == 2


def test_claims_of_a_run_without_a_workflow_say_how_to_measure_it(
    measured: tuple[Project, Path], tmp_path: Path
) -> None:
    project, run = measured
    for name in RUN_FILES:
        shutil.copy2(run / name, tmp_path / name)
    done = project.bench("workflow", str(tmp_path), "--claims")
    assert done.returncode == 2 and "measure it with `bench workflow" in error_line(done)


def test_a_run_of_other_images_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    run = run_with_workflow(tmp_path / "run", {"storage": [storage_row("arduino", "image")]})
    before = tables_of(run)
    done = Project(paths.PROJECT).bench("workflow", str(run), "--part", "storage")
    assert done.returncode == 2 and "here it is" in error_line(done)
    assert tables_of(run) == before


def test_a_sketch_that_does_not_build_costs_its_part_and_no_other(project: Project) -> None:
    project.replace("arduino_sketches/sieve/sieve.ino", "bench::begin();", "bench::begin()")
    run = str(project.results / "r")
    assert project.bench(*RUN, run).returncode == 0, "the suite does not use that file"
    done = project.bench("workflow", run, "--part", "memory", *SHORT)
    assert done.returncode == 3
    assert "no figures of storage: sieve does not build for virtual-esp32" in done.stderr
    assert list(load_workflow(run)) == ["memory"]
    assert json.loads((Path(run) / FOLDER / "workflow.json").read_text())["parts"]["storage"]["status"] == "failed"
    report = project.bench("report", run)
    assert report.returncode == 0
    assert "sieve does not build" in (Path(run) / "report.html").read_text()


@pytest.mark.parametrize(
    "how",
    [
        signal.SIGKILL,
        pytest.param(signal.SIGINT, marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
    ],
)
def test_what_is_finished_survives_and_the_rest_is_measured_then(project: Project, how: signal.Signals) -> None:
    run = project.results / "r"
    assert project.bench(*RUN, str(run)).returncode == 0
    arguments = ("workflow", str(run), "--part", "storage", "--only", "sieve", "--only", "crc32", "--part", "memory")
    process = project.start(*arguments)
    facts = run / FOLDER / "workflow.json"
    wait_for(lambda: facts.exists() and '"complete"' in facts.read_text(), "the first table")
    finished = tables_of(run)
    (os.killpg if how == signal.SIGKILL else os.kill)(process.pid, how)
    _, error = process.communicate(timeout=60)
    assert tables_of(run) == finished, "nothing half-written"
    if how != signal.SIGKILL:
        assert process.returncode == 130 and "finished parts are kept; go on with: bench workflow" in error
    again = project.bench(*arguments)
    assert again.returncode == 0, again.stderr
    assert list(load_workflow(run)) == ["storage", "memory"]
    assert tables_of(run)["storage.csv"] == finished["storage.csv"]
    assert "not measured again" in again.stderr
