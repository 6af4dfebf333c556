"""A run for other programs and for papers: samples, summary and ratios as CSV, Parquet, JSON, XLSX, LaTeX, Markdown.

The same run gives the same bytes. Every file says where its figures come from: CSV in a file beside it, Parquet and
JSON in their metadata, XLSX on a sheet, LaTeX and Markdown in a note.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from bench.analysis import overhead_ratios, summarise
from bench.citation import cite, content_id
from bench.errors import InputError, ToolError
from bench.escape import spreadsheet_text
from bench.files import write_atomically
from bench.headline_table import latex_table, markdown_table
from bench.labels import origin_text, printable, unit_text
from bench.results import RUN_FILE, SAMPLES_FILE
from bench.workflow.frames import workflow_of

TABLES = ("samples", "summary", "ratios")
WORKFLOW = "workflow"  # the tables of the run's workflow, one a part; in `all` they are not
_SIDECAR = ".provenance.json"
_LONG_FACTS = ("plan", "workloads", "failures")  # of run.json: not for a list of a screen's length
_SHEET_ROWS = 1_048_576
_SAVED_DATE = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
Files = dict[str, bytes]  # content by name without its ending


def tables(frame: pd.DataFrame, what: str = "all") -> dict[str, pd.DataFrame]:
    """The tables of a run by name; `what` is samples, summary, ratios, all, or workflow.

    samples: the columns of `bench.load_run`. summary, ratios: run_id, board, simulated and tick_unit, then the columns
    of `analysis.summarise` and `analysis.overhead_ratios`. workflow: a table for each part that the run has, see
    `bench.load_workflow`. InputError for another name, and where nothing is measured.
    """
    if what not in ("all", WORKFLOW, *TABLES):
        raise InputError(f"no table {what!r:.80}; there are: {', '.join(TABLES)}, all, {WORKFLOW}")
    if frame.empty:
        raise InputError("the run has no finished measurement yet: continue it with `bench run --resume`")
    if what == WORKFLOW:
        return {f"{WORKFLOW}_{name}": _labelled(table, frame) for name, table in workflow_of(frame).items()}
    makers: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
        "samples": lambda frame: frame,
        "summary": lambda frame: _labelled(summarise(frame), frame),
        "ratios": lambda frame: _labelled(overhead_ratios(frame), frame),
    }
    return {name: makers[name](frame) for name in TABLES if what in (name, "all")}


def provenance(frame: pd.DataFrame) -> dict[str, str]:
    """Where the figures come from, one text a fact: ids, citation, unit and origin, then run.json without its lists."""
    run = frame.attrs["run"]
    first = {
        "run_id": run["run_id"],
        "content_id": content_id(frame),
        "citation": cite(frame),
        "unit": f"{unit_text(run)}; of whole timed blocks in samples, per execution in summary and ratios",
        "origin": origin_text(run),
    }
    facts = _flat({name: value for name, value in run.items() if name not in _LONG_FACTS and name not in first})
    counted = {name: len(run[name]) for name in _LONG_FACTS}
    return {printable(name): printable(value, 2000) for name, value in {**first, **facts, **counted}.items()}


def export(
    frame: pd.DataFrame, target: Path, formats: Sequence[str], what: str = "all", *, standalone: bool = False
) -> list[Path]:
    """Write the tables of a run in each of these formats, and return the files.

    `target` is a folder, made where it is missing; or a file, where it has a format's ending and one file is enough.
    `standalone` makes a document of the LaTeX table. InputError for an unknown format or table, a target that does not
    fit, and one of the run's own files; ToolError where a Python package is missing or the target cannot be written.
    """
    wanted = [_format(name) for name in dict.fromkeys(formats)]
    content = _Content(frame, what, tables(frame, what), provenance(frame), standalone)
    files = [(name, each.ending, data) for each in wanted for name, data in each.render(content).items()]
    places = _places(target, [(name, ending) for name, ending, _ in files])
    for place, (_, ending, data) in zip(places, files, strict=True):
        _write(place, data)
        if ending == FORMATS["csv"].ending:
            _write(place.with_suffix(_SIDECAR), _json(content.provenance))
    return places


@dataclass(frozen=True)
class _Content:
    """All that a format may need."""

    frame: pd.DataFrame
    what: str
    tables: dict[str, pd.DataFrame]
    provenance: dict[str, str]
    standalone: bool

    @property
    def name(self) -> str:
        """What a file that holds all of it is called."""
        return "tables" if self.what == "all" else self.what


def _csv(content: _Content) -> Files:
    return {name: _as_cells(table).to_csv(index=False).encode() for name, table in content.tables.items()}


def _parquet(content: _Content) -> Files:
    files = {}
    for name, table in content.tables.items():
        whole = table.copy(deep=False)
        whole.attrs = {
            "run": content.frame.attrs["run"],
            "provenance": content.provenance,
        }  # pandas stores and restores
        buffer = io.BytesIO()
        whole.to_parquet(buffer, engine="pyarrow", index=False)
        files[name] = buffer.getvalue()
    return files


def _as_json(content: _Content) -> Files:
    """Records, not pandas' own `to_json`, which cuts floats to 15 digits."""
    records = {name: _records(table) for name, table in content.tables.items()}
    return {content.name: _json({"provenance": content.provenance, **records})}


