"""What the tests share: the real boards, built once, and copies of the project that a test may break."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from bench import paths
from bench.virtual_board.board import VirtualBoard
from bench.virtual_board.profiles import PROFILES

# What an example takes depends on what else the computer does: several tests run at once.
settings.register_profile("bench", deadline=None)
settings.load_profile("bench")

COPIED = ("bench", "arduino_sketches", "mpy_scripts", "platformio.ini")


def prepared(board: VirtualBoard) -> VirtualBoard:
    """The board with both images built, or taken from the project's cache."""
    for language in ("arduino", "micropython"):
        board.prepare(language, lambda text: None)
    return board


@pytest.fixture(scope="session", params=list(PROFILES))
def any_board(request: pytest.FixtureRequest) -> VirtualBoard:
    """Each virtual board in turn, ready to boot."""
    return prepared(VirtualBoard(request.param))


@pytest.fixture(scope="session")
def board() -> VirtualBoard:
    """The default virtual board, ready to boot."""
    return prepared(VirtualBoard("virtual-esp32"))


def _take_interrupts() -> None:
    """Undo the ignoring of SIGINT that a process in a shell's background inherits."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _own_cache(cache: Path) -> Path:
    """A cache with the real one's builds; what was measured is its own, or no fault could happen in a measurement."""
    cache.mkdir()
    for builds in ("arduino", "downloads", "micropython"):
        (paths.cache_dir() / builds).mkdir(parents=True, exist_ok=True)
        (cache / builds).symlink_to(paths.cache_dir() / builds)
    return cache


class Project:
    """A copy of the project in a folder of its own, run as a person runs it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.results = root / "results"
        self.environment = {**os.environ, "BENCH_CACHE": str(paths.cache_dir()), "COLUMNS": "200", "NO_COLOR": "1"}
        if root != paths.PROJECT:
            self.environment["BENCH_CACHE"] = str(_own_cache(root.parent / "cache"))

    def command(self, *arguments: str) -> list[str]:
        """The command line of `bench ...` in this copy."""
        return [sys.executable, "-m", "bench", *arguments]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `bench ...` in a process group of its own."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_take_interrupts,
        )

    def bench(self, *arguments: str, timeout_s: float = 240) -> subprocess.CompletedProcess[str]:
        """Run `bench ...` to its end."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def replace(self, file: str, old: str, new: str) -> None:
        """Change a file of the copy; the old text must be there."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} no longer holds {old!r}: adapt the test"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A fresh copy of the project; its builds come from the real project's cache where nothing was changed."""
    root = tmp_path / "project copy"  # with a space: people have such folders
    root.mkdir()
    for name in COPIED:
        source = paths.PROJECT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__", "*.ino.cpp"))
        else:
            shutil.copy2(source, root / name)
    return Project(root)


@pytest.fixture
def without_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Call it with a program's name: from then on, that program is not on the PATH."""

    def hide(tool: str) -> None:
        folder = tmp_path / "path"
        folder.mkdir()
        for directory in os.environ["PATH"].split(os.pathsep):
            if not Path(directory).is_dir():
                continue
            for program in Path(directory).iterdir():
                link = folder / program.name
                if program.name != tool and not link.exists():
                    link.symlink_to(program)
        monkeypatch.setenv("PATH", str(folder))

    return hide


def guests_of(group: int) -> list[int]:
    """The process ids of running guests in a process group."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.getpgid(int(entry.name)) == group:
                command = (entry / "cmdline").read_text().split("\0")
                if "qemu" in command[0] and "-kernel" in command:
                    found.append(int(entry.name))
        except (OSError, ProcessLookupError):
            continue
    return found
