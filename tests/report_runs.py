"""Runs for the tests of reports: small ones, hostile ones, the reference run without its anatomy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from bench import load_run, paths
from bench.files import write_atomically
from bench.results import RUN_FILES
from tests.factories import linear_run

HOSTILE = "</td><script>alert(1)</script>\"'><img src=x onerror=alert(2)>|`**_[a](http://evil.example)_**"


def without_anatomy(board: str, folder: Path) -> Path:
    """A copy of a reference run's figures alone: its anatomy has many charts, which take their time."""
    source, copy = paths.RESULTS / f"reference-{board}", folder / f"reference-{board}"
    copy.mkdir()
    for name in RUN_FILES:
        shutil.copy2(source / name, copy / name)
    return copy


def small_run(path: Path, change: Callable[[dict[str, Any]], None] = lambda facts: None) -> pd.DataFrame:
    """A run of fib and crc32 at two n, run.json changed by hand."""
    cost = {
        (workload, language, n): n * cost
        for workload in ("fib", "crc32")
        for n in (10, 20)
        for language, cost in (("arduino", 100.0), ("micropython", 4321.0))
    }
    zero = {"arduino": 0, "micropython": 0}
    linear_run(path, cost, fixed={"arduino": 9, "micropython": 90}, per_loop=zero)
    facts = json.loads((path / "run.json").read_text())
    change(facts)
    write_atomically(path / "run.json", json.dumps(facts).encode())
    return load_run(path)


def everywhere_hostile(facts: dict[str, Any]) -> None:
    """Markup in every text of run.json that nothing depends on."""
    facts["run_id"] = HOSTILE
    facts["board"] |= {"isa": HOSTILE, "simulator": HOSTILE, "name": HOSTILE, HOSTILE: HOSTILE}
    facts["languages"]["arduino"] |= {"compiler": HOSTILE, "flags": HOSTILE, "optimisation": HOSTILE}
    facts["languages"]["micropython"] |= {"source": HOSTILE, "micropython_version": HOSTILE}
    facts["harness"] |= {"commit": HOSTILE, "version": HOSTILE, "uncommitted_changes": True}
    facts["workloads"]["fib"] |= {"group": HOSTILE, "title": HOSTILE}
    facts["workloads"][HOSTILE] = {**facts["workloads"]["fib"]}
    key = {"workload": HOSTILE, "language": HOSTILE, "variant": HOSTILE, "n": 1}
    facts["plan"].append(key)
    facts["failures"] = [{**key, "message": f"{HOSTILE}\n# heading\n\x1b[31m in /srv/secret/place/file.py"}]
