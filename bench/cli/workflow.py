"""`bench workflow`: the two ways of working, measured."""

from __future__ import annotations

from pathlib import Path

import click

from bench.cli.options import board_option, catalogue_option, complete_runs, find_run
from bench.workflow.context import DEFAULT_REPETITIONS


@click.command("workflow", epilog="Example: bench workflow reference-virtual-esp32 --part storage")
@click.argument("run", metavar="[RUN]", required=False, shell_complete=complete_runs)
@board_option
@catalogue_option
@click.option("--part", "parts", multiple=True, metavar="NAME", help="Only this; repeatable.  [default: all]")
@click.option("--only", "names", multiple=True, metavar="NAME", help="Only this workload, size or device; repeatable.")
@click.option("--repetitions", type=click.IntRange(1, 1000), default=DEFAULT_REPETITIONS, show_default=True,
              help="Of each wall time.")  # fmt: skip
@click.option("--quick", is_flag=True, help="The short version.")
@click.option("--fresh", is_flag=True, help="Measure again what has not changed.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              help="Folder of the run that is made without RUN.")  # fmt: skip
def command(
    run: str | None,
    board: str,
    catalogue: Path | None,
    parts: tuple[str, ...],
    names: tuple[str, ...],
    repetitions: int,
    quick: bool,
    fresh: bool,
    out: Path | None,
) -> int:
    """Measure the two ways of working: from edit to running, compiling, storage, memory, the REPL, I/O."""
    from bench.catalogue import load_catalogue
    from bench.paths import require_checkout
    from bench.results import read_facts
    from bench.virtual_board.board import VirtualBoard
    from bench.workflow.context import Context
    from bench.workflow.measuring import measure_workflow

    require_checkout()
    if run is None:
        raise click.UsageError("name a RUN")
    folder = find_run(run)
    virtual = VirtualBoard(str(read_facts(folder)["board"]["name"]), catalogue=catalogue)
    log = lambda text: click.echo(text, err=True)  # noqa: E731
    images = {program: virtual.prepare(program, log) for program in ("arduino", "micropython")}
    context = Context(virtual, load_catalogue(own=catalogue), repetitions, log, log, images, fresh, quick)
    measured = measure_workflow(folder, context, parts, names, log)
    for name, error in measured.failures.items():
        click.echo(f"{name}: {error}", err=True)
    return measured.exit_code
