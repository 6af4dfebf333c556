"""Run folders: what was measured is read back exactly, or refused; never changed, never half."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.errors import InputError, ToolError
from bench.frames import load_run
from bench.plan import Figures, Measurement, Memory, Sample
from bench.results import COLUMNS, RUN_FILE, SAMPLES_FILE, SCHEMA, RunFolder, read_facts, read_rows
from bench.variants import LANGUAGES
from tests.factories import IMAGES, TICK_UNIT, facts, figures, make_run, measurement, order_of, samples

IN_A_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
SIX = {
    measurement(workload, language, n): samples([100 * n + place, 1234567, 10**12], loops=n, checksum=n)
    for place, (workload, language, n) in enumerate(
        (workload, language, n)
        for language in LANGUAGES
        for workload, n in (("empty", 1), ("empty", 1000), ("fib", 20))
    )
}
SIX_AS_CSV = (
    ",".join(COLUMNS)
    + "\n"
    + "".join(
        f"{m.workload},{m.language},{m.variant},{m.n},{s.index},{s.loops},{s.ticks},{TICK_UNIT},{s.checksum:08x},"
        f"{IMAGES[m.language]}\n"
        for m, its_samples in SIX.items()
        for s in its_samples
    )
).encode()
Row = tuple[str, str, str, int, int, int, int, str]

SAMPLE_VALUES = st.tuples(st.integers(1, 2**32 - 1), st.integers(1, 10**18 - 1), st.integers(0, 2**32 - 1))
MEASUREMENTS = st.builds(
    measurement, st.sampled_from(["empty", "fib"]), st.sampled_from(LANGUAGES), st.integers(1, 2**31 - 1)
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def samples_of(count: int) -> st.SearchStrategy[list[Sample]]:
    """Any samples of one measurement."""
    return st.lists(SAMPLE_VALUES, min_size=count, max_size=count).map(
        lambda values: [Sample(index, *each) for index, each in enumerate(values)]
    )


MEASURED = st.integers(1, 3).flatmap(
    lambda count: st.dictionaries(MEASUREMENTS, samples_of(count), min_size=1, max_size=4)
)


def expected_rows(measured: dict[Measurement, list[Sample]]) -> list[Row]:
    """What a frame has to hold, sample by sample."""
    return [
        (m.workload, m.language, m.variant, m.n, s.index, s.loops, s.ticks, f"{s.checksum:08x}")
        for m, its_samples in measured.items()
        for s in its_samples
    ]


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """The samples of a frame."""
    columns = ["workload", "language", "variant", "n", "sample", "loops", "ticks", "checksum"]
    return list(frame[columns].itertuples(index=False, name=None))


def cut(path: Path, size: int) -> None:
    """Truncate a file."""
    with path.open("r+b") as stream:
        stream.truncate(size)


def change(path: Path, **changes: object) -> None:
    """Replace fields of run.json."""
    (path / RUN_FILE).write_text(json.dumps(json.loads((path / RUN_FILE).read_text()) | changes))


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


@settings(IN_A_FOLDER, max_examples=30)
@given(measured=MEASURED, is_finished=st.booleans())
def test_what_was_measured_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, measured: dict[Measurement, list[Sample]], is_finished: bool
) -> None:
    run = make_run(tmp_path_factory.mktemp("run") / "run", measured, finish=is_finished)
    frame = load_run(run)
    assert rows_of(frame) == expected_rows(measured)
    assert set(frame["tick_unit"]) == {TICK_UNIT}
    assert set(frame["image"]) <= set(IMAGES.values())
    assert frame.attrs["run"]["status"] == ("complete" if is_finished else "running")


def test_a_frame_has_the_documented_columns_and_types(tmp_path: Path) -> None:
    frame = load_run(make_run(tmp_path / "run", SIX))
    assert list(frame) == ["run_id", "board", "simulated", "workload", "group", *COLUMNS[1:]]
    assert set(frame["group"]) == {"overhead", "control"}
    assert set(frame["board"]) == {"virtual-esp32"}
    assert frame["simulated"].dtype == bool
    assert all(frame[column].dtype == "int64" for column in ("n", "sample", "loops", "ticks"))
    table = [line.split("|") for line in (load_run.__doc__ or "").splitlines() if "|" in line]
    assert set(frame) <= {name.strip() for cells in table for name in cells[1].split(",")}


def test_a_run_in_which_nothing_was_measured_is_an_empty_frame(tmp_path: Path) -> None:
    RunFolder.create(tmp_path / "run", facts([], 3)).close()
    assert load_run(tmp_path / "run").empty


def test_a_finished_run_is_in_the_order_of_the_plan_whatever_order_it_was_measured_in(tmp_path: Path) -> None:
    with closing(RunFolder.create(tmp_path / "run", facts(list(SIX), 3))) as folder:
        for each in reversed(SIX):
            folder.append(each, Figures(SIX[each], Memory()), TICK_UNIT, IMAGES[each.language])
        folder.finish("complete", order_of(SIX))
    assert rows_of(load_run(tmp_path / "run")) == expected_rows(SIX)
    in_order = make_run(tmp_path / "in-order", SIX)
    assert (tmp_path / "run" / SAMPLES_FILE).read_bytes() == (in_order / SAMPLES_FILE).read_bytes()


def test_samples_are_written_as_documented(tmp_path: Path) -> None:
    assert (make_run(tmp_path / "run", SIX, finish=False) / SAMPLES_FILE).read_bytes() == SIX_AS_CSV
    assert (make_run(tmp_path / "finished", SIX) / SAMPLES_FILE).read_bytes() == SIX_AS_CSV


def test_a_closed_folder_holds_nothing_but_its_two_files(tmp_path: Path) -> None:
    assert {path.name for path in make_run(tmp_path / "run", SIX).iterdir()} == {RUN_FILE, SAMPLES_FILE}


def test_a_killed_run_is_refused_or_gives_its_finished_measurements_wherever_it_was_cut(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", SIX, finish=False)
    whole = (run / SAMPLES_FILE).read_bytes()
    every_row, refused, given_in_full = expected_rows(SIX), 0, 0
    for size in range(len(whole), -1, -1):
        cut(run / SAMPLES_FILE, size)
        try:
            loaded = rows_of(load_run(run))
        except InputError:
            refused += 1
            continue
        complete = whole[:size].count(b"\n") - 1
        assert loaded == every_row[: complete - complete % 3]
        given_in_full += 1
    assert given_in_full == whole.count(b"\n")
    assert refused == len(whole) + 1 - given_in_full


def test_a_finished_run_is_refused_wherever_it_was_cut(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", SIX)
    for size in range((run / SAMPLES_FILE).stat().st_size - 1, -1, -1):
        cut(run / SAMPLES_FILE, size)
        with pytest.raises(InputError, match="cut"):
            load_run(run)


@pytest.mark.parametrize(("was_finished", "step"), [(False, 1), (True, 19)])
def test_reopening_keeps_exactly_the_whole_measurements_wherever_the_file_was_cut(
    tmp_path: Path, was_finished: bool, step: int
) -> None:
    three = {each: SIX[each][:2] for each in list(SIX)[:3]}
    run = make_run(tmp_path / "run", three, finish=was_finished)
    whole, run_json = (run / SAMPLES_FILE).read_bytes(), (run / RUN_FILE).read_bytes()
    for size in range(0, len(whole) + 1, step):
        (run / SAMPLES_FILE).write_bytes(whole[:size])
        (run / RUN_FILE).write_bytes(run_json)
        measurements = max(whole[:size].count(b"\n") - 1, 0) // 2
        with closing(RunFolder.reopen(run)) as folder:
            assert folder.finished() == {m.unit for m in list(three)[:measurements]}
        assert (run / SAMPLES_FILE).read_bytes() == b"".join(whole.splitlines(keepends=True)[: 1 + 2 * measurements])
        assert rows_of(load_run(run)) == expected_rows(three)[: 2 * measurements]


def test_a_resumed_run_ends_as_one_that_was_never_interrupted(tmp_path: Path) -> None:
    run, undisturbed = make_run(tmp_path / "run", SIX), make_run(tmp_path / "undisturbed", SIX)
    cut(run / SAMPLES_FILE, (run / SAMPLES_FILE).stat().st_size // 2)
    with closing(RunFolder.reopen(run)) as folder:
        finished = folder.finished()
        for each in SIX:
            if each.unit not in finished:
                folder.append(each, Figures(SIX[each], Memory()), TICK_UNIT, IMAGES[each.language])
        folder.finish("complete", order_of(SIX))
    assert 0 < len(finished) < len(SIX)
    for name in (RUN_FILE, SAMPLES_FILE):
        assert (run / name).read_bytes() == (undisturbed / name).read_bytes()


def test_a_run_killed_while_its_folder_was_being_made_can_be_continued(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", SIX, finish=False)
    (run / SAMPLES_FILE).unlink()
    with closing(RunFolder.reopen(run)) as folder:
        assert folder.finished() == set()
    assert load_run(run).empty


def test_a_measurement_with_a_sample_missing_or_doubled_does_not_count_as_finished(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", SIX, finish=False)
    lines = (run / SAMPLES_FILE).read_text().splitlines(keepends=True)
    (run / SAMPLES_FILE).write_text("".join([*lines[:2], lines[1], lines[3], *lines[4:6], *lines[7:10]]))
    with closing(RunFolder.reopen(run)) as folder:
        assert folder.finished() == {list(SIX)[2].unit}


def test_a_folder_with_a_run_is_not_overwritten(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", SIX)
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    with pytest.raises(InputError, match="holds a run already: choose another --out, or continue it with --resume"):
        RunFolder.create(run, facts(list(SIX), 3))
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before


@pytest.mark.parametrize("opening", ["create", "reopen"])
def test_a_folder_in_use_is_refused_to_a_second_process_and_free_afterwards(tmp_path: Path, opening: str) -> None:
    code = (
        "import sys; from pathlib import Path; from bench.results import RunFolder\n"
        "path = Path(sys.argv[1])\n"
        "RunFolder.create(path, {}) if sys.argv[2] == 'create' else RunFolder.reopen(path)"
    )
    with closing(RunFolder.create(tmp_path / "run", facts(list(SIX), 3))) as folder:
        second = run_python(code, str(folder.path), opening)
        assert "InputError" in second.stderr
        assert "is being written by another bench" in second.stderr
        for each in SIX:
            folder.append(each, Figures(SIX[each], Memory()), TICK_UNIT, IMAGES[each.language])
    assert run_python(code, str(folder.path), "reopen").returncode == 0
    assert rows_of(load_run(folder.path)) == expected_rows(SIX)


def test_a_folder_that_could_not_be_opened_is_not_held(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", SIX)
    whole = (run / SAMPLES_FILE).read_bytes()
    (run / SAMPLES_FILE).write_bytes(b"not,a,run\n")
    with pytest.raises(InputError, match="expected the header"):
        RunFolder.reopen(run)
    with pytest.raises(InputError, match="holds a run already"):
        RunFolder.create(run, {})
    assert {path.name for path in run.iterdir()} == {RUN_FILE, SAMPLES_FILE}
    (run / SAMPLES_FILE).write_bytes(whole)
    RunFolder.reopen(run).close()


def test_a_full_disk_leaves_samples_and_run_as_they_were(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", SIX, finish=False)
    code = f"""
