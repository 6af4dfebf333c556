"""The catalogue: the project's own is in order, and whatever is wrong in one is named by table and field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.catalogue import BOARDS, OVERHEAD_WORKLOAD, Workload, load_catalogue, select
from bench.errors import InputError
from bench.plan import make_plan
from bench.virtual_board.profiles import PROFILES
from tests.factories import catalogue_text, overhead_table, workload_table

ANY_VALUE = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("a10-", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


def load(folder: Path, text: str) -> dict[str, Workload]:
    """The catalogue with this text."""
    path = folder / "workloads.toml"
    path.write_text(text, encoding="utf-8")
    return load_catalogue(path)


def catalogue(**fib: object) -> str:
    """A valid catalogue of two workloads, with changes to the table of `fib`."""
    return catalogue_text({"empty": overhead_table(), "fib": workload_table(**fib)})


def test_the_projects_catalogue_is_in_order() -> None:
    workloads = load_catalogue()
    assert OVERHEAD_WORKLOAD in workloads
    for workload in workloads.values():
        assert workload.script.is_file()
        assert workload.header.is_file()


def test_a_workload_has_what_its_table_says(tmp_path: Path) -> None:
    workloads = load(tmp_path, catalogue())
    assert list(workloads) == ["empty", "fib"]
    fib = workloads["fib"]
    assert (fib.name, fib.sizes, fib.quick, fib.fits_31_bit) == ("fib", (10, 20), 10, True)
    assert fib.checksums == {10: 0x37, 20: 0x1A6D}
    assert [fib.fixed_loops(20), workloads["empty"].fixed_loops(20)] == [0, 20]


@pytest.mark.parametrize("field", workload_table())
def test_a_missing_field_is_named(tmp_path: Path, field: str) -> None:
    table = workload_table()
    del table[field]
    with pytest.raises(InputError, match=rf"\[workload.fib\]: the field '{field}' is missing"):
        load(tmp_path, catalogue_text({"empty": overhead_table(), "fib": table}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": "red"}, "unknown field 'colour'; known: allocates"),
        ({"title": 3}, "title: expected str, got 3"),
        ({"seed": True}, "seed: expected int, got True"),
        ({"seed": 1.0}, "seed: expected int, got 1.0"),
        ({"seed": -1}, "seed must lie in"),
        ({"seed": 2**31}, "seed must lie in"),
        ({"allocates": 1}, "allocates: expected bool, got 1"),
        ({"sizes": 10}, "sizes: expected a list of int, got 10"),
        ({"sizes": ["10"]}, "sizes: expected a list of int"),
        ({"sizes": []}, "sizes must be ascending"),
        ({"sizes": [20, 10]}, "sizes must be ascending"),
        ({"sizes": [10, 10, 20]}, "sizes must be ascending"),
        ({"sizes": [0, 10]}, "sizes must be ascending"),
        ({"sizes": [10, 2**31]}, "sizes must be ascending"),
        ({"quick": 15}, "quick = 15 is not one of the sizes"),
        ({"loops": "many"}, 'loops is "auto" or "n", got \'many\''),
        ({"group": "fast"}, "group is one of overhead, control.*got 'fast'"),
        ({"functions": "run"}, "functions: expected a list of str"),
        ({"boards": ["toaster"]}, "no board 'toaster'; known: virtual-esp32"),
        ({"check_n": 10}, "check_n must be an n that is not among the sizes, got 10"),
        ({"barred": {"O2": "why"}}, "barred: no emitter 'O2'; known: bytecode, native, viper"),
        ({"barred": {"native": ""}}, "barred: expected a table of emitter = reason"),
        ({"differences": [1]}, "differences: expected a list of str"),
        ({"checksums": []}, "checksums: expected a table of n = checksum"),
        ({"checksums": {"10": "0x00000037"}}, "every size needs one checksum.*look at n = 20"),
        ({"checksums": {"10": "0x37", "20": "0x00001a6d"}}, "checksums: n = 10: expected eight hexadecimal digits"),
        ({"checksums": {"10": 55, "20": "0x00001a6d"}}, "checksums: n = 10: expected eight hexadecimal digits"),
        ({"checksums": {"ten": "0x00000037"}}, "checksums: expected a size n as key, got 'ten'"),
        ({"checksums": {"010": "0x00000037"}}, "checksums: expected a size n as key, got '010'"),
        ({"checksums": {"9" * 5000: "0x00000037"}}, "checksums: expected a size n as key"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=rf"workloads.toml: \[workload.fib\]: {message}"):
        load(tmp_path, catalogue(**changes))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected schema = 2, got None"),
        ("schema = 3\n", "expected schema = 2, got 3"),
        ("schema = 2\n", "expected tables"),
        ("schema = 2\nworkload = 3\n", "expected tables"),
        (catalogue_text({"fib": workload_table()}), "expected a table .workload.empty."),
        (catalogue_text({"empty": overhead_table() | {"loops": "auto"}}), r".workload.empty.: needs loops = .n."),
        (catalogue_text({"empty": overhead_table(), "Fib": workload_table()}), r".workload.Fib.: a name is lower-case"),
        (catalogue_text({"empty": overhead_table(), "fib": 3}), r".workload.fib.: expected a table, got int"),
        ("[workloads.fib]\n" + catalogue(), "expected schema = 2"),
        (catalogue() + "[workloads.fib]\n", "unknown 'workloads'"),
        (catalogue() + "[workload.fib\n", "is not valid TOML"),
        ("schema = " + "9" * 5000, "is not valid TOML"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=f"workloads.toml.*{message}"):
        load(tmp_path, text)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read the catalogue .*none\.toml: No such file"):
        load_catalogue(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"title = '\xb5s'\n")
    with pytest.raises(InputError, match=r"latin\.toml is not valid TOML"):
        load_catalogue(tmp_path / "latin.toml")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(["empty", "fib"]), st.sampled_from(sorted(workload_table())), ANY_VALUE)
def test_a_field_of_any_type_gives_a_valid_catalogue_or_an_input_error(
    tmp_path: Path, workload: str, field: str, value: object
) -> None:
    tables = {"empty": overhead_table(), "fib": workload_table()}
    tables[workload][field] = value
    try:
        loaded = load(tmp_path, catalogue_text(tables))
    except InputError as error:
        assert f"[workload.{workload}]" in str(error)
        assert len(str(error)) < 1000
    else:
        assert make_plan(loaded), "a catalogue that loads can be measured"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_catalogue_cut_anywhere_has_whole_workloads_or_is_refused(tmp_path: Path, data: st.DataObject) -> None:
    text = catalogue()
    whole = load(tmp_path, text)
    try:
        left = load(tmp_path, text[: data.draw(st.integers(0, len(text) - 2))])
    except InputError:
        return
    assert left == {"empty": whole["empty"]}


def test_workloads_are_selected_by_name_and_group_in_the_catalogues_order(tmp_path: Path) -> None:
    tables = {"empty": overhead_table()}
    tables |= {
        name: workload_table(group=group) for name, group in {"b": "integer", "a": "float", "c": "integer"}.items()
    }
    workloads = load(tmp_path, catalogue_text(tables))

    def names(*arguments: list[str]) -> list[str]:
        return [workload.name for workload in select(workloads, *arguments)]

    assert names() == ["empty", "b", "a", "c"]
    assert names(["c", "b", "c"]) == ["b", "c"]
    assert names([], ["float"]) == ["a"]
    assert names(["a"], ["integer"]) == ["b", "a", "c"]
    with pytest.raises(InputError, match="no workload 'z'; known: empty, b, a, c"):
        names(["z"])
    with pytest.raises(InputError, match="no group 'control'; known: float, integer, overhead"):
        names([], ["control"])


def test_every_virtual_board_may_stand_in_a_contract() -> None:
    assert set(PROFILES) <= set(BOARDS)
