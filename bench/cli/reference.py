"""`bench reference`: the checksums of the catalogue against the CPython reference."""

from __future__ import annotations

from pathlib import Path

import click

from bench.cli.options import catalogue_option, complete_workloads


@click.command("reference", epilog="Example: bench reference sieve")
@click.argument("names", metavar="[WORKLOAD]...", nargs=-1, shell_complete=complete_workloads)
@catalogue_option
@click.option("--n", "sizes", type=click.IntRange(min=1), multiple=True, help="Sizes, in place of the catalogue's.")
@click.option("--write", is_flag=True, help="Put the computed checksums into workloads.toml.")
def command(names: tuple[str, ...], catalogue: Path | None, sizes: tuple[int, ...], write: bool) -> int:
    """Compute the reference answers with CPython and compare them with the catalogue's checksums.

    Prints a line for workloads.toml for each n, and ends with exit code 1 where the catalogue says otherwise. With
    --write, the checksums of the workloads named are replaced by those computed, also where the table's sizes and
    checksums do not fit each other yet.
    """
    from bench.answers import reference_answer
    from bench.catalogue import load_catalogue, select

    if write:
        if sizes or not names:
            raise click.UsageError("--write needs the names of workloads, and takes no --n")
        return _write(names, catalogue)
    wrong = 0
    for workload in select(load_catalogue(own=catalogue), names):
        click.echo(f"[workload.{workload.name}.checksums]")
        for n in sizes or workload.sizes:
            checksum = reference_answer(workload, n)
            expected = workload.checksums.get(n)
            differs = expected is not None and expected != checksum
            wrong += differs
            click.echo(f'{n} = "0x{checksum:08x}"' + (f"  # the catalogue says 0x{expected:08x}" if differs else ""))
    return 1 if wrong else 0


def _write(names: tuple[str, ...], catalogue: Path | None) -> int:
    from bench.catalogue_text import write_checksums

    for name in names:
        changed = write_checksums(name, catalogue)
        click.echo(f"{name}: " + (", ".join(f"n = {n}" for n in changed) if changed else "nothing to change"))
    return 0