import resource, sys
from pathlib import Path
from bench.errors import ToolError
from bench.results import RunFolder
from tests.factories import figures, measurement
folder = RunFolder.reopen(Path(sys.argv[1]))
size = (folder.path / "{SAMPLES_FILE}").stat().st_size
folder.facts["note"] = "x" * 10000
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50, size + 50))  # room for one row of three
for write in (
    lambda: folder.append(measurement("crc32", "arduino", 9), figures([1, 2, 3]), "{TICK_UNIT}", "a0a0a0a0"),
    folder.save,
):
    try:
        write()
    except ToolError as error:
        print(error)
"""
    before = (run / SAMPLES_FILE).read_bytes()
    done = run_python(code, str(run))
    assert done.stdout.count("cannot write") == 2, done.stderr
    assert done.stdout.count("finished measurements are kept") == 2
    assert (run / SAMPLES_FILE).read_bytes() == before
    assert "note" not in read_facts(run)
    assert not list(run.glob("*.tmp")) + list(run.glob(".*.tmp"))
    assert rows_of(load_run(run)) == expected_rows(SIX)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_device_that_takes_nothing_is_a_tool_error(tmp_path: Path) -> None:
    with closing(RunFolder.create(tmp_path / "run", facts(list(SIX), 3))) as folder:
        (folder.path / SAMPLES_FILE).unlink()
        (folder.path / SAMPLES_FILE).symlink_to("/dev/full")
        with pytest.raises(ToolError, match="No space left on device"):
            folder.append(next(iter(SIX)), figures([1, 2, 3]), TICK_UNIT, "a0a0a0a0")


@pytest.mark.parametrize("place", ["a-file/run", "/proc/no-such-folder/run", "x" * 300])
def test_a_place_where_nothing_can_be_written_is_a_tool_error(tmp_path: Path, place: str) -> None:
    (tmp_path / "a-file").touch()
    with pytest.raises(ToolError, match=r"cannot write .*choose another --out"):
        RunFolder.create(tmp_path / place, facts([], 3))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text.replace("100,", "101,", 1), "cut or edited"),
        (lambda text: text + text.splitlines(keepends=True)[-1], "cut or edited"),
        (lambda text: text.replace("\n", "\r\n"), "cut or edited"),
        (lambda text: "", "cut or edited"),
    ],
)
def test_edited_samples_of_a_finished_run_are_detected(
    tmp_path: Path, damage: Callable[[str], str], message: str
) -> None:
    run = make_run(tmp_path / "run", SIX)
    (run / SAMPLES_FILE).write_bytes(damage((run / SAMPLES_FILE).read_text()).encode())
    with pytest.raises(InputError, match=f"expected the 18 rows that run.json vouches for.*{message}"):
        load_run(run)


ROW = "fib,arduino,Os,20,0,1,100,instruction,00000000,a0a0a0a0\n"


@pytest.mark.parametrize(
    "row",
    [
        "\n",
        "fib\n",
        ROW.replace(",a0a0a0a0", ""),
        ROW.replace("\n", ",more\n"),
        ROW.replace("20", "twenty"),
        ROW.replace("20", "-20"),
        ROW.replace("100", "1e2"),
        ROW.replace("100", "0"),
        ROW.replace("100", "٣"),
        ROW.replace("100", "9" * 19),
        ROW.replace("100", "9" * 5000),
        ROW.replace(",1,", ",0,"),
        ROW.replace("00000000", "0000000"),
        ROW.replace("00000000", "0000000G"),
        ROW.replace("fib", ""),
        ROW.replace("fib", '"fi,b"'),
        ROW.replace("fib", '"fib'),
        ROW.replace("fib", "fi\0b"),
        ROW.replace("fib", "x" * 200_000),
    ],
)
def test_a_row_that_is_no_sample_is_refused_and_its_line_named(tmp_path: Path, row: str) -> None:
    run = make_run(tmp_path / "run", SIX, finish=False)
    with (run / SAMPLES_FILE).open("a", encoding="utf-8") as stream:
        stream.write(row)
    with pytest.raises(InputError, match=r"line 20|cannot read") as caught:
        load_run(run)
    assert len(str(caught.value)) < 500


def test_two_runs_mixed_are_refused(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", SIX, finish=False)
    with (run / SAMPLES_FILE).open("a") as stream:
        stream.write("".join((run / SAMPLES_FILE).read_text().splitlines(keepends=True)[1:4]))
    with pytest.raises(InputError, match="sample 0 of empty n=1 in arduino stands twice"):
        load_run(run)


def test_a_file_far_larger_than_any_run_is_refused_unread(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", SIX, finish=False)
    with (run / SAMPLES_FILE).open("r+b") as stream:
        stream.truncate(2 * 2**30)  # of which the disk holds nothing
    with pytest.raises(InputError, match="expected at most 536,870,912 bytes, got 2,147,483,648"):
        load_run(run)


@settings(IN_A_FOLDER, max_examples=60)
@given(
    st.lists(st.integers(0, 2), min_size=10, max_size=10),
    st.sampled_from(['"fib"', "fib", "f.b", "", "x" * 120, "ﬁb"]),
    st.sampled_from(["7", "007", "0", "-1", "9" * 18, "9" * 19, "7.0", " 7"]),
    st.sampled_from(["0000000a", "0000000A", "a"]),
    st.sampled_from(["\n", "\r\n", "\n\n", ""]),
)
def test_the_fast_way_to_read_samples_takes_and_refuses_what_the_careful_one_does(
    tmp_path: Path, samples_of_rows: list[int], word: str, count: str, checksum: str, end: str
) -> None:
    rows = [f"{word},arduino,Os,{count},{i},1,{count},cycle,{checksum},a0" for i in samples_of_rows]
    run = tmp_path / "run"
    if not run.exists():
        make_run(run, SIX, finish=False)
    (run / SAMPLES_FILE).write_bytes((",".join(COLUMNS) + "\n" + "\n".join(rows) + end).encode())
    try:
        careful = read_rows(run)
    except InputError as error:
        with pytest.raises(InputError) as caught:
            load_run(run)
        assert str(caught.value) == str(error)
        return
    if len({row["sample"] for row in careful}) < len(careful):
        with pytest.raises(InputError, match="stands twice"):
            load_run(run)


@settings(IN_A_FOLDER, max_examples=60)
@given(st.binary(max_size=300) | st.text("fibarduno,0123456789\n\r\"'", max_size=200).map(str.encode))
def test_whatever_stands_in_samples_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    header = (",".join(COLUMNS) + "\n").encode()
    run = tmp_path / "run"
    if not run.exists():
        make_run(run, SIX, finish=False)
    (run / SAMPLES_FILE).write_bytes(header + content)
    try:
        rows = read_rows(run)
    except InputError:
        return
    assert not rows or content.count(b",") >= 9 * len(rows)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is damaged .not JSON"),
        (b"{", "is damaged .not JSON"),
        (b"\xff", "is damaged .not JSON"),
        (b"[" * 100_000, "is damaged .not JSON"),
        (b"9" * 5000, "is damaged .not JSON"),
        (b"[]", "expected schema 1 to 3, got None"),
        (b"{}", "expected schema 1 to 3, got None"),
        (b'{"schema": 0}', "got 0"),
        (b'{"schema": 4}', "got 4: a newer bench may have written it"),
        (b'{"schema": "1"}', "got '1'"),
        (b'{"schema": [1]}', r"got \[1\]"),
        (b'{"schema": 1}', "'run_id' is missing"),
    ],
)
def test_a_run_json_that_cannot_be_used_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    run = make_run(tmp_path / "run", SIX)
    (run / RUN_FILE).write_bytes(content)
    for use in (read_facts, load_run, RunFolder.reopen):
        with pytest.raises(InputError, match=message):
            use(run)


def test_every_schema_ever_written_is_read(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", SIX)
    for schema in range(1, SCHEMA + 1):
        change(run, schema=schema)
        assert len(load_run(run)) == 18


def places_in(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to everything inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places_in(item, (*path, key)))]


DELETED = object()
ALL_FACTS = {
    "schema": SCHEMA,
    "status": "complete",
    **facts(list(SIX), 3),
    "samples_file": {"rows": 18, "sha256": hashlib.sha256(SIX_AS_CSV).hexdigest()},
    "failures": [{"workload": "fib", "language": "arduino", "variant": "Os", "n": 1, "message": "broken"}],
}


def reopen_and_close(run: Path) -> None:
    """What resuming a run begins with."""
    RunFolder.reopen(run).close()


@settings(IN_A_FOLDER, max_examples=300)
@given(st.sampled_from(places_in(ALL_FACTS)[1:]), JSON | st.just(DELETED))
def test_a_run_json_with_anything_anywhere_is_used_or_refused(
    tmp_path: Path, place: tuple[str | int, ...], value: object
) -> None:
    hostile = json.loads(json.dumps(ALL_FACTS))
    *way, last = place
    inner = hostile
    for key in way:
        inner = inner[key]
    if value is DELETED:
        del inner[last]
    else:
        inner[last] = value
    uses: list[Callable[[Path], pd.DataFrame | None]] = [load_run, reopen_and_close]
    for use in uses:
        (tmp_path / RUN_FILE).write_text(json.dumps(hostile))
        (tmp_path / SAMPLES_FILE).write_bytes(SIX_AS_CSV)
        try:
            frame = use(tmp_path)
        except InputError as error:
            assert len(str(error)) < 600
        else:
            assert frame is None or rows_of(frame) in ([], expected_rows(SIX))


@pytest.mark.parametrize("missing", [RUN_FILE, SAMPLES_FILE])
def test_a_folder_without_one_of_its_files_is_refused(tmp_path: Path, missing: str) -> None:
    run = make_run(tmp_path / "run", SIX)
    (run / missing).unlink()
    with pytest.raises(InputError, match=missing):
        load_run(run)


def test_a_folder_that_is_no_run_is_refused_and_left_alone(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        for use in (load_run, RunFolder.reopen):
            with pytest.raises(InputError, match="is no run folder"):
                use(path)
    assert not list(tmp_path.iterdir())


def test_a_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").touch()
    with pytest.raises(InputError, match=r"cannot read .*Not a directory"):
        load_run(tmp_path / "run")


def test_half_a_character_in_run_json_is_refused(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", {measurement("empty", "arduino", 1): samples([10])})
    text = (run / "run.json").read_text()
    (run / "run.json").write_text(text.replace('"virtual-esp32"', '"a\\ud800b"', 1))
    with pytest.raises(InputError, match="damaged"):
        load_run(run)
