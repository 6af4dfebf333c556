"""`bench tips`: changes to MicroPython scripts, and what each of them saves."""

from __future__ import annotations

import csv
import json
import sys
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from bench.cli.options import board_option

if TYPE_CHECKING:
    from rich.table import Table

    from bench.tips import MeasuredTips, TipFigures


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from bench.tips import load_tips

    return [CompletionItem(tip.name, help=tip.title) for tip in load_tips().values() if tip.name.startswith(incomplete)]


@click.command("tips", epilog="Example: bench tips local_names fixed_point")
@click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=_complete)
@board_option
@click.option("--format", "form", type=click.Choice(["table", "markdown", "json", "csv"]), default="table",
              show_default=True, help="markdown: a page with what changes in each script.")  # fmt: skip
@click.option("--anatomy", is_flag=True, help="Tell which component of MicroPython shrank most, see `bench anatomy`.")
@click.option("--fresh", is_flag=True, help="Measure again what has not changed since an earlier time.")
def command(names: tuple[str, ...], board: str, form: str, anatomy: bool, fresh: bool) -> int:
    """Measure pairs of scripts, before and after a change, and print what the change saves.

    Both scripts of a tip have to give the answer that CPython computes, or the tip has no figures. Folklore that saves
    nothing is among them, and is told so. The tips are in bench/tips.toml, the scripts in mpy_scripts/tips/.

    Exit code 0: every tip has its figures.
    """
    from bench.cli.progress import RunProgress
    from bench.paths import require_checkout
    from bench.tips import load_tips, measure_tips, select_tips
    from bench.virtual_board.board import VirtualBoard

    require_checkout()
    tips = select_tips(load_tips(), names)
    with RunProgress() as progress:
        measured = measure_tips(tips, VirtualBoard(board), progress, fresh=fresh, anatomy=anatomy)
    show(measured, form, explain=bool(names))
    for figures in measured.surprises:
        claim = "helps" if figures.tip.helps else "does not help"
        click.echo(
            f"{figures.tip.name}: tips.toml says that it {claim}; on {board} it is the other way round", err=True
        )
    if measured.failures:
        click.echo(f"{len(tips) - len(measured.figures)} of {len(tips)} tips have no figures", err=True)
    return measured.exit_code


def show(measured: MeasuredTips, form: str, explain: bool) -> None:
    """Print the tips that have figures; `explain` adds to the table why, and what to watch out for."""
    from bench.tips_page import COLUMNS, rows, tips_page

    if form == "markdown":
        click.echo(tips_page(measured), nl=False)
    elif form == "json":
        click.echo(json.dumps(rows(measured), indent=2))
    elif form == "csv":
        writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows(measured))
    elif measured.figures:
        from rich.console import Console

        console = Console()
        console.print(_table(measured))
        for figures in measured.figures if explain else ():
            for line in _explained(figures):
                console.print(line, markup=False, highlight=False)


def _table(measured: MeasuredTips) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    from bench.labels import origin_text, unit_text
    from bench.tips import CAUSES
    from bench.tips_page import LEAST_SAVED_TEXT, cells

    def shrank(figures: TipFigures) -> tuple[str, ...]:
        return (escape(figures.shrank),) if profiled else ()

    title = f"What a change to a script saves, {unit_text(measured.run)} per execution"
    table = Table(title=escape(title), box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("tip", no_wrap=True)
    table.add_column("cause")
    for name in ("before", "after", "saved", "factor"):
        table.add_column(name, justify="right", no_wrap=True)
    profiled = any(figures.shrank for figures in measured.figures)
    if profiled:
        table.add_column("shrank most")
    for figures in measured.figures:
        if figures.helps:
            table.add_row(escape(figures.tip.name), CAUSES[figures.tip.cause], *cells(figures)[:-1], *shrank(figures))
    folklore = [figures for figures in measured.figures if not figures.helps]
    if folklore:
        table.add_section()
        table.add_row("folklore, no help:", style="dim")
    for figures in folklore:
        table.add_row(escape(figures.tip.name), CAUSES[figures.tip.cause], *cells(figures)[:-1], *shrank(figures))
    origin = origin_text(measured.run)
    table.caption = escape(
        f"saved: share of the instructions before; factor: before / after. The cost of measuring (workload empty) "
        f"subtracted, garbage collection included. What saves less than {LEAST_SAVED_TEXT} is no help. "
        f"{origin[0].upper()}{origin[1:]}. Why, and what to watch out for: bench tips NAME"
    )
    return table


def _explained(figures: TipFigures) -> list[str]:
    tip = figures.tip
    return [
        f"{tip.name}: {tip.title}.",
        f"  Why: {tip.explains}",
        f"  Watch out: {tip.watch_out}",
        f"  Scripts: mpy_scripts/tips/{tip.name}/before.py, after.py (n = {tip.n})",
        "",
    ]
