"""`bench selftest-noise`: the same board against itself."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from bench.cli.options import board_option, complete_workloads, port_options


@click.command("selftest-noise", epilog="Example: bench selftest-noise --board virtual-esp32c3")
@board_option
@port_options
@click.option(
    "--workload", "-w", "workloads", multiple=True, shell_complete=complete_workloads, help="Only this; repeatable."
)
@click.pass_context
def command(
    ctx: click.Context, board: str, port: str | None, serial_number: str | None, workloads: tuple[str, ...]
) -> int:
    """Measure a quick run twice, on fresh boots, and compare it with itself: smaller differences mean nothing.

    With --port or --serial-number: a real board, whose program may be replaced.

    Exit code 1 where a measurement is called slower or faster than itself.
    """
    from rich.console import Console

    from bench.cli.run_board import opened
    from bench.compare import FASTER, SLOWER, compare
    from bench.comparison_table import change_table, noise_floor_text
    from bench.errors import ToolError
    from bench.esp32.attach import Wanted
    from bench.frames import load_run
    from bench.runs import Choices, new_run

    is_named = ctx.get_parameter_source("board") is click.core.ParameterSource.COMMANDLINE
    of_port = port is not None or serial_number is not None
    wanted = Wanted(port=port, serial_number=serial_number, chip=board if of_port and is_named else None)
    choices = Choices(workloads=workloads, quick=True, fresh=True)
    frames = []
    with (
        tempfile.TemporaryDirectory(prefix="bench-noise-") as folder,
        opened(None if of_port else board, wanted, "", 1) as (its_board, _, progress),
    ):
        for name in ("once", "again"):
            finished = new_run(its_board, choices, progress, Path(folder) / name)
            if finished.outcome.failures:
                raise ToolError(f"no noise floor, a measurement failed: {finished.outcome.failures[0].message}")
            frames.append(load_run(finished.path))
    comparison = compare(frames)
    Console().print(change_table(comparison, comparison.runs[1]))
    click.echo(noise_floor_text(comparison))
    click.echo(f"rule: {comparison.rule}")
    return 1 if comparison.rows["verdict"].isin([SLOWER, FASTER]).any() else 0
