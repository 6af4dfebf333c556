"""Changes to the text of a catalogue that keep everything else in it as a person wrote it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import paths
from bench.answers import reference_answer
from bench.catalogue import CATALOGUE_FILE, parse_catalogue, read_catalogue
from bench.errors import InputError
from bench.files import write_atomically

_ENTRY = re.compile(r'\s*["\']?[0-9]+["\']?\s*=')
_TABLE = re.compile(r"\s*\[")


def write_checksums(name: str, own: Path | None) -> list[int]:
    """Compute a workload's checksums and put them into its catalogue; return the n whose checksum is another now.

    `own` is the folder of a person's own catalogue; None: the project's. The table's old checksums need not fit its
    sizes. InputError where anything else is wrong with the catalogue or the script; then the file stays as it was.
    """
    catalogue = paths.CATALOGUE if own is None else own / CATALOGUE_FILE
    text = read_catalogue(catalogue)
    table = _parsed(text, str(catalogue)).get("workload", {}).get(name)
    sizes = table.get("sizes") if isinstance(table, dict) else None
    known = [n for n in sizes if type(n) is int and 1 <= n < 2**31] if isinstance(sizes, list) else []
    text = with_checksums(text, name, dict.fromkeys(known, 0), str(catalogue))
    workload = parse_catalogue(text, paths.PROJECT if own is None else own.resolve(), str(catalogue))[name]
    checksums = {n: reference_answer(workload, n) for n in workload.sizes}
    replace_text(catalogue, with_checksums(text, name, checksums, str(catalogue)))
    before = table.get("checksums") if isinstance(table, dict) else None
    old = before if isinstance(before, dict) else {}
    return [n for n, checksum in checksums.items() if old.get(str(n)) != f"0x{checksum:08x}"]


def replace_text(path: Path, text: str) -> None:
    """Replace a file in one step: it holds the old text or the new one. InputError where it cannot be written."""
    try:
        write_atomically(path.resolve(), text.encode())  # a link stays one
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error


def with_checksums(text: str, name: str, checksums: Mapping[int, int], source: str) -> str:
    """The catalogue's text with these checksums in [workload.<name>.checksums], which is added where it is missing.

    InputError where the text is not valid TOML, has no such workload, or is written in another form than one table
    each.
    """
    before = _parsed(text, source)
    if name not in before.get("workload", {}):
        raise InputError(f"{source}: there is no table [workload.{name}]")
    lines = text.splitlines(keepends=True)
    entries = [f'{n} = "0x{checksum:08x}"\n' for n, checksum in sorted(checksums.items())]
    section = _section(lines, f"workload.{name}.checksums")
    if section is not None:
        start, end = section
        kept = [line for line in lines[start:end] if not _ENTRY.match(line)]
        while kept and not kept[-1].strip():
            kept.pop()
        gap = ["\n"] if end < len(lines) else []
        lines[start:end] = [*kept, *entries, *gap]
    else:
        _, end = _section(lines, f"workload.{name}") or (0, len(lines))
        while end > 0 and not lines[end - 1].strip():
            end -= 1
        lines[end:end] = ["\n", f"[workload.{name}.checksums]\n", *entries]
    changed = "".join(_with_newline(lines))
    _check_nothing_else_changed(before, changed, name, checksums, source)
    return changed


def _parsed(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise InputError(f"{source} is not valid TOML: {error}") from error


def _with_newline(lines: list[str]) -> list[str]:
    return [line if line.endswith("\n") else line + "\n" for line in lines]


def _section(lines: list[str], table: str) -> tuple[int, int] | None:
    """First line of a table's body, and the line behind its last: the next table's, comments before it included."""
    header = re.compile(rf"\s*\[\s*{re.escape(table)}\s*\]\s*(#.*)?$")
    for start, line in enumerate(lines):
        if not header.match(line):
            continue
        end = next((i for i in range(start + 1, len(lines)) if _TABLE.match(lines[i])), len(lines))
        while end > start + 1 and end < len(lines) and lines[end - 1].lstrip().startswith("#"):
            end -= 1  # a comment right before the next table is about that one
        return start + 1, end
    return None


def _check_nothing_else_changed(
    before: dict[str, Any], changed: str, name: str, checksums: Mapping[int, int], source: str
) -> None:
    expected = dict(before) | {"workload": dict(before["workload"])}
    expected["workload"][name] = dict(expected["workload"][name]) | {
        "checksums": {str(n): f"0x{checksum:08x}" for n, checksum in checksums.items()}
    }
    try:
        if tomllib.loads(changed) == expected:
            return
    except ValueError:
        pass
    raise InputError(
        f"{source}: expected the checksums of {name} as a table [workload.{name}.checksums], one line for each n"
    )
