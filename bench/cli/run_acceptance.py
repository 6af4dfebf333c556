"""`bench run --acceptance`: on a real board, what could not be tried without one."""

from __future__ import annotations

from pathlib import Path

import click

from bench.cli.run_board import opened
from bench.errors import InputError
from bench.esp32.acceptance import FILE, Result, accept
from bench.esp32.attach import Wanted
from bench.esp32.board import Esp32Board
from bench.labels import printable
from bench.paths import shown_path

_OWN_CHOICES = ("workloads", "groups", "sizes", "quick", "variants", "layouts", "only", "samples", "resume", "fresh")


def run_acceptance(ctx: click.Context, board: str | None, wanted: Wanted, out: Path | None) -> int:
    """Go through the checks and print each result; 4 where one failed."""
    for name in _OWN_CHOICES:
        if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--acceptance makes its own choices: leave out {name!r}")
    with opened(board, wanted, "", 1) as (its_board, _, progress):
        if not isinstance(its_board, Esp32Board):
            raise InputError("--acceptance is for a real board: name it with --port, and leave out --board")
        acceptance = accept(its_board, progress, out, _say)
    click.echo(f"{acceptance.failed} of {len(acceptance.results)} checks failed; please report, whatever it says:")
    click.echo(str(shown_path(acceptance.run / FILE)))
    return 4 if acceptance.failed else 0


def _say(result: Result) -> None:
    text = f"{result.verdict:8}  {result.check.name}: expected {result.check.expect}; came {result.came}"
    click.echo(printable(text, 1000))
