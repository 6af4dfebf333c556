"""What another way of compiling recovers, and what the garbage collector costs: variants against headline variants."""

from __future__ import annotations

import pandas as pd

from bench.analysis import summarise
from bench.errors import InputError
from bench.plan import KEY_COLUMNS
from bench.variants import HEADLINE_VARIANT, NO_GC

_KEYS = ["workload", "language", "n"]
_COLUMNS = ["group", *KEY_COLUMNS, "headline", "median", "gain", "closed"]


def variant_gains(frame: pd.DataFrame) -> pd.DataFrame:
    """Every variant but the headline ones, each workload at the largest n that it shares with its headline variant.

    Columns: group, workload, language, variant, n; headline, median (ticks per execution of the headline variant and of
    this one); gain (headline / median: how many times cheaper); closed (MicroPython: the share of the distance between
    its headline variant and C++'s that this variant takes away, 1 = as cheap as C++; NaN for C++, and where C++'s
    headline variant has no figure at that n). InputError where no language was measured in a second variant.
    """
    summary = summarise(frame)
    summary = summary[summary["median"] > 0]
    is_headline = summary["variant"] == summary["language"].map(HEADLINE_VARIANT)
    base = summary.loc[is_headline, [*_KEYS, "median"]].rename(columns={"median": "headline"})
    rows = summary[~is_headline].merge(base, on=_KEYS)
    if rows.empty:
        raise InputError("the run has one variant a language: nothing to compare it with")
    rows = rows.loc[rows.groupby(["workload", "language", "variant"], sort=False)["n"].idxmax()]
    cpp = base.loc[base["language"] == "arduino", ["workload", "n", "headline"]].rename(columns={"headline": "cpp"})
    rows = rows.merge(cpp, on=["workload", "n"], how="left")
    rows["gain"] = rows["headline"] / rows["median"]
    distance = (rows["headline"] - rows["cpp"]).where(rows["language"] == "micropython")
    rows["closed"] = ((rows["headline"] - rows["median"]) / distance).where(distance > 0)
    return rows[_COLUMNS].reset_index(drop=True)


def other_compilations(gains: pd.DataFrame) -> pd.DataFrame:
    """The rows of `variant_gains` that differ from the headline variant in their compilation; the collector is on."""
    return gains[~gains["variant"].str.endswith(NO_GC)].reset_index(drop=True)


def collector_shares(gains: pd.DataFrame) -> pd.DataFrame:
    """What the garbage collector takes of bytecode's cost. Columns: group, workload, n, share (0 to 1)."""
    rows = gains[gains["variant"] == HEADLINE_VARIANT["micropython"] + NO_GC]
    share = 1 - rows["median"] / rows["headline"]
    return rows[["group", "workload", "n"]].assign(share=share).reset_index(drop=True)
