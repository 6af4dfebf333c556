"""The anatomy of a run as a table for a terminal."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from bench.anatomy.attribution import CAUSES, COMPONENTS
from bench.anatomy.frames import Anatomy, parts
from bench.catalogue import OVERHEAD_WORKLOAD
from bench.labels import printable, ratio_text, share_text, ticks_text
from bench.plan import KEY_COLUMNS
from bench.variants import HEADLINE_VARIANT

SHOWN = 5  # parts of a measurement in its row
_LEAST_SHARE = 0.005


def anatomy_table(anatomy: Anatomy, by: str) -> Table:
    """What the parts of each measurement take, the largest first; `by`: component, cause, function or opcode."""
    is_opcode = by == "opcode"
    frame = _opcode_parts(anatomy.opcodes) if is_opcode else parts(anatomy.functions, by)
    labels: Mapping[str, str] = {"component": COMPONENTS, "cause": CAUSES}.get(by, {})
    table = Table(
        title=f"Where the instructions of one execution go, by {by}",
        box=SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    table.add_column("workload", no_wrap=True)
    table.add_column("n", justify="right", no_wrap=True)
    if not is_opcode:
        table.add_column("variant", no_wrap=True)
        table.add_column("× C++", justify="right", no_wrap=True)
    table.add_column("instructions", justify="right", no_wrap=True)
    table.add_column("of these", ratio=1)
    for (workload, _, variant, n), rows in frame.groupby(list(KEY_COLUMNS), sort=False):
        cells = [escape(str(workload)), str(n)]
        if not is_opcode:
            cells += [escape(str(variant)), ratio_text(rows["times_cpp"].sum(min_count=1))]
        table.add_row(*cells, ticks_text(rows["instructions"].sum()), _largest(rows, labels))
    subtracted = "of MicroPython's bytecode, with what measuring costs" if is_opcode else "without what measuring costs"
    simulator = escape(printable(anatomy.facts["simulator"]))
    table.caption = f"retired instructions, simulated ({simulator}), {subtracted}"
    return table


def _largest(rows: pd.DataFrame, labels: Mapping[str, str]) -> str:
    shown = rows.sort_values("share", ascending=False, kind="stable").head(SHOWN)
    texts = [
        f"{escape(labels.get(str(part), str(part)))} {share_text(share)}"
        for part, share in zip(shown["part"], shown["share"], strict=True)
        if share >= _LEAST_SHARE
    ]
    return ", ".join(texts)


def _opcode_parts(opcodes: pd.DataFrame) -> pd.DataFrame:
    """As `parts`, of the bytecodes of the headline variant."""
    kept = (opcodes["variant"] == HEADLINE_VARIANT["micropython"]) & (opcodes["workload"] != OVERHEAD_WORKLOAD)
    frame = opcodes[kept].rename(columns={"opcode": "part"})
    frame["instructions"] = frame["instructions"] / frame["loops"]
    frame["share"] = frame["instructions"] / frame.groupby(list(KEY_COLUMNS))["instructions"].transform("sum")
    return frame
