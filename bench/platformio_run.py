"""Runs PlatformIO in a process of its own: its output goes to a log file as it comes, and its progress to a person."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from bench.errors import ToolError
from bench.labels import printable
from bench.side_by_side import check_stopped

Log = Callable[[str], None]

_POLL_S = 0.1
_FETCHING = re.compile(
    r"(?:(?:Platform|Tool|Library) Manager: (?:Installing|\S+ has been installed)|Downloading|Unpacking)"
)
_PERCENT = re.compile(r"(Downloading|Unpacking)\b.*?(\d+%)\s*$")
# Of the person's own settings only where PlatformIO keeps what it has fetched, and how it reaches the network.
_KEPT = ("PLATFORMIO_CORE_DIR", "PLATFORMIO_PLATFORMS_DIR", "PLATFORMIO_PACKAGES_DIR", "PLATFORMIO_CACHE_DIR")
_QUIET = {
    "PLATFORMIO_SETTING_ENABLE_TELEMETRY": "no",
    "PLATFORMIO_DISABLE_UPGRADE_CHECK": "true",
    "PLATFORMIO_NO_ANSI": "true",
}


def isolated_environment(*, keep_person: bool) -> dict[str, str]:
    """This process's environment without what would steer PlatformIO or a sketch's build.

    With `keep_person`, packages stay where the person's PlatformIO keeps them: what is installed is not fetched twice.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PLATFORMIO_", "BENCH_"))}
    if keep_person:
        settings = {key: value for key, value in os.environ.items() if key.startswith("PLATFORMIO_SETTING_")}
        environment |= settings | {key: os.environ[key] for key in _KEPT if key in os.environ}
    return environment | _QUIET


def run_platformio(
    arguments: Sequence[str],
    *,
    project: Path,
    environment: Mapping[str, str],
    log_file: Path,
    limit_s: float,
    log: Log | None = None,
) -> int:
    """PlatformIO's exit status. All that it prints is in `log_file`; what it says of fetching goes to `log` too.

    ToolError where it takes longer than `limit_s`. When this process is interrupted, PlatformIO and all that it
    started end with it.
    """
    command = [sys.executable, "-m", "platformio", *arguments]
    setpriv = shutil.which("setpriv")
    if setpriv:  # when we are killed, so is it: it must not write after the next build began
        command = [setpriv, "--pdeathsig", "KILL", *command]
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=project,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert process.stdout is not None
        reader = threading.Thread(target=_copy, args=(process.stdout, output, Progress(log)), daemon=True)
        reader.start()
        try:
            return wait_for(process, limit_s)
        except subprocess.TimeoutExpired:
            raise ToolError(f"PlatformIO did not finish within {limit_s:.0f} s; the full log is {log_file}") from None
        finally:
            if process.poll() is None:  # interrupted: its compilers must not go on behind our back
                _kill_all(process)
            reader.join(10)  # what was printed last; a child that outlives PlatformIO may hold the pipe open


def wait_for(process: subprocess.Popen[Any], limit_s: float) -> int:
    """The exit status; subprocess.TimeoutExpired after `limit_s`, Stopped where the work was given up meanwhile."""
    deadline = time.monotonic() + limit_s
    while True:
        check_stopped()
        try:
            return process.wait(_POLL_S)
        except subprocess.TimeoutExpired:
            if time.monotonic() > deadline:
                raise


class Progress:
    """Finds in what PlatformIO prints, piece by piece, what it fetches, and hands it on line by line."""

    def __init__(self, log: Log | None) -> None:
        self._log = log
        self._line = ""
        self._told = ""

    def feed(self, text: str) -> None:
        """Take the next piece. While a file is fetched the line grows without an end: ``Downloading 0% 10% 20%``."""
        *lines, self._line = re.split(r"[\r\n]", self._line + text)
        for line in lines:
            self._tell(line)
        if match := _PERCENT.search(self._line):
            self._say(f"{match[1]} {match[2]}")
        self._line = self._line[-2000:]

    def _tell(self, line: str) -> None:
        if match := _PERCENT.search(line):
            self._say(f"{match[1]} {match[2]}")
        elif _FETCHING.match(line):
            self._say(line)

    def _say(self, text: str) -> None:
        if self._log is not None and text != self._told:
            self._told = text
            self._log(printable(text, 160))


def _copy(source: IO[bytes], target: IO[bytes], progress: Progress) -> None:
    with suppress(ValueError), source:  # ValueError: the log was closed, its reader no longer waits
        while piece := os.read(source.fileno(), 65536):
            target.write(piece)
            target.flush()
            with suppress(OSError):  # nobody reads our own output any more: PlatformIO must not wait for that
                progress.feed(piece.decode("utf-8", "replace"))


def _kill_all(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
