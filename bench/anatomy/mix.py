"""Which kinds of instructions a measurement executes, and how many bytes it moves between memory and registers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bench.analysis import geometric_mean, matched
from bench.anatomy.frames import net
from bench.anatomy.rows import MEASUREMENT
from bench.catalogue import load_catalogue
from bench.errors import InputError
from bench.frames import RunFacts
from bench.plan import KEY_COLUMNS
from bench.variants import HEADLINE_VARIANT

# Each instruction is of one kind. `integer` is what is left: arithmetic on integers, moves, constants.
KINDS: Mapping[str, str] = {
    "loads": "loads",
    "stores": "stores",
    "branches_taken": "branches taken",
    "branches_not_taken": "branches not taken",
    "jumps": "jumps",
    "calls": "calls",
    "returns": "returns",
    "multiplications": "multiplications",
    "divisions": "divisions",
    "float_operations": "float operations",
    "integer": "other integer work",
}
BYTES: Mapping[str, str] = {"bytes_loaded": "bytes loaded", "bytes_stored": "bytes stored"}
# What a table or a chart has room for, each the sum of some kinds.
CLASSES: Mapping[str, tuple[str, ...]] = {
    "loads": ("loads",),
    "stores": ("stores",),
    "branches taken": ("branches_taken",),
    "branches not taken": ("branches_not_taken",),
    "jumps, calls, returns": ("jumps", "calls", "returns"),
    "multiply, divide": ("multiplications", "divisions"),
    "float": ("float_operations",),
    "other integer work": ("integer",),
}


def instruction_mix(functions: pd.DataFrame, run: Mapping[str, Any]) -> pd.DataFrame:
    """How many instructions of each kind one execution of each measurement takes, without what measuring costs.

    `functions` is the table of an anatomy, `run` the run's run.json, which the result carries in its attrs. Columns:
    workload, language, variant, n, group, instructions, KINDS, which add up to it, and BYTES.
    """
    counts = ["instructions", *(kind for kind in KINDS if kind != "integer"), *BYTES]
    keys = list(KEY_COLUMNS)
    totals = functions.groupby(list(MEASUREMENT), sort=False)[counts].sum().reset_index()
    # Counts one below the other are parts, whose costs of measuring are subtracted at once.
    amounts = net(totals.melt(list(MEASUREMENT), counts, "count", "amount"), "count", "amount")
    table = amounts.pivot_table(index=keys, columns="part", values="amount", sort=False)
    table = (
        table.reindex(columns=counts).fillna(0.0).rename_axis(columns=None).reset_index()
    )  # nothing is left out there
    table["integer"] = table["instructions"] - table[[kind for kind in counts if kind in KINDS]].sum(axis=1)
    table["group"] = _groups(table["workload"], run)
    table = table[[*keys, "group", "instructions", *KINDS, *BYTES]]
    table.attrs["run"] = run if isinstance(run, RunFacts) else RunFacts(run)
    return table


def headline_mix(mix: pd.DataFrame) -> pd.DataFrame:
    """Each workload at the largest n that both languages have in their headline variants; others are left out.

    InputError where there is none.
    """
    kept = mix[(mix["variant"] == mix["language"].map(HEADLINE_VARIANT)) & (mix["instructions"] > 0)]
    both = kept[kept.groupby(["workload", "n"])["language"].transform("nunique") == len(HEADLINE_VARIANT)]
    rows = both[both["n"] == both.groupby("workload")["n"].transform("max")].reset_index(drop=True)
    if rows.empty:
        raise InputError("the anatomy has no workload in both languages at the same n: make it for both")
    return rows


def shares(mix: pd.DataFrame) -> pd.DataFrame:
    """The same rows: of each kind its share of the instructions, and the bytes moved by an instruction on average.

    Columns: workload, language, variant, n, group, instructions, KINDS, which add up to 1, and bytes_per_instruction.
    """
    table = mix.drop(columns=list(BYTES))
    whole = mix["instructions"].where(mix["instructions"] > 0)
    table[list(KINDS)] = mix[list(KINDS)].div(whole, axis=0)
    table["bytes_per_instruction"] = (mix["bytes_loaded"] + mix["bytes_stored"]) / whole
    return table


def mean_shares(mix: pd.DataFrame) -> pd.DataFrame:
    """By language: the arithmetic mean of each share over the matched workloads, so that the means add up to 1.

    `mix` is of `headline_mix`. Indexed by language; columns: KINDS, bytes_per_instruction (arithmetic mean, too) and
    workloads (how many).
    """
    rows = matched(shares(mix))
    by_language = rows.groupby("language", sort=False)
    means = by_language[[*KINDS, "bytes_per_instruction"]].mean()
    return means.assign(workloads=by_language.size())


def times_cpp(mix: pd.DataFrame) -> pd.DataFrame:
    """How many times as many of each kind MicroPython executes as C++: geometric means over the matched workloads.

    `mix` is of `headline_mix`. A workload of which C++ or MicroPython has none of a kind is not in that kind's mean.
    Columns: count (instructions, a kind, bytes_loaded or bytes_stored), ratio, spread, workloads.
    """
    rows = matched(mix)
    sides = {language: rows[rows["language"] == language].set_index("workload") for language in HEADLINE_VARIANT}
    found = []
    for count in ("instructions", *KINDS, *BYTES):
        mine, cpp = sides["micropython"][count], sides["arduino"][count]
        # Less than one in an execution is a share of what happens now and then, or of the cost of measuring.
        mean = geometric_mean((mine / cpp)[(mine >= 1) & (cpp >= 1)])
        found.append({"count": count, "ratio": mean.value, "spread": mean.spread, "workloads": mean.count})
    return pd.DataFrame(found)


def classes(table: pd.DataFrame) -> pd.DataFrame:
    """The sums of CLASSES in rows of `instruction_mix`, `shares` or `mean_shares`, with the same index."""
    return pd.DataFrame({name: table[list(kinds)].sum(axis=1) for name, kinds in CLASSES.items()}, index=table.index)


def _groups(workloads: pd.Series, run: Mapping[str, Any]) -> list[str]:
    """The group of each workload as the run has it, or else as the catalogue has."""
    known = {name: workload.group for name, workload in load_catalogue().items()}
    known |= {str(name): str(facts.get("group", "")) for name, facts in run.get("workloads", {}).items()}
    return [known.get(name, "") for name in workloads]
