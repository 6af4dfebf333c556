"""The report's section on what is said of the two ways of working, each claim with its verdict and figures."""

from __future__ import annotations

import shlex

from bench.errors import InputError
from bench.report.blocks import Block, Cell, Code, Section, Table, Text, clean
from bench.report.figures import RunFigures, number
from bench.workflow.claims import ABSENT, RATIOS, Found, Judged, judge
from bench.workflow.frames import workflow_of
from bench.workflow.tables import value_text

_ROLES = {"supports": "supports it", "limits": "limits it", "contradicts": "contradicts it", ABSENT: "-"}


def claims(figures: RunFigures) -> Section | None:
    """All claims in a table, then each with its figures; None where the run has nothing of the workflow."""
    try:
        judged = judge(figures.frame, workflow_of(figures.frame))
    except InputError:
        return None
    sections = tuple(_claim_section(figures, each) for each in judged)
    return Section(
        figures.anchor("claims"), "What is said, and whether it holds", (_overview(figures, judged),), sections
    )


def _overview(figures: RunFigures, judged: tuple[Judged, ...]) -> Table:
    rows = tuple(
        (Cell(each.claim.text), Cell(each.verdict), Cell(_decisive(each)), Cell(each.claim.conditions))
        for each in judged
    )
    return Table(
        caption="Each verdict follows from the figures by thresholds that stand in bench/workflow/claims.toml; none is "
        f"written by hand. {figures.origin}",
        columns=("claim", "verdict", "figure", "conditions"),
        rows=rows,
        numeric=(False, False, False, False),
    )


def _decisive(judged: Judged) -> str:
    """The figure that made the verdict: the first that contradicts, else limits, else supports."""
    for bearing in ("contradicts", "limits", "supports"):
        for found in judged.found:
            if found.bearing == bearing:
                return f"{found.figure.label}: {value_text(found)}"
    return "-"


def _claim_section(figures: RunFigures, judged: Judged) -> Section:
    table = Table(
        caption=f"The figures that decide. {figures.origin}",
        columns=("figure", "value", "bearing", "why"),
        rows=tuple(_figure_row(found) for found in judged.found),
        numeric=(False, True, False, False),
    )
    blocks: tuple[Block, ...] = (
        Text(f"Verdict: {judged.verdict}. {judged.claim.conditions}"),
        table,
        Code(_commands(figures, judged), "Measured by"),
    )
    return Section(figures.anchor(f"claim-{judged.claim.key.replace('_', '-')}"), judged.claim.text, blocks)


def _figure_row(found: Found) -> tuple[Cell, ...]:
    sorted_by = number(found.value) if found.bearing != ABSENT else None
    return (
        Cell(found.figure.label),
        Cell(value_text(found), sorted_by),
        Cell(_ROLES[found.bearing]),
        Cell(found.figure.means),
    )


def _commands(figures: RunFigures, judged: Judged) -> str:
    run = shlex.quote(clean(figures.run["run_id"]))
    parts = dict.fromkeys(found.figure.part for found in judged.found)
    lines = ["bench run" if part == RATIOS else f"bench workflow {run} --part {part}" for part in parts]
    return "\n".join(lines)
