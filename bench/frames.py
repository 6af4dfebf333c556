"""A run as pandas data frames."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from pathlib import Path
from typing import Any

import pandas as pd

from bench import memory_file
from bench.errors import InputError
from bench.plan import KEY_COLUMNS
from bench.results import COLUMNS, SAMPLES_FILE, layouts_of, read_facts, read_rows

MAX_BYTES = 512 * 2**20  # of samples.csv: six million samples, which take three gigabytes of memory
_TEXT = ("workload", "language", "variant", "tick_unit", "checksum", "image")
# A file that consists of such rows needs no second look. Each is one that read_rows takes too, which judges all others.
_WORD, _COUNT, _POSITIVE = rb"[!#-+\--~]{1,99}", rb"[0-9]{1,18}", rb"(?=[0-9]{1,18},)0*[1-9][0-9]*"
_HEADER = (",".join(COLUMNS) + "\n").encode("ascii")
_ROW = b",".join([*[_WORD] * 3, _COUNT, _COUNT, _POSITIVE, _POSITIVE, _WORD, rb"[0-9a-f]{8}", _WORD]) + rb"\n"
_CLEAN = re.compile(_HEADER + b"(?:" + _ROW + b")*+")


class RunFacts(dict[str, Any]):
    """run.json as it stands in `frame.attrs`: shared by all frames that are made from one, and not to be changed.

    pandas copies attrs deeply at each step, which would take longer than most steps. `memory` holds memory.csv,
    `folder` is where the run was loaded from.
    """

    memory: tuple[dict[str, str], ...] = ()
    folder: Path | None = None

    def __deepcopy__(self, memo: object) -> RunFacts:
        return self


def load_run(path: str | Path) -> pd.DataFrame:
    """The samples of a run folder, one row a timed block, in the order of the plan.

    | column | meaning |
    |---|---|
    | run_id | the run |
    | board | the board's name |
    | simulated | True: ticks are counted in a simulator and are not time |
    | workload, group | what was computed, and the group it belongs to |
    | language | `arduino` or `micropython` |
    | variant | how it was compiled and run, see bench/variants.py; headline: `Os` (arduino), `bytecode` (micropython) |
    | n | size, in the workload's unit of work |
    | sample | index of the timed block, from 0; it runs on through the code layouts, see bench/results.py |
    | loops | executions in the timed block |
    | ticks | length of the whole block, in `tick_unit`, the cost of measuring included |
    | tick_unit | `instruction` (retired), `cycle` or `us` |
    | checksum | the answer, eight hexadecimal digits, equal to the CPython reference |
    | image | build hash of the firmware that ran |

    `frame.attrs["run"]` holds run.json. A run that is not complete gives the measurements that are finished. Raises
    `bench.errors.InputError` where the folder is no run, its files are cut, damaged or do not belong together, or
    samples.csv is larger than MAX_BYTES.
    """
    folder = Path(path)
    facts = read_facts(folder)
    frame = _samples(folder, _content(folder, facts))
    labels = frame.groupby(list(KEY_COLUMNS), sort=False).ngroup()
    _check_no_duplicates(frame, labels, folder)
    frame = _finished(frame, labels, facts["settings"]["samples"], layouts_of(facts))
    codes, names = pd.factorize(frame["workload"])
    groups = {name: workload["group"] for name, workload in facts["workloads"].items()}
    frame.insert(
        1, "group", pd.Series([groups.get(name, "") for name in names], dtype="str").take(codes).set_axis(frame.index)
    )
    frame.insert(0, "run_id", facts["run_id"])
    frame.insert(1, "board", facts["board"]["name"])
    frame.insert(2, "simulated", facts["board"]["simulated"])
    run = RunFacts(facts)
    run.memory = tuple(_memory(folder, facts))
    run.folder = folder
    frame.attrs["run"] = run
    return frame


def load_memory(frame: pd.DataFrame) -> pd.DataFrame:
    """What the measurements of a run say about memory: a row each, for the frame of `load_run`.

    Columns: workload, language, variant, n; held, allocated, stack (bytes, <NA> where the board could not tell; see
    bench/memory_file.py for what they count). Without rows where the run recorded none.
    """
    rows = pd.DataFrame(getattr(frame.attrs["run"], "memory", ()), columns=list(memory_file.COLUMNS)).astype("str")
    for name in ("n", *memory_file.FIGURES):
        rows[name] = pd.to_numeric(rows[name], errors="coerce").astype("Int64")
    return rows.astype({"n": "int64"})


def _content(folder: Path, facts: dict[str, Any]) -> bytes:
    """The bytes of samples.csv, compared with what run.json vouches for; none where a running run has no such file."""
    source, recorded = folder / SAMPLES_FILE, facts.get("samples_file")
    try:
        size = source.stat().st_size
        if size > MAX_BYTES:
            raise InputError(
                f"{source}: expected at most {MAX_BYTES:,} bytes, got {size:,}: this is no run, or too large to load"
            )
        data = source.read_bytes()
    except OSError as error:
        if recorded is None:
            return b""  # read_rows says what is wrong
        raise InputError(f"cannot read {source}: {error.strerror}") from error
    if recorded is not None and hashlib.sha256(data).hexdigest() != recorded["sha256"]:
        rows = max(data.count(b"\n") - 1, 0)
        raise InputError(
            f"{source}: expected the {recorded['rows']} rows that run.json vouches for, got {rows} rows "
            "with another SHA-256: the file was cut or edited; restore it, or complete it with `bench run --resume`"
        )
    return data


def _memory(folder: Path, facts: dict[str, Any]) -> list[dict[str, str]]:
    """The rows of memory.csv; InputError where it is not the file that run.json vouches for."""
    recorded = facts.get("memory_file")
    source = folder / memory_file.NAME
    if recorded is not None:
        try:
            whole = hashlib.sha256(source.read_bytes()).hexdigest() == recorded["sha256"]
        except OSError as error:
            raise InputError(f"cannot read {source}: {error.strerror}") from error
        if not whole:
            raise InputError(
                f"{source}: expected the {recorded['rows']} rows that run.json vouches for: the file was cut or "
                "edited; restore it, or measure again"
            )
    return memory_file.read_rows(folder)


def _samples(folder: Path, data: bytes) -> pd.DataFrame:
    """The rows of samples.csv. InputError names the first line that is not a sample."""
    types = {column: "str" if column in _TEXT else "int64" for column in COLUMNS}
    if not _CLEAN.fullmatch(data):
        return pd.DataFrame(read_rows(folder), columns=list(COLUMNS)).astype(types)
    return pd.read_csv(io.BytesIO(data), dtype=types, na_filter=False, quoting=csv.QUOTE_NONE)


def _check_no_duplicates(frame: pd.DataFrame, labels: pd.Series, folder: Path) -> None:
    again = pd.DataFrame({"measurement": labels, "sample": frame["sample"]}).duplicated()
    if again.any():
        row = frame[again].iloc[0]
        raise InputError(
            f"{folder / SAMPLES_FILE}: sample {row['sample']} of {row['workload']} n={row['n']} in "
            f"{row['language']} stands twice: two runs were mixed; measure again"
        )


def _finished(frame: pd.DataFrame, labels: pd.Series, samples: int, layouts: int) -> pd.DataFrame:
    """The rows of the measurements, layout by layout, whose samples are all there, each sample standing once."""
    layout = frame["sample"] // samples
    units = labels * (layout.max() + 1) + layout
    whole = (frame.groupby(units)["sample"].transform("size") == samples) & (layout < layouts)
    return frame if whole.all() else frame[whole].reset_index(drop=True)
