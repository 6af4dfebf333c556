"""`bench selftest-noise`: the same board against itself."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from bench.cli.options import board_option, complete_workloads


@click.command("selftest-noise", epilog="Example: bench selftest-noise --board virtual-esp32c3")
@board_option
@click.option(
    "--workload", "-w", "workloads", multiple=True, shell_complete=complete_workloads, help="Only this; repeatable."
)
def command(board: str, workloads: tuple[str, ...]) -> int:
    """Measure a quick run twice, on fresh boots, and compare it with itself: smaller differences mean nothing.

    Exit code 1 where a measurement is called slower or faster than itself.
    """
    from rich.console import Console

    from bench.cli.progress import RunProgress
    from bench.compare import FASTER, SLOWER, compare
    from bench.comparison_table import change_table, noise_floor_text
    from bench.errors import ToolError
    from bench.frames import load_run
    from bench.runs import Choices, new_run
    from bench.virtual_board.board import VirtualBoard

    choices = Choices(workloads=workloads, quick=True, fresh=True)
    frames = []
    with tempfile.TemporaryDirectory(prefix="bench-noise-") as folder:
        for name in ("once", "again"):
            with RunProgress() as progress:
                finished = new_run(VirtualBoard(board), choices, progress, Path(folder) / name)
            if finished.outcome.failures:
                raise ToolError(f"no noise floor, a measurement failed: {finished.outcome.failures[0].message}")
            frames.append(load_run(finished.path))
    comparison = compare(frames)
    Console().print(change_table(comparison, comparison.runs[1]))
    click.echo(noise_floor_text(comparison))
    click.echo(f"rule: {comparison.rule}")
    return 1 if comparison.rows["verdict"].isin([SLOWER, FASTER]).any() else 0
