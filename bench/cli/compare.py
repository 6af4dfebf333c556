"""`bench compare A B...`: what changed from the first run to the others."""

from __future__ import annotations

from pathlib import Path

import click

from bench.cli.options import complete_runs, find_run


@click.command("compare", epilog="Example: bench compare before/ after/ --fail-if slower=5%")
@click.argument("runs", metavar="RUN RUN...", nargs=-1, required=True, shell_complete=complete_runs)
@click.option("--fail-if", "limits", metavar="slower=5%", multiple=True,
              help="Exit code 1 where a measurement is slower (or faster=...) by so much; repeatable.")  # fmt: skip
@click.option("--all", "every", is_flag=True, help="Every measurement of more than two runs, not only what changed.")
@click.option("--chart", type=click.Path(dir_okay=False, path_type=Path), help="Draw it: .png, .svg or .pdf.")
def command(runs: tuple[str, ...], limits: tuple[str, ...], every: bool, chart: Path | None) -> int:
    """Compare runs with the first one: boards, versions, compiler flags, or the same board twice.

    Refuses runs whose tick unit, clock or garbage collection differ, and names everything else that differs. A verdict
    needs a difference larger than what repeats, heap and code layout make by themselves.
    """
    from rich.console import Console

    from bench.compare import Limit, compare
    from bench.comparison_table import change_table, overall_table
    from bench.frames import load_run

    if chart is not None and chart.suffix not in (".png", ".svg", ".pdf"):
        raise click.UsageError(f"--chart: expected a name that ends in .png, .svg or .pdf, got {chart.name!r}")
    wanted = [Limit.parse(text) for text in limits]
    comparison = compare(load_run(find_run(run)) for run in runs)
    broken = [(text, limit.broken_by(comparison)) for text, limit in zip(limits, wanted, strict=True)]
    console = Console()
    others = comparison.runs[1:]
    for run in others:
        if every or len(others) == 1 or comparison.changed(run):
            console.print(change_table(comparison, run, every=every or len(others) == 1))
    console.print(overall_table(comparison))
    for warning in comparison.warnings:
        click.echo(f"differs: {warning}")
    click.echo(f"rule: {comparison.rule}")
    if chart is not None:
        from bench.charts import save_figure
        from bench.charts.compare import comparison_chart

        click.echo(str(save_figure(comparison_chart(comparison), chart)))
    for text, rows in broken:
        if len(rows):
            click.echo(f"--fail-if {text}: {len(rows)} of {len(comparison.rows)} measurements", err=True)
    return 1 if any(len(rows) for _, rows in broken) else 0
