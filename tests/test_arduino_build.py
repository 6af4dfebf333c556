"""Building sketches: what is built, what is not built again, and what a person is told when it fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench import paths, platformio_build
from bench.errors import InputError, ToolError
from bench.platformio_build import build_sketch
from bench.sketch_image import SketchImage
from bench.sketch_sources import SketchSources
from tests.arduino_project import booted, copy_project, next_event, run

BOARD = "virtual-esp32"
SKETCH = "void setup() {}\nvoid loop() {}\n"
NAMES_ITS_FILES = """
#include <Bench.h>
#include <where.h>
void setup() { Serial.begin(115200); Serial.println(__FILE__); Serial.println(header); }
void loop() {}
"""
BUILD_IN_A_PROCESS = """
import sys
from pathlib import Path
from bench.platformio_build import build_sketch
project, cache, sketch = sys.argv[1:]

def log(line):
    print(line, flush=True)

image = build_sketch("virtual-esp32", sketch, cache_dir=Path(cache), project=Path(project), log=log)
print(image.sha256, "platformio" in sys.modules)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("checkout"), {"nothing": SKETCH})


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def build(
    project: Path, cache: Path, sketch: str = "nothing", optimisation: str = "Os"
) -> tuple[SketchImage, list[str]]:
    """The image, and what the build logged."""
    log: list[str] = []
    return build_sketch(BOARD, sketch, cache_dir=cache, project=project, log=log.append, optimisation=optimisation), log


def start_process(project: Path, cache: Path, sketch: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", BUILD_IN_A_PROCESS, str(project), str(cache), sketch]
    return subprocess.Popen(command, cwd=paths.PROJECT, stdout=subprocess.PIPE, text=True)


def entries(cache: Path) -> list[Path]:
    return [entry for entry in (cache / "arduino").iterdir() if entry.name != "logs"]


def write_sketch(project: Path, name: str, text: str) -> None:
    folder = project / "arduino_sketches" / name
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.ino").write_text(text)


def test_an_image_says_how_it_was_made(project: Path, cache: Path) -> None:
    image, _ = build(project, cache)
    assert image.elf.is_file()
    assert image.compiler.startswith("GCC ")
    assert "-Os" in image.flags and "-march=rv32imfc_zicsr" in image.flags and "-ffp-contract=off" in image.flags
    assert "-flto" not in image.flags and str(project) not in image.flags
    assert min(image.text_bytes, image.bss_bytes) > 1000


def test_an_unchanged_sketch_is_not_built_again(project: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = build(project, cache)
    monkeypatch.setattr(sys, "executable", "/nonexistent")  # PlatformIO cannot be started any more
    assert build(project, cache) == (first, [])


def test_a_cached_image_does_not_even_import_platformio(project: Path, cache: Path) -> None:
    image, _ = build(project, cache)
    output, _ = start_process(project, cache, "nothing").communicate(timeout=60)
    assert output.split() == [image.sha256, "False"]


@pytest.mark.parametrize(
    "changed",
    [
        "arduino_sketches/nothing/nothing.ino",
        "arduino_sketches/libraries/Bench/src/Bench.cpp",
        "bench/virtual_board/arduino_core/Print.cpp",
        "bench/virtual_board/hal/link.ld",
        "bench/virtual_board/platform/builder/main.py",
        "platformio.ini",
    ],
)
def test_everything_that_decides_an_image_is_in_its_hash(project: Path, cache: Path, changed: str) -> None:
    before, _ = build(project, cache)
    file = project / changed
    original = file.read_text()
    try:
        file.write_text(original + "\n")
        tools = platformio_build._tool_versions()
        sources = SketchSources(project, None, "nothing")
        assert not platformio_build._key(sources, BOARD, "Os", tools).startswith(before.image_hash)
    finally:
        file.write_text(original)


def test_another_optimisation_is_another_image(project: Path, cache: Path) -> None:
    small, _ = build(project, cache)
    fast, _ = build(project, cache, optimisation="O2")
    assert "-O2" in fast.flags and fast.image_hash != small.image_hash
    assert fast.text_bytes > small.text_bytes


@pytest.mark.parametrize("sketch", ["suite", "where"])
def test_the_image_does_not_depend_on_the_folder_or_the_order_of_builds(
    project: Path, cache: Path, tmp_path: Path, sketch: str
) -> None:
    elsewhere = copy_project(tmp_path / "some where" / "deeper")
    for root in (project, elsewhere):
        write_sketch(root, "where", NAMES_ITS_FILES)
        (root / "arduino_sketches/libraries/Bench/src/where.h").write_text("static const char *header = __FILE__;\n")
    build(project, cache)
    here, _ = build(project, cache, sketch)
    there, _ = build(elsewhere, tmp_path / "cache", sketch)
    assert here.elf != there.elf
    assert here.elf.read_bytes() == there.elf.read_bytes()
    assert str(project).encode() not in here.elf.read_bytes()


def test_a_build_needs_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")  # nobody listens there
        monkeypatch.setenv(variable.lower(), "http://127.0.0.1:9")
    monkeypatch.setenv("HOME", str(tmp_path))
    image, _ = build(copy_project(tmp_path / "project", {"nothing": SKETCH}), tmp_path / "cache")
    assert image.elf.is_file()
    assert not (tmp_path / ".platformio").exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "void setup() {\n  int x = y;\n}\nvoid loop() {}\n",
            r"arduino_sketches/broken/broken\.ino:2: 'y' was not declared",
        ),
        ("#include <Missing.h>\n" + SKETCH, r"arduino_sketches/broken/broken\.ino:1: Missing\.h: No such file"),
        ("extern int gone();\nvoid setup() { gone(); }\nvoid loop() {}\n", r"undefined reference to `gone\(\)'"),
    ],
)
def test_a_sketch_that_does_not_compile_is_named_with_its_line(
    project: Path, cache: Path, text: str, reason: str
) -> None:
    write_sketch(project, "broken", text)
    cached = entries(cache) if (cache / "arduino").is_dir() else []
    with pytest.raises(ToolError, match=reason) as caught:
        build(project, cache, "broken")
    message = str(caught.value)
    assert "\n" not in message
    assert Path(message.rpartition(" ")[2]).is_file(), "the message ends with the path of the full log"
    assert entries(cache) == cached


