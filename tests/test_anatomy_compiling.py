"""The anatomy of compiling on the board: exact, repeatable, remembered, stored; and what goes wrong, in one line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from bench import paths
from bench.anatomy import compiling, probes
from bench.anatomy.compiling import (
    COLUMNS,
    load_compiling,
    measure_compiling,
    totals,
    wide,
    write_compiling,
)
from bench.anatomy.probes import Answer, Probe, Prober
from bench.catalogue import Workload, load_catalogue
from bench.charts import SIZES, STYLES
from bench.charts.anatomy_compiling import alt_text, caption, compiling_chart
from bench.errors import BoardError, InputError, ToolError
from bench.virtual_board.board import VirtualBoard
from tests.conftest import Project
from tests.factories import IMAGES, facts, make_run, measurement, samples


@pytest.fixture(scope="module")
def prober(board: VirtualBoard) -> Prober:
    """The board with the profiler."""
    return Prober(board, lambda text: None)


def script(folder: Path, text: str) -> Workload:
    """A workload whose script is this text."""
    (folder / "mpy_scripts").mkdir()
    (folder / "mpy_scripts" / "sieve.py").write_text(text, encoding="utf-8")
    return replace(load_catalogue()["sieve"], root=folder)


def cell(table: pd.DataFrame, column: str, **keys: object) -> int:
    """The number in the only row that has these values."""
    for key, value in keys.items():
        table = table[table[key] == value]
    assert len(table) == 1
    return int(table[column].iloc[0])


def made_up() -> pd.DataFrame:
    """A frame as it is measured, of two scripts."""
    rows = [
        ("fib", "bytecode", 400, 20, 272, 1000, "lexer", 400),
        ("fib", "bytecode", 400, 20, 272, 1000, "parser", 600),
        ("crc32", "bytecode", 800, 40, 272, 3000, "parser", 3000),
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame.attrs["run"] = facts([], 1)
    return frame


def make_run_folder(folder: Path) -> Path:
    """The folder of a run with one measurement."""
    return make_run(folder, {measurement("empty", "micropython", 1): samples([1])})


def test_the_parts_add_up_and_a_second_time_gives_the_same(prober: Prober) -> None:
    workloads = [load_catalogue()[name] for name in ("fib", "sieve")]
    first = measure_compiling(prober, workloads, fresh=True)
    assert not first.failures
    frame = first.frame
    again = measure_compiling(prober, workloads[1:], ["bytecode"], fresh=True).frame
    pd.testing.assert_frame_equal(frame.merge(again, on=list(COLUMNS)), again)
    for _, rows in frame.groupby(["workload", "variant"]):
        assert rows["part_instructions"].sum() == rows["instructions"].iloc[0]
    table = wide(frame)
    assert (table["parser"] > table["lexer"]).all()
    for name in ("fib", "sieve"):
        for column, factor in (("emitter", 1.5), ("held_bytes", 1.2)):
            bytecode = cell(table, column, workload=name, variant="bytecode")
            assert cell(table, column, workload=name, variant="native") > factor * bytecode > 0
    assert cell(table, "source_bytes", workload="sieve", variant="bytecode") == workloads[1].script.stat().st_size
    assert totals(frame)["instructions_per_byte"].between(500, 3000).all()


def test_what_has_not_changed_is_not_measured_again(prober: Prober, monkeypatch: pytest.MonkeyPatch) -> None:
    workloads = [load_catalogue()["fib"]]
    first = measure_compiling(prober, workloads)
    monkeypatch.setattr(Prober, "_measure", lambda self, probe: pytest.fail("measured again"))
    done: list[str] = []
    second = measure_compiling(prober, workloads, done=done.append)
    pd.testing.assert_frame_equal(first.frame, second.frame)
    assert sorted(done) == ["compiling fib (bytecode)", "compiling fib (native)"]


def test_a_script_that_does_not_parse_is_named_with_its_line(prober: Prober, tmp_path: Path) -> None:
    compiled = measure_compiling(prober, [script(tmp_path, "x = 1\n\ndef f(:\n    pass\n")])
    assert compiled.frame.empty
    errors = {variant: str(error) for (_, variant), error in compiled.failures.items()}
    assert errors["bytecode"] == "sieve.py line 3: SyntaxError: invalid syntax (MicroPython's compiler, bytecode)"
    assert errors["native"].startswith("sieve.py line 3: ")
    assert all(isinstance(error, InputError) for error in compiled.failures.values())


def test_a_script_too_large_for_the_board_is_named(prober: Prober, tmp_path: Path) -> None:
    big = script(tmp_path, "".join(f"def f{i}(a, b):\n    return a * {i} + b\n\n\n" for i in range(800)))
    error = measure_compiling(prober, [big], ["bytecode"]).failures["sieve", "bytecode"]
    assert isinstance(error, BoardError)
    assert "not enough memory to compile sieve (bytecode), " in str(error)


def test_a_barred_emitter_is_left_out_and_an_unknown_variant_refused(prober: Prober) -> None:
    barred = load_catalogue()["scheduled_callback"]
    compiled = measure_compiling(prober, [barred], ["native"])
    assert list(compiled.left_out) == [("scheduled_callback", "native")]
    assert compiled.frame.empty
    with pytest.raises(InputError, match=r"variant 'viper'; known: bytecode, native"):
        measure_compiling(prober, [barred], ["viper"])


def test_counts_that_differ_are_refused(prober: Prober, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ("import time\n", "a = time.ticks_cpu()\nb = time.ticks_cpu()\nprint('ticks', b - a + 1)")
    refused = prober.ask([Probe("wrong", texts)], lambda probe: None).failures
    assert "the board counted" in str(next(iter(refused.values())))
    silent = prober.ask([Probe("silent", ("pass",))], lambda probe: None).failures
    assert isinstance(next(iter(silent.values())), ToolError)
    answers = iter(["ticks 5\r\n", "ticks 6\r\n"])
    monkeypatch.setattr(Prober, "_profiled", lambda self, probe: Answer(next(answers), (), ""))
    monkeypatch.setattr(probes, "run_probe", lambda board, probe: next(answers))
    differing = prober.ask([Probe("other", ("pass",), more_boots=1)], lambda probe: None, fresh=True).failures
    assert "a second boot gave another answer" in str(next(iter(differing.values())))


def test_a_table_beside_a_run_comes_back_as_it_was(tmp_path: Path) -> None:
    run = make_run_folder(tmp_path / "run")
    frame = made_up()
    path = write_compiling(run, frame)
    assert path == run / "anatomy" / "compiling.csv"
    loaded = load_compiling(run)
    pd.testing.assert_frame_equal(loaded, frame)
    assert loaded.attrs["run"]["languages"]["micropython"]["image"] == IMAGES["micropython"]
    written = path.read_bytes()
    write_compiling(run, loaded)
    assert path.read_bytes() == written
    frame.attrs["run"]["languages"]["micropython"]["image"] = "another"
    with pytest.raises(InputError, match="MicroPython image another"):
        write_compiling(run, frame)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("held_bytes", "kept", "compiling.csv"),
        ("400,20", "400,many", "not a table of an anatomy"),
        ("1000,lexer,400", "1000,lexer,401", "do not add up"),
        ("1000,lexer,400", "1000,lexer,-400", "negative"),
    ],
)
def test_a_damaged_table_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    run = make_run_folder(tmp_path / "run")
    path = write_compiling(run, made_up())
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        load_compiling(run)


def test_a_run_without_the_table_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="bench anatomy-of compile"):
        load_compiling(tmp_path)


def test_the_chart_says_what_it_shows() -> None:
    frame = made_up()
    for size in SIZES:
        for style in STYLES:
            compiling_chart(frame, size, style)
    assert "crc32 3 000 for 800 bytes (parser 100 %, lexer 0.0 %)" in alt_text(frame)
    assert "2 scripts together: parser 90 %, lexer 10 %" in caption(frame)
    with pytest.raises(InputError, match="'native'"):
        compiling_chart(frame, variant="native")


def test_the_command_gives_tidy_rows_and_names_bad_input() -> None:
    project = Project(paths.PROJECT)
    done = project.bench("anatomy-of", "compile", "--workload", "fib", "--format", "csv")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == ",".join(compiling.COLUMNS)
    assert all(line.startswith("fib,bytecode,") for line in lines[1:])
    unknown = project.bench("anatomy-of", "compile", "--workload", "nothing")
    assert unknown.returncode == 2
    assert "no workload 'nothing'" in unknown.stderr
