"""Images for real boards: what is built for them, what is flashed where, and what a person without a network is told.

PlatformIO, its settings and the scripts are the real ones; in the place of PlatformIO's own espressif32 platform, which
cannot be fetched where the tests run, stands one of the same name and version (tests/espressif32_stand_in).
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench import paths, platformio_build
from bench.errors import InputError, ToolError
from bench.esp32.chips import CHIPS
from bench.platformio_build import build_sketch
from bench.platformio_project import find_environment
from bench.platformio_run import Progress
from bench.sketch_image import SketchImage, load_image
from bench.sketch_sources import SketchSources
from tests import espressif32_stand_in
from tests.arduino_project import booted, copy_project, next_event, run

SKETCH = "void setup() {}\nvoid loop() {}\n"
BOARDS = ("esp32", "esp32s3", "esp32c3", "esp32s3-usb", "esp32c3-usb")
BUILD_IN_A_PROCESS = """
import sys
from pathlib import Path
from bench.platformio_build import build_sketch
project, cache, board = sys.argv[1:]
image = build_sketch(board, "nothing", cache_dir=Path(cache), project=Path(project))
print(image.sha256, "platformio" in sys.modules)
"""


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return espressif32_stand_in.install(tmp_path_factory.mktemp("core"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("checkout"), {"nothing": SKETCH})


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def where_packages_are(core: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLATFORMIO_CORE_DIR", str(core))


Build = Callable[..., SketchImage]


@pytest.fixture
def build(project: Path, cache: Path) -> Build:
    def build_it(board: str, sketch: str = "nothing", **options: object) -> SketchImage:
        return build_sketch(board, sketch, **{"cache_dir": cache, "project": project, **options})  # type: ignore[arg-type]

    return build_it


def copy_core(core: Path, destination: Path) -> Path:
    shutil.copytree(core, destination)
    return destination


# ---- the settings ----


def test_platformio_finds_no_fault_in_the_settings_of_any_board() -> None:
    command = [sys.executable, "-m", "platformio", "project", "config", "--lint"]
    done = subprocess.run([*command, "-d", str(paths.PROJECT)], capture_output=True, text=True, check=True)
    assert "free from linting errors" in done.stdout and "rror:" not in done.stdout


def test_every_chip_has_an_environment_at_its_clock() -> None:
    command = [sys.executable, "-m", "platformio", "project", "config", "--json-output", "-d", str(paths.PROJECT)]
    settings = {name: dict(options) for name, options in json.loads(subprocess.check_output(command))}
    for chip in CHIPS.values():
        options = settings[f"env:{chip.pio_env}"]
        assert options["board_build.f_cpu"] == f"{chip.clock_hz}L"
        assert options["platform"] == "espressif32@6.13.0"
        assert "-ffp-contract=off" in " ".join(options["build_flags"])
    assert settings["platformio"]["default_envs"] == ["virtual-esp32"]


@pytest.mark.parametrize("board", BOARDS)
def test_real_boards_are_told_from_virtual_ones(board: str) -> None:
    environment = find_environment(paths.PROJECT, board)
    assert environment.is_hardware and environment.platform == "espressif32@6.13.0"
    assert not find_environment(paths.PROJECT, "virtual-esp32c3").is_hardware


# ---- what is built ----


@pytest.mark.parametrize(
    ("board", "chip_id", "bootloader_at", "mode", "size_and_speed"),
    [
        ("esp32", 0, 0x1000, 2, 0x20),  # dio, 4 MB, 40 MHz
        ("esp32s3", 9, 0, 2, 0x2F),  # the bootloader changes to qio by itself; 80 MHz
        ("esp32c3", 5, 0, 2, 0x2F),
    ],
)
def test_an_image_comes_with_all_that_is_flashed(
    build: Build, board: str, chip_id: int, bootloader_at: int, mode: int, size_and_speed: int
) -> None:
    image = build(board)
    assert [file.offset for file in image.flash_files] == [bootloader_at, 0x8000, 0xE000, 0x10000]
    for file in image.flash_files:
        assert file.path.parent == image.elf.parent
        assert file.sha256 == espressif32_stand_in.digest(file.path)
    for header in (image.flash_files[0].path.read_bytes(), image.flash_files[3].path.read_bytes()):
        assert (header[0], header[2], header[3], header[12]) == (0xE9, mode, size_and_speed, chip_id)
    assert image.flash_files[1].path.read_bytes()[:2] == b"\xaa\x50"
    assert image.partitions == "default.csv"


def test_an_image_says_what_it_was_really_built_with(build: Build, project: Path, core: Path) -> None:
    image = build("esp32")
    assert image.core == "arduino-esp32 2.0.17 (3.20017.241212+sha.dcc1105b)"
    assert image.platform == "espressif32@6.13.0"
    assert "toolchain-xtensa-esp32@8.4.0+2021r2-patch5" in image.packages
    assert not any("esp32s3" in package for package in image.packages)
    assert image.compiler.startswith("GCC ")
    assert re.findall(r"-O\w+", image.flags) == ["-Os"] and "-ffp-contract=off" in image.flags
    assert "-flto" not in image.flags and str(project) not in image.flags and str(core) not in image.flags
    facts = json.dumps(image.provenance())
    assert str(image.elf.parent) not in facts and image.flash_files[3].sha256 in facts


def test_another_optimisation_is_that_of_the_core_too(build: Build, project: Path) -> None:
    small, fast = build("esp32"), build("esp32", optimisation="O2")
    assert re.findall(r"-O\w+", fast.flags) == ["-O2"]
    assert fast.text_bytes > small.text_bytes and fast.image_hash != small.image_hash
    objects = list((project / ".pio" / "bench").glob("*-O2/esp32/FrameworkArduino/Print.cpp.o"))
    assert objects and objects[0].stat().st_size != Path(str(objects[0]).replace("-O2/", "-Os/")).stat().st_size


@pytest.mark.parametrize(("board", "on_boot"), [("esp32c3", 0), ("esp32c3-usb", 1), ("esp32s3", 0), ("esp32s3-usb", 1)])
def test_serial_is_the_bridge_or_the_chips_own_usb(build: Build, project: Path, board: str, on_boot: int) -> None:
    folder = project / "arduino_sketches" / f"console{on_boot}"
    folder.mkdir(exist_ok=True)
    condition = f"ARDUINO_USB_MODE == 1 && ARDUINO_USB_CDC_ON_BOOT == {on_boot} && F_CPU >= 160000000"
    (folder / f"{folder.name}.ino").write_text(f'static_assert({condition}, "settings");\n{SKETCH}')
    assert build(board, folder.name).flash_files


def test_the_program_runs_and_knows_its_name(build: Build) -> None:
    image = build("esp32", "suite", layout=3)
    with booted(replace(image, board="virtual-esp32")) as link:
        assert next_event(link).fields["image"] == image.image_hash
        assert run(link, "empty", n=1, seed=1, loops=1, min_ticks=1, samples=1)


def test_the_image_does_not_depend_on_any_folder(
    build: Build, core: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = build("esp32c3", "suite")
    elsewhere = copy_project(tmp_path / "some where" / "deeper")
    monkeypatch.setenv("PLATFORMIO_CORE_DIR", str(copy_core(core, tmp_path / "another core")))
    there = build("esp32c3", "suite", project=elsewhere, cache_dir=tmp_path / "cache")
    assert [file.sha256 for file in there.flash_files] == [file.sha256 for file in here.flash_files]
    assert there.sha256 == here.sha256 and there.image_hash == here.image_hash


# ---- the cache ----


def test_a_cached_image_does_not_even_import_platformio(
    build: Build, project: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = build("esp32")
    monkeypatch.setenv("PLATFORMIO_CORE_DIR", "/nonexistent")
    command = [sys.executable, "-c", BUILD_IN_A_PROCESS, str(project), str(cache), "esp32"]
    assert subprocess.check_output(command, cwd=paths.PROJECT, text=True).split() == [image.sha256, "False"]


def test_only_what_decides_an_image_is_in_its_hash(build: Build, project: Path) -> None:
    def key(board: str) -> str:
        tools = platformio_build._tool_versions(find_environment(project, board))
        return platformio_build._key(SketchSources(project, None, "nothing"), board, "Os", tools)

    def changes(changed: str) -> set[str]:
        file = project / changed
        before, original = {board: key(board) for board in ("esp32", "virtual-esp32")}, file.read_text()
        try:
            file.write_text(original + "\n")
            return {board for board, old in before.items() if key(board) != old}
        finally:
            file.write_text(original)

    assert changes("bench/virtual_board/arduino_core/Print.cpp") == {"virtual-esp32"}
    assert changes("arduino_sketches/esp32_flags.py") == changes("arduino_sketches/esp32_facts.py") == {"esp32"}
    for common in (
        "platformio.ini",
        "arduino_sketches/select_sketch.py",
        "arduino_sketches/libraries/Bench/src/Bench.h",
    ):
        assert changes(common) == {"esp32", "virtual-esp32"}


def test_later_packages_of_the_same_platform_make_another_image(
    build: Build, core: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = build("esp32")
    later = copy_core(core, tmp_path / "core")
    for name in ("package.json", ".piopm"):
        file = later / "packages" / "framework-arduinoespressif32" / name
        file.write_text(file.read_text().replace("3.20017.241212", "3.20017.251212"))
    monkeypatch.setenv("PLATFORMIO_CORE_DIR", str(later))
    then = build("esp32", cache_dir=tmp_path / "cache")
    assert then.image_hash != today.image_hash and "251212" in then.core


@pytest.mark.parametrize("damage", ["cut", "gone", "facts cut", "outside", "no offset"])
def test_a_damaged_image_is_made_anew(build: Build, tmp_path: Path, damage: str) -> None:
    image = build("esp32", cache_dir=tmp_path)
    entry, victim = image.elf.parent, image.flash_files[2].path
    facts = json.loads((entry / "image.json").read_text())
    if damage == "cut":
        victim.write_bytes(victim.read_bytes()[:-1])
    elif damage == "gone":
        victim.unlink()
    elif damage == "facts cut":
        (entry / "image.json").write_text(json.dumps(facts)[:-5])
    elif damage == "outside":
        (tmp_path / "outside.bin").write_bytes(victim.read_bytes())
        facts["flash_files"][2]["path"] = "../../outside.bin"
        (entry / "image.json").write_text(json.dumps(facts))
    else:
        del facts["flash_files"][2]["offset"]
        (entry / "image.json").write_text(json.dumps(facts))
    assert load_image(entry) is None
    assert build("esp32", cache_dir=tmp_path) == image
    assert load_image(entry) == image


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_a_killed_build_leaves_nothing_and_the_next_one_succeeds(tmp_path: Path) -> None:
    project, cache = copy_project(tmp_path / "project", {"nothing": SKETCH}), tmp_path / "cache"
    command = [sys.executable, "-c", BUILD_IN_A_PROCESS, str(project), str(cache), "esp32"]
    process = subprocess.Popen(command, cwd=paths.PROJECT)
    log, deadline = cache / "arduino" / "logs" / "nothing-esp32-Os.log", time.monotonic() + 60
    while not (log.is_file() and "Compiling" in log.read_text()):
        assert time.monotonic() < deadline and process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert [entry.name for entry in (cache / "arduino").iterdir()] == ["logs"]
    image = build_sketch("esp32", "nothing", cache_dir=cache, project=project)
    assert load_image(image.elf.parent) == image


# ---- what is refused ----


def test_unknown_names_are_refused_before_anything_starts(build: Build) -> None:
    with pytest.raises(InputError, match=r"no board 'esp8266'.*; known: virtual-esp32, .*esp32c3"):
        build("esp8266")
    with pytest.raises(InputError, match="no optimisation 'O9'"):
        build("esp32", optimisation="O9")
    for layout in (-1, 10**9):
        with pytest.raises(InputError, match=f"no layout {layout}"):
            build("esp32", "suite", layout=layout)
    with pytest.raises(InputError, match="layouts are for the suite"):
        build("esp32", layout=1)


def test_settings_that_cannot_be_read_are_named(build: Build, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*platformio\.ini"):
        build("esp32", project=tmp_path)
    (tmp_path / "platformio.ini").write_text("board = esp32\n[env:esp32]\n")
    with pytest.raises(InputError, match=r"cannot read .*platformio\.ini: File contains no section headers"):
        build("esp32", project=tmp_path)
    (tmp_path / "platformio.ini").write_text("[env:esp32]\nextends = env:esp32\n")
    with pytest.raises(InputError, match=r"\[env:esp32\] names no platform"):
        build("esp32", project=tmp_path)


def test_a_sketch_that_does_not_compile_is_named_with_its_line(build: Build, project: Path) -> None:
    folder = project / "arduino_sketches" / "broken"
    folder.mkdir()
    (folder / "broken.ino").write_text("void setup() {\n  int x = y;\n}\nvoid loop() {}\n")
    with pytest.raises(
        ToolError, match=r"broken does not build for esp32: arduino_sketches/broken/broken\.ino:2: 'y' was not"
    ):
        build("esp32", "broken")


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("platforms/espressif32", r"esp32 needs PlatformIO's espressif32@6\.13\.0 with its compiler and Arduino core"),
        ("packages/toolchain-xtensa-esp32", r"esp32 needs PlatformIO's toolchain-xtensa-esp32@8\.4\.0\+2021r2-patch5,"),
        ("packages/tool-scons", r"esp32 needs PlatformIO's platformio/tool-scons@"),
    ],
)
def test_without_a_network_what_is_missing_is_said_within_seconds(
    build: Build, core: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str, words: str
) -> None:
    monkeypatch.setenv("PLATFORMIO_CORE_DIR", str(copy_core(core, tmp_path / "core")))
    for proxy in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:9")  # nobody listens there
    shutil.rmtree(tmp_path / "core" / missing)
    began = time.monotonic()
    with pytest.raises(ToolError, match=words + ".*connect to the internet") as caught:
        build("esp32", cache_dir=tmp_path / "cache")
    assert time.monotonic() - began < 10
    assert "\n" not in str(caught.value)


def test_what_another_board_lacks_does_not_matter(
    build: Build, core: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATFORMIO_CORE_DIR", str(copy_core(core, tmp_path / "core")))
    shutil.rmtree(tmp_path / "core" / "packages" / "toolchain-riscv32-esp")
    assert build("esp32s3", cache_dir=tmp_path / "cache").flash_files


# ---- progress ----


def test_progress_is_told_as_it_comes_and_safe_to_print() -> None:
    told: list[str] = []
    progress = Progress(told.append)
    pieces = [
        "Tool Manager: Installing espressif/tool\x1b[31mchain @ 8.4\nDownlo",
        "ading 0%",
        " 10",
        "%",
        " 20%",
        " 100%\nUnpacking",
    ]
    for piece in [*pieces, " 0% 50%", "\nCompiling Downloading.cpp\n"]:
        progress.feed(piece)
    assert told == [
        "Tool Manager: Installing espressif/tool?[31mchain @ 8.4",
        *(f"Downloading {percent}" for percent in ("0%", "10%", "20%", "100%")),
        "Unpacking 50%",
    ]
