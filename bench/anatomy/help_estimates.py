"""What would help: how many of bytecode's instructions each remedy removes, measured where a variant shows it.

Three remedies are variants that were measured: native, viper, the collector off. What no variant shows is computed from
the parts, as a bound from above, and says so in `kind`:

- no_collector, where the run has no `bytecode-nogc`: all of the component `collection`.
- wide_int, small ints wide enough for the program's integers: all of the cause `integer_width`. What the same
  operations would cost as small ints is not subtracted, so the true saving is smaller.
- unboxed_float, floats that need no object: all of the cause `boxing`, likewise, in workloads that compute with floats
  (in the others, boxing is the making of small integers).

Big integers and boxed floats are garbage for the collector, which without them might never run. So both bounds hold all
of `collection` too, else they would be none; two bounds of one workload must not be added.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from bench.errors import InputError
from bench.labels import share_text
from bench.variants import HEADLINE_VARIANT, NO_GC

MEASURED, COMPUTED = "measured", "computed"
# Each remedy in the order in which it is shown: a short name and what it means.
REMEDIES: Mapping[str, tuple[str, str]] = {
    "native": ("native", "the same source, compiled by the native emitter"),
    "viper": ("viper", "the timed functions rewritten for the viper emitter"),
    "no_collector": ("no GC", "the garbage collector off in the timed part"),
    "wide_int": ("wider small int", "small integers wide enough for the program's"),
    "unboxed_float": ("unboxed floats", "floats that need no object on the heap"),
}
COLUMNS = ["workload", "n", "remedy", "kind", "saved_share", "instructions_saved"]
_BYTECODE = HEADLINE_VARIANT["micropython"]
_MEASURED_AS = {"native": "native", "viper": "viper", "no_collector": _BYTECODE + NO_GC}
_CAUSES = {"wide_int": "integer_width", "unboxed_float": "boxing"}


def help_estimates(components: pd.DataFrame, causes: pd.DataFrame) -> pd.DataFrame:
    """What each remedy saves of bytecode's instructions, each workload at its largest n.

    The arguments are `bench.anatomy.frames.parts` by component and by cause. Columns: workload, n, remedy (a key of
    `REMEDIES`), kind ("measured", or "computed": at most so much), saved_share (of bytecode's instructions, below 0
    where a remedy costs more), instructions_saved (per execution). A remedy without a figure has no row; where a
    workload has nothing that a computed remedy would remove, the row says 0. InputError where there is no bytecode.
    """
    mine = components[components["language"] == "micropython"]
    sums = mine.groupby(["workload", "n", "variant"], sort=False)["instructions"].sum()
    totals = pd.DataFrame(sums.unstack("variant", sort=False))
    if _BYTECODE not in totals.columns or totals[_BYTECODE].dropna().empty:
        raise InputError("the anatomy has no figures of MicroPython's bytecode: measure it with `bench anatomy`")
    totals = totals[totals[_BYTECODE] > 0]
    sizes = totals.index.to_frame(index=False)
    totals = totals[(sizes["n"] == sizes.groupby("workload")["n"].transform("max")).to_numpy()]
    whole = totals[_BYTECODE]
    collecting = _part(components, "collection").reindex(whole.index).fillna(0.0)
    floats = _part(components, "float").reindex(whole.index).fillna(0.0)
    found = []
    for remedy in REMEDIES:
        variant = _MEASURED_AS.get(remedy, "")
        if variant in totals.columns:
            found.append(_rows(remedy, MEASURED, (whole - totals[variant]).dropna(), whole))
        if remedy == "no_collector":
            known = totals.index[totals[variant].notna()] if variant in totals.columns else totals.index[:0]
            found.append(_rows(remedy, COMPUTED, collecting.drop(known), whole))
        if remedy in _CAUSES:
            part = _part(causes, _CAUSES[remedy]).reindex(whole.index).fillna(0.0)
            concerned = (part > 0) & (floats > 0) if remedy == "unboxed_float" else part > 0
            found.append(_rows(remedy, COMPUTED, (part + collecting).where(concerned, 0.0), whole))
    rows = pd.concat([each for each in found if len(each)], ignore_index=True)
    order = {key: place for place, key in enumerate(whole.index)}
    ranks = [order[key] for key in zip(rows["workload"], rows["n"], strict=True)]
    rows = rows.assign(rank=ranks).sort_values("rank", kind="stable").drop(columns="rank").reset_index(drop=True)
    rows.attrs = dict(components.attrs)
    return rows


def saved_text(row: Mapping[str, object]) -> str:
    """What a remedy saves, for a cell: 57 % where it was measured, ≤ 36 % where it was computed."""
    share = float(row["saved_share"])  # type: ignore[arg-type]
    if row["kind"] == MEASURED:
        return share_text(share)
    return "0 %" if share == 0 else f"≤ {share_text(share)}"


def _part(parts: pd.DataFrame, part: str) -> pd.Series:
    """The instructions of one part of bytecode, by workload and n, none below zero."""
    rows = parts[(parts["language"] == "micropython") & (parts["variant"] == _BYTECODE) & (parts["part"] == part)]
    return rows.groupby(["workload", "n"])["instructions"].sum().clip(lower=0)


def _rows(remedy: str, kind: str, saved: pd.Series, whole: pd.Series) -> pd.DataFrame:
    shares = saved / whole.reindex(saved.index)
    keys = saved.index.to_frame(index=False)
    return keys.assign(remedy=remedy, kind=kind, saved_share=shares.to_numpy(), instructions_saved=saved.to_numpy())[
        COLUMNS
    ]
