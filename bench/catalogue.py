"""The catalogue: the contract of every workload, read from workloads.toml. Knows nothing of boards or serial lines."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

from bench import paths
from bench.errors import InputError
from bench.variants import VARIANTS, emitter_of

SCHEMA = 2
CATALOGUE_FILE = "workloads.toml"
IDIOMATIC = "idiomatic"  # the group that is left out of every mean: its two programs are not built alike
GROUPS = ("overhead", "control", "integer", "float", "data", "calls", "machine", IDIOMATIC)
BOARDS = ("virtual-esp32", "virtual-esp32c3", "esp32", "esp32s3", "esp32c3")
OVERHEAD_WORKLOAD = "empty"  # the workload whose figures are subtracted from all others
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_SIZE = re.compile(r"[1-9][0-9]{0,9}\Z")
_CHECKSUM = re.compile(r"0x[0-9a-f]{8}\Z")


@dataclass(frozen=True)
class Workload:
    """The contract of one workload: what both programs compute, at which sizes, and which answer is right."""

    name: str
    root: Path  # of the project or of a person's own catalogue: where arduino_sketches/ and mpy_scripts/ lie
    title: str
    group: str
    shows: str
    does_not_show: str
    types: str
    fits_31_bit: bool
    allocates: bool
    work_unit: str
    seed: int
    sizes: tuple[int, ...]
    quick: int
    check_n: int
    loops: str
    published: bool
    boards: tuple[str, ...]
    needs: tuple[str, ...]
    functions: tuple[str, ...]
    differences: tuple[str, ...]
    explains: str
    barred: Mapping[str, str]
    checksums: Mapping[int, int]

    @property
    def script(self) -> Path:
        """The MicroPython script."""
        return self.root / "mpy_scripts" / f"{self.name}.py"

    @property
    def viper_overlay(self) -> Path:
        """The functions of the script written again for the viper emitter; few workloads have it."""
        return self.root / "mpy_scripts" / "viper" / f"{self.name}.py"

    @property
    def header(self) -> Path:
        """The C++ header with the algorithm."""
        return self.root / "arduino_sketches" / self.name / f"{self.name}.h"

    @property
    def sketch(self) -> Path:
        """The Arduino sketch with this workload alone."""
        return self.header.with_suffix(".ino")

    def fixed_loops(self, n: int) -> int:
        """Executions in a timed block where the contract fixes them, 0 where the board calibrates them."""
        return n if self.loops == "n" else 0


def load_catalogue(path: Path | None = None, *, own: Path | None = None) -> dict[str, Workload]:
    """All workloads by name, in the order of the file. InputError names the table and the field that is wrong.

    `own` is a person's own catalogue, a folder with workloads.toml, mpy_scripts/ and arduino_sketches/: its workloads
    follow the project's.
    """
    workloads = _load_project(path or paths.CATALOGUE)
    if OVERHEAD_WORKLOAD not in workloads:
        raise InputError(f"{(path or paths.CATALOGUE).name}: expected a table [workload.{OVERHEAD_WORKLOAD}]")
    if own is not None:
        source = own / CATALOGUE_FILE
        for name, workload in parse_catalogue(read_catalogue(source), own.resolve(), str(source)).items():
            if name in workloads:
                raise InputError(f"{source}: the project has a workload {name!r} already: give yours another name")
            for file in (workload.script, workload.header, workload.sketch):
                if not file.is_file():
                    raise InputError(f"{source}: [workload.{name}]: there is no {file.relative_to(workload.root)}")
            workloads[name] = workload
    return workloads


def _load_project(path: Path) -> dict[str, Workload]:
    return parse_catalogue(read_catalogue(path), paths.PROJECT, path.name)


def read_catalogue(path: Path) -> str:
    """The text of a catalogue; InputError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot read the catalogue {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not valid TOML: {error}") from error


def parse_catalogue(text: str, root: Path, source: str) -> dict[str, Workload]:
    """The workloads of a catalogue's text, whose files lie below `root`; InputError begins with `source`."""
    try:
        document = tomllib.loads(text)
    except ValueError as error:  # not TOML, or a number of thousands of digits
        raise InputError(f"{source} is not valid TOML: {error}") from error
    if document.get("schema") != SCHEMA:
        raise InputError(f"{source}: expected schema = {SCHEMA}, got {document.get('schema')!r}")
    for key in sorted(document.keys() - {"schema", "workload"}):
        raise InputError(f"{source}: unknown {key!r}; expected schema and tables [workload.<name>]")
    tables = document.get("workload")
    if not isinstance(tables, dict) or not tables:
        raise InputError(f"{source}: expected tables [workload.<name>]")
    return {name: _parse_workload(name, table, root, f"{source}: [workload.{name}]") for name, table in tables.items()}


def select(catalogue: Mapping[str, Workload], names: Iterable[str] = (), groups: Iterable[str] = ()) -> list[Workload]:
    """The workloads asked for, in the catalogue's order; all of them where nothing was asked for."""
    wanted_names, wanted_groups = list(names), list(groups)
    for name in wanted_names:
        if name not in catalogue:
            raise InputError(f"no workload {name!r}; known: {', '.join(catalogue)} (see `bench list`)")
    known_groups = {workload.group for workload in catalogue.values()}
    for group in wanted_groups:
        if group not in known_groups:
            raise InputError(f"no group {group!r}; known: {', '.join(sorted(known_groups))}")
    if not wanted_names and not wanted_groups:
        return list(catalogue.values())
    return [w for w in catalogue.values() if w.name in wanted_names or w.group in wanted_groups]


def _parse_workload(name: str, table: Any, root: Path, where: str) -> Workload:
    if not NAME.match(name):
        raise InputError(f"{where}: a name is lower-case letters, digits and underscores")
    if not isinstance(table, dict):
        raise InputError(f"{where}: expected a table, got {type(table).__name__}")
    types = _field_types()
    known = types.keys() - {"name", "root"}
    for key in sorted(known - table.keys()):
        raise InputError(f"{where}: the field {key!r} is missing")
    for key in sorted(table.keys() - known):
        raise InputError(f"{where}: unknown field {key!r}; known: {', '.join(sorted(known))}")
    values = {key: _checked(value, types[key], f"{where}: {key}") for key, value in table.items()}
    workload = Workload(name=name, root=root, **values)
    _check_consistency(workload, where)
    return workload


@cache
def _field_types() -> dict[str, Any]:
    return get_type_hints(Workload)  # takes longer than all the rest of loading


def _checked(value: Any, expected: Any, where: str) -> Any:
    if expected in (str, bool, int):
        if type(value) is not expected:
            raise InputError(f"{where}: expected {expected.__name__}, got {value!r}")
        return value
    if expected == Mapping[int, int]:
        return _parse_checksums(value, where)
    if expected == Mapping[str, str]:
        return _parse_barred(value, where)
    element = int if expected == tuple[int, ...] else str
    if not isinstance(value, list) or not all(type(item) is element for item in value):
        raise InputError(f"{where}: expected a list of {element.__name__}, got {value!r}")
    return tuple(value)


def _parse_barred(value: Any, where: str) -> dict[str, str]:
    emitters = [variant for variant in VARIANTS["micropython"] if variant == emitter_of(variant)]
    if not isinstance(value, dict) or not all(isinstance(reason, str) and reason for reason in value.values()):
        raise InputError(f"{where}: expected a table of emitter = reason, got {value!r}")
    for emitter in value.keys() - set(emitters):
        raise InputError(f"{where}: no emitter {emitter!r:.40}; known: {', '.join(emitters)}")
    return value


def _parse_checksums(value: Any, where: str) -> dict[int, int]:
    if not isinstance(value, dict):
        raise InputError(f"{where}: expected a table of n = checksum, got {value!r}")
    checksums = {}
    for n, text in value.items():
        if not _SIZE.match(n):
            raise InputError(f"{where}: expected a size n as key, got {n!r:.40}")
        if not isinstance(text, str) or not _CHECKSUM.match(text):
            raise InputError(f'{where}: n = {n}: expected eight hexadecimal digits such as "0x0123abcd", got {text!r}')
        checksums[int(n)] = int(text, 16)
    return checksums


def _check_consistency(workload: Workload, where: str) -> None:
    sizes = workload.sizes
    if not sizes or min(sizes) < 1 or max(sizes) >= 2**31 or list(sizes) != sorted(set(sizes)):
        raise InputError(f"{where}: sizes must be ascending numbers from 1 to 2^31-1, each once, got {list(sizes)}")
    if workload.quick not in sizes:
        raise InputError(f"{where}: quick = {workload.quick} is not one of the sizes {list(sizes)}")
    if set(sizes) != set(workload.checksums):
        odd = sorted(set(sizes) ^ set(workload.checksums))
        raise InputError(f"{where}: every size needs one checksum and the other way round; look at n = {odd[0]}")
    if not 1 <= workload.check_n < 2**31 or workload.check_n in sizes:
        raise InputError(f"{where}: check_n must be an n that is not among the sizes, got {workload.check_n}")
    for board in workload.boards:
        if board not in BOARDS:
            raise InputError(f"{where}: no board {board!r:.40}; known: {', '.join(BOARDS)}")
    if workload.loops not in ("auto", "n"):
        raise InputError(f'{where}: loops is "auto" or "n", got {workload.loops!r}')
    if workload.name == OVERHEAD_WORKLOAD and (workload.loops != "n" or len(sizes) < 2):
        raise InputError(f'{where}: needs loops = "n" and two sizes: a line is drawn through its figures')
    if workload.group not in GROUPS:
        raise InputError(f"{where}: group is one of {', '.join(GROUPS)}, got {workload.group!r}")
    if not 0 <= workload.seed < 2**31:
        raise InputError(f"{where}: seed must lie in 0 .. 2^31-1, got {workload.seed}")
