"""A citation says which figures are meant: the same figures have the same id everywhere, others have another one."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import __version__, paths
from bench.citation import AUTHOR, SOFTWARE, bibtex, cff, cite, content_id
from bench.frames import load_run
from bench.results import COLUMNS
from tests.conftest import Project
from tests.factories import linear_run

CHANGED_ELSEWHERE = {
    "run_id": "another-name",
    "started": "2031-05-06T07:08:09Z",
    "ended": "2031-05-06T07:09:09Z",
    "status": "interrupted",
    "host": {"system": "another", "cpus": 64},
    "harness": {"version": "9.9", "commit": "fedcba9876543210"},
    "retries": 3,
}


@pytest.fixture
def frame(tmp_path: Path) -> pd.DataFrame:
    """A run of one workload with three uneven samples each."""
    cost = {("fib", "arduino", 20): 100.0, ("fib", "micropython", 20): 5000.0}
    fixed, per_loop = {"arduino": 10, "micropython": 30}, {"arduino": 2, "micropython": 13}
    return linear_run(tmp_path / "run", cost, fixed=fixed, per_loop=per_loop, jitter=(0, 7, 2))


def with_facts(frame: pd.DataFrame, **changes: Any) -> pd.DataFrame:
    """The same samples under a changed run.json."""
    changed = frame.copy()
    changed.attrs = {"run": json.loads(json.dumps(frame.attrs["run"])) | changes}
    return changed


def change_fact(way: str, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """A change of the one fact that this dotted way leads to."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        changed = with_facts(frame)
        *outer, last = way.split(".")
        inner = changed.attrs["run"]
        for name in outer:
            inner = inner[name]
        assert inner.get(last) != value
        inner[last] = value
        return changed

    return change


