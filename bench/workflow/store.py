"""The folder `workflow/` of a run: workflow.json, and a table for each part that was measured to its end.

workflow.json is replaced whole after each part, and vouches for the tables by SHA-256. It says of each part whether it
is complete, failed or interrupted; only a complete one has a table.

Schema history: 1 - first.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from bench.errors import InputError, ToolError
from bench.files import write_atomically
from bench.labels import printable
from bench.shape import check_shape
from bench.workflow.parts import Part, Row

SCHEMA = 1
FOLDER = "workflow"
FACTS_FILE = "workflow.json"
LOCK_FILE = ".lock"
COMPLETE, FAILED, INTERRUPTED = STATUSES = ("complete", "failed", "interrupted")
MAX_BYTES = 32 * 2**20  # of a table: some 100,000 rows
_LONGEST = 300  # characters of a word in a table
_FACTS = {
    "run_id": str,
    "board": {"name": str, "simulated": bool, "tick_unit": str},
    "images": {"*": str},
    "host": {},
    "parts": {
        "*": {"status": str, "message": str, "inputs": str, "rows": int, "sha256": str, "names": [str], "host": {}}
    },
}


def has_workflow(run: Path) -> bool:
    """Whether the run folder holds something of the workflow."""
    return (run / FOLDER / FACTS_FILE).is_file()


def read_facts(run: Path) -> dict[str, Any]:
    """workflow.json of a run; InputError where there is none, or it is damaged."""
    source = run / FOLDER / FACTS_FILE
    try:
        facts = json.loads(source.read_text(encoding="utf-8"))
        json.dumps(facts, ensure_ascii=False).encode()  # ValueError for half a character, which nothing could print
    except FileNotFoundError:
        raise InputError(f"{run} has nothing of the workflow: measure it with `bench workflow {run.name}`") from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"cannot read {source}: {error}; measure it anew with `bench workflow`") from error
    if not isinstance(facts, dict) or facts.get("schema") != SCHEMA:
        raise InputError(f"{source}: expected schema {SCHEMA}: made by another version of bench; measure it anew")
    check_shape(facts, _FACTS, str(source))
    for name, entry in facts["parts"].items():
        if entry["status"] not in STATUSES:
            raise InputError(f"{source}: {name!r:.40}: expected a status of {', '.join(STATUSES)}")
    return facts


@contextmanager
def locked(run: Path) -> Iterator[None]:
    """The folder, made, and for this process alone. InputError where another measures into it now."""
    folder = run / FOLDER
    lock = FileLock(folder / LOCK_FILE)
    try:
        folder.mkdir(exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise InputError(f"{folder} is being written by another bench: wait for it") from None
    except OSError as error:
        raise _cannot_write(folder, error) from error
    try:
        yield
    finally:
        with suppress(OSError):  # where an open file cannot be removed it stays, and does no harm
            Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def write_facts(run: Path, facts: Mapping[str, Any]) -> None:
    """Replace workflow.json; ToolError where it cannot be written."""
    _write(run / FOLDER / FACTS_FILE, (json.dumps({"schema": SCHEMA, **facts}, indent=1) + "\n").encode())


def write_table(run: Path, part: Part, data: bytes) -> dict[str, object]:
    """Write a part's table whole; what workflow.json is to vouch for. ToolError where it cannot be written."""
    _write(run / FOLDER / f"{part.name}.csv", data)
    return {"rows": data.count(b"\n") - 1, "sha256": hashlib.sha256(data).hexdigest()}


def table_bytes(part: Part, rows: Iterable[Row]) -> bytes:
    """The rows as CSV: equal rows give equal bytes. ValueError where a row is not of the part's columns and types."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(part.columns)
    seen = set()
    for row in rows:
        if row.keys() != part.columns.keys():
            raise ValueError(f"{part.name}: expected the columns {list(part.columns)}, got {list(row)}")
        key = tuple(row[column] for column in part.keys)
        if key in seen:
            raise ValueError(f"{part.name}: two rows of {key}")
        seen.add(key)
        writer.writerow([_cell(row[column], kind, column) for column, kind in part.columns.items()])
    return stream.getvalue().encode("utf-8")


def _cell(value: object, kind: str, column: str) -> str:
    if kind == "str":
        return printable(value, _LONGEST)
    if value is None:
        return ""
    if kind == "int" and type(value) is int and abs(value) < 10**18:
        return str(value)
    if kind == "float" and type(value) in (int, float) and math.isfinite(float(str(value))):
        return repr(float(str(value)))
    raise ValueError(f"{column}: expected {kind} or None, got {value!r:.60}")


def read_table(run: Path, part: Part, facts: Mapping[str, Any]) -> bytes:
    """The text of a part's table; InputError where it is not the one that workflow.json vouches for."""
    source = run / FOLDER / f"{part.name}.csv"
    try:
        if source.stat().st_size > MAX_BYTES:
            raise InputError(f"{source}: expected at most {MAX_BYTES:,} bytes: this is no table of the workflow")
        data = source.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {source}: {error.strerror}; {_again(part)}") from error
    if hashlib.sha256(data).hexdigest() != facts["parts"][part.name]["sha256"]:
        raise InputError(f"{source}: not the file that {FACTS_FILE} vouches for: it was cut or edited; {_again(part)}")
    return data


def parse_table(data: bytes, part: Part, source: str) -> list[list[object]]:
    """The rows of a table, each value of its column's type, None for an empty number. InputError names the line."""
    try:
        lines = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{source}: not a table of the workflow: {error}; {_again(part)}") from error
    if not lines or lines[0] != list(part.columns):
        found = printable(",".join(lines[0] if lines else []), 80)
        raise InputError(f"{source}: expected the columns {', '.join(part.columns)}, found {found}; {_again(part)}")
    return [_parsed(cells, part, f"{source} line {number}") for number, cells in enumerate(lines[1:], start=2)]


def _parsed(cells: Sequence[str], part: Part, where: str) -> list[object]:
    if len(cells) != len(part.columns):
        raise InputError(f"{where}: expected {len(part.columns)} cells, found {len(cells)}; {_again(part)}")
    row: list[object] = []
    for cell, (column, kind) in zip(cells, part.columns.items(), strict=True):
        try:
            row.append(_value(cell, kind))
        except ValueError:
            raise InputError(f"{where}: {column}: expected {kind}, got {cell!r:.60}; {_again(part)}") from None
    return row


def _value(cell: str, kind: str) -> object:
    if kind == "str":
        if printable(cell, _LONGEST) != cell:
            raise ValueError
        return cell
    if not cell:
        return None
    if not cell.isascii() or "_" in cell or len(cell) > 40 or cell != cell.strip():
        raise ValueError  # what int() and float() take, and nobody writes
    if kind == "int":
        number = int(cell)
        if abs(number) >= 10**18:
            raise ValueError
        return number
    value = float(cell)
    if not math.isfinite(value):
        raise ValueError
    return value


def _again(part: Part) -> str:
    return f"measure it anew with `bench workflow --part {part.name}`"


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, data)
    except OSError as error:
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> ToolError:
    return ToolError(
        f"cannot write {path}: {error.strerror or error}; finished parts are kept: make room, then go on with "
        "`bench workflow`"
    )
