"""A run with a workflow whose tables a test writes itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import results
from bench.workflow.parts import Part, Row, find_part
from bench.workflow.store import COMPLETE, table_bytes, write_facts, write_table
from tests.factories import IMAGES, linear_run

HOST = {"system": "Debian GNU/Linux 12", "machine": "x86_64", "cpus": 2}


def run_with_workflow(path: Path, tables: Mapping[str, Sequence[Row]]) -> Path:
    """A small run whose workflow has these rows, by part."""
    cost = {(name, language, n): 10.0 * n * (30 if language == "micropython" else 1)
            for name in ("fib", "crc32") for language in IMAGES for n in (10, 20)}  # fmt: skip
    overhead = {"arduino": 5, "micropython": 50}
    linear_run(path, cost, fixed=overhead, per_loop=overhead)
    (path / "workflow").mkdir()
    entries = {name: entry_of(path, find_part(name), rows) for name, rows in tables.items()}
    write_facts(path, workflow_facts(path, entries))
    return path


def entry_of(path: Path, part: Part, rows: Sequence[Row]) -> dict[str, Any]:
    """Write a table, and give what workflow.json says of it."""
    return described(write_table(path, part, table_bytes(part, rows)))


def described(table: Mapping[str, object], status: str = COMPLETE, message: str = "") -> dict[str, Any]:
    """What workflow.json says of a part."""
    return {"status": status, "message": message, "inputs": "0" * 64, "names": [], "host": HOST, **table}


def workflow_facts(path: Path, entries: Mapping[str, Any]) -> dict[str, Any]:
    """workflow.json of the run, but for its schema."""
    run = results.read_facts(path)
    return {"run_id": run["run_id"], "board": run["board"], "images": IMAGES, "host": HOST, "parts": dict(entries)}


def storage_row(
    language: str, kind: str, name: str = "", size: int | None = 1, how: str = "measured", note: str = ""
) -> Row:
    """A row of the part storage."""
    return {"language": language, "kind": kind, "name": name, "bytes": size, "how": how, "note": note}


def memory_row(language: str, figure: str, size: int | None, workload: str = "", n: int | None = None) -> Row:
    """A row of the part memory."""
    row: Row = {"language": language, "workload": workload, "n": n, "figure": figure, "bytes": size}
    return row | {"how": "measured", "note": ""}
