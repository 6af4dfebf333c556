"""The anatomy of a run as a table for a terminal."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from bench.anatomy.attribution import CAUSES, COMPONENTS
from bench.anatomy.frames import Anatomy, parts
from bench.catalogue import OVERHEAD_WORKLOAD
from bench.labels import printable, ratio_text, share_text, ticks_text
from bench.plan import KEY_COLUMNS, Key
from bench.variants import HEADLINE_VARIANT

_COUNTED = {"pair": "bytecodes"}  # instructions in all other tables
SHOWN = 5  # parts of a measurement in its row
_LEAST_SHARE = 0.005
_SHORT = {
    "work": "work",
    "interpreting": "interpr.",
    "dynamic_typing": "types",
    "boxing": "boxes",
    "memory_management": "memory",
    "integer_width": "width",
    "library": "library",
}


def anatomy_table(anatomy: Anatomy, by: str, wanted: Collection[Key]) -> Table:
    """What the parts of each measurement that is wanted take; `by`: component, cause, function, opcode or pair.

    A column for each cause, else the largest parts. C++ has rows of its own only by function: it is one component. Of
    pairs of bytecodes it is told how often they were executed, not what they take.
    """
    frame = _parts_of(anatomy, by)
    if by != "function":
        frame = frame[frame["language"] == "micropython"]
    keys = zip(*(frame[column] for column in KEY_COLUMNS), strict=True)
    frame = frame[[key in wanted for key in keys]]
    table = Table(
        title="Bytecodes that follow each other in one execution"
        if by == "pair"
        else f"Where the instructions of one execution go, by {by}",
        box=SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    table.add_column("workload", no_wrap=True)
    facts_shown = _facts_of(frame, by)
    for name in facts_shown:
        table.add_column(name, justify="left" if name == "variant" else "right", no_wrap=True)
    causes = [cause for cause in CAUSES if cause in set(frame["part"])] if by == "cause" else []
    for cause in causes:
        table.add_column(f"{_SHORT.get(cause, escape(cause))}\n%", justify="right", no_wrap=True)
    if by != "cause":
        table.add_column("of these", ratio=1)
    order = {name: place for place, name in enumerate(frame["workload"].unique())}
    measured = sorted(frame.groupby(list(KEY_COLUMNS), sort=False), key=lambda item: order[item[0][0]])
    for (workload, _, variant, n), rows in measured:
        facts = {
            "n": str(n),
            "variant": escape(str(variant)),
            "× C++": ratio_text(rows["times_cpp"].sum(min_count=1)) if "times_cpp" in rows else "",
            _COUNTED.get(by, "instructions"): ticks_text(rows["instructions"].sum()),
        }
        shares = dict(zip(rows["part"], rows["share"], strict=True))
        cells = [f"{100 * shares[cause]:.0f}" if shares.get(cause, 0) >= _LEAST_SHARE else "-" for cause in causes]
        cells += [] if by == "cause" else [_largest(rows, COMPONENTS if by == "component" else {})]
        table.add_row(escape(str(workload)), *(facts[name] for name in facts_shown), *cells)
    subtracted = "with what measuring costs" if by in ("opcode", "pair") else "without what measuring costs"
    if causes:
        subtracted += "; " + ", ".join(f"{_SHORT[c]}: {CAUSES[c]}" for c in causes if _SHORT.get(c, c) != CAUSES[c])
    counted = "bytecodes" if by == "pair" else "retired instructions"
    table.caption = f"{counted}, simulated ({escape(printable(anatomy.facts['simulator']))}), {subtracted}"
    return table


def headline_keys(anatomy: Anatomy) -> set[Key]:
    """The measurements in the headline variants, each workload at the largest n that was profiled."""
    keys = set(anatomy.functions[list(KEY_COLUMNS)].drop_duplicates().itertuples(index=False, name=None))
    largest: dict[str, int] = {}
    for workload, _, _, n in keys:
        largest[workload] = max(n, largest.get(workload, 0))
    return {key for key in keys if key[2] == HEADLINE_VARIANT[key[1]] and key[3] == largest[key[0]]}


def _facts_of(frame: pd.DataFrame, by: str) -> tuple[str, ...]:
    if by in ("opcode", "pair"):
        return "n", _COUNTED.get(by, "instructions")
    variant = ("variant",) if frame["variant"].nunique() > 1 else ()
    return "n", *variant, "× C++", *(("instructions",) if by != "cause" else ())


def _largest(rows: pd.DataFrame, labels: Mapping[str, str]) -> str:
    shown = rows.sort_values("share", ascending=False, kind="stable").head(SHOWN)
    texts = [
        f"{escape(labels.get(str(part), str(part)))} {share_text(share)}"
        for part, share in zip(shown["part"], shown["share"], strict=True)
        if share >= _LEAST_SHARE
    ]
    return ", ".join(texts)


def _parts_of(anatomy: Anatomy, by: str) -> pd.DataFrame:
    if by == "opcode":
        return _opcode_parts(anatomy.opcodes.rename(columns={"opcode": "part"}), "instructions")
    if by == "pair":
        pairs = anatomy.opcode_pairs
        names = pairs["first"] + " → " + pairs["second"]
        return _opcode_parts(pairs.assign(part=names, instructions=pairs["executions"]), "executions")
    return parts(anatomy.functions, by)


def _opcode_parts(opcodes: pd.DataFrame, count: str) -> pd.DataFrame:
    """As `parts`, of the bytecodes of the headline variant; `instructions` is what `count` has, per execution."""
    kept = (opcodes["variant"] == HEADLINE_VARIANT["micropython"]) & (opcodes["workload"] != OVERHEAD_WORKLOAD)
    frame = opcodes[kept].assign(instructions=opcodes[count] / opcodes["loops"])
    frame["share"] = frame["instructions"] / frame.groupby(list(KEY_COLUMNS))["instructions"].transform("sum")
    return frame
