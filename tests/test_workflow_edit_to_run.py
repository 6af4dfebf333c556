"""From a saved change to the running program: equal programs, honest steps, and nothing lost where something fails."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import paths
from bench.charts import SIZES as SIZES_OF_PAGES
from bench.charts import STYLES
from bench.charts.workflow_edit_to_run import alt_text, caption, edit_to_run_chart, seconds_text
from bench.errors import BoardError, ChecksumMismatch, InputError, NotAvailable, ToolError
from bench.esp32.board import Esp32Board
from bench.esp32.connection import Connection
from bench.esp32.ports import PortChoice
from bench.esp32.programs import Programs
from bench.frames import load_run
from bench.report.blocks import Bullets, Table, Text
from bench.report.figures import RunFigures
from bench.report.workflow_edit_to_run import blocks
from bench.runners.exchange import Patience
from bench.runners.micropython import PROMPT, open_repl
from bench.virtual_board.board import MIN_TICKS, VirtualBoard
from bench.virtual_board.counter import instructions_until_idle
from bench.workflow import edit_micropython, edit_ways
from bench.workflow.context import Context
from bench.workflow.edit_answers import reference
from bench.workflow.edit_arduino import arduino_steps, measure_arduino
from bench.workflow.edit_micropython import LiveBoard, StoredProgram
from bench.workflow.edit_rows import COMPUTED, Case, Step, case_rows, gap_row
from bench.workflow.edit_scenarios import SCENARIOS, changed_files, versions
from bench.workflow.edit_to_run import PART, wanted
from bench.workflow.edit_ways import WAYS, MicroPythonWay
from bench.workflow.generated import BUILD, LIBRARY, SIZES, Program, generate
from bench.workflow.line_times import flash_s, line_s, raw_paste_bytes, upload_of
from bench.workflow.parts import PartlyFailed, Row
from bench.workflow.sketch_project import SketchProject
from bench.workflow.store import table_bytes
from tests import espressif32_stand_in
from tests.emulated_esp32 import EmulatedEsp32
from tests.test_charts import assert_readable

ARDUINO_FOR_THE_HOST = """\
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <string>
struct String {
  std::string text;
  String(const char *text) : text(text) {}
  String(uint32_t value) : text(std::to_string(value)) {}
};
template <class T> String operator+(String left, const T &right) { left.text += String(right).text; return left; }
struct { void begin(int) {} void println(const String &line) { puts(line.text.c_str()); } } Serial;
"""
NO_CLOCK = (
    "#pragma once\nnamespace edit_clock { inline void start() {} inline void first_line() {} inline void tell() {} }\n"
)
each_size = pytest.mark.parametrize(
    "size", [pytest.param(size, marks=[] if size == "small" else [pytest.mark.slow]) for size in SIZES]
)


def silent(text: str) -> None:
    """Not shown."""


def texts(name: str, source: str) -> list[str]:
    """A file as raw paste brings it to the board."""
    return [source]


def measured(board: VirtualBoard, *names: str, repetitions: int = 1) -> pd.DataFrame:
    """The table of the part, of a quick measurement."""
    rows = list(PART.measure(Context(board, {}, repetitions, quick=True), names))
    table_bytes(PART, rows)  # ValueError where a row is not of the columns, or two have the same keys
    return pd.DataFrame(rows)


# ---- the programs ----


@pytest.mark.parametrize("size", SIZES)
def test_a_program_has_about_as_many_lines_as_its_size_says(size: str) -> None:
    program = generate(size)
    for language in ("arduino", "micropython"):
        assert 10 * abs(program.lines(language) - SIZES[size]) <= SIZES[size]


@given(st.sampled_from(list(SIZES)), st.integers(10_000, 99_999), st.integers(100, 999))
def test_the_same_arguments_give_the_same_text_and_another_version_changes_one_line(
    size: str, build: int, library: int
) -> None:
    program = generate(size, build, library)
    assert program == generate(size, build, library)
    for other, count in ((generate(size, build + 1, library), 1), (generate(size, build, library + 1), 1)):
        for mine, its in ((program.cpp, other.cpp), (program.python, other.python)):
            changed = [
                (name, line)
                for name in mine
                for line, new in zip(mine[name].splitlines(), its[name].splitlines(), strict=True)
                if line != new
            ]
            assert len(changed) == count
    assert str(build) in program.cpp[f"{program.changed}.cpp"]
    assert str(build) in program.python[f"edit_{program.changed}.py"]


def test_both_languages_have_the_same_functions_in_the_same_order() -> None:
    program = generate("medium")
    for number in range(1, 7):
        cpp, python = program.cpp[f"module_{number:02}.cpp"], program.python[f"edit_module_{number:02}.py"]
        mine = [line.split("(")[0].split()[-1] for line in cpp.splitlines() if "uint32_t " in line and line[-1] == "{"]
        mine = [name for name in mine if name != "for"]
        assert mine == [line.split("(")[0].split()[-1] for line in python.splitlines() if line.startswith("def ")]


def test_an_unknown_size_is_refused() -> None:
    with pytest.raises(InputError, match="small, medium, large"):
        generate("huge")


@each_size
def test_a_computer_s_compiler_gives_the_answers_of_cpython(size: str, tmp_path: Path) -> None:
    program = generate(size, BUILD + 7, LIBRARY + 3)
    files = {**program.cpp, "Arduino.h": ARDUINO_FOR_THE_HOST, "edit_clock.h": NO_CLOCK}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "main.cpp").write_text('#include "Arduino.h"\n#include "main.ino"\nint main() { setup(); }\n')
    command = ["g++", "-std=gnu++11", "-Wall", "-Wextra", "-Werror", "-I.", "-o", "program", "main.cpp"]
    subprocess.run([*command, *(name for name in program.cpp if name.endswith(".cpp"))], cwd=tmp_path, check=True)
    output = subprocess.run([tmp_path / "program"], capture_output=True, text=True, check=True).stdout
    assert tuple(output.splitlines()) == reference(program)


@each_size
def test_a_board_gives_the_answers_of_cpython_before_and_after_a_change(board: VirtualBoard, size: str) -> None:
    for scenario in SCENARIOS[:2]:
        with board.boot("micropython") as link:
            live = LiveBoard(link, open_repl(link, board, Patience()), texts)
            sent = live.load(generate(size))  # checks every line
            assert sent.bytes > sum(map(len, generate(size).python.values()))
            for program in versions(size, scenario, 2):
                (name,) = changed_files(program, scenario)
                assert live.change(program, name).bytes < sent.bytes


# ---- what a board does wrong ----


def test_another_answer_than_cpython_s_is_no_figure(board: VirtualBoard) -> None:
    wrong = lambda name, source: [source.replace("x * 33", "x * 34")]  # noqa: E731
    with board.boot("micropython") as link, pytest.raises(ChecksumMismatch, match="there is no figure"):
        LiveBoard(link, open_repl(link, board, Patience()), wrong).load(generate("small"))


def test_a_board_that_runs_the_old_program_is_no_figure(board: VirtualBoard) -> None:
    with board.boot("micropython") as link, pytest.raises(ChecksumMismatch, match="does not run the program that was"):
        live = LiveBoard(link, open_repl(link, board, Patience()), texts)
        live.load(generate("small"))
        live.change(generate("small", build=BUILD + 1), "edit_shared.py")  # which is not the file that changed


def test_a_program_that_ends_early_says_why(board: VirtualBoard) -> None:
    broken = lambda name, source: [source.replace("    x = 1\n", "    x = None.x\n").replace("print(", "pint(")]  # noqa: E731
    with board.boot("micropython") as link, pytest.raises(BoardError, match=r"NameError.*pint"):
        LiveBoard(link, open_repl(link, board, Patience()), broken).load(generate("small"))


# ---- what is counted and computed ----


def test_computed_bytes_are_those_that_are_really_sent(board: VirtualBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    program, sent = generate("small"), 0
    with board.boot("micropython") as link:
        live = LiveBoard(link, open_repl(link, board, Patience()), texts)
        write = link.write

        def counted(data: bytes) -> None:
            nonlocal sent
            sent += len(data)
            write(data)

        monkeypatch.setattr(link, "write", counted)
        assert live.load(program).bytes == sent
    assert raw_paste_bytes("é") == 3 + 2 + 1


def test_an_upload_s_packets_are_esptool_s(tmp_path: Path) -> None:
    from esptool.loader import ESPLoader

    class Port:
        sent = 0

        def write(self, data: bytes) -> None:
            self.sent += len(data)

    from bench.workflow.line_times import _packet_bytes

    class Loader:
        _port = Port()

        def trace(self, *args: object, **options: object) -> None: ...

    for packet in (b"", b"\xc0\xdb" * 9, bytes(range(256))):
        before = Loader._port.sent
        ESPLoader.write(Loader(), packet)
        assert Loader._port.sent - before == _packet_bytes(packet)
    upload = upload_of(bytes(100_000), "esp32")
    assert upload.compressed_bytes < 200 < 5000 < upload.first_bytes
    assert upload.seconds(115200) == pytest.approx(line_s(upload.sent_bytes, 115200))
    assert upload.seconds(921600) > line_s(upload.first_bytes, 115200)


def test_a_flash_is_erased_in_blocks_where_they_are_aligned_and_programmed_in_pages() -> None:
    assert flash_s(1) == pytest.approx(45e-3 + 0.4e-3)
    assert flash_s(65536) == pytest.approx(150e-3 + 256 * 0.4e-3)
    assert flash_s(65536, offset=0x11000) == pytest.approx(16 * 45e-3 + 256 * 0.4e-3)


def test_a_total_is_made_of_what_passes_on_the_host_and_the_line_alone() -> None:
    steps = [
        Step("compile", [1.0, 2.0, 3.0]),
        Step("transfer", [0.5], COMPUTED, 115200, bytes=7),
        Step("transfer", [0.1], COMPUTED, 921600, bytes=7),
        Step("reset_boot", [9.0, 9.0, 9.0], in_total=False, instructions=1000),
        Step("first_output", in_total=False, instructions=10),
    ]
    totals = [row for row in case_rows(Case("b", "l", "w", "s", "c", 1), steps) if row["step"] == "total"]
    assert [(row["baud"], row["time_s"], row["time_n"]) for row in totals] == [(115200, 2.5, 3), (921600, 2.1, 3)]
    assert all((row["how"], row["instructions"], row["bytes"]) == ("computed", 1010, 7) for row in totals)


def test_a_board_is_asked_from_outside_how_much_it_has_executed(board: VirtualBoard) -> None:
    counts = {instructions_until_idle(board, "micropython", PROMPT) for _ in range(3)}
    assert len(counts) == 1 and 1_000_000 < counts.pop() < 3_000_000


# ---- building ----


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SketchProject:
    return SketchProject("virtual-esp32", tmp_path_factory.mktemp("a project"), silent)


def test_only_what_depends_on_a_change_is_compiled(project: SketchProject) -> None:
    project.save(generate("medium"))
    everything = project.build()
    assert len(everything.compiled) > 15 and "Print.cpp" in everything.compiled
    modules = {f"module_{number:02}.cpp" for number in range(1, 7)}
    for program, expected in (
        (generate("medium", build=BUILD + 1), {"module_03.cpp"}),
        (generate("medium", library=LIBRARY + 1), modules),
    ):
        project.save(program)
        build = project.build()
        assert set(build.compiled) - {"main.ino.cpp"} == expected  # PlatformIO converts the sketch anew each time
        assert min(build.tool_s, build.compile_s, build.link_s) > 0
    project.forget_builds()
    assert project.build().compiled == everything.compiled


def test_a_program_that_does_not_compile_names_file_and_line(project: SketchProject) -> None:
    broken = generate("small")
    project.save(replace(broken, cpp={**broken.cpp, "module_01.cpp": "int x = y;\n"}))
    with pytest.raises(ToolError, match=r"src/module_01\.cpp:1: .*'y' was not declared"):
        project.build()


# ---- the part ----


def test_a_quick_measurement_has_every_step_of_every_way(board: VirtualBoard) -> None:
    rows = measured(board, repetitions=2)
    arduino = rows[rows["way"] == "platformio"]
    expected = ["build_tool", "compile", "link", "tool_start", "transfer", "flash_write", "reset_boot", "first_output"]
    assert list(dict.fromkeys(arduino["step"])) == [*expected, "total"]
    assert set(rows["size"]) == {"small", ""} and set(rows["scenario"]) == {"one_line", ""}
    assert (rows.loc[rows["how"] == "measured", "time_n"].dropna() == 2).all()
    gaps = rows[rows["how"] == "left out"]
    assert set(gaps["way"]) >= {"file_copy"} and gaps["note"].str.contains("no file system").any()
    computed = rows[(rows["how"] == "computed") & (rows["step"] != "total")]
    assert computed["time_n"].isna().all() and computed["time_iqr_s"].isna().all()
    assert set(computed["step"]) == {"transfer", "flash_write"}
    on_board = rows[rows["instructions"].notna() & (rows["step"] != "total")]
    assert (on_board["in_total"] == 0).all(), "instructions are no seconds"
    slow = arduino[(arduino["step"] == "total") & (arduino["baud"] == 115200)]["time_s"].iloc[0]
    live = rows[(rows["way"] == "raw_paste") & (rows["step"] == "total") & (rows["baud"] == 115200)]["time_s"].iloc[0]
    assert live < slow


@pytest.mark.slow
def test_exact_columns_repeat_to_the_last_digit(board: VirtualBoard) -> None:
    scenarios = ("small", "medium", *SCENARIOS)
    first, second = (measured(board, *scenarios, repetitions=count) for count in (1, 3))
    columns = [*PART.keys, *PART.exact]
    assert (
        first[columns]
        .astype(object)
        .where(first[columns].notna(), None)
        .equals(second[columns].astype(object).where(second[columns].notna(), None))
    )


def test_names_restrict_each_kind_of_thing_they_name(board: VirtualBoard) -> None:
    context = Context(board, {})
    assert wanted(context, ()) == (tuple(SIZES), SCENARIOS, WAYS)
    assert wanted(context, ("crc32", "large", "mpy")) == (("large",), SCENARIOS, ("mpy",))
    assert wanted(replace(context, quick=True), ()) == (("small",), ("one_line",), WAYS)


def test_what_fails_in_the_middle_leaves_all_other_rows(board: VirtualBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_once(size: str, scenario: str, repetitions: int) -> list[Program]:
        programs = versions(size, scenario, repetitions)
        cpp = {**programs[0].cpp, "module_01.cpp": "\n\nint x = y;\n"}
        return [replace(programs[0], cpp=cpp)] if scenario == "shared_header" else programs

    monkeypatch.setattr(edit_ways, "versions", broken_once)
    told: list[str] = []
    context = Context(board, {}, 1, told.append)
    rows: list[Row] = []
    with pytest.raises(PartlyFailed, match=r"src/module_01\.cpp:3: .*all other figures are kept") as failure:
        for row in PART.measure(context, ("small", "platformio")):
            rows.append(row)  # noqa: PERF402 (all that came before the exception)
    assert failure.value.exit_code == ToolError.exit_code
    by_scenario = {scenario: [row for row in rows if row["scenario"] == scenario] for scenario in SCENARIOS}
    assert [row["how"] for row in by_scenario["shared_header"]] == ["failed"]
    assert "module_01.cpp:3" in str(by_scenario["shared_header"][0]["note"])
    assert all(any(row["step"] == "total" for row in by_scenario[name]) for name in ("one_line", "fresh_clone"))
    assert any("failed, platformio, small, shared_header" in line for line in told)


def test_without_mpy_cross_its_way_is_left_out(board: VirtualBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPY_CROSS", "/nowhere/mpy-cross")
    rows = measured(board, "mpy")
    assert list(rows["how"]) == ["left out"] and "mpy-cross" in rows["note"].iloc[0]


# ---- a real board's path, against an emulated one ----


class NoPrograms:
    """What an Esp32Board has no need of here: nothing of the harness's own is written."""

    languages: Sequence[str] = ("arduino",)

    def prepare(self, name: str, log: Callable[[str], None]) -> Any:
        """Nothing."""
        raise NotImplementedError


