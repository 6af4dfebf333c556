"""The sketches on a second real core, Arduino's own for the ATmega2560: they compile, fit, and compute what they must.

There int has 16 bits and memory 8 KB, so that what holds on 32-bit boards only is found. The image is run in QEMU's
ATmega2560, which has a serial line but no 8-bit timer: time stands still, so nothing is timed here.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from bench import paths
from bench.answers import reference_answer
from bench.catalogue import load_catalogue
from bench.wire import format_line, parse_line

CORE = Path("/usr/share/arduino/hardware/arduino/avr")  # of the Debian package arduino-core-avr
RAM_BYTES = 8192
STACK_BYTES = 1024  # of the RAM, at least
INPUT_BYTES = 63  # the core keeps no more of what comes while the program is busy
TIMEOUT_S = 5.0
TRIES = 5  # QEMU loses what comes from the host in one boot of fifteen
TARGET = ("-mmcu=atmega2560", "-Os")
# As Arduino's platform.txt has them, but for its -fpermissive.
COMPILE = (
    *TARGET,
    "-c",
    "-DF_CPU=16000000L",
    "-DARDUINO=10819",
    "-DARDUINO_AVR_MEGA2560",
    "-DARDUINO_ARCH_AVR",
    "-ffunction-sections",
    "-fdata-sections",
    f"-I{CORE}/cores/arduino",
    f"-I{CORE}/variants/mega",
)
CXX = ("-std=gnu++11", "-fno-exceptions", "-fno-threadsafe-statics")
STRICT = ("-Wall", "-Wextra", "-Werror", f"-I{paths.SKETCHES}/libraries/Bench/src", "-include", "Arduino.h")

DOES_NOT_COMPILE = {
    "pwm_duty": "ledcSetup(), ledcAttachPin() and ledcWrite() are the ESP32 core's own",
    "uart_write": "only the ESP32 core's HardwareSerial::begin() takes pins",
}
DOES_NOT_RUN = {
    "fft_i16": "QEMU 7.2 loops for ever in libgcc's __usmulhisi3, where a skipped instruction is followed by a return",
    "gpio_read": "QEMU's ATmega2560 has no pins",
    "gpio_toggle": "QEMU's ATmega2560 has no pins",
}
WORKLOADS = load_catalogue()
PORTABLE = [name for name in WORKLOADS if name not in DOES_NOT_COMPILE]
SUITE = "suite"

pytestmark = pytest.mark.skipif(
    shutil.which("avr-g++") is None or not CORE.is_dir(),
    reason="needs gcc-avr, avr-libc and arduino-core-avr: sh tools/install_system_packages.sh test",
)


def run_tool(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"
    return done.stdout


def compile_sketch(sketch: Path, out: Path, *flags: str) -> None:
    run_tool("avr-g++", *COMPILE, *CXX, *STRICT, *flags, "-x", "c++", str(sketch), "-o", str(out))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The Bench library, compiled with every warning an error, and Arduino's core; to be linked in this order."""
    folder = tmp_path_factory.mktemp("library")
    objects = []
    for source in sorted((paths.SKETCHES / "libraries/Bench/src").glob("*.cpp")):
        objects.append(str(folder / f"{source.name}.o"))
        compile_sketch(source, Path(objects[-1]))
    archive = folder / "core.a"
    for source in sorted((CORE / "cores/arduino").iterdir()):
        if source.suffix not in (".c", ".S", ".cpp") or source.name == "WString.cpp":
            continue  # String needs a newer compiler than Debian's; no sketch has one
        tool = ("avr-g++", *CXX) if source.suffix == ".cpp" else ("avr-gcc",)
        run_tool(*tool, *COMPILE, "-w", str(source), "-o", str(folder / f"core_{source.name}.o"))
    run_tool("avr-ar", "rcs", str(archive), *map(str, sorted(folder.glob("core_*.o"))))
    return [*objects, str(archive), "-lm"]


def link(sketch: Path, library: list[str], elf: Path) -> int:
    """Compile and link a sketch; the bytes of RAM that it takes for good."""
    compiled = elf.with_suffix(".o")
    compile_sketch(sketch, compiled, f"-I{elf.parent}", f"-I{paths.SKETCHES}")
    run_tool("avr-gcc", *TARGET, "-Wl,--gc-sections", "-o", str(elf), str(compiled), *library)
    data, bss = run_tool("avr-size", str(elf)).splitlines()[1].split()[1:3]
    return int(data) + int(bss)


def sketch_of(name: str) -> Path:
    return paths.SKETCHES / name / f"{name}.ino"


def test_the_suite_compiles_without_a_warning(tmp_path: Path, library: list[str]) -> None:
    """All workloads but those that cannot, in one image. It links, too, though it takes more RAM than there is."""
    includes = "".join(f'#include "{name}/{name}.h"\n' for name in PORTABLE)
    adds = "".join(f"bench::add(bench_workload_{name});\n" for name in PORTABLE)
    (tmp_path / "suite_workloads.h").write_text(f"{includes}static void add_suite_workloads() {{\n{adds}}}\n")
    assert link(sketch_of(SUITE), library, tmp_path / "suite.elf") > RAM_BYTES - STACK_BYTES


@pytest.mark.parametrize("name", DOES_NOT_COMPILE)
def test_what_is_said_not_to_compile_does_not(tmp_path: Path, name: str) -> None:
    with pytest.raises(AssertionError, match=r"ledcSetup|HardwareSerial::begin"):
        compile_sketch(sketch_of(name), tmp_path / "sketch.o")


@pytest.mark.parametrize("name", PORTABLE)
def test_each_sketch_fits_and_computes_the_references_answer(tmp_path: Path, library: list[str], name: str) -> None:
    elf = tmp_path / f"{name}.elf"
    assert link(sketch_of(name), library, elf) <= RAM_BYTES - STACK_BYTES
    if name in DOES_NOT_RUN or shutil.which("qemu-system-avr") is None:
        return
    workload = WORKLOADS[name]
    tries = (run_once(elf, name, workload.check_n, workload.seed) for _ in range(TRIES))
    answer = next(filter(None, tries), "the command never arrived")
    assert answer == f"{reference_answer(workload, workload.check_n):08x}"


def run_once(elf: Path, workload: str, n: int, seed: int) -> str | None:
    """The checksum after one execution on an emulated ATmega2560; None where it never heard the command."""
    machine = ("-M", "mega2560", "-bios", str(elf), "-display", "none", "-monitor", "none", "-serial", "stdio")
    fields = {"workload": workload, "n": n, "loops": 1} | ({} if seed == 1 else {"seed": seed})
    command = format_line("run", fields)
    assert len(command) <= INPUT_BYTES
    seen = []
    with subprocess.Popen(["qemu-system-avr", *machine], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as guest:
        assert guest.stdin is not None and guest.stdout is not None
        patience = threading.Timer(TIMEOUT_S, guest.kill)
        patience.start()
        try:
            for event in filter(None, map(parse_line, guest.stdout)):
                seen.append(event.name)
                if event.name == "ready":
                    guest.stdin.write(command)
                    guest.stdin.flush()
                elif event.name == "sample":
                    return event.text("checksum")
                assert event.name != "error", event
        finally:
            patience.cancel()
            guest.kill()
    assert seen == ["ready"], f"no answer within {TIMEOUT_S:g} s after {seen}"
    return None
