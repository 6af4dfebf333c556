"""The I/O programs do the same in both languages, and what is counted of them is what their tokenisers see."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import paths
from bench.analysis import headline, overhead_ratios
from bench.catalogue import load_catalogue
from bench.charts import alt_text, caption
from bench.charts.workflow_io import figures, io_chart
from bench.errors import InputError
from bench.frames import load_run
from bench.io_page import io_page
from bench.labels import LANGUAGE_NAMES
from bench.report.blocks import SideBySide, Table
from bench.report.figures import RunFigures
from bench.report.workflow_io import blocks
from bench.virtual_board.board import VirtualBoard
from bench.virtual_board.firmware import build_micropython
from bench.virtual_board.profiles import PROFILES, Profile
from bench.virtual_board.qemu import Qemu
from bench.virtual_board.toolchain import PREFIX
from bench.workflow.context import Context
from bench.workflow.frames import table_of
from bench.workflow.io import PART
from bench.workflow.io_costs import operation_costs, with_costs
from bench.workflow.io_programs import DEVICES, Device, find_devices
from bench.workflow.measuring import measure_workflow
from bench.workflow.source_counts import count
from bench.workflow.store import table_bytes
from tests.guest_debugger import Console
from tests.io_traces import Event, Outside, start_script, trace
from tests.test_charts import assert_readable
from tests.test_workloads_page import Page

REFERENCE = paths.RESULTS / "reference-virtual-esp32"
API = Path(__file__).parent / "esp32_io"
AVR_CORE = Path("/usr/share/arduino/hardware/arduino/avr")  # of the Debian package arduino-core-avr
FORM = "{BasedOnStyle: LLVM, ColumnLimit: 120, AllowShortFunctionsOnASingleLine: None}"
each_device = pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)


def constants(device: Device) -> tuple[dict[str, int], dict[str, int]]:
    """The constants of both programs."""
    sketch = device.sketch.read_text(encoding="utf-8")
    cpp = {name: int(value) for name, value in re.findall(r"^const int ([A-Z_0-9]+) = (\d+);", sketch, re.MULTILINE)}
    python: dict[str, int] = {}
    for node in ast.parse(device.script.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper():
            python[node.targets[0].id] = ast.literal_eval(node.value)
    return cpp, python


# ---- The programs


@each_device
def test_both_programs_have_the_same_constants(device: Device) -> None:
    cpp, python = constants(device)
    chosen_by_micropython = {"CHANNEL", "RESOLUTION"}
    assert python
    assert {name: cpp[name] for name in cpp if name not in chosen_by_micropython} == python


@each_device
def test_both_programs_begin_with_the_same_comment(device: Device) -> None:
    sketch, script = (device.source(language).read_text(encoding="utf-8") for language in LANGUAGE_NAMES)
    assert sketch.splitlines()[0].removeprefix("// ") == script.splitlines()[0].removeprefix("# ")
    assert '"""' not in script
    assert "/*" not in sketch


def test_the_scripts_have_the_form_that_ruff_gives_them() -> None:
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "120", "--check"]
    subprocess.run([*command, str(paths.SCRIPTS / "io")], check=True)


@pytest.mark.skipif(shutil.which("clang-format") is None, reason="needs clang-format: pip install clang-format")
@each_device
def test_the_sketches_have_the_form_that_clang_format_gives_them(device: Device) -> None:
    subprocess.run(["clang-format", f"--style={FORM}", "--dry-run", "--Werror", str(device.sketch)], check=True)


def test_no_program_is_a_workload() -> None:
    assert not {device.sketch_name for device in DEVICES} & set(load_catalogue())
    assert {device.workload for device in DEVICES} - {""} <= set(load_catalogue())


def test_every_program_in_the_folders_is_a_device_s() -> None:
    assert {path.stem for path in (paths.SCRIPTS / "io").iterdir()} == {device.name for device in DEVICES}
    assert {path.name for path in paths.SKETCHES.glob("io_*")} == {device.sketch_name for device in DEVICES}


@each_device
def test_each_sketch_compiles_against_the_esp32_s_functions(device: Device) -> None:
    command = [
        f"{PREFIX}g++",
        "--specs=picolibc.specs",
        "-std=gnu++11",
        "-fsyntax-only",
        "-Wall",
        "-Wextra",
        "-Werror",
        f"-I{API}",
    ]
    subprocess.run([*command, "-include", "Arduino.h", "-x", "c++", str(device.sketch)], check=True)


