"""Tables beside those of a run's anatomy: tidy CSV, written whole, and refused where the columns are others."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from bench import results
from bench.anatomy.store import FOLDER
from bench.errors import InputError, ToolError
from bench.files import write_atomically
from bench.frames import RunFacts


def write_beside(run: Path, name: str, frame: pd.DataFrame, columns: Sequence[str]) -> Path:
    """Write a frame into the run's anatomy folder, whether the anatomy itself is there or not.

    InputError where the run is of another board or another image of MicroPython than the frame; ToolError where it
    cannot be written.
    """
    mine, its = _origin(frame.attrs["run"]), _origin(results.read_facts(run))
    if mine != its:
        raise InputError(f"{run} is of {its}, {name} of {mine}: measure the run anew, or choose its board")
    target = run / FOLDER / name
    try:
        target.parent.mkdir(exist_ok=True)
        write_atomically(target, csv_text(frame, columns).encode())
    except OSError as error:
        raise ToolError(f"cannot write {target}: {error.strerror or error}") from error
    return target


def load_beside(run: Path, name: str, columns: Sequence[str], words: Sequence[str], command: str) -> pd.DataFrame:
    """Load such a table; `attrs["run"]` is run.json. `words`: the columns that hold text, all others hold counts.

    InputError where there is none, or it is damaged; `command` makes it anew.
    """
    source = run / FOLDER / name
    try:
        data = source.read_bytes()
    except OSError as error:
        raise InputError(f"{run} has no {FOLDER}/{name} ({error.strerror}): make it with `{command}`") from error
    types = {column: "str" if column in words else "int64" for column in columns}
    try:
        frame = pd.read_csv(io.BytesIO(data), dtype=types, na_filter=False)
    except (ValueError, OverflowError) as error:
        raise InputError(f"{source}: not a table of an anatomy: {error}; make it anew with `{command}`") from error
    if list(frame.columns) != list(columns):
        raise InputError(
            f"{source}: expected the columns {', '.join(columns)}, found {', '.join(map(str, frame.columns))}; make it "
            f"anew with `{command}`"
        )
    if frame.empty or (frame.select_dtypes("int64") < 0).any(axis=None):
        raise InputError(f"{source}: expected counts, found none or negative ones; make it anew with `{command}`")
    frame.attrs["run"] = RunFacts(results.read_facts(run))
    return frame


def check_sums(frame: pd.DataFrame, keys: Sequence[str], source: str) -> pd.DataFrame:
    """The frame; InputError where the parts of something do not add up to its instructions."""
    sums = frame.groupby(list(keys), sort=False).agg(
        whole=("instructions", "first"), parts=("part_instructions", "sum")
    )
    wrong = sums[sums["whole"] != sums["parts"]]
    if len(wrong):
        raise InputError(f"{source}: the parts of {wrong.index[0]} do not add up to its instructions; make it anew")
    return frame


def with_parts(totals: pd.DataFrame, frame: pd.DataFrame, keys: Sequence[str], parts: Iterable[str]) -> pd.DataFrame:
    """`totals` with a column of instructions for each of the parts that the frame has, in their order."""
    table = frame.pivot_table(index=list(keys), columns="part", values="part_instructions", aggfunc="sum", fill_value=0)
    present = [part for part in parts if part in table.columns]
    merged: pd.DataFrame = totals.merge(table[present].reset_index(), on=list(keys))
    return merged


def csv_text(frame: pd.DataFrame, columns: Sequence[str]) -> str:
    """The frame as CSV: the same frame gives the same bytes."""
    return str(frame[list(columns)].to_csv(index=False, lineterminator="\n"))


def _origin(run: Mapping[str, Any]) -> str:
    language = run["languages"].get("micropython", {})
    return f"{run['board']['name']}, MicroPython image {language.get('image', 'none')}"