@pytest.mark.slow
def test_a_chip_is_built_for_flashed_restarted_and_heard(
    board: VirtualBoard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATFORMIO_CORE_DIR", str(espressif32_stand_in.install(tmp_path / "core")))
    project = SketchProject("esp32", tmp_path / "project", silent)
    project.install()
    project.save(generate("small"))
    elf = project.build().elf
    programs = {b"edit_to_run build": elf}
    with EmulatedEsp32("esp32", programs, "rfc2217") as esp:
        name = esp.port_name()
        assert name is not None
        facts = replace(board.facts, simulated=False)
        mine: Programs = NoPrograms()
        chip = Esp32Board(facts, MIN_TICKS, Connection(PortChoice(name), back_s=5), mine)
        times = measure_arduino(chip, project, versions("small", "one_line", 2), False, lambda: None)
    steps = {step.name: step for step in arduino_steps(times, [0.1, 0.1])}
    assert {"connect", "transfer", "verify", "reset_boot"} <= set(steps)
    assert all(step.in_total and len(step.seconds) == 2 for step in steps.values())
    assert steps["transfer"].baud == 460800 and min(steps["transfer"].seconds) > 0
    assert chip.flashed == ["edit_to_run", "edit_to_run"]


def passed_off_as_real(board: VirtualBoard) -> Any:
    """The virtual board, as one that is not simulated."""

    class Real:
        facts = replace(board.facts, simulated=False)
        boot, prepare, abort = board.boot, board.prepare, board.abort
        line_may_fail, max_parallel, min_ticks = True, 1, MIN_TICKS

    return Real()


def test_a_real_board_s_steps_are_all_measured(board: VirtualBoard) -> None:
    way = MicroPythonWay("raw_paste", Context(passed_off_as_real(board), {}, 2), [0.1, 0.1], None)
    steps = {step.name: step for step in way.steps("small", "fresh_clone")}
    assert all(step.how == "measured" and step.instructions is None for step in steps.values())
    assert len(steps["transfer"].seconds) == 2 and steps["transfer"].baud == 115200
    assert len(steps["on_board_compile"].seconds) == 1 and not steps["on_board_compile"].in_total
    assert steps["reset_boot"].in_total and steps["first_output"].in_total


# ---- a board's file system, for which a folder stands ----


class FolderBoard:
    """Executes what is sent in CPython, with a folder in the place of the board's files. Its reset starts main.py."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.free = 1 << 20

    def run(self, code: str) -> tuple[str, str]:
        """As RawRepl.run; a folder that is full raises as the board does."""
        script = f"""
import builtins, io, os, sys
sys.path.insert(0, {str(self.folder)!r})
real_open, real_remove, free = open, os.remove, {self.free}
builtins.open = lambda name, mode="r": real_open({str(self.folder)!r} + name, mode)
os.remove = lambda name: real_remove({str(self.folder)!r} + name)
os.statvfs = lambda name: (4096,)
if free < 0: raise OSError(28)
"""
        source = "\n".join([*self._open_file, code])
        done = subprocess.run(
            [sys.executable, "-B", "-c", script + source], capture_output=True, text=True, check=False
        )
        if code.startswith("_f = open"):
            self._open_file = [code.replace("'wb'", "'ab'")]
        elif code == "_f.close()":
            self._open_file = []
        return done.stdout, done.stderr

    _open_file: Sequence[str] = ()


@pytest.fixture
def folder_board(board: VirtualBoard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderBoard:
    folder = tmp_path / "files"
    folder.mkdir()
    stand_in = FolderBoard(folder)
    monkeypatch.setattr(edit_micropython, "open_repl", lambda link, board, patience: stand_in)
    return stand_in


def plain(name: str, source: str) -> bytes:
    """A file as it is."""
    return source.encode()


def test_files_are_stored_whole_start_by_themselves_and_are_taken_away(
    board: VirtualBoard, folder_board: FolderBoard
) -> None:
    (folder_board.folder / "somebody_s.py").write_text("x = 1\n")
    stored = StoredProgram(board, plain, ".py")
    stored.check()
    program = generate("small")
    assert stored.store(program.python).bytes > sum(map(len, program.python.values()))
    for name, text in program.python.items():
        assert (folder_board.folder / name).read_text() == text
    output, _ = folder_board.run("import main")
    assert tuple(output.splitlines()) == reference(program)
    stored.check()
    stored.remove()
    assert [file.name for file in folder_board.folder.iterdir()] == ["somebody_s.py"]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_file_and_a_reset_are_steps_of_their_own(
    board: VirtualBoard, folder_board: FolderBoard, monkeypatch: pytest.MonkeyPatch, scenario: str
) -> None:
    """The reset starts CPython in the board's place; what the board's compiler does is not asked."""

    def start(self: StoredProgram, program: Program) -> float:
        output, traceback = folder_board.run("import main")
        assert tuple(output.splitlines()) == reference(program), traceback
        return 0.25

    monkeypatch.setattr(StoredProgram, "start", start)
    monkeypatch.setattr(edit_ways.StoredWay, "_cost", lambda *args: None)
    way = edit_ways.open_micropython("file_copy", Context(passed_off_as_real(board), {}, 2), [0.1, 0.1])
    steps = {step.name: step for step in way.steps("small", scenario)}
    assert list(steps) == ["tool_start", "transfer", "reset_boot"]
    assert steps["reset_boot"].seconds == [0.25, 0.25]
    assert steps["transfer"].files == (3 if scenario == "fresh_clone" else 1)
    assert not list(folder_board.folder.iterdir()), "all that was stored is taken away"


def test_a_main_file_that_is_not_ours_is_left_alone(board: VirtualBoard, folder_board: FolderBoard) -> None:
    (folder_board.folder / "main.py").write_text("print('mine')\n")
    with pytest.raises(NotAvailable, match=r"main\.py of its own"):
        StoredProgram(board, plain, ".py").check()


def test_a_full_file_system_is_named(board: VirtualBoard, folder_board: FolderBoard) -> None:
    folder_board.free = -1
    with pytest.raises(BoardError, match=r"cannot store edit_shared\.py: its file system is full"):
        StoredProgram(board, plain, ".py").store(generate("small").python)


def test_a_board_without_files_says_so(board: VirtualBoard) -> None:
    with pytest.raises(NotAvailable, match="no file system"):
        StoredProgram(board, plain, ".py").check()


# ---- chart and section ----


def table_with(ways: Sequence[str], sizes: Mapping[str, float], run: Mapping[str, Any]) -> pd.DataFrame:
    """A table of the part with steps as long as the sizes say."""
    rows: list[Row] = []
    for way in ways:
        for size, length in sizes.items():
            for scenario in SCENARIOS:
                language = "arduino" if way == "platformio" else "micropython"
                steps = [
                    Step("compile", [length, 2 * length], files=3),
                    Step("transfer", [length], COMPUTED, 115200, bytes=1000),
                    Step("transfer", [length / 8], COMPUTED, 921600, bytes=1000),
                    Step("first_output", in_total=False, instructions=12_345_678),
                ]
                rows += case_rows(Case("virtual-esp32", language, way, size, scenario, 50), steps)
    frame = pd.DataFrame(rows, columns=list(PART.columns))
    kinds = {"int": "Int64", "float": "float64", "str": "str"}
    frame = frame.astype({column: kinds[kind] for column, kind in PART.columns.items()})
    frame.attrs["run"] = run
    frame.attrs["workflow"] = {"host": {"cpus": 2, "system": "Debian"}}
    return frame


RUN = load_run(paths.RESULTS / "reference-virtual-esp32").attrs["run"]
FOUR = ("platformio", "raw_paste", "file_copy", "mpy")


@pytest.mark.parametrize("size", SIZES_OF_PAGES)
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("ways", [FOUR[:1], FOUR[:2], FOUR], ids=["1", "2", "4"])
@pytest.mark.parametrize("sizes", [{"small": 0.02}, {"small": 0.002, "medium": 4.0, "large": 300.0}], ids=["3", "9"])
def test_the_chart_is_readable(size: str, style: str, ways: Sequence[str], sizes: Mapping[str, float]) -> None:
    assert_readable(edit_to_run_chart(table_with(ways, sizes, RUN), size=size, style=style), size)


def test_the_chart_tells_computed_steps_apart_and_shows_instructions_beside() -> None:
    table = table_with(FOUR[:2], {"small": 0.2}, RUN)
    assert "computed" in caption(table) and "no time" in caption(table)
    words = alt_text(table)
    assert "transfer 0.20 s (computed)" in words and "compile 0.30 s" in words and "+ 12.3 M" in words
    figure = edit_to_run_chart(table)
    hatched = [bar for axes in figure.axes for bar in axes.patches if bar.get_hatch() and bar.get_width() > 0]  # type: ignore[attr-defined]
    assert len(hatched) == 2 * 3
    assert "computed" in {text.get_text() for legend in figure.legends for text in legend.get_texts()}


def test_a_table_without_a_figure_has_no_chart() -> None:
    with pytest.raises(InputError, match="measured to its end"):
        edit_to_run_chart(table_with((), {}, RUN))


def test_the_section_says_in_two_sentences_what_happened_and_names_what_is_missing() -> None:
    table = table_with(FOUR[:2], {"small": 0.2, "large": 2.0}, RUN)
    gap = dict.fromkeys(PART.columns) | gap_row(
        Case("virtual-esp32", "micropython", "file_copy"), "left out", "no files"
    )
    attributes = table.attrs
    table = pd.concat([table, pd.DataFrame([gap]).astype(table.dtypes.to_dict())], ignore_index=True)
    table.attrs = attributes
    found = blocks(RunFigures(0, load_run(paths.RESULTS / "reference-virtual-esp32")), table)
    text = next(block.text for block in found if isinstance(block, Text))
    assert "0.50 s in MicroPython" in text and "(small: about 50 lines)" in text and "compiles 3 files" in text
    tables = [block for block in found if isinstance(block, Table)]
    assert [len(block.rows) for block in tables] == [2 * 2 * 3 * 2, 2 * 2 * 3 * 4] and tables[1].folded
    notes = next(block.items for block in found if isinstance(block, Bullets))
    assert "W25Q32JV" in notes[0] and "2 processors" in notes[0]
    assert notes[1] == "left out: file_copy: no files"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0004, "0.4 ms"), (0.083, "83 ms"), (0.0996, "0.10 s"), (12.34, "12.3 s")]
)
def test_seconds_read_as_a_person_says_them(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text
