"""The report's section on where the instructions go, and the flame graph of each workload."""

from __future__ import annotations

import pandas as pd

from bench.analysis import matched
from bench.anatomy.attribution import CAUSES, COMPONENTS, TABLE
from bench.anatomy.frames import anatomy_of
from bench.anatomy.help_estimates import REMEDIES, saved_text
from bench.catalogue import OVERHEAD_WORKLOAD
from bench.charts import anatomy_data
from bench.errors import InputError
from bench.labels import ratio_text, share_text
from bench.report.blocks import Block, Bullets, Cell, Chart, Section, Table, Text, clean
from bench.report.bytecodes import opcode_table, pair_table
from bench.report.figures import RunFigures, number
from bench.variants import HEADLINE_VARIANT

FLAME = "flame"  # the name of a chart that is drawn for one workload
_BYTECODE = HEADLINE_VARIANT["micropython"]
_CHARTS = ("anatomy", "anatomy_shares", "anatomy_components", "anatomy_variants", "anatomy_help", "anatomy_opcodes",
           "mix")  # fmt: skip
_FUNCTIONS = 40  # rows of the table of functions
_LITTLE, _MUCH = 0.01, 0.05  # of a workload's instructions


def anatomy(figures: RunFigures) -> Section | None:
    """Where the instructions go: by cause, component, bytecode, function; None where the run has no anatomy."""
    try:
        measured = anatomy_of(figures.frame)
        causes = measured.by_cause
    except InputError:
        return None
    blocks: list[Block] = [Text(_method(figures)), Bullets(_in_words(causes, figures)), *figures.charts(*_CHARTS)]
    blocks += [
        _shares_table(causes, CAUSES, "cause", figures),
        _shares_table(measured.by_component, COMPONENTS, "component", figures),
        *_help_table(figures),
        *opcode_table(figures),
        *pair_table(figures),
        _function_table(measured.functions, figures),
        Bullets(tuple(f"{label}: {clean(TABLE.cause_reasons[key])}" for key, label in CAUSES.items())),
    ]
    return Section(figures.anchor("anatomy"), "Anatomy: where the instructions go", tuple(blocks))


def flame(figures: RunFigures, workload: str) -> list[Chart]:
    """The flame graph of a workload's bytecode, where the run has an anatomy of it."""
    try:
        measured = anatomy_of(figures.frame).functions
    except InputError:
        return []
    mine = measured[(measured["workload"] == workload) & (measured["variant"] == _BYTECODE)]
    if mine.empty:
        return []
    largest = mine[mine["n"] == mine["n"].max()]
    total = largest["instructions"].sum()
    shares = largest.groupby("component")["instructions"].sum().sort_values(ascending=False) / total
    words = ", ".join(f"{COMPONENTS.get(str(part), str(part))} {share_text(share)}" for part, share in shares.items())
    return [
        Chart(
            figures.place,
            FLAME,
            f"Flame graph of MicroPython's bytecode at n = {largest['n'].iloc[0]}: each bar is a function, as wide as "
            "the instructions that it and what it calls take, above the one that called it; "
            f"coloured by component. ↻: calls of itself are put together. {figures.origin}",
            f"Flame graph of {clean(workload)} in MicroPython. Its instructions by component: {words}.",
            workload,
            "Flame graph: which functions of MicroPython its instructions go to",
        )
    ]


def _method(figures: RunFigures) -> str:
    return (
        "Every instruction between the two readings of the board's counter was counted and attributed, by a plugin "
        "that leaves the counts as they are: the sum of each profile equals the run's own count. A cause is what would "
        "have to be different for its instructions to vanish; it is a way of speaking, and docs/anatomy.md says how "
        f"each was chosen. {figures.origin}"
    )


def _in_words(causes: pd.DataFrame, figures: RunFigures) -> tuple[str, ...]:
    """The shares of the causes over the matched workloads, and where each is largest."""
    rows = _headline(causes)
    groups = {name: str(facts.get("group", "")) for name, facts in figures.run["workloads"].items()}
    rows = matched(rows.assign(group=rows["workload"].map(groups)))
    table = rows.pivot_table(index="workload", columns="part", values="share", aggfunc="sum").fillna(0.0)
    medians = table.median().sort_values(ascending=False)
    found = []
    for cause, median in medians.items():
        most = str(table[cause].idxmax())
        label = CAUSES.get(str(cause), str(cause))
        many = int((table[cause] > _MUCH).sum())
        usual = (
            f"{share_text(median)} of MicroPython's instructions in the median of {len(table)} workloads"
            if median > _LITTLE
            else f"little in most workloads, more than {share_text(_MUCH)} in {many} of {len(table)}"
        )
        found.append(
            f"{label[:1].upper()}{label[1:]}: {usual}, at most {share_text(table[cause].max())} ({clean(most)})."
        )
    return tuple(found)


