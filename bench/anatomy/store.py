"""The folder `anatomy/` of a run: anatomy.json and four tables, see bench/anatomy/rows.py for their columns.

anatomy.json is written last, and vouches for the tables by SHA-256; a folder without it is none.

Schema history: 1 - first.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.anatomy.rows import FUNCTION_COLUMNS, OPCODE_COLUMNS, PAIR_COLUMNS, STACK_COLUMNS, Row
from bench.errors import InputError, ToolError
from bench.files import write_atomically
from bench.plan import KEY_COLUMNS
from bench.shape import check_shape

SCHEMA = 1
FOLDER = "anatomy"
FACTS_FILE = "anatomy.json"
STACKS_FILE = "stacks.csv.gz"
TABLES: Mapping[str, Sequence[str]] = {
    "functions.csv": FUNCTION_COLUMNS,
    "opcodes.csv": OPCODE_COLUMNS,
    "opcode_pairs.csv": PAIR_COLUMNS,
    STACKS_FILE: STACK_COLUMNS,
}
_TEXT = (*KEY_COLUMNS[:3], "function", "component", "cause", "opcode", "first", "second", "path")
_MEASUREMENT = {"workload": str, "language": str, "variant": str, "n": int}
_FACTS = {
    "run_id": str,
    "simulator": str,
    "measurements": [_MEASUREMENT | {"loops": int, "ticks": int}],
    "failures": [_MEASUREMENT | {"message": str}],
    "files": {"*": {"rows": int, "sha256": str}},
}


def write_anatomy(run: Path, facts: Mapping[str, Any], tables: Mapping[str, Iterable[Row]]) -> Path:
    """Write the anatomy of a run, in place of an earlier one: the new one is there whole, or the old one still is.

    Other files of the folder (see bench/anatomy/tidy_csv.py) stay in it. ToolError where the folder cannot be written.
    """
    staging, folder = run / f".{FOLDER}.new", run / FOLDER
    try:
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        files = {}
        for name, columns in TABLES.items():
            rows, data = _as_csv(columns, tables[name])
            if name.endswith(".gz"):
                data = gzip.compress(data, mtime=0)
            write_atomically(staging / name, data)
            files[name] = {"rows": rows, "sha256": hashlib.sha256(data).hexdigest()}
        text = json.dumps({"schema": SCHEMA, **facts, "files": files}, indent=1)
        write_atomically(staging / FACTS_FILE, (text + "\n").encode())
        if folder.exists():
            for other in folder.iterdir():
                if other.is_file() and not (staging / other.name).exists():
                    shutil.copy2(other, staging / other.name)
            shutil.rmtree(folder)
        staging.rename(folder)
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        raise ToolError(f"cannot write to {folder}: {error.strerror or error}") from error
    return folder


def has_anatomy(run: Path) -> bool:
    """Whether the run folder holds a finished anatomy."""
    return (run / FOLDER / FACTS_FILE).is_file()


def read_facts(run: Path) -> dict[str, Any]:
    """anatomy.json of a run; InputError where there is none, or it is damaged."""
    source = run / FOLDER / FACTS_FILE
    try:
        facts = json.loads(source.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{run} has no anatomy: make it with `bench anatomy {run.name}`") from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {source}: {error}") from error
    if not isinstance(facts, dict) or facts.get("schema") != SCHEMA:
        raise InputError(f"{source}: expected schema {SCHEMA}: made by another version of bench; make it anew")
    check_shape(facts, _FACTS, str(source))
    return facts


def read_table(run: Path, name: str, facts: Mapping[str, Any]) -> bytes:
    """The text of a table; InputError where it is not the one that anatomy.json vouches for."""
    source = run / FOLDER / name
    try:
        data = source.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {source}: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != facts["files"].get(name, {}).get("sha256"):
        raise InputError(f"{source}: not the file that {FACTS_FILE} vouches for: it was cut or edited; make it anew")
    return gzip.decompress(data) if name.endswith(".gz") else data


def text_columns(name: str) -> list[str]:
    """The columns of a table that hold words; all others hold counts."""
    return [column for column in TABLES[name] if column in _TEXT]


def _as_csv(columns: Sequence[str], rows: Iterable[Row]) -> tuple[int, bytes]:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    return count, stream.getvalue().encode("utf-8")