def test_a_workload_without_a_sketch_is_named(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    (project / "bench" / "workloads.toml").write_text("[workload.empty]\n[workload.gone]\n")
    with pytest.raises(ToolError, match=r"names 'gone', but there is no arduino_sketches/gone/gone\.h"):
        build(project, tmp_path / "cache", "suite")


def test_unknown_names_are_refused_before_anything_starts(project: Path, cache: Path) -> None:
    with pytest.raises(InputError, match="no sketch 'gone'"):
        build(project, cache, "gone")
    with pytest.raises(InputError, match="no optimisation 'Ofast'"):
        build(project, cache, optimisation="Ofast")


def test_a_missing_compiler_is_named_with_its_package(
    project: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ToolError, match=r"gcc-riscv64-unknown-elf .*`make setup`"):
        build(project, cache)


def test_two_processes_build_the_same_sketch_once(project: Path, cache: Path) -> None:
    write_sketch(project, "twice", SKETCH)
    processes = [start_process(project, cache, "twice") for _ in range(2)]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert len({output.split()[-2] for output in outputs}) == 1
    assert sum("compiling twice" in output for output in outputs) == 1


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_a_killed_build_leaves_nothing_and_the_next_one_succeeds(tmp_path: Path) -> None:
    project, cache = copy_project(tmp_path / "project", {"nothing": SKETCH}), tmp_path / "cache"
    process = start_process(project, cache, "nothing")
    log = cache / "arduino" / "logs" / f"nothing-{BOARD}-Os.log"
    deadline = time.monotonic() + 60
    while not (log.is_file() and "Compiling" in log.read_text()):
        assert time.monotonic() < deadline and process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert entries(cache) == []
    image, compiled = build(project, cache)
    assert compiled and image.elf.is_file()
    assert [entry.name[:12] for entry in entries(cache)] == [image.image_hash]


# ---- a person's own catalogue ----

OWN_HEADER = """
#include <Bench.h>
namespace mine {
static const char *where = __FILE__;
static void setup(uint32_t n, uint32_t seed) { (void)n; (void)seed; }
static uint32_t run() { return where[0]; }
static uint32_t checksum(uint32_t result) { return result; }
}
BENCH_WORKLOAD(mine)
"""


def own_catalogue(folder: Path, name: str = "mine") -> Path:
    sketch = folder / "arduino_sketches" / name
    sketch.mkdir(parents=True)
    (folder / "workloads.toml").write_text(f"[workload.{name}]\n")
    (sketch / f"{name}.h").write_text(OWN_HEADER)
    (sketch / f"{name}.ino").write_text(f'#include <Bench.h>\n#include "{name}.h"\n' + SKETCH)
    return folder


def build_own(project: Path, cache: Path, own: Path, sketch: str = "suite") -> SketchImage:
    return build_sketch(BOARD, sketch, cache_dir=cache, project=project, own=own)


def test_the_suite_holds_ones_own_workloads_too(project: Path, cache: Path, tmp_path: Path) -> None:
    image = build_own(project, cache, own_catalogue(tmp_path / "my own"))
    with booted(image) as link:
        next_event(link)
        for workload in ("empty", "mine"):
            assert run(link, workload, n=1, seed=1, loops=1, min_ticks=1, samples=1)


def test_the_image_does_not_depend_on_where_ones_own_workloads_lie(project: Path, cache: Path, tmp_path: Path) -> None:
    here, there = (own_catalogue(tmp_path / name) for name in ("here", "some where/else"))
    first = build_own(project, cache, here)
    second = build_own(project, tmp_path / "cache", there)
    assert first.elf.read_bytes() == second.elf.read_bytes()
    assert str(tmp_path).encode() not in first.elf.read_bytes()


def test_ones_own_header_and_names_decide_the_image(project: Path, cache: Path, tmp_path: Path) -> None:
    own = own_catalogue(tmp_path / "own")
    header = own / "arduino_sketches" / "mine" / "mine.h"
    keys = [platformio_build._key(SketchSources(project, None, "suite"), BOARD, "Os", {})]
    sources = SketchSources(project, own, "suite")
    keys.append(platformio_build._key(sources, BOARD, "Os", {}))
    header.write_text(OWN_HEADER + "\n")
    keys.append(platformio_build._key(sources, BOARD, "Os", {}))
    header.unlink()
    (own / "workloads.toml").write_text("[workload.other]\n")
    keys.append(platformio_build._key(sources, BOARD, "Os", {}))
    assert len(set(keys)) == 4
    (own / "workloads.toml").write_text("[workload.empty]\n")
    with pytest.raises(InputError, match="there is a workload 'empty' already"):
        platformio_build._key(sources, BOARD, "Os", {})


def test_a_sketch_of_ones_own_can_be_built_alone(project: Path, cache: Path, tmp_path: Path) -> None:
    assert build_own(project, cache, own_catalogue(tmp_path / "my own"), "mine").elf.is_file()
