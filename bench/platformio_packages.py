"""The platform, compiler and core of a real board: PlatformIO fetches them, once, before the first build.

How far PlatformIO itself guards against a fetch that is cut off (its package/manager/_download.py, _registry.py and
_install.py): an archive is downloaded under a temporary name, its size and SHA-256 are compared, then it is renamed; it
is unpacked into a temporary folder. But that folder is then *copied* to its place, file by file, and a package that was
killed while it was copied counts as installed. So a note stands in the workspace while packages are installed, and
where it is found again they are installed anew, from the archives that PlatformIO keeps.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.build_log import describe_failure
from bench.errors import ToolError
from bench.labels import printable
from bench.platformio_project import Environment
from bench.platformio_run import Log, run_platformio

ASK_S = 60.0
REACH_S = 9.0
FETCH_S = 3600.0
_PROBE = Path(__file__).with_name("platformio_probe.py")


@dataclass(frozen=True)
class _Installed:
    missing: tuple[str, ...]
    build_engine: str  # what PlatformIO is to install as its build engine; empty where it is there
    packages: dict[str, str]  # name -> version

    @property
    def is_complete(self) -> bool:
        return not self.missing and not self.build_engine


def ensure_packages(
    board: Environment,
    *,
    project: Path,
    environment: Mapping[str, str],
    workspace: Path,
    log_file: Path,
    log: Log | None,
) -> dict[str, str]:
    """Have everything that builds for the board installed: name -> version of each package.

    What is missing is fetched by PlatformIO, which takes minutes; `log` gets what it does. ToolError within seconds
    where something is missing and there is no network.
    """
    note = workspace / f"installing-{board.name}"
    found = _ask(board, project, environment)
    if found.is_complete and not note.exists():
        return found.packages
    if not _is_reachable(project, environment):
        raise ToolError(_without_network(board, found))
    if log is not None:
        log(f"PlatformIO fetches what {board.name} needs: {', '.join(_lacking(board, found))}; this is done once")
    again = ["--force"] if note.exists() else []
    note.write_text("PlatformIO was installing packages; if it is not any more, they may be incomplete.\n")
    commands = [["pkg", "install", "--project-dir", str(project), "--environment", board.name, *again]]
    if found.build_engine:
        commands.append(["pkg", "install", "--global", "--tool", found.build_engine, *again])
    for command in commands:
        status = run_platformio(
            command, project=project, environment=environment, log_file=log_file, limit_s=FETCH_S, log=log
        )
        if status != 0:
            reason = describe_failure(log_file.read_text(encoding="utf-8", errors="replace"), project)
            raise ToolError(
                f"PlatformIO could not install what {board.name} needs: {printable(reason)}; what it has fetched is "
                f"kept, run the command again; the full log is {log_file}"
            )
    found = _ask(board, project, environment)
    if not found.is_complete:
        raise ToolError(
            f"PlatformIO installed what {board.name} needs, and yet {', '.join(_lacking(board, found))} is not there; "
            f"the full log is {log_file}"
        )
    note.unlink()
    return found.packages


def _lacking(board: Environment, found: _Installed) -> list[str]:
    lacking = [*found.missing, *([found.build_engine] if found.build_engine else [])]
    return [printable(package, 80) for package in lacking or [board.platform]]


def _without_network(board: Environment, found: _Installed) -> str:
    if board.platform in found.missing:
        lacking = f"{printable(board.platform, 80)} with its compiler and Arduino core"
    else:
        lacking = ", ".join(_lacking(board, found))
    return (
        f"{board.name} needs PlatformIO's {lacking}, to be fetched once, but PlatformIO's registry cannot be reached: "
        "connect to the internet and run the command again; later builds need no network"
    )


def _ask(board: Environment, project: Path, environment: Mapping[str, str]) -> _Installed:
    answer = _probe([board.name], project, environment, ASK_S)
    if answer is None:
        raise ToolError(f"PlatformIO did not tell within {ASK_S:.0f} s what is installed; is another one at work?")
    return _Installed(tuple(answer["missing"]), answer["build_engine"], answer["packages"])


def _is_reachable(project: Path, environment: Mapping[str, str]) -> bool:
    answer = _probe(["--reachable"], project, environment, REACH_S)
    return answer is not None and bool(answer["reachable"])


def _probe(
    arguments: list[str], project: Path, environment: Mapping[str, str], limit_s: float
) -> dict[str, Any] | None:
    """The probe's answer, None where it did not come in time."""
    command = [sys.executable, "-P", str(_PROBE), *arguments]  # -P: this folder's modules do not hide Python's
    try:
        done = subprocess.run(
            command, cwd=project, env=dict(environment), capture_output=True, text=True, timeout=limit_s, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        reason = describe_failure(done.stderr, project)
        raise ToolError(f"PlatformIO cannot tell what is installed: {printable(reason)}; run `make setup`") from None
    return answer
