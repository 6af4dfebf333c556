"""The folder of a workflow: what is written comes back, and nothing else is ever taken for it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import load_workflow
from bench.errors import InputError
from bench.workflow import kept, store
from bench.workflow.parts import Part, Row, concerned, find_part, known_parts
from bench.workflow.store import parse_table, table_bytes, write_facts
from tests.workflow_tables import described, entry_of, run_with_workflow, storage_row, workflow_facts

WORDS = st.text(max_size=40)
PART = Part(
    name="storage",
    title="A part of a test",
    columns={"name": "str", "place": "int", "bytes": "int", "seconds_s": "float"},
    exact=("bytes",),
    keys=("name", "place"),
    measure=lambda context, names: (),
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "name": WORDS,
            "place": st.none() | st.integers(-(10**17), 10**17),
            "bytes": st.none() | st.integers(-(10**17), 10**17),
            "seconds_s": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        }
    ),
    max_size=8,
    unique_by=lambda row: (row["name"], row["place"]),
)


@given(ROWS)
def test_every_row_comes_back_as_it_was_written(rows: list[Row]) -> None:
    data = table_bytes(PART, rows)
    back = parse_table(data, PART, "a test")
    assert [row[1:] for row in back] == [[row["place"], row["bytes"], row["seconds_s"]] for row in rows]
    assert all(str(row[0]).isprintable() for row in back)
    again = [dict(zip(PART.columns, row, strict=True)) for row in back]
    keys = [(row["name"], row["place"]) for row in again]
    if len(set(keys)) == len(keys):  # what cannot be printed became the same mark
        assert table_bytes(PART, again) == data


@given(st.binary(max_size=200))
def test_no_bytes_end_in_anything_but_rows_or_one_clear_line(data: bytes) -> None:
    for content in (data, b"name,place,bytes,seconds_s\n" + data):
        try:
            parse_table(content, PART, "table.csv")
        except InputError as error:
            assert "table.csv" in str(error) and "\n" not in str(error)


@pytest.mark.parametrize(
    "cells",
    ["a,1,2", "a,1,2,3,4", "a,x,2,3", "a,1.0,2,3", "a,1_0,2,3", "a, 1,2,3", "a,1,2,nan", "a,1,2,inf", "a,١,2,3",
     "a,9999999999999999999,2,3", "\x1b[31m,1,2,3", "a" * 301 + ",1,2,3"],
)  # fmt: skip
def test_a_damaged_row_is_named_by_its_line(cells: str) -> None:
    data = f"name,place,bytes,seconds_s\nfine,1,2,3\n{cells}\n".encode()
    with pytest.raises(InputError, match=r"table\.csv line 3: .*measure it anew with `bench workflow --part storage`"):
        parse_table(data, PART, "table.csv")


@pytest.mark.parametrize(
    "header", ["", "name,place,bytes", "name,place,bytes,seconds_s,more", "place,name,bytes,seconds_s"]
)
def test_other_columns_are_refused(header: str) -> None:
    with pytest.raises(InputError, match="expected the columns name, place, bytes, seconds_s"):
        parse_table(f"{header}\n".encode(), PART, "table.csv")


@pytest.mark.parametrize(
    "row",
    [
        {"name": "a", "place": 1, "bytes": 2},
        {"name": "a", "place": 1, "bytes": 2, "seconds_s": 3.0, "more": 1},
        {"name": "a", "place": 1, "bytes": 2.5, "seconds_s": 3.0},
        {"name": "a", "place": True, "bytes": 2, "seconds_s": 3.0},
        {"name": "a", "place": 1, "bytes": 2, "seconds_s": math.nan},
        {"name": "a", "place": 1, "bytes": "2", "seconds_s": 3.0},
    ],
)
def test_a_part_cannot_write_what_could_not_be_read(row: Row) -> None:
    with pytest.raises(ValueError):
        table_bytes(PART, [row])


def test_two_rows_of_the_same_key_are_no_table() -> None:
    row = {"name": "a", "place": 1, "bytes": 2, "seconds_s": None}
    with pytest.raises(ValueError, match="two rows"):
        table_bytes(PART, [row, {**row, "bytes": 3}])


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run with one table of its workflow."""
    return run_with_workflow(
        tmp_path / "run",
        {"storage": [storage_row("arduino", "image", size=30_000), storage_row("micropython", "image")]},
    )


def test_loaded_columns_have_the_types_that_their_part_says(run: Path) -> None:
    frame = load_workflow(run)["storage"]
    assert list(frame.columns) == list(find_part("storage").columns)
    assert str(frame["bytes"].dtype) == "Int64" and pd.api.types.is_string_dtype(frame["name"])
    assert frame["bytes"].tolist() == [30_000, 1]
    assert frame.attrs["run"]["board"]["name"] == "virtual-esp32"
    assert frame.attrs["workflow"]["host"]["cpus"] == 2


