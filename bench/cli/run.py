"""`bench run`: measure both languages on a board, and show what came out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench.cli.options import (
    board_of,
    catalogue_option,
    complete_any_boards,
    complete_variants,
    complete_workloads,
    find_run,
    port_options,
)
from bench.plan import DEFAULT_SAMPLES, DEFAULT_TIMEOUT_S
from bench.variants import LANGUAGES, MOST_LAYOUTS, VARIANTS

if TYPE_CHECKING:
    from bench.runs import FinishedRun


@click.command("run", epilog="Example: bench run --board virtual-esp32 --quick")
@click.option("--board", metavar="NAME", shell_complete=complete_any_boards,
              help="A virtual board, see `bench boards`. Default: the one real board that is plugged in.")  # fmt: skip
@port_options
@catalogue_option
@click.option(
    "--workload", "-w", "workloads", multiple=True, shell_complete=complete_workloads, help="Only this; repeatable."
)
@click.option("--group", "-g", "groups", multiple=True, help="Only workloads of this group; repeatable.")
@click.option("--n", "sizes", type=click.IntRange(min=1), multiple=True, help="Only this n; repeatable.")
@click.option("--quick", is_flag=True, help="One n a workload.")
@click.option("--variant", "--opt", "variants", multiple=True, shell_complete=complete_variants, metavar="NAME",
              help=f"{', '.join(v for names in VARIANTS.values() for v in names)}, or all; repeatable. A language of "
              "which none is named keeps its first.")  # fmt: skip
@click.option("--layouts", type=click.IntRange(1, MOST_LAYOUTS), default=1, show_default=True,
              help="Builds of the C++ suite, code in other places in each; the intervals cover them.")  # fmt: skip
@click.option("--only", type=click.Choice(LANGUAGES), default=None,
              help="Measure this language now; --resume adds the other one.")  # fmt: skip
@click.option("--no-flash", is_flag=True, help="Write nothing to a real board, measure with what is on it.")
@click.option("--erase", is_flag=True, help="Erase a real board's whole flash first, with the files on it.")
@click.option("--firmware", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="MicroPython for a real board, instead of the official one.")  # fmt: skip
@click.option("--micropython", metavar="VERSION", help="Official MicroPython release.  [default: newest stable]")
@click.option("--firmware-sha256", metavar="HEX", help="What the MicroPython firmware must have, or it is refused.")
@click.option("--all", "everything", is_flag=True, help="Then the ways of working too, see `bench workflow`.")
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
@click.option("--resume", metavar="RUN", help="Complete this unfinished run, made on the same board.")
@click.option("--acceptance", is_flag=True,
              help="Try on a real board what only one can show: docs/hardware-checklist.md.")  # fmt: skip
@click.option("--charts/--no-charts", default=True, help="Draw the charts at the end.  [default: charts]")
@click.option("--report/--no-report", default=False, help="Write the HTML report at the end.  [default: no-report]")
@click.pass_context
def command(
    ctx: click.Context,
    board: str | None,
    port: str | None,
    serial_number: str | None,
    catalogue: Path | None,
    workloads: tuple[str, ...],
    groups: tuple[str, ...],
    sizes: tuple[int, ...],
    quick: bool,
    variants: tuple[str, ...],
    layouts: int,
    only: str | None,
    no_flash: bool,
    erase: bool,
    firmware: Path | None,
    micropython: str | None,
    firmware_sha256: str | None,
    everything: bool,
    fresh: bool,
    samples: int | None,
    timeout: float,
    out: Path | None,
    resume: str | None,
    acceptance: bool,
    charts: bool,
    report: bool,
) -> int:
    """Measure MicroPython and Arduino C++ on a board, check the answers, print a table and draw charts.

    A real board is built for, written to and measured; --board virtual-esp32 needs none. Ends with the paths of what it
    wrote. The exit code is 0 only where every measurement has its figure.
    """
    from bench.cli.run_board import claimed_board, opened, wanted_board
    from bench.paths import require_checkout
    from bench.runs import Choices, check_choices, new_run, resume_run

    require_checkout()
    folder = None
    if resume is not None:
        _refuse_beside_resume(ctx)
        folder = find_run(resume)
        board, layouts = board_of(folder), _layouts_of(folder)
    wanted = wanted_board(
        board, port=port, serial_number=serial_number, no_flash=no_flash, erase=erase, firmware=firmware,
        micropython=micropython, firmware_sha256=firmware_sha256, catalogue=catalogue,
    )  # fmt: skip
    choices = Choices(workloads, groups, sizes, quick, variants, samples or DEFAULT_SAMPLES, timeout, fresh, catalogue,
                      layouts, only or "")  # fmt: skip
    if acceptance:
        from bench.cli.run_acceptance import run_acceptance

        return run_acceptance(ctx, board, wanted, out)
    if folder is None:
        check_choices(choices)  # before a board is asked anything
    with opened(board, wanted, choices.only, layouts) as (its_board, now, progress):
        if folder is None:
            finished = new_run(its_board, replace(choices, only=now), progress, out)
        else:
            finished = resume_run(
                folder, its_board, timeout, progress, fresh=fresh, own_catalogue=catalogue, only=now
            )  # fmt: skip
    status = 0
    if everything and not finished.left:  # with one language there is nothing to set against each other
        from bench.cli.workflow import measure_into

        with claimed_board(board, wanted):
            status = measure_into(finished.path, its_board, catalogue, fresh=fresh, quick=quick)
    return max(status, _conclude(finished, charts, report))


def _refuse_beside_resume(ctx: click.Context) -> None:
    fixed = ("board", "workloads", "groups", "sizes", "quick", "variants", "layouts", "samples", "out")
    for name in fixed:
        if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--resume keeps the run's own choices: leave out {name!r}")


def _layouts_of(folder: Path) -> int:
    from bench.results import layouts_of, read_facts

    return layouts_of(read_facts(folder))


def _conclude(finished: FinishedRun, charts: bool, report: bool) -> int:
    from rich.console import Console

    from bench.errors import InputError
    from bench.frames import load_run
    from bench.paths import shown_path
    from bench.results import RUN_FILES
    from bench.table import left_out_lines, ratio_table, statistics_table, variants_table

    written = [path for name in RUN_FILES if (path := finished.path / name).exists()]
    try:
        frame = load_run(finished.path)
        console = Console()
        both = set(LANGUAGES) <= set(frame["language"])
        console.print(ratio_table(frame) if both else statistics_table(frame))
        if frame["variant"].nunique() > frame["language"].nunique():
            console.print(variants_table(frame))
        for line in left_out_lines(frame.attrs["run"]):  # what failed was said when it did
            click.echo(line)
        if charts and both:
            from bench.charts import save_charts

            written += save_charts(frame, finished.path)
        if report and both:
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
    if finished.left:
        click.echo(
            f"{finished.left} measurements of the other language are left, so there are no ratios yet: bench run "
            f"--resume {shown_path(finished.path)}",
            err=True,
        )
    for path in written:
        click.echo(str(shown_path(path)))
    return finished.exit_code
