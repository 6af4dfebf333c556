"""The real-board path imports nothing that only POSIX has: pty, fcntl, termios, resource, tty.

pyserial itself picks its backend by `os.name`, and its POSIX one imports fcntl and termios where its Windows one uses
the Win32 API, which is not here; mpremote's console likewise takes termios or msvcrt. So a stand-in with the names that
are asked of it takes the place of each of these two modules: the package's own imports are tested, not theirs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

WITHOUT = """
import importlib, sys, types

for name in ("pty", "fcntl", "termios", "resource", "tty"):
    sys.modules[name] = None  # importing it raises ImportError, as where it does not exist

backend = types.ModuleType("serial.serialposix")
backend.Serial = backend.PosixPollSerial = backend.VTIMESerial = type("Serial", (), {})
sys.modules[backend.__name__] = backend
console = types.ModuleType("mpremote.console")
console.VT_ENABLED = True
sys.modules[console.__name__] = console
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a Python without the POSIX modules."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT + code],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "COLUMNS": "100"},
    )


def test_the_modules_are_really_away() -> None:
    assert "ModuleNotFoundError" in run("import fcntl").stderr


def test_the_real_board_path_imports() -> None:
    esp32 = sorted(path.stem for path in (Path(__file__).parent.parent / "bench" / "esp32").glob("*.py"))
    modules = ["bench.cli.run", "bench.cli.doctor", "bench.link", "bench.session", "bench.runs"]
    modules += ["bench.esp32", *(f"bench.esp32.{name}" for name in esp32 if name != "__init__")]
    failed = run(
        f"""
for name in {modules!r}:
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(name, error)
"""
    )
    assert (failed.stdout, failed.returncode) == ("", 0), failed.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["doctor", "--help"]])
def test_the_command_line_tells_its_help(arguments: list[str]) -> None:
    done = run(f"sys.argv = ['bench', *{arguments!r}]\nfrom bench.cli import main\nmain()")
    assert done.returncode == 0 and done.stdout.startswith("Usage: bench"), done.stderr


def test_permission_advice_needs_no_group_database() -> None:
    done = run(
        "sys.modules['grp'] = None\nfrom bench.serial_port import explain\n"
        "print(explain(PermissionError(13, 'Permission denied'), '/dev/ttyUSB0'))"
    )
    assert "no permission to open /dev/ttyUSB0: join the group" in done.stdout, done.stderr
