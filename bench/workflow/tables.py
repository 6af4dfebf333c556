"""The workflow in a terminal, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench.labels import ratio_text
from bench.workflow.claims import ABSENT, FAILS, HOLDS, LIMITED, Found, Judged

if TYPE_CHECKING:
    from rich.table import Table

_STYLES = {HOLDS: "green", LIMITED: "yellow", FAILS: "red"}


def value_text(found: Found) -> str:
    """A figure with its unit and origin, such as `12 304 bytes, simulated`."""
    if found.bearing == ABSENT:
        return "not measured in this run"
    unit = found.unit
    if unit == "x":
        return f"{ratio_text(found.value)}, {found.origin}"
    number = _number(found.value)
    return ", ".join(part for part in (f"{number} {unit}".strip(), found.origin) if part)


def claims_table(judged: Sequence[Judged], run_id: str) -> Table:
    """Every claim with its verdict and the figures behind it."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(title="What is said of the two ways of working", show_lines=True, caption=escape(_caption(run_id)))
    table.add_column("claim", ratio=3)
    table.add_column("verdict", ratio=1)
    table.add_column("figures", ratio=5)
    for each in judged:
        there = [found for found in each.found if found.bearing != ABSENT]
        lines = [f"{found.figure.label}: {value_text(found)} ({found.bearing})" for found in there]
        missing = [found.figure for found in each.found if found.bearing == ABSENT]
        lines += [f"not in this run: {figure.label} ({figure.command})" for figure in missing]
        style = _STYLES.get(each.verdict, "dim")
        table.add_row(each.claim.text, f"[{style}]{each.verdict}[/]", escape("\n".join(lines)))
    return table


def _caption(run_id: str) -> str:
    return f"Run {run_id}. Verdicts follow from the figures, by the thresholds in bench/workflow/claims.toml."


def _number(value: float) -> str:
    if value == round(value) and abs(value) < 1e15:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}".replace(",", " ")
