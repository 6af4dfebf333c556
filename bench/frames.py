"""A run as pandas data frames."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from bench.errors import InputError
from bench.results import COLUMNS, SAMPLES_FILE, finished_rows, read_facts, read_rows

_TEXT = ("workload", "language", "variant", "tick_unit", "checksum", "image")


def load_run(path: str | Path) -> pd.DataFrame:
    """The samples of a run folder, one row a timed block, in the order of the plan.

    | column | meaning |
    |---|---|
    | run_id | the run |
    | board | the board's name |
    | simulated | True: ticks are counted in a simulator and are not time |
    | workload, group | what was computed, and the group it belongs to |
    | language | `arduino` or `micropython` |
    | variant | `Os` (arduino), `bytecode` (micropython) |
    | n | size, in the workload's unit of work |
    | sample | index of the timed block, from 0 |
    | loops | executions in the timed block |
    | ticks | length of the whole block, in `tick_unit`, the cost of measuring included |
    | tick_unit | `instruction` (retired), `cycle` or `us` |
    | checksum | the answer, eight hexadecimal digits, equal to the CPython reference |
    | image | build hash of the firmware that ran |

    `frame.attrs["run"]` holds run.json. A run that is not complete gives the measurements that are finished. Raises
    `bench.errors.InputError` where the folder is no run, or its files are cut, damaged or do not belong together.
    """
    folder = Path(path)
    facts = read_facts(folder)
    _check_whole(folder, facts)
    _check_no_duplicates(read_rows(folder), folder)
    frame = pd.DataFrame(finished_rows(folder, facts), columns=list(COLUMNS))
    for column in COLUMNS:
        frame[column] = frame[column].astype("str" if column in _TEXT else "int64")
    groups = {name: workload["group"] for name, workload in facts["workloads"].items()}
    of_rows = [groups.get(name, "") for name in frame["workload"]]
    frame.insert(1, "group", pd.Series(of_rows, index=frame.index, dtype="str"))
    frame.insert(0, "run_id", facts["run_id"])
    frame.insert(1, "board", facts["board"]["name"])
    frame.insert(2, "simulated", facts["board"]["simulated"])
    frame.attrs["run"] = facts
    return frame


def _check_whole(folder: Path, facts: dict[str, Any]) -> None:
    recorded = facts.get("samples_file")
    if recorded is None:
        return  # still running, or killed: rows are checked one by one
    try:
        data = (folder / SAMPLES_FILE).read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {folder / SAMPLES_FILE}: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != recorded["sha256"]:
        rows = max(data.count(b"\n") - 1, 0)
        raise InputError(
            f"{folder / SAMPLES_FILE}: expected the {recorded['rows']} rows that run.json vouches for, got {rows} rows "
            "with another SHA-256: the file was cut or edited; restore it, or complete it with `bench run --resume`"
        )


def _check_no_duplicates(rows: Iterable[Mapping[str, str]], folder: Path) -> None:
    seen = set()
    for row in rows:
        sample = tuple(row[c] for c in ("workload", "language", "variant", "n", "sample"))
        if sample in seen:
            raise InputError(
                f"{folder / SAMPLES_FILE}: sample {row['sample']} of {row['workload']} n={row['n']} in "
                f"{row['language']} stands twice: two runs were mixed; measure again"
            )
        seen.add(sample)
