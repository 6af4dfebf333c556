"""Measured tips as text: the page docs/tips.md, written by `make docs`, and rows for other programs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any

from bench.errors import InputError
from bench.escape import markdown_text
from bench.labels import origin_text, ratio_text, share_text, ticks_text
from bench.tips import AFTER, BEFORE, CAUSES, LEAST_SAVED, MeasuredTips, Tip, TipFigures

COLUMNS = ("tip", "title", "cause", "verdict", "n", "seed", "before", "after", "saved", "factor", "shrank",
           "tick_unit", "simulated", "board", "simulator", "micropython", "image")  # fmt: skip
LEAST_SAVED_TEXT = f"{100 * LEAST_SAVED:.0f} %"
_INTRODUCTION = """# Tips: what makes MicroPython faster, measured

<!-- Written by `make docs` from bench/tips.toml, mpy_scripts/tips/ and what `bench tips` measured: change those. -->

Each tip is a pair of scripts that do the same, before and after one change. Both give the answer that CPython computes,
or there is no figure. `bench tips` measures all of them again, `bench tips NAME` one; the scripts are in
[mpy_scripts/tips](../mpy_scripts/tips).

Before and after: instructions per execution, the cost of measuring subtracted, garbage collection included. They are
counted in a simulator and are not time; on a real chip the shares differ. Factor: before / after. What saves less than
{least} does not help: it is folklore, and stands here because many believe in it.
"""


def verdict(figures: TipFigures) -> str:
    """What was measured, in words: helps, does not help, or makes it worse."""
    if figures.helps:
        return "helps"
    return "does not help" if figures.saved > -LEAST_SAVED else "makes it worse"


def rows(measured: MeasuredTips) -> list[dict[str, Any]]:
    """One row a tip with COLUMNS; before and after are ticks per execution, saved is a share of before."""
    board, micropython = measured.run["board"], measured.run["languages"]["micropython"]
    return [
        {
            "tip": figures.tip.name,
            "title": figures.tip.title,
            "cause": CAUSES[figures.tip.cause],
            "verdict": verdict(figures),
            "n": figures.tip.n,
            "seed": figures.tip.seed,
            "before": round(figures.before, 3),
            "after": round(figures.after, 3),
            "saved": round(figures.saved, 6),
            "factor": round(figures.factor, 6),
            "shrank": figures.shrank,
            "tick_unit": board["tick_unit"],
            "simulated": board["simulated"],
            "board": board["name"],
            "simulator": board.get("simulator", ""),
            "micropython": micropython.get("micropython_version", ""),
            "image": micropython["image"],
        }
        for figures in measured.figures
    ]


def tips_page(measured: MeasuredTips) -> str:
    """The page in Markdown: a table of all, then each tip with what changes in its script.

    InputError where a script cannot be read.
    """
    return "\n".join(
        [
            _INTRODUCTION.format(least=LEAST_SAVED_TEXT),
            made_with(measured) + "\n",
            _index(measured.figures),
            *(_section(figures) for figures in measured.figures),
        ]
    )


def made_with(measured: MeasuredTips) -> str:
    """One line on what the figures were made with."""
    micropython = measured.run["languages"]["micropython"]
    version = micropython.get("micropython_version", "of unknown version")
    origin = origin_text(measured.run)
    return markdown_text(f"Figures: {origin}; MicroPython {version}, image {micropython['image']}.")


def _index(all_figures: Iterable[TipFigures]) -> str:
    columns = ("tip", "change", "cause", "before", "after", "saved", "factor", "verdict")
    lines = [columns, *[("---", "---", "---", "---:", "---:", "---:", "---:", "---")]]
    for figures in all_figures:
        tip = figures.tip
        lines.append((f"[{tip.name}](#{tip.name})", markdown_text(tip.title), CAUSES[tip.cause], *cells(figures)))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def cells(figures: TipFigures) -> tuple[str, str, str, str, str]:
    """Before, after, saved, factor and verdict, as they stand in every table."""
    return (
        ticks_text(figures.before),
        ticks_text(figures.after),
        share_text(figures.saved),
        ratio_text(figures.factor),
        verdict(figures),
    )


def _section(figures: TipFigures) -> str:
    tip = figures.tip
    before, after, saved, factor, judged = cells(figures)
    facts = {
        "Cause": CAUSES[tip.cause],
        "Measured": f"{before} instructions before, {after} after (n = {tip.n}): {saved} saved, {factor}; {judged}",
        "Why": markdown_text(tip.explains),
        "Watch out": markdown_text(tip.watch_out),
    }
    if figures.shrank:
        facts["Shrank most"] = f"{figures.shrank} (see docs/anatomy.md)"
    lines = [f"## {tip.name}", "", f"{markdown_text(tip.title)}.", ""]
    lines += [f"- **{key}:** {text}" for key, text in facts.items()]
    return "\n".join([*lines, "", _change(tip), ""])


def _change(tip: Tip) -> str:
    """Both scripts in one listing: what is the same, what goes and what comes."""
    before, after = (_read(tip, part) for part in (BEFORE, AFTER))
    changed = list(difflib.unified_diff(before, after, n=len(before) + len(after), lineterm=""))[3:]
    fence = "`" * max(3, 1 + max((len(run) for line in changed for run in re.findall("`+", line)), default=0))
    return "\n".join([f"{fence}diff", *(changed or before), fence])


def _read(tip: Tip, part: str) -> list[str]:
    script = tip.workload(part).script
    try:
        return script.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {script}: {error}") from error
