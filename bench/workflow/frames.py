"""The workflow of a run as pandas data frames."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench import results
from bench.errors import InputError
from bench.frames import RunFacts
from bench.workflow.parts import find_part, known_parts
from bench.workflow.store import FOLDER, parse_table, read_facts, read_table

_TYPES = {"str": "str", "int": "Int64", "float": "float64"}


def load_workflow(path: str | Path) -> dict[str, pd.DataFrame]:
    """The tables of the workflow of a run folder, by part, of the parts that were measured to their end."""
    run = Path(path)
    facts = read_facts(run)
    run_facts = RunFacts(results.read_facts(run))
    frames = {}
    for name in known_parts():
        if facts["parts"].get(name, {}).get("status") != "complete":
            continue
        part = find_part(name)
        rows = parse_table(read_table(run, part, facts), part, str(run / FOLDER / f"{name}.csv"))
        frame = pd.DataFrame(rows, columns=list(part.columns))
        frame = frame.astype({column: _TYPES[kind] for column, kind in part.columns.items()})
        frame.attrs["run"] = run_facts
        frame.attrs["workflow"] = facts
        frames[name] = frame
    return frames


def workflow_of(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The workflow of the run that a frame of `bench.load_run` was loaded from, loaded once.

    InputError where the run has none, or where it is of another board or of other images than its samples.
    """
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
