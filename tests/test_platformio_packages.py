"""What PlatformIO fetches for a real board: once, with progress, and never left half in use.

PlatformIO is the real one; its registry is one on this computer (tests/platformio_registry.py).
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import paths, platformio_packages
from bench.errors import ToolError
from bench.platformio_build import build_sketch
from bench.sketch_image import SketchImage
from tests import espressif32_stand_in
from tests.arduino_project import copy_project
from tests.platformio_registry import Registry

SKETCH = "void setup() {}\nvoid loop() {}\n"
COMPILER = "toolchain-xtensa-esp32"
BUILD_IN_A_PROCESS = """
import sys
from pathlib import Path
from bench.platformio_build import build_sketch
project, cache = sys.argv[1:]
build_sketch("esp32", "nothing", cache_dir=Path(cache), project=Path(project), log=lambda line: print(line, flush=True))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path / "project", {"nothing": SKETCH})


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """Serves everything; nothing is installed."""
    made = espressif32_stand_in.install(tmp_path / "made")
    (tmp_path / "registry").mkdir()
    with Registry(tmp_path / "registry") as registry:
        for package in [made / "platforms" / "espressif32", *(made / "packages").iterdir()]:
            registry.add(package)
        for name, value in registry.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setenv("PLATFORMIO_CORE_DIR", str(tmp_path / "core"))
        yield registry


def build(project: Path, tmp_path: Path, log: list[str] | None = None) -> SketchImage:
    say = log.append if log is not None else None
    return build_sketch("esp32", "nothing", cache_dir=tmp_path / "cache", project=project, log=say)


def downloads(registry: Registry) -> list[str]:
    return sorted(Path(path).name.removesuffix(".tar.gz") for path in registry.asked if path.endswith(".tar.gz"))


def test_everything_is_fetched_once_with_progress(registry: Registry, project: Path, tmp_path: Path) -> None:
    registry.pace_s = 0.02
    log: list[str] = []
    image = build(project, tmp_path, log)
    assert image.flash_files and f"{COMPILER}@8.4.0+2021r2-patch5" in image.packages
    needed = ["espressif32", "framework-arduinoespressif32", "tool-esptoolpy", "tool-scons", COMPILER]
    assert downloads(registry) == sorted(needed)
    assert log[0].startswith("PlatformIO installs what esp32 needs")
    for name in needed:
        assert any("Installing" in line and name in line for line in log)
    assert any(line.startswith("Downloading ") and line not in ("Downloading 0%", "Downloading 100%") for line in log)
    assert log[-1] == "compiling nothing for esp32 (-Os)"
    shutil.rmtree(tmp_path / "cache")
    registry.asked.clear()
    assert build(project, tmp_path) == image
    assert registry.asked == [], "what is installed needs no network"


@pytest.mark.slow
def test_a_download_that_is_cut_off_leaves_no_package(registry: Registry, project: Path, tmp_path: Path) -> None:
    registry.cut = 1000
    why = r"could not install what esp32 needs: .*Connection broken.*run the command again"
    with pytest.raises(ToolError, match=why):
        build(project, tmp_path)
    assert not (tmp_path / "core" / "platforms" / "espressif32").exists()
    registry.cut = 0
    assert build(project, tmp_path).flash_files


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_packages_that_were_being_installed_when_it_was_killed_are_installed_anew(
    registry: Registry, project: Path, tmp_path: Path
) -> None:
    registry.pace_s = 0.05
    command = [sys.executable, "-c", BUILD_IN_A_PROCESS, str(project), str(tmp_path / "cache")]
    process = subprocess.Popen(command, cwd=paths.PROJECT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    victim = tmp_path / "core" / "packages" / "tool-esptoolpy"
    deadline = time.monotonic() + 60
    while not victim.is_dir():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (victim / "esptool.py").unlink(missing_ok=True)  # as if it was killed between two files: it counts as installed
    registry.pace_s = 0.0
    assert build(project, tmp_path).flash_files
    assert (victim / "esptool.py").is_file()


def test_a_registry_that_is_silent_is_given_up_within_seconds(
    registry: Registry, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, says nothing
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        with pytest.raises(ToolError, match="registry cannot be reached"):
            build(project, tmp_path)
    assert time.monotonic() - began < platformio_packages.REACH_S + 2


@pytest.mark.slow
def test_a_board_that_shares_a_doubtful_package_installs_it_anew_and_without_a_network_says_so(
    registry: Registry, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    espressif32_stand_in.install(tmp_path / "core")
    note = project / ".pio" / "bench" / "installing.json"
    note.parent.mkdir(parents=True)
    note.write_text('["tool-esptoolpy", "toolchain-riscv32-esp"]')
    with monkeypatch.context() as offline:
        offline.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        with pytest.raises(ToolError, match=r"needs PlatformIO's tool-esptoolpy \(not installed to the end\)"):
            build(project, tmp_path)
    (tmp_path / "core" / "packages" / "tool-esptoolpy" / "esptool.py").unlink()
    assert build(project, tmp_path).flash_files
    assert note.read_text() == '["toolchain-riscv32-esp"]', "that is the business of another board"
    shutil.rmtree(tmp_path / "cache")
    registry.asked.clear()
    assert build(project, tmp_path).flash_files and registry.asked == []