@pytest.mark.skipif(not (shutil.which("avr-g++") and AVR_CORE.is_dir()), reason="needs gcc-avr and arduino-core-avr")
@pytest.mark.parametrize("name", ["blink", "button", "adc"])  # the others use what only the ESP32's core has
def test_what_is_plain_arduino_compiles_against_arduino_s_own_core(name: str) -> None:
    command = ["avr-g++", "-mmcu=atmega2560", "-Os", "-std=gnu++11", "-fsyntax-only", "-Wall", "-Wextra", "-Werror"]
    command += ["-DF_CPU=16000000L", "-DARDUINO=10819", "-DARDUINO_AVR_MEGA2560", "-DARDUINO_ARCH_AVR"]
    command += [f"-I{AVR_CORE}/cores/arduino", f"-I{AVR_CORE}/variants/mega", "-include", "Arduino.h", "-x", "c++"]
    subprocess.run([*command, str(find_devices([name])[0].sketch)], check=True)


# ---- What they do


@pytest.fixture(scope="module", params=sorted(PROFILES))
def profile(request: pytest.FixtureRequest) -> Profile:
    return PROFILES[request.param]


def traces(name: str, profile: Profile, outside: Outside, events: int, last: str = "") -> list[tuple[list[Event], str]]:
    """Events and printed text of both languages."""
    device = find_devices([name])[0]
    found = []
    for language in LANGUAGE_NAMES:
        mine = Outside(outside.pin, outside.levels, outside.arriving)
        printed = trace(device, language, profile, mine, events, last.encode())
        found.append((mine.events, printed))
    return found


def test_blink_switches_the_pin_every_half_second(profile: Profile) -> None:
    sketch, script = traces("blink", profile, Outside(), events=8)
    assert sketch == script
    assert sketch[0] == [("pins", 1 << 2), ("sleep_us", 500_000), ("pins", 0), ("sleep_us", 500_000)] * 2


def test_a_press_of_the_button_switches_the_led_over(profile: Profile) -> None:
    levels = [1, 0, 0, 1, 1, 0, 1, 0]  # after each pause
    sketch, script = traces("button", profile, Outside(pin=4, levels=levels), events=len(levels) + 3)
    assert sketch == script
    pause = ("sleep_us", 20_000)
    on, off = ("pins", 1 << 2), ("pins", 0)
    assert sketch[0] == [pause, pause, on, pause, pause, pause, pause, off, pause, pause, on]


def test_adc_prints_what_is_read_ten_times_a_second(profile: Profile) -> None:
    sketch, script = traces("adc", profile, Outside(), events=4, last="3\r\n")
    assert sketch == script == ([("sleep_us", 100_000)] * 4, "0\r\n1\r\n2\r\n3\r\n")


def test_pwm_fades_up_and_down(profile: Profile) -> None:
    round_trip = 2 * (100 + 100)  # duties and pauses
    sketch, script = traces("pwm", profile, Outside(), events=1 + round_trip + 1)  # the first duty sets the channel up
    assert sketch == script
    duties = [*range(0, 1000, 10), *range(1000, 0, -10), 0]
    steps = [event for duty in duties for event in (("duty", duty / 1024), ("sleep_us", 10_000))]
    assert sketch[0] == [("duty", 0.0), *steps[:-1]]


def test_uart_echo_sends_back_what_arrives(profile: Profile) -> None:
    text = b"h\x00\xff\r\n"
    sketch, script = traces("uart_echo", profile, Outside(arriving=text), events=len(text))
    assert sketch == script
    assert sketch[0] == [("sent", bytes([byte])) for byte in text]


def sketch_with_stand_ins(name: str, folder: Path) -> str:
    """What a sketch prints on the computer, its devices stood in for."""
    sketch = find_devices([name])[0].sketch
    program = folder / name
    command = ["g++", "-std=gnu++11", f"-I{API}", "-include", "Arduino.h", "-x", "c++", str(sketch)]
    subprocess.run([*command, str(API / "stand_ins.cpp"), "-o", str(program)], check=True)
    done = subprocess.run([str(program)], capture_output=True, text=True, check=True)
    return done.stdout.replace("\r\n", "\n")


