"""`bench new`: begins a workload with a small pair of programs that works."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from bench.catalogue import GROUPS
from bench.cli.options import catalogue_option


@click.command("new", epilog="Example: bench new moving_average --catalogue my-workloads --group integer")
@click.argument("name")
@catalogue_option
@click.option("--group", default="integer", show_default=True, metavar="GROUP", help=f"{', '.join(GROUPS[1:])}.")
@click.option("--title", metavar="TEXT", help="A few words for tables; default: the name.")
def command(name: str, catalogue: Path | None, group: str, title: str | None) -> None:
    """Begin a workload: script, C++ header, sketch, and a table with the right checksums.

    They go into the folder given by --catalogue, which is made where it is not there, or into the project itself. The
    pair is small, but passes `bench check`: replace its algorithm with what you want to measure.
    """
    from bench.new_workload import new_workload
    from bench.paths import require_checkout

    require_checkout()
    written = new_workload(name, group=group, title=name if title is None else title, own=catalogue)
    where = "" if catalogue is None else f" --catalogue {shlex.quote(str(catalogue))}"
    script, header, _, table = written
    click.echo("\n".join(f"wrote {path}" for path in written))
    click.echo(f"Edit {script.name} and {header.name} alike, and [workload.{name}] in {table.name}; then:")
    click.echo(f"  bench reference {name}{where} --write   # the right answers, into {table.name}")
    click.echo(f"  bench check {name}{where}   # both programs against the contract")
    click.echo(f"  bench run --board virtual-esp32 --workload {name}{where}   # the figures")
