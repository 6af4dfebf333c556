"""The workflow of a run as pandas data frames."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench import results
from bench.errors import InputError
from bench.frames import RunFacts
from bench.workflow.parts import find_part, known_parts
from bench.workflow.store import COMPLETE, FOLDER, parse_table, read_facts, read_table

_TYPES = {"str": "str", "int": "Int64", "float": "float64"}


def load_workflow(path: str | Path) -> dict[str, pd.DataFrame]:
    """The tables of the workflow of a run folder: a tidy DataFrame for each part that was measured to its end.

    | part | a row |
    |---|---|
    | storage | bytes of an owner, a workload or a file in flash; how: measured, computed, by construction |
    | memory | bytes of a figure (see `bench.workflow.memory.FIGURES`), of an image (no workload) or of a workload |
    | compiling | what compiling a script on the board costs, against loading its .mpy and against C++ on the computer |
    | repl | the round trip of an expression, and the shortest way of Arduino's to try it |
    | io | lines, characters and the cost of an operation of a matched pair of I/O programs |
    | edit_to_run | a step from a saved change to the first line of output |

    Columns and their types are those of `bench.workflow.parts.find_part(name).columns`. Names tell units: `bytes`,
    `instructions` or `ticks` (of the board's tick unit; on a virtual board retired instructions, never time), `..._s`:
    seconds of wall time on the host, the median, with `..._iqr_s` (interquartile range) and `..._n` (repetitions)
    beside it. Where a column `how` says `computed`, the figure was not measured but worked out, as its row says. A
    number that is not known, or does not apply, is <NA> (int) or NaN (float).

    `frame.attrs["run"]` is run.json; `frame.attrs["workflow"]` is workflow.json, with the host that the part's wall
    times are of in `host`. Raises `bench.errors.InputError` where the run has nothing of the workflow, or a file of it
    is cut, edited or damaged, or of another run, board or image.
    """
    run = Path(path)
    run_facts = RunFacts(results.read_facts(run))
    facts = read_facts(run)
    same_images = all(
        facts["images"].get(language, mine["image"]) == mine["image"]
        for language, mine in run_facts["languages"].items()
    )
    if facts["run_id"] != run_facts["run_id"] or facts["board"] != run_facts["board"] or not same_images:
        raise InputError(
            f"{run / FOLDER} is of another run ({facts['run_id']!r:.60}): measure it with `bench workflow`"
        )
    frames = {}
    for name in known_parts():
        entry = facts["parts"].get(name, {})
        if entry.get("status") != COMPLETE:
            continue
        part = find_part(name)
        rows = parse_table(read_table(run, part, facts), part, str(run / FOLDER / f"{name}.csv"))
        frame = pd.DataFrame(rows, columns=list(part.columns))
        frame = frame.astype({column: _TYPES[kind] for column, kind in part.columns.items()})
        frame.attrs["run"] = run_facts
        frame.attrs["workflow"] = RunFacts({**facts, "host": entry["host"]})
        frames[name] = frame
    return frames


def workflow_of(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The workflow of the run that a frame of `bench.load_run` was loaded from, loaded once; see `load_workflow`."""
    facts = frame.attrs["run"]
    known: dict[str, pd.DataFrame] | None = getattr(facts, "workflow", None)
    if known is not None:
        return known
    folder = getattr(facts, "folder", None)
    if folder is None:
        raise InputError("the run was not loaded from a folder, so it has nothing of the workflow")
    known = load_workflow(folder)
    facts.workflow = known
    return known


def table_of(frame: pd.DataFrame, part: str) -> pd.DataFrame:
    """The table of a part, see `workflow_of`; InputError where the run has none."""
    tables = workflow_of(frame)
    if part not in tables:
        raise InputError(f"the run has no {part} of the workflow: measure it with `bench workflow --part {part}`")
    return tables[part]