def script_with_stand_ins(name: str, last: str) -> str:
    """What a script prints in the virtual board's MicroPython, its devices stood in for, up to `last`."""
    stand_ins = (API / "stand_ins.py").read_text(encoding="utf-8")
    script = find_devices([name])[0].script.read_text(encoding="utf-8")
    elf = build_micropython("virtual-esp32", cache_dir=paths.cache_dir()).elf
    with Qemu(PROFILES["virtual-esp32"], elf) as guest:
        console = Console(guest.url)
        try:
            start_script(console, f"{stand_ins}\n{script}")
            console.wait_for(f"OK{last}".replace("\n", "\r\n").encode())
        finally:
            console.close()
    return last


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++: apt-get install g++")
@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("i2c_scan", "bus sda 4 scl 5 Hz 100000\n0x3C\n0x68\nsleep_ms 5000\n0x3C\n0x68\nsleep_ms 5000\n"),
        ("timer", "timer ms 1000 again 1\n1\n2\n3\n"),
    ],
)
def test_what_the_virtual_board_lacks_is_used_alike(name: str, begins: str, tmp_path: Path) -> None:
    assert sketch_with_stand_ins(name, tmp_path).startswith(begins)
    assert script_with_stand_ins(name, begins) == begins


# ---- Counting


def test_cpp_is_counted_by_tokens() -> None:
    last = "void f() { x->y(a >>= 2, \"a b\", L'c'); }"
    counts = count(f"#include <Wire.h>\n\n// words\nint a = 1; // more\n/* two\nlines */ {last}\n", "arduino")
    assert counts.lines == 3
    assert counts.characters == len("#include <Wire.h>int a = 1;") + len(last)
    call = ["x", "->", "y", "(", "a", ">>=", "2", ",", '"a b"', ",", "L'c'", ")", ";", "}"]
    before = ["#", "include", "<Wire.h>", "int", "a", "=", "1", ";", "void", "f", "(", ")", "{"]
    assert counts.tokens == len(before) + len(call)
    assert counts.calls == ("y",)


def test_python_is_counted_by_tokens() -> None:
    source = 'import x  # why\n\n\ndef f(a):\n    # words\n    return x.y(a, "# no comment")\n\n\nf(range(3))\n'
    counts = count(source, "micropython")
    assert counts.lines == 4
    assert counts.characters == len("import x") + len("def f(a):") + len('return x.y(a, "# no comment")f(range(3))')
    assert counts.tokens == 2 + 6 + 9 + 7
    assert counts.calls == ("y", "range")


@pytest.mark.parametrize(("language", "source"), [("micropython", "f(\n"), ("micropython", "'abc\n")])
def test_what_is_no_program_is_refused(language: str, source: str) -> None:
    with pytest.raises(InputError, match="no Python program"):
        count(source, language)


@pytest.mark.parametrize("source", ['"open', "'", 'L"', "#", "/* open", "`", "a >>>= b", ""])
def test_odd_cpp_is_counted_or_refused(source: str) -> None:
    try:
        assert count(source, "arduino").tokens >= 0
    except InputError as error:
        assert "no C++ program" in str(error)


@given(st.data())
def test_comments_and_blank_lines_do_not_count(data: st.DataObject) -> None:
    device = data.draw(st.sampled_from(DEVICES))
    language = data.draw(st.sampled_from(list(LANGUAGE_NAMES)))
    mark = "//" if language == "arduino" else "#"
    source = device.source(language).read_text(encoding="utf-8")
    words = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=9)
    extra = st.one_of(st.just(""), st.just("  "), words.map(lambda text: f"  {mark} .{text}."))
    longer = "\n".join(f"{line}{data.draw(extra)}\n{data.draw(extra)}" for line in source.splitlines())
    assert count(longer, language) == count(source, language)


# ---- The part, and what is made of it


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """The reference run with the part io."""
    run = tmp_path_factory.mktemp("runs") / REFERENCE.name
    run.mkdir()
    for name in ("run.json", "samples.csv", "memory.csv"):
        shutil.copy(REFERENCE / name, run)
    done = measure_workflow(run, Context(VirtualBoard("virtual-esp32"), load_catalogue(), fresh=True), ["io"])
    assert done.measured == ["io"]
    return load_run(run)


def test_the_table_repeats_to_the_last_byte() -> None:
    context = Context(VirtualBoard("virtual-esp32c3"), load_catalogue())
    first, second = (table_bytes(PART, PART.measure(context, [])) for _ in range(2))
    assert first == second
    assert PART.is_exact