def change_sample(column: str, value: str | int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """A change of one cell of one sample."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        changed = frame.copy()
        assert changed.loc[7, column] != value
        changed.loc[7, column] = value
        return changed

    return change


def test_order_folder_host_date_and_commit_do_not_change_the_id(frame: pd.DataFrame, tmp_path: Path) -> None:
    expected = content_id(frame)
    assert re.fullmatch("[0-9a-f]{16}", expected)
    assert content_id(frame.sample(frac=1, random_state=1)) == expected
    assert content_id(frame.iloc[::-1].reset_index(drop=True)) == expected
    assert content_id(with_facts(frame, **CHANGED_ELSEWHERE)) == expected
    (tmp_path / "run").rename(tmp_path / "elsewhere")
    assert content_id(load_run(tmp_path / "elsewhere")) == expected


@pytest.mark.parametrize(
    "change",
    [
        change_sample("ticks", 123_456_789),
        change_sample("loops", 9),
        change_sample("checksum", "00000001"),
        change_sample("image", "c2c2c2c2"),
        change_sample("n", 21),
        change_sample("variant", "O2"),
        change_sample("tick_unit", "cycle"),
        lambda frame: frame.drop(index=7),
        change_fact("board.fpu", False),
        change_fact("board.simulator", "QEMU 9.0.0"),
        change_fact("settings.min_ticks", 1),
        change_fact("languages.arduino.optimisation", "O2"),
        change_fact("languages.arduino.flags", "-Os -flto"),
        change_fact("languages.micropython.micropython_version", "v1.29.0"),
        change_fact("languages.micropython.heap_policy", "another"),
        change_fact("workloads.fib.seed", 2),
        change_fact("workloads.fib.source_sha256.arduino", "0" * 64),
        change_fact("on_board_runner_sha256", "0" * 64),
    ],
)
def test_another_sample_or_another_cause_of_samples_is_another_id(
    frame: pd.DataFrame, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    assert content_id(change(frame)) != content_id(frame)


def test_two_samples_that_swap_their_figures_are_another_run(frame: pd.DataFrame) -> None:
    swapped = frame.copy()
    swapped.loc[[12, 13], "ticks"] = swapped.loc[[13, 12], "ticks"].to_numpy()
    assert content_id(swapped) != content_id(frame)


def test_ids_that_were_cited_stay_valid() -> None:
    run = {
        "board": {"name": "virtual-esp32", "fpu": True},
        "settings": {"samples": 2},
        "languages": {"arduino": {"image": "a0", "flags": "-Os"}},
        "on_board_runner_sha256": "ab",
        "workloads": {"fib": {"seed": 1, "source_sha256": {"arduino": "cd"}}},
    }
    row = ("fib", "arduino", "Os", 20, 0, 8, 100, "instruction", "00001a6d", "a0")
    frame = pd.DataFrame([row, (*row[:4], 1, *row[5:])], columns=list(COLUMNS))
    frame.attrs["run"] = run
    assert content_id(frame) == "66f5f6c56a18fc6f", "ids are made in another way now: papers cite the old ones"


def test_the_plain_text_says_what_a_reader_needs(frame: pd.DataFrame) -> None:
    assert cite(frame) == (
        "The bench contributors (2024). MicroPython against Arduino C++ on virtual-esp32: simulated overhead ratios. "
        "bench: MicroPython against Arduino C++ on the same ESP32, version 0.1.0, commit 0123456789abcdef. Simulated "
        "on virtual-esp32 (rv32imfc in QEMU 7.2.0); instructions, not time. Arduino C++: GCC 12.2.0 (Debian 12.2.0-14) "
        "-Os; MicroPython: v1.28.0, GCC 12.2.1. Run 20240101-000000-virtual-esp32 (complete), content id "
        f"{content_id(frame)}."
    )


def test_a_run_on_hardware_is_called_measured(frame: pd.DataFrame) -> None:
    measured = change_fact("board.simulated", False)(frame)
    for words in (cite(measured), bibtex(measured), cff(measured)):
        assert "measured overhead ratios" in words
        assert "Measured on virtual-esp32 (ESP32, 1000 MHz)" in words
        assert "imulated" not in words


def test_uncommitted_changes_are_told(frame: pd.DataFrame) -> None:
    assert "commit abc with uncommitted changes" in cite(
        with_facts(frame, harness={"commit": "abc", "uncommitted_changes": True})
    )


def test_a_run_that_says_little_of_itself_can_be_cited(frame: pd.DataFrame) -> None:
    run = with_facts(frame, started="some day", languages={"arduino": {"image": "a0"}})
    del run.attrs["run"]["harness"]
    assert cite(run).startswith(f"{AUTHOR}. ")
    assert "version unknown, commit unknown" in cite(run)
    assert "year" not in bibtex(run)
    assert "date-released" not in cff(run)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(st.text(max_size=30) | st.text(st.sampled_from('{}\\"%@,\n#:- é'), max_size=15))
def test_hostile_text_stays_inside_its_field(frame: pd.DataFrame, text: str) -> None:
    run = with_facts(frame, run_id=text, started=text, harness={"version": text, "commit": text})
    run.attrs["run"]["board"]["name"] = text
    assert cite(run).isprintable()
    entry = bibtex(run)
    assert re.fullmatch(
        r"@misc\{bench-[0-9a-f]{16},\n(  (author|title|year|howpublished|note) = \{.*\},\n)+\}\n", entry
    )
    for line in entry.splitlines()[1:-1]:
        value = line.partition(" = ")[2].removesuffix(",")
        depths = [value[:end].count("{") - value[:end].count("}") for end in range(1, len(value))]
        assert min(depths) >= 1 and value.count("{") == value.count("}")
    read_cff(cff(run))


def read_cff(text: str) -> dict[str, str]:
    """The scalars of a citation file by key, quoted ones read; each line must have one of the forms that are YAML."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        form = re.fullmatch(
            r'(?:  )*(?:- )?([a-z-]+):(?: ("(?:[^"\\]|\\.)*"|[A-Za-z0-9.][A-Za-z0-9. ]*|\[.*\]))?', line
        )
        assert form, line
        key, value = form.groups()
        found.setdefault(key, json.loads(value) if (value or "").startswith('"') else value or "")
    return found


def test_the_citation_file_of_a_run_names_run_and_software(frame: pd.DataFrame) -> None:
    found = read_cff(cff(frame))
    assert found["cff-version"] == "1.2.0"
    assert found["type"] == "dataset"
    assert found["version"] == content_id(frame)
    assert found["date-released"] == "2024-01-01"
    assert found["value"] == "20240101-000000-virtual-esp32"
    assert {"message", "title", "authors", "name", "identifiers", "references"} <= set(found)


def test_the_projects_citation_file_agrees_with_the_project() -> None:
    found = read_cff((paths.PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((paths.PROJECT / "pyproject.toml").read_text())["project"]
    assert found["cff-version"] == "1.2.0"
    assert found["message"]
    assert (found["type"], found["title"], found["name"]) == ("software", SOFTWARE, AUTHOR)
    assert found["version"] == __version__ == project["version"]
    assert found["license"] == project["license"]


@pytest.mark.parametrize(("form", "start"), [("text", AUTHOR), ("bibtex", "@misc{bench-"), ("cff", "cff-version: ")])
def test_the_command_prints_each_form(form: str, start: str) -> None:
    done = Project(paths.PROJECT).bench("cite", "reference-virtual-esp32", "--format", form)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(start)
    assert content_id(load_run(paths.RESULTS / "reference-virtual-esp32")) in done.stdout
