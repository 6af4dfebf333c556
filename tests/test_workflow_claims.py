"""Claims: verdicts follow from figures, both ways, and nothing is judged that was not measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bench import load_run, load_workflow
from bench.errors import InputError
from bench.report.write import write_report
from bench.workflow.claims import (
    ABSENT,
    FAILS,
    HOLDS,
    LIMITED,
    NOT_MEASURED,
    RATIOS,
    Judged,
    judge,
    load_claims,
    meets,
)
from bench.workflow.parts import Row, find_part, known_parts
from bench.workflow.tables import claims_table, value_text
from tests.report_runs import HOSTILE
from tests.workflow_tables import memory_row, run_with_workflow, storage_row

SEVEN = (
    "edited_on_the_computer",
    "where_the_source_is",
    "where_it_is_compiled",
    "from_edit_to_running",
    "slower",
    "repl",
    "io",
)


def judged(path: Path, tables: Mapping[str, Sequence[Row]]) -> dict[str, Judged]:
    """The verdicts on a run with these tables, by claim."""
    run = run_with_workflow(path / "run", tables)
    return {each.claim.key: each for each in judge(load_run(run), load_workflow(run))}


def read_back(language: str, size: int | None, how: str = "measured") -> Row:
    return storage_row(language, "read_back", size=size, how=how)


def test_there_are_seven_claims_each_with_figures_that_exist() -> None:
    """A column that a part no longer has would leave a claim unjudged for ever."""
    assert tuple(claim.key for claim in load_claims()) == SEVEN
    for figure in (figure for claim in load_claims() for figure in claim.figures):
        if figure.part == RATIOS or figure.part not in known_parts():
            continue
        columns = find_part(figure.part).columns
        below = figure.over or {}
        named = {figure.column, *(figure.where or {}), *figure.each, *below.get("where", {})}
        named.add(below.get("column", figure.column))
        assert named <= set(columns), f"{figure.label}: no columns {named - set(columns)} in {figure.part}"


@pytest.mark.parametrize(
    ("arduino", "micropython", "how", "verdict"),
    [
        (0, 830, "measured", HOLDS),
        (0, 0, "measured", FAILS),
        (25, 830, "measured", FAILS),
        (0, None, "by construction", LIMITED),
    ],
)
def test_where_the_source_is_depends_on_what_was_read_back(
    tmp_path: Path, arduino: int, micropython: int | None, how: str, verdict: str
) -> None:
    rows = [read_back("arduino", arduino), read_back("micropython", micropython, how)]
    assert judged(tmp_path, {"storage": rows})["where_the_source_is"].verdict == verdict


def test_what_was_not_measured_is_not_judged(tmp_path: Path) -> None:
    verdicts = judged(tmp_path, {})
    assert verdicts["slower"].verdict == HOLDS  # the run's own samples decide that
    others = {each.verdict for key, each in verdicts.items() if key != "slower"}
    assert others == {NOT_MEASURED}
    assert all(value_text(found) == "not measured in this run" for found in verdicts["repl"].found)


def test_a_figure_that_does_not_decide_may_be_missing(tmp_path: Path) -> None:
    rows = [memory_row("micropython", "script", 480, "fib", 10)]
    claim = judged(tmp_path, {"memory": rows})["where_it_is_compiled"]
    assert claim.verdict == HOLDS
    assert [found.bearing for found in claim.found].count(ABSENT) == 3


def test_a_value_is_shown_with_its_unit_and_where_it_is_from(tmp_path: Path) -> None:
    rows = [memory_row("micropython", "script", size, name, 10) for size, name in ((400, "fib"), (2400, "crc32"))]
    verdicts = judged(tmp_path, {"memory": rows})
    assert value_text(verdicts["where_it_is_compiled"].found[0]) == "1 400 bytes, simulated"
    assert value_text(verdicts["slower"].found[0]) == "30.0×, simulated"


def io_row(device: str, language: str, lines: int) -> Row:
    numbers = {name: 1 for name, kind in find_part("io").columns.items() if kind == "int"}
    return {"device": device, "language": language, **numbers, "lines": lines}


@pytest.mark.parametrize(("arduino", "verdict"), [(24, HOLDS), (10, LIMITED), (5, FAILS)])
@pytest.mark.skipif("io" not in known_parts(), reason="the part io is not there yet")
def test_a_ratio_is_taken_device_by_device(tmp_path: Path, arduino: int, verdict: str) -> None:
    rows = [io_row(device, language, lines) for device in ("blink", "adc")
            for language, lines in (("arduino", arduino), ("micropython", 10))]  # fmt: skip
    claim = judged(tmp_path, {"io": rows})["io"]
    assert claim.found[0].value == pytest.approx(arduino / 10)
    assert claim.verdict == verdict


@pytest.mark.parametrize(
    ("value", "condition", "met"), [(2, ">= 2", True), (2, "> 2", False), (0, "<= 0", True), (0.94, "< 0.95", True)]
)
def test_conditions_mean_what_they_say(value: float, condition: str, met: bool) -> None:
    assert meets(value, condition) is met


@pytest.mark.parametrize("condition", ["2", ">=2", "== 2", ">= two", "__import__('os')", ">= 2 "])
def test_what_is_no_condition_is_refused(condition: str) -> None:
    with pytest.raises(InputError, match="expected a condition"):
        meets(1.0, condition)


def test_the_table_names_every_claim(tmp_path: Path) -> None:
    verdicts = judged(tmp_path, {})
    table = claims_table(list(verdicts.values()), "[red]run")
    assert table.row_count == len(SEVEN)


def test_hostile_text_of_a_workflow_stays_text(tmp_path: Path) -> None:
    """Names, notes and messages are text from a file."""
    tables = {
        "storage": [
            storage_row(HOSTILE, HOSTILE, HOSTILE, note=HOSTILE),
            storage_row("arduino", "part", HOSTILE, 10),
            storage_row("arduino", "image", size=10),
            storage_row("arduino", "in_suite", HOSTILE, 5),
            storage_row("micropython", "read_back", size=None, how=HOSTILE, note=HOSTILE),
        ],
        "memory": [
            memory_row(HOSTILE, HOSTILE, 1),
            memory_row("micropython", "needed", 10, HOSTILE, 10),
            memory_row("micropython", "inputs", 10, HOSTILE, 10),
            memory_row("micropython", "allocated", 10, HOSTILE, 10),
        ],
    }
    run = run_with_workflow(tmp_path / "run", tables)
    html, markdown = (path.read_text() for path in write_report([load_run(run)], tmp_path)[:2])
    assert "alert(1)" in html
    outside = html.replace("<script>", "", 1) if html.count("<script") else html
    assert "<script>alert" not in outside and "<img src=x" not in html
    assert "<script>" not in markdown and "<img" not in markdown
    assert "run-1-claim-slower" in html and "run-1-workflow-storage" in html
