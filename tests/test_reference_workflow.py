"""The ways of working in the committed reference runs: whole, of today's images, and exact where they say so."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench import load_run, load_workflow
from bench.catalogue import load_catalogue
from bench.verify import reference_runs
from bench.virtual_board.board import VirtualBoard
from bench.virtual_board.profiles import PROFILES
from bench.workflow.claims import NOT_MEASURED, judge
from bench.workflow.context import Context
from bench.workflow.parts import find_part, known_parts
from bench.workflow.store import COMPLETE, read_facts
from bench.workflow.verifying import Verified, verify_workflow
from tests.conftest import prepared

CHARTS = [f"workflow_{name}.png" for name in ("edit_to_run", "storage", "memory", "compiling", "repl", "io")]


@pytest.fixture(params=list(PROFILES))
def reference(request: pytest.FixtureRequest) -> Path:
    """The reference run of each board."""
    return reference_runs([request.param])[0]


def context(reference: Path) -> Context:
    """The run's board with both programs."""
    board = prepared(VirtualBoard(str(load_run(reference).attrs["run"]["board"]["name"])))
    images = {name: board.prepare(name, lambda text: None) for name in ("arduino", "micropython")}
    return Context(board, load_catalogue(), images=images)


def check(verified: Verified) -> None:
    """Equal to the last digit where the toolchain is the one that made the run."""
    if verified.other_images:
        pytest.skip("; ".join(verified.other_images))
    assert verified.differences == ()
    assert verified.exit_code == 0


def test_every_part_is_there_and_whole(reference: Path) -> None:
    facts = read_facts(reference)
    assert set(facts["parts"]) == set(known_parts())
    for name, part in facts["parts"].items():
        assert (part["status"], part["message"], part["names"], part["quick"]) == (COMPLETE, "", [], False), name
        assert not part["harness"]["uncommitted_changes"], f"make workflow: {name} was made with uncommitted changes"
    assert {name for name, table in load_workflow(reference).items() if len(table)} == set(known_parts())


def test_wall_times_have_a_median_an_iqr_and_a_number(reference: Path) -> None:
    for name, table in load_workflow(reference).items():
        times = [column for column in table.columns if column.endswith("_s") and not column.endswith("_iqr_s")]
        for column in times:
            measured = table[table[column].notna() & (table.get("how", pd.Series("", table.index)) == "measured")]
            if f"{column.removesuffix('_s')}_n" in table.columns and len(measured):
                stem = column.removesuffix("_s")
                assert (measured[f"{stem}_n"] >= 1).all() and measured[f"{stem}_iqr_s"].notna().all(), (name, column)


def test_every_claim_has_a_verdict(reference: Path) -> None:
    judged = judge(load_run(reference), load_workflow(reference))
    assert len(judged) == 7
    assert all(each.verdict != NOT_MEASURED for each in judged), [each.verdict for each in judged]


def test_its_charts_are_there(reference: Path) -> None:
    for name in CHARTS:
        assert (reference / name).stat().st_size > 10_000


def test_the_programs_for_devices_are_counted_again_to_the_same(reference: Path) -> None:
    check(verify_workflow(reference, context(reference), ["io"]))


@pytest.mark.slow
@pytest.mark.parametrize("part", ["storage", "memory", "compiling", "repl", "edit_to_run"])
def test_a_part_is_measured_again_to_the_same(reference: Path, part: str) -> None:
    assert find_part(part).exact
    check(verify_workflow(reference, context(reference), [part]))