def test_a_cut_or_edited_table_is_refused(run: Path) -> None:
    table = run / "workflow" / "storage.csv"
    whole = table.read_bytes()
    for other in (whole[:-5], whole.replace(b"30000", b"30001"), b""):
        table.write_bytes(other)
        with pytest.raises(InputError, match=r"not the file that workflow\.json vouches for"):
            load_workflow(run)
    table.unlink()
    with pytest.raises(InputError, match="cannot read"):
        load_workflow(run)


def test_what_ended_without_a_table_has_none(run: Path) -> None:
    facts = store.read_facts(run)
    facts["parts"]["memory"] = described({"rows": 0, "sha256": ""}, "failed", "the board went away")
    write_facts(run, facts)
    assert list(load_workflow(run)) == ["storage"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda facts: facts.pop("parts"), "'parts' is missing"),
        (lambda facts: facts.update(schema=2), "expected schema 1"),
        (lambda facts: facts.update(run_id=3), "expected str"),
        (lambda facts: facts.update(run_id="another"), "is of another run"),
        (lambda facts: facts["board"].update(name="virtual-esp32c3"), "is of another run"),
        (lambda facts: facts["images"].update(arduino="c2c2c2c2"), "is of another run"),
        (lambda facts: facts["parts"]["storage"].update(status="done"), "expected a status of complete, failed"),
        (lambda facts: facts["parts"]["storage"].update(rows=True), "expected int"),
        (lambda facts: facts["parts"]["storage"].pop("sha256"), "'sha256' is missing"),
    ],
)
def test_damaged_facts_are_refused_in_one_line(
    run: Path, change: Callable[[dict[str, Any]], object], expected: str
) -> None:
    path = run / "workflow" / "workflow.json"
    facts = json.loads(path.read_text())
    change(facts)
    path.write_text(json.dumps(facts))
    with pytest.raises(InputError, match=expected) as raised:
        load_workflow(run)
    assert "\n" not in str(raised.value)


@given(data=st.data())
def test_no_byte_of_the_facts_can_be_changed_into_a_crash(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("facts")
    run = run_with_workflow(folder / "run", {"storage": [storage_row("arduino", "image")]})
    path = run / "workflow" / "workflow.json"
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content))
    try:
        load_workflow(run)
    except InputError as error:
        assert "\n" not in str(error)


def test_a_run_without_a_workflow_says_how_to_measure_it(run: Path) -> None:
    (run / "workflow" / "workflow.json").unlink()
    with pytest.raises(InputError, match="measure it with `bench workflow run`"):
        load_workflow(run)


def test_two_processes_do_not_measure_into_the_same_folder(run: Path) -> None:
    with store.locked(run), pytest.raises(InputError, match="being written by another bench"), store.locked(run):
        pass
    assert not (run / "workflow" / ".lock").exists()
    with store.locked(run):
        pass


def test_a_kept_table_is_taken_only_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path))
    part = find_part("storage")
    data = table_bytes(part, [storage_row("arduino", "image")])
    inputs = hashlib.sha256(b"inputs").hexdigest()
    assert kept.get(inputs, part) is None
    kept.put(inputs, part, data)
    assert kept.get(inputs, part) == data
    assert kept.get(inputs[::-1], part) is None
    (file,) = (tmp_path / "workflow").iterdir()
    file.write_bytes(file.read_bytes()[:-3])
    assert kept.get(inputs, part) is None


def test_every_part_is_what_the_store_expects() -> None:
    assert {"storage", "memory"} <= set(known_parts())
    for name in known_parts():
        part = find_part(name)
        assert part.name == name
        assert set(part.columns.values()) <= {"str", "int", "float"}
        assert {*part.keys, *part.exact} <= set(part.columns) and not set(part.keys) & set(part.exact)
    with pytest.raises(InputError, match="no part 'colour' of the workflow; known: storage"):
        find_part("colour")


def test_a_table_that_was_rewritten_is_loaded_anew(run: Path) -> None:
    part = find_part("storage")
    write_facts(run, workflow_facts(run, {"storage": entry_of(run, part, [storage_row("arduino", "image", size=7)])}))
    assert load_workflow(run)["storage"]["bytes"].tolist() == [7]


def test_names_restrict_the_parts_that_know_them_and_leave_out_the_others() -> None:
    parts, catalogue = ("storage", "memory", "io"), ("sieve", "crc32")
    assert concerned(parts, (), catalogue) == {"storage": (), "memory": (), "io": ()}
    assert concerned(parts, ("sieve",), catalogue) == {"storage": ("sieve",), "memory": ("sieve",)}
    assert concerned(parts, ("blink", "crc32"), catalogue)["io"] == ("blink",)
    with pytest.raises(InputError, match="expected a name of storage, memory, io: sieve, crc32, blink"):
        concerned(parts, ("siev",), catalogue)