def _headline(frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame[(frame["language"] == "micropython") & (frame["variant"] == _BYTECODE)]
    return rows[rows["n"] == rows.groupby("workload")["n"].transform("max")]


def _shares_table(frame: pd.DataFrame, labels: dict[str, str], what: str, figures: RunFigures) -> Table:
    """A row a workload and variant, a column a part that any of them has."""
    rows = frame[frame["language"] == "micropython"]
    shown = [key for key in labels if (rows.loc[rows["part"] == key, "share"].abs() >= 0.0005).any()]
    cells = []
    for (workload, variant, n), mine in rows.groupby(["workload", "variant", "n"], sort=False):
        shares = dict(zip(mine["part"], mine["share"], strict=True))
        times = float(mine["times_cpp"].sum(min_count=1))
        cells.append(
            (
                Cell(clean(workload)),
                Cell(clean(variant)),
                Cell(str(n), number(int(str(n)))),
                Cell(ratio_text(times), number(times)),
                *(Cell(share_text(shares[key]), number(shares[key])) if key in shares else Cell("-") for key in shown),
            )
        )
    return Table(
        caption=f"Share of each {what} in MicroPython's instructions of one execution, without the cost of measuring; "
        f"× C++: instructions over those of C++ -Os. {figures.origin}",
        columns=("workload", "variant", "n", "× C++", *(labels[key] for key in shown)),
        numeric=(False, False, True, True, *(True for _ in shown)),
        rows=tuple(cells),
        folded=f"Table of every {what} in every workload",
    )


def _help_table(figures: RunFigures) -> list[Table]:
    estimates = anatomy_data.estimates(figures.frame)
    names = [remedy for remedy in REMEDIES if remedy in set(estimates["remedy"])]
    rows = []
    for (workload, n), mine in estimates.groupby(["workload", "n"], sort=False):
        found = {str(row["remedy"]): row for row in mine.to_dict("records")}
        cells = [
            Cell(saved_text({str(k): v for k, v in found[name].items()}), number(found[name]["saved_share"]))
            if name in found
            else Cell("-")
            for name in names
        ]
        rows.append((Cell(clean(workload)), Cell(str(n), number(int(str(n)))), *cells))
    caption = (
        "What would help: the share of bytecode's instructions that each remedy removes. Measured where a variant of "
        "the workload was profiled; ≤: computed, at most so much, since what would stand in the removed part's place "
        f"is not subtracted. Computed shares must not be added up. {figures.origin}"
    )
    return [
        Table(
            caption=caption,
            columns=("workload", "n", *(REMEDIES[name][0] for name in names)),
            numeric=(False, True, *(True for _ in names)),
            rows=tuple(rows),
            folded="Table of what would help",
        )
    ]


def _function_table(functions: pd.DataFrame, figures: RunFigures) -> Table:
    """The functions that take most of bytecode's instructions over all workloads, each workload of the same weight."""
    rows = _headline(functions)
    rows = rows[rows["workload"] != OVERHEAD_WORKLOAD]
    share = rows["instructions"] / rows.groupby("workload")["instructions"].transform("sum")
    sums = share.groupby([rows["function"], rows["component"]]).sum() / rows["workload"].nunique()
    table = sums.rename("share").reset_index().sort_values("share", ascending=False, kind="stable").head(_FUNCTIONS)
    cells = [
        (
            Cell(clean(row["function"])),
            Cell(COMPONENTS.get(str(row["component"]), clean(row["component"]))),
            Cell(share_text(row["share"]), number(row["share"])),
        )
        for row in table.to_dict("records")
    ]
    return Table(
        caption="The functions of MicroPython that take most of bytecode's instructions: mean share over all "
        f"workloads, the cost of measuring included. {figures.origin}",
        columns=("function", "component", "mean share"),
        numeric=(False, False, True),
        rows=tuple(cells),
        folded=f"Table of the {len(cells)} functions that take most",
    )
