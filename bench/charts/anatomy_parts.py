"""Causes and components as every chart of the anatomy names, orders and colours them, and the rows that they draw.

The colours were searched for: under simulated protanopia, deuteranopia and tritanopia (Machado 2009) as with full
colour vision, two causes are 19 or more apart (CIE 1976), two components 12, and two that touch in a stack 24.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from bench.anatomy import attribution
from bench.errors import InputError
from bench.labels import LANGUAGE_NAMES, share_text
from bench.variants import HEADLINE_VARIANT

CPP = f"{LANGUAGE_NAMES['arduino']} -{HEADLINE_VARIANT['arduino']}"
COUNTED = "instructions, simulated (QEMU)"  # said wherever a figure of the anatomy is shown
REST = "rest"  # parts too small for a colour of their own
_UNKNOWN = "#AAB0B6"
# In the order in which they are stacked: a colour each.
_CAUSE_COLOURS: Mapping[str, str] = {
    "work": "#015FAA",
    "interpreting": "#C14F00",
    "dynamic_typing": "#EDAF57",
    "boxing": "#F3E436",
    "memory_management": "#319466",
    "integer_width": "#A24482",
    "library": "#7DC7F3",
    "other": "#9BA1A7",
}
_COMPONENT_COLOURS: Mapping[str, str] = {
    "workload": "#178ABA",
    "machine_code": "#4A3AA7",
    "bytecode_loop": "#D35D00",
    "calls": "#F6B179",
    "lookup": "#8E2804",
    "small_int": "#E09731",
    "float": "#F4E53E",
    "big_int": "#D257BF",
    "containers": "#663774",
    "iteration": "#D4AADC",
    "exceptions": "#7A1F4B",
    "allocation": "#14AB7E",
    "collection": "#1E6117",
    "memory_copy": "#A0CDB0",
    "soft_float": "#43B5F2",
    "library": "#BDE8FF",
    "hardware": "#1B6496",
    "qstr": "#B418FC",
    # Only where a program is loaded, never beside a workload: they share colours with what does not run then.
    "lexer": "#178ABA",
    "parser": "#4A3AA7",
    "compiler": "#D257BF",
    "emitter": "#BDE8FF",
    "runner": "#6B6767",
    "other": "#AAB0B6",
}
CAUSES = {key: (attribution.CAUSES.get(key, key), fill) for key, fill in _CAUSE_COLOURS.items()}
COMPONENTS = {key: (attribution.COMPONENTS.get(key, key), fill) for key, fill in _COMPONENT_COLOURS.items()}
_ALL: Mapping[str, tuple[str, str]] = {**COMPONENTS, **CAUSES}
_ORDER = {name: place for place, name in enumerate([*CAUSES, *(name for name in COMPONENTS if name not in CAUSES)])}
_COMPONENT_ORDER = {name: place for place, name in enumerate(COMPONENTS)}


def label(part: str) -> str:
    """A cause or component in words; of one that is not in the tables, its key."""
    if part == REST:
        return "small parts together"
    return _ALL.get(part, (part.replace("_", " "), ""))[0]


def colour(part: str, *, by: str) -> str:
    """The fill of a part, the same in every chart; `by` is "cause" or "component"."""
    return (CAUSES if by == "cause" else COMPONENTS).get(part, ("", _UNKNOWN))[1]


def ink(fill: str) -> str:
    """Black or white, whichever is read better on a fill."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in
              (int(fill[place : place + 2], 16) / 255 for place in (1, 3, 5))]  # fmt: skip
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (light + 0.05) ** 2 > 1.05 * 0.05 else "#ffffff"


def stacked(parts: Iterable[str], *, by: str) -> list[str]:
    """Parts in the order of the stack: unknown ones and the rest at the end."""
    order = _ORDER if by == "cause" else _COMPONENT_ORDER
    return sorted(set(parts), key=lambda part: (part == REST, order.get(part, len(order)), part))


def kind_of(parts: pd.DataFrame) -> str:
    """Whether a frame of `bench.anatomy.frames.parts` is by "cause" or by "component"."""
    known = set(parts["part"])
    return "cause" if len(known & set(CAUSES)) >= len(known & set(COMPONENTS)) else "component"


def compared(parts: pd.DataFrame, variants: Iterable[str] = (HEADLINE_VARIANT["micropython"],)) -> pd.DataFrame:
    """MicroPython's rows of these variants that have C++ beside them, each workload at its largest such n.

    Adds `group`, and `total`: the measurement's instructions over C++'s, the sum of its parts. Parts that the
    subtracted cost of measuring brought below zero are kept. InputError where there is none.
    """
    wanted = list(variants)
    rows = parts[(parts["language"] == "micropython") & parts["variant"].isin(wanted)].dropna(subset="times_cpp")
    rows = rows[rows["times_cpp"].abs() < float("inf")]
    base = rows[rows["variant"] == HEADLINE_VARIANT["micropython"]]
    rows = rows[rows["n"] == rows["workload"].map(base.groupby("workload")["n"].max())]
    if rows.empty:
        raise InputError(
            "the anatomy has no workload of MicroPython's bytecode with C++ beside it: measure both, `bench anatomy`"
        )
    groups = {name: facts.get("group", "") for name, facts in run_of(parts).get("workloads", {}).items()}
    total = rows.groupby(["workload", "variant"])["times_cpp"].transform("sum")
    rows = rows.assign(group=rows["workload"].map(lambda name: groups.get(name) or "other"), total=total)
    rows.attrs = dict(parts.attrs)
    columns = ["group", "workload", "n", "variant", "part", "instructions", "share", "times_cpp", "total"]
    return rows.loc[rows["total"] > 0, columns].reset_index(drop=True)


def without_small(rows: pd.DataFrame, least: float = 0.03) -> pd.DataFrame:
    """The rows with all parts that are in no measurement `least` of its whole put together as one."""
    largest = rows.groupby("part")["share"].max()
    small = set(largest.index[largest < least])
    if len(small) < 2:
        return rows
    keys = [name for name in rows.columns if name not in ("instructions", "share", "times_cpp")]
    merged = rows.assign(part=rows["part"].where(~rows["part"].isin(small), REST))
    merged = merged.groupby(keys, sort=False, as_index=False)[["instructions", "share", "times_cpp"]].sum()
    merged.attrs = dict(rows.attrs)
    return merged


def table_of(rows: pd.DataFrame, values: str, *, by: str) -> pd.DataFrame:
    """A row a measurement (workload, variant), a column a part in the order of the stack; nothing is below zero."""
    wide = rows.pivot_table(index=["workload", "variant"], columns="part", values=values, aggfunc="sum", sort=False)
    return wide.reindex(columns=stacked(wide.columns, by=by)).fillna(0.0).clip(lower=0)


def run_of(frame: pd.DataFrame) -> Mapping[str, Any]:
    """run.json of the run that a frame of the anatomy belongs to. InputError where the frame does not carry it."""
    run = frame.attrs.get("run")
    if run is None:
        raise InputError('the frame does not say which run it is of: expected run.json in frame.attrs["run"]')
    facts: Mapping[str, Any] = run
    return facts


def shares_in_words(rows: pd.DataFrame, least: float = 0.01) -> str:
    """The parts of one measurement from `least` on, the largest first: interpreting 31 %, boxing 12 %."""
    large = rows[rows["share"] >= least].sort_values("share", ascending=False, kind="stable")
    return ", ".join(f"{label(row['part'])} {share_text(row['share'])}" for row in large.to_dict("records"))
