"""`bench anatomy-of`: where the instructions of compiling on the board go, and those of a garbage collection."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bench.cli.options import board_option, catalogue_option, complete_workloads, find_run

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from bench.errors import BenchError

F = TypeVar("F", bound=Callable[..., Any])
_FORMATS = click.Choice(["table", "csv", "json", "markdown"])


@click.group("anatomy-of", epilog="Example: bench anatomy-of compile --workload sieve")
def command() -> None:
    """Show where the instructions of compiling or of a garbage collection go, on a virtual board.

    They are counted one by one, so the parts add up, and a second time gives the same. What was measured before and has
    not changed is not measured again.
    """


def _output_options(function: F) -> F:
    chart = click.option(
        "--chart", type=click.Path(dir_okay=False, path_type=Path), help="Draw it: .png, .svg or .pdf."
    )
    fresh = click.option("--fresh", is_flag=True, help="Measure again what has not changed.")
    into = click.option(
        "--into",
        metavar="RUN",
        help="Keep it in this run, of the same board and MicroPython, for its report.",
    )
    form = click.option(
        "--format", "form", type=_FORMATS, default="table", show_default=True, help="csv, json: a row a part, tidy."
    )
    return form(fresh(into(chart(function))))


@command.command("compile", epilog="Example: bench anatomy-of compile --workload sieve --variant all --format csv")
@board_option
@catalogue_option
@click.option(
    "--workload", "-w", "workloads", multiple=True, shell_complete=complete_workloads, help="Only this; repeatable."
)
@click.option("--group", "-g", "groups", multiple=True, help="Only workloads of this group; repeatable.")
@click.option("--variant", "variants", multiple=True, default=("bytecode",), show_default=True, metavar="NAME",
              help="bytecode, native or all; repeatable.")  # fmt: skip
@_output_options
def compile_command(
    board: str,
    catalogue: Path | None,
    workloads: tuple[str, ...],
    groups: tuple[str, ...],
    variants: tuple[str, ...],
    form: str,
    fresh: bool,
    into: str | None,
    chart: Path | None,
) -> int:
    """Compile the script of each workload on a freshly started board, by part of the compiler."""
    from bench.catalogue import load_catalogue, select
    from bench.paths import require_checkout

    require_checkout()
    _check_chart(chart)
    chosen = select(load_catalogue(own=catalogue), workloads, groups)
    from bench.anatomy import compiling, probe_tables
    from bench.anatomy.probes import Prober
    from bench.anatomy.tidy_csv import csv_text
    from bench.cli.anatomy_progress import ProbeProgress
    from bench.variants import ALL
    from bench.virtual_board.board import VirtualBoard

    wanted = compiling.known_variants(compiling.EMITTERS if ALL in variants else variants)
    with ProbeProgress() as progress:
        prober = Prober(VirtualBoard(board), progress.log)
        compiled = compiling.measure_compiling(
            prober, chosen, wanted, fresh=fresh, begin=progress.begin, done=progress.done
        )
    frame = compiled.frame
    if not frame.empty:
        makers: dict[str, Callable[[], str]] = {
            "csv": lambda: csv_text(frame, compiling.COLUMNS),
            "json": lambda: probe_tables.as_json(frame, compiling.COLUMNS) + "\n",
            "markdown": lambda: probe_tables.compiling_markdown(frame),
        }
        _show(form, makers, lambda: [probe_tables.compiling_table(frame)])
        if into is not None:
            click.echo(str(compiling.write_compiling(find_run(into), frame)), err=True)
    for (workload, variant), reason in compiled.left_out.items():
        click.echo(f"left out: {workload} ({variant}): {reason}", err=True)
    if chart is not None and not frame.empty:
        _draw_compiling(frame, chart, err=form != "table")
    return _told(compiled.failures.values())


@command.command("gc", epilog="Example: bench anatomy-of gc --shape nodes --live 0 --live 500 --filled 48")
@board_option
@click.option("--shape", "shapes", multiple=True, metavar="NAME",
              help="What is alive: ints, nodes, floats or tuples; repeatable.  [default: all]")  # fmt: skip
@click.option("--live", type=click.IntRange(min=0), multiple=True, metavar="N",
              help="So many live objects; repeatable.  [default: eight from 0 to 1000]")  # fmt: skip
@click.option("--filled", type=click.IntRange(min=0), multiple=True, metavar="KB",
              help="The heap was once in use up to here; repeatable.  [default: 0, 48, 96, 144]")  # fmt: skip
@_output_options
def gc_command(
    board: str,
    shapes: tuple[str, ...],
    live: tuple[int, ...],
    filled: tuple[int, ...],
    form: str,
    fresh: bool,
    into: str | None,
    chart: Path | None,
) -> int:
    """Collect garbage in heaps of several sizes with several numbers of live objects, by part of the collector.

    Nothing is there to be freed: what is shown is the cost of looking. Ends with what it takes for each KB of the heap
    and for each live block, by least squares.
    """
    _check_chart(chart)
    from bench.anatomy import collecting, probe_tables
    from bench.anatomy.probes import Prober
    from bench.anatomy.tidy_csv import csv_text
    from bench.cli.anatomy_progress import ProbeProgress
    from bench.paths import require_checkout
    from bench.virtual_board.board import VirtualBoard

    require_checkout()
    wanted = collecting.known_shapes(shapes or tuple(collecting.SHAPES))
    sizes = tuple(1024 * size for size in filled) or collecting.FILLED
    with ProbeProgress() as progress:
        prober = Prober(VirtualBoard(board), progress.log)
        collected = collecting.measure_collecting(
            prober, wanted, live or collecting.LIVE, sizes, fresh=fresh, begin=progress.begin, done=progress.done
        )
    frame = collected.frame
    if not frame.empty:
        fits = collecting.fits(frame)
        makers: dict[str, Callable[[], str]] = {
            "csv": lambda: csv_text(frame, collecting.COLUMNS),
            "json": lambda: probe_tables.as_json(frame, collecting.COLUMNS, fits) + "\n",
            "markdown": lambda: probe_tables.collecting_markdown(frame),
        }
        fitted = [probe_tables.fit_table(fits)] if fits else []
        _show(form, makers, lambda: [probe_tables.collecting_table(frame), *fitted])
        if into is not None:
            click.echo(str(collecting.write_collecting(find_run(into), frame)), err=True)
    if chart is not None and not frame.empty:
        from bench.charts import save_figure
        from bench.charts.anatomy_collecting import collecting_chart

        click.echo(str(save_figure(collecting_chart(frame), chart)), err=form != "table")
    return _told(collected.failures.values())


def _check_chart(chart: Path | None) -> None:
    if chart is not None and chart.suffix not in (".png", ".svg", ".pdf"):
        raise click.UsageError(f"--chart: expected a name that ends in .png, .svg or .pdf, got {chart.name!r}")


def _draw_compiling(frame: pd.DataFrame, chart: Path, *, err: bool) -> None:
    """A file for the first variant, and one beside it, with its name, for each other one."""
    from bench.charts import save_figure
    from bench.charts.anatomy_compiling import compiling_chart

    for place, variant in enumerate(frame["variant"].unique()):
        path = chart.with_stem(f"{chart.stem}-{variant}") if place else chart
        click.echo(str(save_figure(compiling_chart(frame, variant=str(variant)), path)), err=err)


def _show(form: str, makers: dict[str, Callable[[], str]], tables: Callable[[], Sequence[Table]]) -> None:
    if form in makers:
        click.echo(makers[form](), nl=False)
        return
    from rich.console import Console

    console = Console()
    for table in tables():
        console.print(table)


def _told(failures: Collection[BenchError]) -> int:
    """Say what has no figures; the exit code: 0 where there is nothing to say, else the gravest one."""
    for failure in failures:
        click.echo(f"no figures: {failure}", err=True)
    return max((failure.exit_code for failure in failures), default=0)
