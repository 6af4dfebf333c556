"""The anatomy of a run as pandas data frames, and its net figures: per execution, the cost of measuring subtracted."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.anatomy.rows import MEASUREMENT
from bench.anatomy.store import FOLDER, STACKS_FILE, TABLES, read_facts, read_table, text_columns
from bench.catalogue import OVERHEAD_WORKLOAD
from bench.errors import InputError
from bench.plan import KEY_COLUMNS
from bench.variants import HEADLINE_VARIANT

_WAY = ["language", "variant"]


@dataclass(frozen=True)
class Anatomy:
    """The tables of an anatomy. Counts are totals over the `loops` executions of one timed part.

    Each begins with workload, language, variant, n, loops.
    `functions`: function, component, cause, instructions, loads, stores, bytes_loaded, bytes_stored, branches_taken,
    branches_not_taken, jumps, calls, returns, multiplications, divisions, float_operations.
    `opcodes` (MicroPython): opcode, executions, instructions (until the next bytecode), loop_instructions (those in the
    interpreter itself). `opcode_pairs`: first, second, executions.
    `stacks`: path (functions, outermost first, with ";" between), instructions (of the last one itself).
    """

    facts: dict[str, Any]
    functions: pd.DataFrame
    opcodes: pd.DataFrame
    opcode_pairs: pd.DataFrame
    stacks: pd.DataFrame

    @cached_property
    def by_cause(self) -> pd.DataFrame:
        """`parts` by cause; not to be changed."""
        return parts(self.functions, "cause")

    @cached_property
    def by_component(self) -> pd.DataFrame:
        """`parts` by component; not to be changed."""
        return parts(self.functions, "component")


def load_anatomy(run: Path) -> Anatomy:
    """Load the anatomy of a run folder. InputError where it has none, or its files are damaged."""
    facts = read_facts(run)
    frames = [_table(run, name, facts) for name in TABLES]
    return Anatomy(facts, *frames)


def anatomy_of(frame: pd.DataFrame) -> Anatomy:
    """The anatomy of the run that a frame of `bench.load_run` was loaded from, loaded once.

    InputError where the run has none, or where it does not belong to the run's samples.
    """
    facts = frame.attrs["run"]
    folder = getattr(facts, "folder", None)
    if folder is None:
        raise InputError("the run was not loaded from a folder, so it has no anatomy")
    known = getattr(facts, "anatomy", None)
    if known is None:
        known = load_anatomy(folder)
        _check_belongs(known, frame, folder)
        facts.anatomy = known
    return known


def _check_belongs(anatomy: Anatomy, frame: pd.DataFrame, folder: Path) -> None:
    first = frame[frame["sample"] == 0]
    ticks = dict(zip(first[list(KEY_COLUMNS)].itertuples(index=False, name=None), first["ticks"], strict=True))
    for entry in anatomy.facts["measurements"]:
        if ticks.get(tuple(entry[column] for column in KEY_COLUMNS)) != entry["ticks"]:
            raise InputError(
                f"{folder}: the anatomy is not of this run's samples ({entry['workload']} differs): make it anew with "
                f"`bench anatomy {folder.name}`"
            )


def load_stacks(run: Path) -> pd.DataFrame:
    """Only the table of call paths of an anatomy, see `Anatomy`."""
    return _table(run, STACKS_FILE, read_facts(run))


def _table(run: Path, name: str, facts: Mapping[str, Any]) -> pd.DataFrame:
    text = set(text_columns(name))
    types = {column: "str" if column in text else "int64" for column in TABLES[name]}
    try:
        return pd.read_csv(io.BytesIO(read_table(run, name, facts)), dtype=types, na_filter=False)
    except ValueError as error:
        raise InputError(f"{run / FOLDER / name}: not a table of an anatomy: {error}; make it anew") from error


def net(functions: pd.DataFrame, by: str, count: str = "instructions") -> pd.DataFrame:
    """What each part of a measurement takes per execution, the cost of measuring subtracted, `empty` left out.

    `by`: component, cause or function. Columns: workload, language, variant, n, part, `count` (float). A measurement's
    parts add up to the figure of its first sample, which is the run's median where all samples are equal. Parts that
    are nothing after the subtraction are left out; one that `empty` has and the workload not is negative.
    InputError where `empty` was not profiled in a variant.
    """
    named = functions[[*MEASUREMENT, by, count]].rename(columns={by: "part"})
    totals = named.groupby([*MEASUREMENT, "part"], sort=False)[count].sum().reset_index()
    is_empty = totals["workload"] == OVERHEAD_WORKLOAD
    rows = totals[~is_empty]
    costs = _cost_of_measuring(totals[is_empty], count)
    measured = rows[list(MEASUREMENT)].drop_duplicates()
    known = set(costs[_WAY].itertuples(index=False, name=None))
    missing = set(measured[_WAY].itertuples(index=False, name=None)) - known
    if missing:
        raise InputError(
            f"the anatomy has no {OVERHEAD_WORKLOAD!r} at two sizes in {' '.join(sorted(missing)[0])}, which is "
            "subtracted from all others: make it anew"
        )
    subtracted = measured.merge(costs, on=_WAY)
    subtracted[count] = -(subtracted["fixed"] / subtracted["loops"] + subtracted["per_loop"])
    whole = pd.concat([rows.assign(**{count: rows[count] / rows["loops"]}), subtracted], ignore_index=True)
    sums = whole.groupby([*KEY_COLUMNS, "part"], sort=False)[count].sum().reset_index()
    place = sums.groupby(list(KEY_COLUMNS), sort=False).ngroup()
    order = place.sort_values(kind="stable").index
    kept = order[~np.isclose(sums.loc[order, count], 0.0, atol=1e-9)]
    return pd.DataFrame(sums.loc[kept]).reset_index(drop=True)


def parts(functions: pd.DataFrame, by: str = "component") -> pd.DataFrame:
    """What `net` gives for instructions, with `share` (of the measurement) and `times_cpp`.

    `times_cpp`: the part's instructions in those of the whole C++ program in its headline variant at the same n, so
    that the parts of bytecode add up to the overhead ratio; NaN where C++ was not profiled.
    """
    frame = net(functions, by)
    keys = list(KEY_COLUMNS)
    total = frame.groupby(keys, sort=False)["instructions"].transform("sum")
    frame["share"] = frame["instructions"] / total.where(total > 0)
    cpp = frame[(frame["language"] == "arduino") & (frame["variant"] == HEADLINE_VARIANT["arduino"])]
    whole = cpp.groupby(["workload", "n"], sort=False)["instructions"].sum().rename("cpp").reset_index()
    joined = frame.merge(whole, on=["workload", "n"], how="left")
    frame["times_cpp"] = (joined["instructions"] / joined["cpp"].where(joined["cpp"] > 0)).to_numpy()
    return frame


def _cost_of_measuring(empty: pd.DataFrame, count: str) -> pd.DataFrame:
    """What each part of an empty timed part takes: language, variant, part, `fixed` and `per_loop`.

    The line through the shortest and the longest one, as `bench.analysis.cost_of_measuring` has it for the whole.
    """
    tables = [pd.DataFrame(columns=[*_WAY, "part", "fixed", "per_loop"])]
    for (language, variant), rows in empty.groupby(_WAY, sort=False):
        first, last = rows["loops"].min(), rows["loops"].max()
        if first == last:
            continue
        table = rows.pivot_table(index="part", columns="loops", values=count, aggfunc="sum", fill_value=0)
        per_loop = (table[last] - table[first]) / (last - first)
        line = pd.DataFrame({"fixed": table[first] - per_loop * first, "per_loop": per_loop}).reset_index()
        tables.append(line.assign(language=str(language), variant=str(variant)))
    return pd.concat(tables[1:] or tables, ignore_index=True)
