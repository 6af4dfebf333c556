"""A PlatformIO project of its own, outside of the checkout, as a person has one: built again after each change.

It is built with the checkout's platformio.ini, so with the same platform, flags and boards as everything else. A build
is timed from the start of PlatformIO to its end, and split by when its commands ran, see build_clock.py.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from bench import paths
from bench.build_log import describe_failure
from bench.errors import ToolError
from bench.platformio_packages import ensure_packages
from bench.platformio_project import find_environment
from bench.platformio_run import Log, isolated_environment, run_platformio
from bench.workflow.generated import Program

TIMEOUT_S = 600.0
_NAME = "edit_to_run"
_LIBRARIES = ("shared.h",)
# A virtual board's sketch reads the board's counter for the harness; on a chip these functions are empty.
_CLOCK = """\
#pragma once
#include <Arduino.h>

namespace edit_clock {
#ifdef ARDUINO_ARCH_VIRTUAL
static uint32_t at_start, at_first_line;
inline void start() { at_start = cycleCount(); }
inline void first_line() { at_first_line = cycleCount(); }
inline void tell() { Serial.println(String("instructions ") + at_start + " " + at_first_line); }
#else
inline void start() {}
inline void first_line() {}
inline void tell() {}
#endif
} // namespace edit_clock
"""


@dataclass(frozen=True)
class Build:
    """One build: what it made, and where its time went, in seconds on the host."""

    elf: Path
    flash_files: tuple[tuple[int, Path], ...]  # offset and file; none on a virtual board
    compiled: tuple[str, ...]  # names of the sources that were compiled
    tool_s: float  # PlatformIO and SCons: starting, scanning dependencies, all in which no command ran
    compile_s: float  # at least one compiler or archiver ran
    link_s: float  # the other commands: linker, size check, making the flash image

    @property
    def total_s(self) -> float:
        """From the start of PlatformIO to its end."""
        return self.tool_s + self.compile_s + self.link_s


class SketchProject:
    """One project in a folder that this object may do with as it likes."""

    def __init__(self, board: str, folder: Path, log: Log) -> None:
        """`board` is an environment of the checkout's platformio.ini. Nothing is built yet."""
        self._board = board
        self._folder = folder
        self._log = log
        self._is_hardware = find_environment(paths.PROJECT, board).is_hardware
        self._notes = folder / "build-clock.jsonl"
        self._log_file = folder / "build.log"
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "platformio.ini", _own_ini((paths.PROJECT / "platformio.ini").read_text(encoding="utf-8")))
        _write(folder / "lib" / "edit_clock" / "edit_clock.h", _CLOCK)

    def install(self) -> None:
        """Have PlatformIO's packages there. ToolError where they have to be fetched and cannot be."""
        if not self._is_hardware:
            return
        workspace = paths.PROJECT / ".pio" / "bench"  # where a note of an installation that was cut off would be
        workspace.mkdir(parents=True, exist_ok=True)
        with FileLock(workspace / "lock"):
            ensure_packages(
                find_environment(paths.PROJECT, self._board),
                project=paths.PROJECT,
                variables=self._variables(),
                workspace=workspace,
                log_file=self._folder / "packages.log",
                log=self._log,
            )

    def save(self, program: Program) -> None:
        """Save its files as an editor does: those that have not changed are not touched."""
        for name, text in program.cpp.items():
            part = ("lib", Path(name).stem) if name in _LIBRARIES else ("src",)
            _write(self._folder.joinpath(*part, name), text)

    def forget_builds(self) -> None:
        """Leave the project as it is after `git clone`: sources, and nothing that was built of them."""
        shutil.rmtree(self._folder / ".pio", ignore_errors=True)

    def build(self) -> Build:
        """Build what has changed. ToolError with file and line where it does not compile."""
        self._notes.unlink(missing_ok=True)
        began = time.perf_counter()
        status = run_platformio(
            ["run", "-e", self._board, "-d", str(self._folder)],
            project=self._folder,
            environment=self._variables() | {"BENCH_BUILD_CLOCK": str(self._notes)},
            log_file=self._log_file,
            limit_s=TIMEOUT_S,
        )
        total_s = time.perf_counter() - began
        elf = self._folder / ".pio" / "build" / self._board / f"{_NAME}.elf"
        if status != 0 or not elf.is_file():
            reason = describe_failure(self._log_file.read_text(encoding="utf-8", errors="replace"), self._folder)
            raise ToolError(f"the program does not build for {self._board}: {reason}")
        return self._described(elf, total_s)

    def _described(self, elf: Path, total_s: float) -> Build:
        commands = _commands(self._notes)
        compiling = [(c.began, c.ended) for c in commands if c.is_compiling]
        busy_s = _covered(compiling)
        all_s = _covered([(c.began, c.ended) for c in commands])
        facts = json.loads(elf.with_suffix(".json").read_text(encoding="utf-8"))
        return Build(
            elf,
            tuple((offset, Path(name)) for offset, name in sorted(facts.get("flash_files", ()))),
            tuple(sorted(c.compiles for c in commands if c.compiles)),
            tool_s=total_s - all_s,
            compile_s=busy_s,
            link_s=all_s - busy_s,
        )

    def _variables(self) -> dict[str, str]:
        variables = {"PLATFORMIO_GLOBALLIB_DIR": str(self._folder / "no-libraries")}
        if not self._is_hardware:  # what it installs there are links to the checkout
            variables["PLATFORMIO_CORE_DIR"] = str(self._folder / "core")
        return isolated_environment(keep_person=self._is_hardware) | variables


@dataclass(frozen=True)
class _Command:
    """A line of the notes."""

    compiles: str  # the source; empty where it is none
    is_compiling: bool  # as an archiver is too
    began: float
    ended: float


def _commands(notes: Path) -> list[_Command]:
    try:
        lines = notes.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:  # nothing had to be done
        return []
    return [_Command(**json.loads(line)) for line in lines]


def _covered(spans: Iterable[tuple[float, float]]) -> float:
    """How long at least one of the spans lasted: several compilers run at once."""
    covered, end = 0.0, float("-inf")
    for began, ended in sorted(spans):
        covered += max(0.0, ended - max(began, end))
        end = max(end, ended)
    return covered


def _own_ini(checkouts: str) -> str:
    """The checkout's platformio.ini for a project elsewhere: the same boards, its own sketch and libraries."""
    clock = Path(__file__).with_name("build_clock.py")
    replaced: Mapping[str, str] = {
        r"^lib_dir\s*=.*$": "",
        r"\bpre:arduino_sketches/select_sketch\.py": f"pre:{clock.as_posix()}",
        r"\b(pre|post):arduino_sketches/": rf"\1:{paths.SKETCHES.as_posix()}/",
        r"\$\{PROJECT_DIR\}": paths.PROJECT.as_posix(),
    }
    for pattern, replacement in replaced.items():
        checkouts = re.sub(pattern, replacement, checkouts, flags=re.M)
    return checkouts


def _write(path: Path, text: str) -> None:
    data = text.encode()
    try:
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    except OSError as error:
        raise ToolError(f"cannot write {path.name}, a source of the program to build: {error.strerror}") from error
