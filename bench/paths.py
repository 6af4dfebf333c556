"""Where things are in a checkout. The harness runs from one: sketches and scripts are part of what it measures."""

from __future__ import annotations

import os
from pathlib import Path

from bench.errors import InputError

PROJECT = Path(__file__).resolve().parent.parent
SKETCHES = PROJECT / "arduino_sketches"
SCRIPTS = PROJECT / "mpy_scripts"
RESULTS = PROJECT / "results"
CATALOGUE = PROJECT / "bench" / "workloads.toml"


def cache_dir() -> Path:
    """The folder of everything that can be made again (builds, downloads); `BENCH_CACHE` moves it."""
    return Path(os.environ.get("BENCH_CACHE") or PROJECT / ".bench")


def shown_path(path: Path) -> Path:
    """The path as a person would type it here."""
    try:
        return path.resolve().relative_to(Path.cwd())
    except ValueError:
        return path


def require_checkout() -> None:
    """Raise InputError where the package was installed without the project around it."""
    if not SKETCHES.is_dir() or not SCRIPTS.is_dir():
        raise InputError(
            f"no arduino_sketches/ and mpy_scripts/ beside the package ({PROJECT}): run bench from a checkout of the "
            "project, installed with `pip install -e .` or `make setup`"
        )
