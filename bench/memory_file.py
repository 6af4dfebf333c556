"""memory.csv of a run folder: what each measurement says about memory, one row a measurement, in bytes.

Columns: workload, language, variant, n; held (by inputs and outputs, made by setup(): static memory in C++, heap in
MicroPython), allocated (MicroPython: heap that one execution takes while nothing is collected), stack (C++: the most
that one execution had on the stack). A cell is empty where the board could not tell.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from bench.errors import InputError
from bench.files import CSV_WORD, append_all, drop_cut_line, write_atomically
from bench.plan import KEY_COLUMNS, Key, Measurement, Memory

NAME = "memory.csv"
FIGURES = ("held", "allocated", "stack")
COLUMNS = (*KEY_COLUMNS, *FIGURES)
_HEADER = ",".join(COLUMNS) + "\n"
_FIGURE = re.compile(r"[0-9]{0,10}\Z")


def extend(folder: Path, entries: Iterable[tuple[Measurement, Memory]]) -> None:
    """Add a row for each measurement whose board told something. OSError, and an unchanged file, where it cannot."""
    rows = []
    for measurement, memory in entries:
        figures = (memory.held, memory.allocated, memory.stack)
        if any(figure is not None for figure in figures):
            cells = [*map(str, measurement.key), *("" if figure is None else str(figure) for figure in figures)]
            rows.append(",".join(cells) + "\n")
    if not rows:
        return
    path = folder / NAME
    if not path.exists():
        write_atomically(path, _HEADER.encode("ascii"))
    append_all(path, "".join(rows).encode("ascii"))


def mend(folder: Path) -> None:
    """Drop a row that a crash has cut."""
    if (folder / NAME).exists():
        drop_cut_line(folder / NAME, _HEADER.encode("ascii"))


def finish(folder: Path, finished: Collection[Key], order: Mapping[Key, int]) -> dict[str, object] | None:
    """Keep the last row of each finished measurement, in the plan's order; what run.json vouches for, None: no file."""
    if not (folder / NAME).exists():
        return None
    rows = {key_of(row): row for row in read_rows(folder)}
    kept = sorted((key for key in rows if key in finished), key=lambda key: order.get(key, len(order)))
    data = (_HEADER + "".join(",".join(rows[key][c] for c in COLUMNS) + "\n" for key in kept)).encode("ascii")
    write_atomically(folder / NAME, data)
    return {"rows": len(kept), "sha256": hashlib.sha256(data).hexdigest()}


def read_rows(folder: Path) -> list[dict[str, str]]:
    """The rows as text, each checked; none where the run has no such file. InputError names the first wrong line."""
    source = folder / NAME
    try:
        table = list(csv.reader(source.read_text(encoding="ascii").splitlines()))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot read {source}: {error}") from error
    if not table or tuple(table[0]) != COLUMNS:
        raise InputError(f"{source}: expected the header {_HEADER.strip()}: the file is damaged")
    rows = []
    for number, cells in enumerate(table[1:], start=2):
        row = dict(zip(COLUMNS, cells, strict=False))
        if len(cells) != len(COLUMNS) or not _plausible(row):
            raise InputError(f"{source} line {number} is damaged ({','.join(cells)!r:.80}): measure again")
        rows.append(row)
    return rows


def key_of(row: Mapping[str, str]) -> Key:
    """The measurement that a row belongs to."""
    return row["workload"], row["language"], row["variant"], int(row["n"])


def _plausible(row: Mapping[str, str]) -> bool:
    words = all(CSV_WORD.match(row[c]) for c in KEY_COLUMNS)
    return words and row["n"].isdecimal() and all(_FIGURE.match(row[c]) for c in FIGURES)
