"""memory.csv: what was written is read, whatever was cut or edited is noticed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import memory_file
from bench.errors import InputError
from bench.frames import load_memory, load_run
from bench.plan import Figures, Measurement, Memory
from bench.results import RunFolder
from tests.factories import IMAGES, TICK_UNIT, facts, measurement, order_of, samples

BYTES = st.none() | st.integers(0, 2**31 - 1)
PLAN = [measurement(name, language, n) for name in ("empty", "fib") for language in IMAGES for n in (1, 9)]


def make_run(path: Path, memories: dict[Measurement, Memory]) -> Path:
    """A closed run whose measurements say this about memory."""
    with closing(RunFolder.create(path, facts(PLAN, 1))) as folder:
        for place, each in enumerate(PLAN):
            folder.append(each, Figures(samples([100 + place]), memories[each]), TICK_UNIT, IMAGES[each.language])
        folder.finish("complete", order_of(PLAN))
    return path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run in which every measurement says something else."""
    return make_run(tmp_path / "run", {each: Memory(place, None, 7) for place, each in enumerate(PLAN)})


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.builds(Memory, BYTES, BYTES, BYTES), min_size=len(PLAN), max_size=len(PLAN)))
def test_what_was_said_is_read(tmp_path_factory: pytest.TempPathFactory, memories: list[Memory]) -> None:
    said = dict(zip(PLAN, memories, strict=True))
    rows = load_memory(load_run(make_run(tmp_path_factory.mktemp("run") / "run", said)))
    came = {
        (row["workload"], row["language"], row["variant"], row["n"]): [
            None if row[name] is None or row[name] != row[name] or str(row[name]) == "<NA>" else int(row[name])
            for name in memory_file.FIGURES
        ]
        for row in rows.to_dict("records")
    }
    told = {each.key: [m.held, m.allocated, m.stack] for each, m in said.items()}
    assert came == {key: values for key, values in told.items() if values != [None] * 3}


def test_a_run_of_an_older_version_has_no_rows(tmp_path: Path) -> None:
    rows = load_memory(load_run(make_run(tmp_path / "run", dict.fromkeys(PLAN, Memory()))))
    assert rows.empty
    assert list(rows.columns) == list(memory_file.COLUMNS)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-4],
        lambda data: data.replace(b",7\n", b",8\n", 1),
        lambda data: data.replace(b"fib", b"fob", 1),
        lambda data: b"",
    ],
)
def test_an_edited_file_is_refused(run: Path, change: object) -> None:
    path = run / memory_file.NAME
    path.write_bytes(change(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(InputError, match=r"memory\.csv: expected the 8 rows that run\.json vouches for"):
        load_run(run)
    path.unlink()
    with pytest.raises(InputError, match=r"cannot read .*memory\.csv"):
        load_run(run)


@pytest.mark.parametrize(
    "row", [b"fib,arduino,Os,9,x,,\n", b"fib,arduino,Os,9,1\n", b"a b,arduino,Os,9,1,,\n", b"fib,arduino,Os,-1,1,,\n"]
)
def test_a_row_that_is_none_is_named(run: Path, row: bytes) -> None:
    path = run / memory_file.NAME
    path.write_bytes(path.read_bytes() + row)
    with pytest.raises(InputError, match=r"memory\.csv line 10 is damaged"):
        memory_file.read_rows(run)


def test_a_crash_anywhere_is_mended(run: Path) -> None:
    path = run / memory_file.NAME
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        memory_file.mend(run)
        left = memory_file.read_rows(run)
        assert len(left) == max(whole[:length].count(b"\n") - 1, 0)


def test_of_a_measurement_made_twice_the_last_row_stands(run: Path) -> None:
    memory_file.extend(run, [(PLAN[0], Memory(77, None, None)), (PLAN[1], Memory())])
    memory_file.finish(run, {PLAN[0].key, PLAN[2].key}, order_of(PLAN))
    assert [(memory_file.key_of(row), row["held"]) for row in memory_file.read_rows(run)] == [
        (PLAN[0].key, "77"),
        (PLAN[2].key, "2"),
    ]
