"""`bench anatomy`: where the instructions of a run go, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench.cli.options import (
    board_option,
    catalogue_option,
    complete_runs,
    complete_variants,
    complete_workloads,
    find_run,
)
from bench.plan import DEFAULT_TIMEOUT_S

if TYPE_CHECKING:
    from bench.anatomy.dissect import Wanted
    from bench.cli.progress import RunProgress
    from bench.runs import FinishedRun


@click.command("anatomy", epilog="Example: bench anatomy --workload crc32 --variant native")
@click.argument("run", metavar="[RUN]", required=False, shell_complete=complete_runs)
@board_option
@catalogue_option
@click.option(
    "--workload", "-w", "workloads", multiple=True, shell_complete=complete_workloads, help="Only this; repeatable."
)
@click.option("--group", "-g", "groups", multiple=True, help="Only workloads of this group; repeatable.")
@click.option("--n", "sizes", type=click.IntRange(min=1), multiple=True,
              help="Only this n; repeatable.  [default: the largest of the run]")  # fmt: skip
@click.option("--variant", "variants", multiple=True, shell_complete=complete_variants, metavar="NAME",
              help="As for `bench run`.  [default: all that RUN has]")  # fmt: skip
@click.option("--by", type=click.Choice(["component", "cause", "function", "opcode", "pair"]), default="component",
              show_default=True, help="What the table is of.")  # fmt: skip
@click.option("--charts/--no-charts", default=True, help="Draw its charts at the end.  [default: charts]")
@click.option("--fresh", is_flag=True, help="Profile again what has not changed.")
@click.option("--timeout", type=click.FloatRange(min=0.1), default=DEFAULT_TIMEOUT_S, show_default=True,
              help="Seconds of silence after which a workload counts as hung.")  # fmt: skip
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              help="Folder of the run that is made without RUN.")  # fmt: skip
@click.pass_context
def command(
    ctx: click.Context,
    run: str | None,
    board: str,
    catalogue: Path | None,
    workloads: tuple[str, ...],
    groups: tuple[str, ...],
    sizes: tuple[int, ...],
    variants: tuple[str, ...],
    by: str,
    charts: bool,
    fresh: bool,
    timeout: float,
    out: Path | None,
) -> int:
    """Show where the instructions go: count every one of them, by function, component, cause and bytecode.

    RUN is a run of a virtual board; without it, a quick run is made first. Each profile must add up to the run's own
    count, to the last instruction. Ends with the paths of what it wrote into the run's folder.
    """
    from bench.anatomy.dissect import Wanted, dissect
    from bench.cli.progress import RunProgress
    from bench.paths import require_checkout, shown_path

    require_checkout()
    wanted = Wanted(workloads, groups, sizes, variants, fresh, timeout, catalogue)
    status = 0
    if run is None:
        with RunProgress() as progress:
            quick = _quick_run(board, wanted, progress, out)
        folder, status = quick.path, quick.exit_code
    elif ctx.get_parameter_source("board") is click.core.ParameterSource.COMMANDLINE or out is not None:
        raise click.UsageError("RUN brings its board and its folder: leave out --board and --out")
    else:
        folder = find_run(run)
    with RunProgress("profiling") as progress:
        finished = dissect(folder, wanted, progress)
    from rich.console import Console

    from bench.anatomy.frames import load_anatomy
    from bench.anatomy.tables import anatomy_table

    Console().print(anatomy_table(load_anatomy(folder), by, finished.wanted))
    if finished.failures:
        click.echo(f"{len(finished.failures)} without an anatomy: see above", err=True)
    for path in [*sorted(finished.folder.iterdir()), *(_draw(folder) if charts else [])]:
        click.echo(str(shown_path(path)))
    return max(finished.exit_code, status)


def _draw(folder: Path) -> list[Path]:
    """The charts of the anatomy, into the run's folder."""
    from bench.charts import OF_ANATOMY, save_charts
    from bench.frames import load_run

    return save_charts(load_run(folder), folder, names=OF_ANATOMY)


def _quick_run(board: str, wanted: Wanted, progress: RunProgress, out: Path | None) -> FinishedRun:
    """A run of what is wanted at one n each, or at the n that are."""
    from bench.runs import Choices, new_run
    from bench.virtual_board.board import VirtualBoard

    choices = Choices(
        wanted.workloads,
        wanted.groups,
        wanted.sizes,
        quick=not wanted.sizes,
        variants=wanted.variants,
        timeout_s=wanted.timeout_s,
        own_catalogue=wanted.own_catalogue,
    )
    return new_run(VirtualBoard(board, catalogue=wanted.own_catalogue), choices, progress, out)
