"""Begins a workload: a small pair of programs that works, and its table in a catalogue. All of it, or nothing."""

from __future__ import annotations

import builtins
import json
import keyword
import tomllib
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from bench import paths
from bench.answers import reference_answer
from bench.catalogue import (
    CATALOGUE_FILE,
    GROUPS,
    NAME,
    SCHEMA,
    Workload,
    load_catalogue,
    parse_catalogue,
    read_catalogue,
)
from bench.catalogue_text import replace_text, with_checksums
from bench.errors import InputError

TEMPLATES = Path(__file__).with_name("templates")
NEW_GROUPS = GROUPS[1:]  # the first is the overhead's, which there is once
MAX_NAME = 40


def new_workload(name: str, *, group: str, title: str, own: Path | None) -> list[Path]:
    """Write the script, the header, the sketch and the table of a new workload; return their files, the table's last.

    `own` is the folder of a person's own catalogue, which is begun where it is not there; None: the project's. The
    table has the right checksums. InputError where the name cannot be used, a file is there already or the folder
    cannot be written; then nothing is left behind.
    """
    _refuse_name(name)
    if not title.strip() or len(title) > 100 or not title.isprintable():
        raise InputError(f"--title: expected one line of at most 100 printable characters, got {title!r:.120}")
    if group not in NEW_GROUPS:
        raise InputError(f"no group {group!r} for a new workload; known: {', '.join(NEW_GROUPS)}")
    catalogue = paths.CATALOGUE if own is None else own / CATALOGUE_FILE
    begun = own is None or catalogue.exists()
    known = load_catalogue(own=own if begun else None)
    if name in known:
        raise InputError(f"there is a workload {name!r} already (see `bench list`): choose another name")
    root = paths.PROJECT if own is None else own.resolve()
    with _Undo() as undo:
        values = {"name": name, "group": group, "title": json.dumps(title, ensure_ascii=False)}
        table = _filled("table", values)
        workload = _parsed(table, name, root)
        files = {"script": workload.script, "header": workload.header, "sketch": workload.sketch}
        for template, path in files.items():
            undo.write_new(path, _filled(template, values))
        checksums = {n: reference_answer(workload, n) for n in workload.sizes}
        text = read_catalogue(catalogue).rstrip("\n") if begun else f"# Workloads of my own.\n\nschema = {SCHEMA}"
        undo.replace(catalogue, with_checksums(f"{text}\n{table}", name, checksums, str(catalogue)))
        load_catalogue(own=own)
        undo.keep()
    return [*files.values(), catalogue]


def _parsed(table: str, name: str, root: Path) -> Workload:
    """The template's workload, before its checksums are known."""
    text = f"schema = {SCHEMA}\n{table}"
    sizes = tomllib.loads(text)["workload"][name]["sizes"]
    return parse_catalogue(with_checksums(text, name, dict.fromkeys(sizes, 0), "template"), root, "template")[name]


def _refuse_name(name: str) -> None:
    if not NAME.match(name) or len(name) > MAX_NAME:
        raise InputError(f"{name!r:.60}: a name is at most {MAX_NAME} lower-case letters, digits and underscores")
    taken = {*_read("taken_words").split(), *keyword.kwlist, *keyword.softkwlist, *dir(builtins)}
    if name in taken or name.endswith("_t"):
        raise InputError(f"{name!r} means something already in Python, C++ or this project: choose another name")
    if "__" in name:
        raise InputError(f"{name!r}: C++ keeps names with two underscores in a row to itself: choose another name")


def _read(template: str) -> str:
    return (TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")


def _filled(template: str, values: dict[str, str]) -> str:
    return Template(_read(template)).substitute(values)


@dataclass
class _Undo:
    """Remembers what was made, and unmakes it unless told to keep it."""

    made: list[Path] = field(default_factory=list)  # in order
    replaced: list[tuple[Path, bytes]] = field(default_factory=list)
    kept: bool = False

    def __enter__(self) -> _Undo:
        return self

    def __exit__(self, *exc: object) -> None:
        if self.kept:
            return
        for path, content in self.replaced:
            with suppress(OSError):
                path.write_bytes(content)
        for path in reversed(self.made):
            with suppress(OSError):  # a folder that somebody else has put something into
                path.rmdir() if path.is_dir() else path.unlink()

    def keep(self) -> None:
        """All is well."""
        self.kept = True

    def write_new(self, path: Path, text: str) -> None:
        """Make a file that is not there yet, and the folders above it. InputError where that cannot be."""
        try:
            self._make_folder(path.parent)
            with path.open("x", encoding="utf-8", newline="\n") as stream:
                self.made.append(path)
                stream.write(text)
        except FileExistsError as error:
            raise InputError(f"{error.filename} is there already: choose another name, or move it away") from error
        except OSError as error:
            raise InputError(f"cannot write {path}: {error.strerror}") from error

    def replace(self, path: Path, text: str) -> None:
        """Replace a file in one step, or make it."""
        if not path.exists():
            self.write_new(path, text)
            return
        self.replaced.append((path, path.read_bytes()))
        replace_text(path, text)

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        folder.mkdir()
        self.made.append(folder)