def test_a_row_says_what_the_files_say(measured: pd.DataFrame) -> None:
    table = table_of(measured, "io")
    assert len(table) == 2 * len(DEVICES)
    rows = {(row["device"], row["language"]): row for row in table.to_dict("records")}
    for device in DEVICES:
        script, sketch = rows[device.name, "micropython"], rows[device.name, "arduino"]
        assert script["program_bytes"] == script["source_bytes"] == device.script.stat().st_size
        assert pd.isna(sketch["program_bytes"]) != device.on_virtual


def test_only_the_devices_that_are_named_are_measured() -> None:
    context = Context(VirtualBoard("virtual-esp32"), load_catalogue())
    assert {row["device"] for row in PART.measure(context, ["timer"])} == {"timer"}
    with pytest.raises(InputError, match="no I/O program for 'lamp'; known: blink"):
        list(PART.measure(context, ["lamp"]))


def test_the_cost_of_an_operation_is_its_workload_s(measured: pd.DataFrame) -> None:
    costs = {row["device"]: row for row in operation_costs(measured).to_dict("records")}
    ratios = {row["workload"]: row for row in headline(overhead_ratios(measured)).to_dict("records")}
    for device in DEVICES:
        mine = costs[device.name]
        if device.workload:
            assert mine["ratio"] == ratios[device.workload]["ratio"]
            assert mine["arduino"] * mine["n"] == pytest.approx(ratios[device.workload]["arduino"])
    assert pd.isna(costs["i2c_scan"]["ratio"])


@pytest.mark.parametrize("left", [["empty"], [], ["fib"], ["empty", "adc_read"]])
def test_a_run_without_the_workloads_has_no_costs(measured: pd.DataFrame, left: list[str]) -> None:
    frame = measured[measured["workload"].isin(left)]
    known = operation_costs(frame).dropna(subset="ratio")
    assert list(known["device"]) == (["adc"] if "adc_read" in left else [])


def test_the_chart_shows_lengths_and_ratios(measured: pd.DataFrame) -> None:
    table = with_costs(measured)
    rows = figures(table).set_index("device")
    assert rows.loc["adc", "lines_arduino"] == 10
    assert list(rows.index) == [device.name for device in DEVICES]
    assert "i2c_scan: 19 and 11 lines" in alt_text("workflow_io", measured)
    assert "simulated" in caption("workflow_io", measured).lower()


@pytest.mark.parametrize("copies", [1, 8])
@pytest.mark.parametrize(("size", "style"), [("slide", "light"), ("page", "dark"), ("poster", "light")])
def test_the_chart_is_readable(measured: pd.DataFrame, copies: int, size: str, style: str) -> None:
    table = with_costs(measured)
    many = pd.concat([table.assign(device=table["device"] + "_" * copy) for copy in range(copies)], ignore_index=True)
    many.attrs = table.attrs
    assert_readable(io_chart(many, size=size, style=style), size)


def test_the_chart_needs_both_languages(measured: pd.DataFrame) -> None:
    table = with_costs(measured)
    only = table[table["language"] == "arduino"]
    with pytest.raises(InputError, match="programs in both languages"):
        figures(only)


def test_the_report_shows_every_pair_side_by_side(measured: pd.DataFrame) -> None:
    found = blocks(RunFigures(0, measured), table_of(measured, "io"))
    pairs = [block.sources for block in found if isinstance(block, SideBySide)]
    assert [pair[1][1] for pair in pairs] == [device.script.read_text(encoding="utf-8") for device in DEVICES]
    tables = [block for block in found if isinstance(block, Table)]
    assert [row[0].text for row in tables[0].rows] == [device.name for device in DEVICES]


def test_the_report_does_not_show_programs_that_were_not_counted(measured: pd.DataFrame) -> None:
    changed = table_of(measured, "io").copy()
    changed.loc[changed["device"] == "blink", "lines"] += 1
    found = blocks(RunFigures(0, measured), changed)
    assert sum(isinstance(block, SideBySide) for block in found) == len(DEVICES) - 1


# ---- docs/io.md


def test_the_page_is_fresh() -> None:
    written = (paths.PROJECT / "docs" / "io.md").read_text(encoding="utf-8")
    assert written == io_page(load_run(REFERENCE)), "run make docs"


def test_the_page_shows_every_program_as_it_is() -> None:
    page = Page(io_page(load_run(REFERENCE)))
    texts = [device.source(language).read_text(encoding="utf-8") for device in DEVICES for language in LANGUAGE_NAMES]
    assert page.sources == [text.rstrip("\n") for text in texts]