def _xlsx(content: _Content) -> Files:
    for name, table in content.tables.items():
        if len(table) >= _SHEET_ROWS:
            raise InputError(f"{name} has {len(table)} rows, a sheet holds {_SHEET_ROWS - 1}: take --format parquet")
    facts = pd.DataFrame(content.provenance.items(), columns=["fact", "value"])
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer, engine="openpyxl") as writer:
        for name, table in {**content.tables, "provenance": facts}.items():
            _as_cells(table).to_excel(writer, sheet_name=name, index=False, freeze_panes=(1, 0))
    return {content.name: _undated(buffer.getvalue())}


def _latex(content: _Content) -> Files:
    _only_ratios(content.what)
    return {"ratios": latex_table(content.frame, standalone=content.standalone).encode()}


def _markdown(content: _Content) -> Files:
    _only_ratios(content.what)
    return {"ratios": markdown_table(content.frame).encode()}


@dataclass(frozen=True)
class Format:
    """A file format: the ending of its files, how they are made, and the Python package that takes."""

    ending: str
    render: Callable[[_Content], Files]
    package: str = ""


FORMATS = {
    "csv": Format(".csv", _csv),
    "parquet": Format(".parquet", _parquet, "pyarrow"),
    "json": Format(".json", _as_json),
    "latex": Format(".tex", _latex, "jinja2"),
    "markdown": Format(".md", _markdown, "tabulate"),
    "xlsx": Format(".xlsx", _xlsx, "openpyxl"),
}


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise InputError(f"no format {name!r:.80}; there are: {', '.join(FORMATS)}")
    package = FORMATS[name].package
    try:
        if package:
            importlib.import_module(package)
    except ImportError as error:
        raise ToolError(
            f"{name} needs the Python package {package}, which is not installed: pip install {package}"
        ) from error
    return FORMATS[name]


def _only_ratios(what: str) -> None:
    if what not in ("ratios", "all"):
        raise InputError(f"latex and markdown hold the headline ratios, not {what}: take csv, parquet, json or xlsx")


def _places(target: Path, files: Sequence[tuple[str, str]]) -> list[Path]:
    """The path of each file, given by name and ending."""
    names = [name + ending for name, ending in files]
    places = [target / name for name in names]
    if target.suffix in [each.ending for each in FORMATS.values()] and not target.is_dir():
        if [target.suffix] != [ending for _, ending in files]:
            raise InputError(f"{target} is one file, to be written are {', '.join(names)}: give --out a folder")
        places = [target]
    for place in places:
        # os.path, since Path.exists raises where a name is too long
        if place.name in (RUN_FILE, SAMPLES_FILE) and os.path.exists(place.parent / RUN_FILE):  # noqa: PTH110
            raise InputError(f"{place} is the run's own file: choose another --out")
    return places


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, data)
    except OSError as error:
        raise ToolError(f"cannot write {path}: {error.strerror or error}; choose another --out") from error


def _labelled(table: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """The table with the run, its board and unit before each row, so that tables of several runs can be joined."""
    names = [name for name in ("run_id", "board", "simulated", "tick_unit") if name not in table]
    labels = frame[names].iloc[[0] * len(table)].reset_index(drop=True)
    return pd.concat([labels, table], axis="columns")


def _as_cells(table: pd.DataFrame) -> pd.DataFrame:
    """The table as CSV and spreadsheets can take it: texts that none runs; numbers, also negative ones, as they are.

    Checksums are marked as hexadecimal: pandas and spreadsheets would read 00000037 as the number 37.
    """
    if "checksum" in table:
        table = table.assign(checksum="0x" + table["checksum"])
    texts = [str(name) for name in table if pd.api.types.is_string_dtype(table[name])]
    return table.assign(**{name: table[name].map(spreadsheet_text) for name in texts})


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A dictionary a row; NaN, which JSON does not have, as None."""
    columns = [[None if pd.isna(value) else value for value in table[name].tolist()] for name in table]
    names = [str(name) for name in table]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _json(document: object) -> bytes:
    return (json.dumps(document, indent=1, allow_nan=False) + "\n").encode("ascii")


def _undated(workbook: bytes) -> bytes:
    """The same workbook as if saved on a fixed day: openpyxl writes the time of day into it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as source, zipfile.ZipFile(buffer, "w") as copy:
        for name in source.namelist():
            content = _SAVED_DATE.sub(rb"\g<1>2000-01-01T00:00:00Z", source.read(name))
            copy.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _flat(facts: dict[str, Any], before: str = "") -> dict[str, object]:
    """Nested facts under dotted names: languages.arduino.flags."""
    flat: dict[str, object] = {}
    for name, value in facts.items():
        flat |= _flat(value, f"{before}{name}.") if isinstance(value, dict) else {f"{before}{name}": value}
    return flat
