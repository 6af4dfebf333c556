"""`bench run`: measure both languages on a board, and show what came out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench.cli.options import board_option, catalogue_option, complete_variants, complete_workloads, find_run
from bench.plan import DEFAULT_SAMPLES, DEFAULT_TIMEOUT_S
from bench.variants import VARIANTS

if TYPE_CHECKING:
    from bench.runs import FinishedRun


@click.command("run", epilog="Example: bench run --workload sieve --workload crc32 --out results/my-run")
@board_option
@catalogue_option
@click.option(
    "--workload", "-w", "workloads", multiple=True, shell_complete=complete_workloads, help="Only this; repeatable."
)
@click.option("--group", "-g", "groups", multiple=True, help="Only workloads of this group; repeatable.")
@click.option("--n", "sizes", type=click.IntRange(min=1), multiple=True, help="Only this n; repeatable.")
@click.option("--quick", is_flag=True, help="One n a workload.")
@click.option("--variant", "variants", multiple=True, shell_complete=complete_variants, metavar="NAME",
              help=f"{', '.join(v for names in VARIANTS.values() for v in names)}, or all; repeatable. A language of "
              "which none is named keeps its first.")  # fmt: skip
@click.option("--fresh", is_flag=True, help="Measure again what has not changed since an earlier run.")
@click.option(
    "--samples", type=click.IntRange(1, 10_000), help=f"Timed blocks a measurement.  [default: {DEFAULT_SAMPLES}]"
)
@click.option("--timeout", type=click.FloatRange(min=0.1), default=DEFAULT_TIMEOUT_S, show_default=True,
              help="Seconds of silence after which a workload counts as hung.")  # fmt: skip
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the run; default: results/<time>-<board>.",
)
@click.option(
    "--resume",
    metavar="RUN",
    help="Complete this unfinished run; nothing but --timeout, --fresh and --catalogue goes with it.",
)
@click.option("--charts/--no-charts", default=True, help="Draw the charts at the end.  [default: charts]")
@click.option("--report/--no-report", default=False, help="Write the HTML report at the end.  [default: no-report]")
@click.pass_context
def command(
    ctx: click.Context,
    board: str,
    catalogue: Path | None,
    workloads: tuple[str, ...],
    groups: tuple[str, ...],
    sizes: tuple[int, ...],
    quick: bool,
    variants: tuple[str, ...],
    fresh: bool,
    samples: int | None,
    timeout: float,
    out: Path | None,
    resume: str | None,
    charts: bool,
    report: bool,
) -> int:
    """Measure MicroPython and Arduino C++ on a board, check the answers, print a table and draw charts.

    Ends with the paths of what it wrote. The exit code is 0 only where every measurement has its figure.
    """
    from bench.cli.progress import RunProgress
    from bench.paths import require_checkout
    from bench.runs import Choices, new_run, resume_run
    from bench.virtual_board.board import VirtualBoard

    require_checkout()
    if resume is None:
        choices = Choices(
            workloads, groups, sizes, quick, variants, samples or DEFAULT_SAMPLES, timeout, fresh, catalogue
        )
        with RunProgress() as progress:
            finished = new_run(VirtualBoard(board, catalogue=catalogue), choices, progress, out)
    else:
        _refuse_beside_resume(ctx)
        folder = find_run(resume)
        with RunProgress() as progress:
            finished = resume_run(
                folder,
                VirtualBoard(_board_of(folder), catalogue=catalogue),
                timeout,
                progress,
                fresh=fresh,
                own_catalogue=catalogue,
            )
    return _conclude(finished, charts, report)


def _refuse_beside_resume(ctx: click.Context) -> None:
    fixed = ("board", "workloads", "groups", "sizes", "quick", "variants", "samples", "out")
    for name in fixed:
        if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--resume keeps the run's own choices: leave out {name!r}")


def _board_of(folder: Path) -> str:
    from bench.results import read_facts

    return str(read_facts(folder)["board"].get("name"))


def _conclude(finished: FinishedRun, charts: bool, report: bool) -> int:
    from rich.console import Console

    from bench.errors import InputError
    from bench.frames import load_run
    from bench.paths import shown_path
    from bench.results import RUN_FILES
    from bench.table import left_out_lines, ratio_table, variants_table

    written = [path for name in RUN_FILES if (path := finished.path / name).exists()]
    try:
        frame = load_run(finished.path)
        console = Console()
        console.print(ratio_table(frame))
        if frame["variant"].nunique() > frame["language"].nunique():
            console.print(variants_table(frame))
        for line in left_out_lines(frame.attrs["run"]):  # what failed was said when it did
            click.echo(line)
        if charts:
            from bench.charts import save_charts

            written += save_charts(frame, finished.path)
        if report:
            from bench.report.write import write_report

            written += write_report([frame], finished.path, formats=["html"])
    except InputError as error:
        if not finished.outcome.failures:
            raise
        click.echo(f"no table: {error}", err=True)
    if finished.reused:
        click.echo(
            f"{finished.reused} measurements taken from an earlier run, nothing that decides them has changed; --fresh "
            "measures them again",
            err=True,
        )
    if failed := len(finished.outcome.failures):
        click.echo(f"{failed} without a figure; mend the cause, then: bench run --resume {finished.path}", err=True)
    for path in written:
        click.echo(str(shown_path(path)))
    return finished.exit_code
