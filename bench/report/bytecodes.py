"""The report's tables of bytecodes: which take most, and which follow each other."""

from __future__ import annotations

from bench.analysis import matched
from bench.anatomy.frames import anatomy_of
from bench.catalogue import OVERHEAD_WORKLOAD
from bench.charts import anatomy_data, anatomy_opcodes
from bench.errors import InputError
from bench.labels import share_text
from bench.report.blocks import Cell, Table, clean
from bench.report.figures import RunFigures, number
from bench.variants import HEADLINE_VARIANT

_OPCODES = 30  # rows of each table


def opcode_table(figures: RunFigures) -> list[Table]:
    """The bytecodes that take most; none where the run has no bytecode."""
    try:
        opcodes = anatomy_opcodes.figures(anatomy_data.opcodes(figures.frame)).head(_OPCODES)
    except InputError:
        return []
    rows = [
        (
            Cell(clean(row["opcode"])),
            Cell(share_text(row["executed"]), number(row["executed"])),
            Cell(f"{row['each']:.0f}", number(row["each"])),
            Cell(f"{row['each_loop']:.0f}", number(row["each_loop"])),
            Cell(share_text(row["share"]), number(row["share"])),
        )
        for row in opcodes.to_dict("records")
    ]
    return [
        Table(
            caption="Bytecodes, all matched workloads of the same weight: how often, the instructions of one from its "
            "dispatch to the next one's with all that it calls, those of them in the interpreter's loop itself, and "
            f"the share of all instructions. {figures.origin}",
            columns=("bytecode", "executed", "instructions each", "in the loop itself", "of all instructions"),
            numeric=(False, True, True, True, True),
            rows=tuple(rows),
            folded=f"Table of the {len(rows)} bytecodes that take most",
        )
    ]


def pair_table(figures: RunFigures) -> list[Table]:
    """The pairs of bytecodes that are executed most; none where the run has no bytecode."""
    pairs = anatomy_of(figures.frame).opcode_pairs
    groups = {name: str(facts.get("group", "")) for name, facts in figures.run["workloads"].items()}
    rows = pairs[pairs["variant"] == HEADLINE_VARIANT["micropython"]]
    rows = rows[rows["n"] == rows.groupby("workload")["n"].transform("max")]
    rows = matched(rows.assign(group=rows["workload"].map(groups)))
    rows = rows[rows["workload"] != OVERHEAD_WORKLOAD]
    if rows.empty:
        return []
    names = [anatomy_opcodes.without_operand(rows[column]) for column in ("first", "second")]
    share = rows["executions"] / rows.groupby("workload")["executions"].transform("sum") / rows["workload"].nunique()
    table = share.groupby([names[0].rename("first"), names[1].rename("second")]).sum().rename("share").reset_index()
    table = table.sort_values(["share", "first", "second"], ascending=[False, True, True]).head(_OPCODES)
    cells = [
        (
            Cell(f"{clean(row['first'])} → {clean(row['second'])}"),
            Cell(share_text(row["share"]), number(row["share"])),
        )
        for row in table.to_dict("records")
    ]
    return [
        Table(
            caption="Bytecodes that follow each other, their operands left out, in all matched workloads of the same "
            f"weight: the share of all executed pairs. {figures.origin}",
            columns=("bytecodes", "executed"),
            numeric=(False, True),
            rows=tuple(cells),
            folded=f"Table of the {len(cells)} pairs of bytecodes that are executed most",
        )
    ]
