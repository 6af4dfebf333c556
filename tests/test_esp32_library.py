"""The ESP32 branch of the Bench library, without an ESP32: compiled for both kinds of its processors, and tried out.

tests/esp32_api/ declares what is used of arduino-esp32; whether it declares that right, only the real core can tell.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bench import paths
from bench.catalogue import load_catalogue
from bench.wire import MAX_PAYLOAD_BYTES, Event, format_line, parse_line

API = Path(__file__).parent / "esp32_api"
LIBRARY = paths.SKETCHES / "libraries" / "Bench" / "src"
FLAGS = (
    *("-std=gnu++11", "-fno-exceptions", "-fno-rtti", "-Os", "-Wall", "-Wextra", "-Werror"),
    *("-DARDUINO_ARCH_ESP32", f"-I{API}", f"-I{LIBRARY}", f"-I{paths.SKETCHES}", "-include", "Arduino.h"),
)
RISCV = ("riscv64-unknown-elf-g++", "--specs=picolibc.specs", "-march=rv32imc", "-mabi=ilp32")
XTENSA = "xtensa-lx106-elf-g++"  # an older Xtensa than the ESP32's, without its register windows
ESP32 = ('-DARDUINO_BOARD="ESP32_DEV"', "-DCONFIG_IDF_TARGET_ESP32=1", "-DCONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU0=1")
WATCH_CORE_1 = "-DCONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU1=1"
ESP32C3 = ('-DARDUINO_BOARD="ESP32C3_DEV"', "-DCONFIG_IDF_TARGET_ESP32C3=1", "-DCONFIG_FREERTOS_UNICORE=1")
WATCH_CORE_0 = "-DCONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU0=1"
OWN_USB = ("-DARDUINO_USB_MODE=1", "-DARDUINO_USB_CDC_ON_BOOT=1")


def compile_one(tool: tuple[str, ...], source: Path, out: Path) -> None:
    command = [*tool, *FLAGS, "-x", "c++", "-c", str(source), "-o", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def compile_suite(tool: tuple[str, ...], folder: Path) -> None:
    """The library's sources, and all workloads in one."""
    names = load_catalogue()
    adds = "".join(f"bench::add(bench_workload_{name});\n" for name in names)
    includes = "".join(f'#include "{name}/{name}.h"\n' for name in names)
    (folder / "suite_workloads.h").write_text(f"{includes}static void add_suite_workloads() {{\n{adds}}}\n")
    for source in (*sorted(LIBRARY.glob("*.cpp")), paths.SKETCHES / "suite" / "suite.ino"):
        compile_one((*tool, f"-I{folder}"), source, folder / f"{source.name}.o")


@pytest.mark.parametrize("options", [(), OWN_USB, (WATCH_CORE_0,)], ids=["bridge", "own_usb", "watched"])
def test_the_suite_compiles_for_the_esp32c3(tmp_path: Path, options: tuple[str, ...]) -> None:
    compile_suite((*RISCV, *ESP32C3, *options), tmp_path)


@pytest.mark.skipif(shutil.which(XTENSA) is None, reason="needs gcc-xtensa-lx106")
@pytest.mark.parametrize("options", [(), (WATCH_CORE_1,)], ids=["as_shipped", "both_cores_watched"])
def test_the_suite_compiles_for_an_xtensa(tmp_path: Path, options: tuple[str, ...]) -> None:
    """That compiler comes without a C library; the headers of the other one's are as good for compiling."""
    compile_suite((XTENSA, "-isystem", str(c_headers()), *ESP32, *options), tmp_path)


def c_headers() -> Path:
    asked = [*RISCV, "-M", "-x", "c", "-include", "string.h", "/dev/null"]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True)
    found = re.search(r"\S+/include/string\.h", done.stdout)
    assert found is not None, done.stdout
    return Path(found[0]).parent


# ---- What it does


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sketch `sieve` and the library, compiled for this computer on stand-ins for what they call."""
    folder = tmp_path_factory.mktemp("stand_in")
    sources = [source for source in sorted(LIBRARY.glob("*.cpp")) if source.name != "bench_stack.cpp"]
    objects = []
    for source in (*sources, paths.SKETCHES / "sieve" / "sieve.ino", API / "stand_in.cpp"):
        objects.append(str(folder / f"{source.name}.o"))
        compile_one(("g++", *ESP32, WATCH_CORE_1), source, Path(objects[-1]))
    program = folder / "program"
    subprocess.run(["g++", *objects, "-o", str(program)], check=True, timeout=60)
    return program


def talk(program: Path, *commands: bytes) -> tuple[list[Event], list[str]]:
    """What the program answers, and what it called."""
    done = subprocess.run([str(program)], input=b"".join(commands), capture_output=True, timeout=30, check=True)
    events = [parse_line(line) for line in done.stdout.splitlines(keepends=True)]
    return [event for event in events if event is not None], done.stderr.decode().splitlines()


needs_gpp = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")


@needs_gpp
def test_the_board_is_prepared_before_its_serial_line_opens(stand_in: Path) -> None:
    _, calls = talk(stand_in)
    assert calls == ["clock 240", "no PSRAM", "no watchdog of core 1", "buffer", "serial line"]


@needs_gpp
def test_the_ready_line_tells_what_board_it_is_and_the_clock_that_was_read_back(stand_in: Path) -> None:
    (banner, ready), _ = talk(stand_in, format_line("hello", {"id": 2**32 - 1}))
    assert ready.fields == {**banner.fields, "id": str(2**32 - 1)}
    told = dict(banner.fields)
    assert told.pop("compiler").startswith("gcc-")
    assert told == {
        "protocol": "1",
        "language": "arduino",
        "board": "ESP32_DEV",
        "version": "2.0.17",
        "clock_hz": "160000000",
        "tick_unit": "cycle",
        "simulated": "0",
        "selftest": "none",
        "image": "dev",
        "chip": "ESP32-PICO-V3-02",
        "revision": "301",
        "idf": "v4.4.7-dirty-0123456789abcd",
        "reset": "watchdog",
    }
    assert len(format_line("ready", ready.fields)) < MAX_PAYLOAD_BYTES * 0.9


@needs_gpp
def test_a_measurement_runs_and_its_ticks_are_cycles(stand_in: Path) -> None:
    events, _ = talk(stand_in, format_line("run", {"id": 1, "workload": "sieve", "n": 500, "loops": 1, "samples": 2}))
    samples = [event for event in events if event.name == "sample"]
    assert [sample.text("checksum") for sample in samples] == ["67c0003f", "67c0003f"]
    assert {sample.integer("ticks") for sample in samples} == {160_000}  # the stand-in's clock steps by 1 ms
    assert events[-1].fields == {"id": "1", "samples": "2", "held_bytes": "504"}


@needs_gpp
def test_restart_answers_nothing_and_restarts(stand_in: Path) -> None:
    events, calls = talk(stand_in, format_line("restart", {"id": 1}), format_line("hello", {"id": 2}))
    assert [event.name for event in events] == ["ready"]
    assert calls[-1] == "restart"
