"""The commands that show an anatomy: rightly, and wrongly."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from bench import paths
from bench.anatomy.flame_files import flame_files
from bench.anatomy.frames import load_anatomy, load_stacks
from bench.errors import InputError
from bench.results import RUN_FILES
from tests.conftest import Project
from tests.test_faults import error_line

REFERENCE = paths.RESULTS / "reference-virtual-esp32"
bench = Project(paths.PROJECT).bench


@pytest.mark.parametrize(
    ("by", "shown"),
    [
        ("cause", "interpr."),
        ("component", "bytecode loop"),
        ("function", "gc_alloc"),
        ("opcode", "CALL_FUNCTION"),
        ("pair", "→"),
    ],
)
def test_show_prints_the_anatomy_of_a_run(by: str, shown: str) -> None:
    done = bench("show", REFERENCE.name, "--anatomy", by)
    assert done.returncode == 0, done.stderr
    assert shown in done.stdout and "crc32" in done.stdout and "simulated" in done.stdout


def test_a_run_without_an_anatomy_says_how_to_make_one(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    for name in RUN_FILES:
        shutil.copy2(REFERENCE / name, run / name)
    for arguments in (("show", str(run), "--anatomy", "cause"), ("mix", str(run)), ("flames", str(run))):
        done = bench(*arguments)
        assert done.returncode == 2
        assert "make it with `bench anatomy run`" in error_line(done)


def test_an_anatomy_of_other_samples_is_refused(tmp_path: Path) -> None:
    """The folder was copied beside another run's samples."""
    run = tmp_path / "run"
    shutil.copytree(paths.RESULTS / "reference-virtual-esp32c3", run, ignore=shutil.ignore_patterns("anatomy", "*.png"))
    shutil.copytree(REFERENCE / "anatomy", run / "anatomy")
    done = bench("show", str(run), "--anatomy", "cause")
    assert done.returncode == 2
    assert "the anatomy is not of this run's samples" in error_line(done)


def test_flame_graphs_are_pictures_and_profiles_that_add_up(tmp_path: Path) -> None:
    done = bench(
        "flames", REFERENCE.name, "-w", "crc32", "--format", "svg,speedscope,collapsed", "--out", str(tmp_path)
    )
    assert done.returncode == 0, done.stderr
    written = {Path(line).name for line in done.stdout.split()}
    assert written == {"crc32-bytecode.svg", "crc32-bytecode.txt", "crc32.speedscope.json"}
    assert ElementTree.parse(tmp_path / "crc32-bytecode.svg").getroot().tag.endswith("svg")
    stacks = load_stacks(REFERENCE)
    mine = stacks[(stacks["workload"] == "crc32") & (stacks["variant"] == "bytecode")]
    total = mine.loc[mine["n"] == mine["n"].max(), "instructions"].sum()
    profile = json.loads((tmp_path / "crc32.speedscope.json").read_text())["profiles"][0]
    assert sum(profile["weights"]) == profile["endValue"] == total
    text = (tmp_path / "crc32-bytecode.txt").read_text()
    assert sum(int(line.rpartition(" ")[2]) for line in text.splitlines()) == total


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("flames", REFERENCE.name, "-w", "nix"), "no anatomy of a workload 'nix'"),
        (("flames", REFERENCE.name, "--format", "gif"), "no format 'gif'; known: svg, speedscope, collapsed"),
        (("flames", REFERENCE.name, "--variant", "O3"), "no variant 'O3'"),
        (("flames", REFERENCE.name, "-w", "fib", "--variant", "O2"), "has no anatomy of O2"),
        (("charts", REFERENCE.name, "--only", "pie"), "no chart 'pie'; known: overhead"),
        (("anatomy-of", "compile", "-w", "sief"), "no workload 'sief'"),
        (("anatomy-of", "gc", "--shape", "cubes"), "no shape 'cubes'"),
        (("tips", "be_fast"), "no tip 'be_fast'"),
        (("estimate", "reference-virtual-esp32c3"), "virtual-esp32"),
    ],
)
def test_mistakes_are_answered_in_one_line(arguments: tuple[str, ...], message: str) -> None:
    done = bench(*arguments)
    assert done.returncode == 2, done.stderr
    assert message in error_line(done)


def test_only_the_charts_asked_for_are_drawn(tmp_path: Path) -> None:
    done = bench("charts", REFERENCE.name, "--only", "anatomy_help", "--format", "svg", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["anatomy_help.svg"]


def test_no_file_name_comes_from_a_hostile_run(tmp_path: Path) -> None:
    """A table of call paths whose names try to leave the folder: they are no workloads."""
    run = tmp_path / "run"
    shutil.copytree(REFERENCE, run, ignore=shutil.ignore_patterns("*.png", "*.svg"))
    source = run / "anatomy" / "stacks.csv.gz"
    text = gzip.decompress(source.read_bytes()).decode().replace("crc32,", "../../x,")
    source.write_bytes(gzip.compress(text.encode(), mtime=0))
    facts = json.loads((run / "anatomy" / "anatomy.json").read_text())
    facts["files"]["stacks.csv.gz"]["sha256"] = hashlib.sha256(source.read_bytes()).hexdigest()
    (run / "anatomy" / "anatomy.json").write_text(json.dumps(facts))
    assert not [name for name in flame_files(run, (), (), ["collapsed"]) if "/" in name or ".." in name]
    with pytest.raises(InputError, match="no anatomy of a workload"):
        flame_files(run, ["../../x"], (), ["svg"])
    assert load_anatomy(run).facts["run_id"]
