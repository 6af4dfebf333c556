"""`bench show RUN`: the table of a run."""

from __future__ import annotations

import click

from bench.cli.options import find_run, run_argument


@click.command("show", epilog="Example: bench show reference-virtual-esp32 --every-n")
@run_argument
@click.option("--every-n", is_flag=True, help="A row for every n, not only for the largest.")
@click.option("--variants", is_flag=True, help="What other variants gain instead of ratios.")
@click.option("--memory", is_flag=True, help="Bytes held, allocated and on the stack instead of ratios.")
@click.option("--anatomy", "by", type=click.Choice(["cause", "component", "function", "opcode", "pair"]),
              help="Where the instructions go instead of ratios, see `bench anatomy`.")  # fmt: skip
@click.option("--statistics", is_flag=True, help="Median, IQR, min, samples and outliers of every measurement.")
def command(run: str, every_n: bool, statistics: bool, variants: bool, memory: bool, by: str | None) -> None:
    """Print the overhead ratios of a run as a table."""
    from rich.console import Console

    from bench.frames import load_run
    from bench.table import failure_lines, left_out_lines, memory_table, ratio_table, statistics_table, variants_table

    frame = load_run(find_run(run))
    if by is not None:
        from bench.anatomy.frames import anatomy_of
        from bench.anatomy.tables import anatomy_table, headline_keys

        anatomy = anatomy_of(frame)
        Console().print(anatomy_table(anatomy, by, headline_keys(anatomy)))
        return
    if memory:
        Console().print(memory_table(frame))
    elif statistics:
        Console().print(statistics_table(frame))
    elif variants:
        Console().print(variants_table(frame))
    else:
        Console().print(ratio_table(frame, every_n=every_n))
    for line in [*failure_lines(frame.attrs["run"]), *left_out_lines(frame.attrs["run"], headline_only=not variants)]:
        click.echo(line)
