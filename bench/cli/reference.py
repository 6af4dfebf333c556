"""`bench reference`: the checksums of the catalogue against the CPython reference."""

from __future__ import annotations

import click

from bench.cli.options import complete_workloads


@click.command("reference", epilog="Example: bench reference sieve")
@click.argument("names", metavar="[WORKLOAD]...", nargs=-1, shell_complete=complete_workloads)
@click.option("--n", "sizes", type=click.IntRange(min=1), multiple=True, help="Sizes, in place of the catalogue's.")
def command(names: tuple[str, ...], sizes: tuple[int, ...]) -> int:
    """Compute the reference answers with CPython and compare them with the catalogue's checksums.

    Prints a line for workloads.toml for each n, and ends with exit code 1 where the catalogue says otherwise.
    """
    from bench.catalogue import load_catalogue, select
    from bench.reference import reference_checksum

    wrong = 0
    for workload in select(load_catalogue(), names):
        click.echo(f"[workload.{workload.name}.checksums]")
        for n in sizes or workload.sizes:
            checksum = reference_checksum(workload.script, n, workload.seed)
            expected = workload.checksums.get(n)
            differs = expected is not None and expected != checksum
            wrong += differs
            click.echo(f'{n} = "0x{checksum:08x}"' + (f"  # the catalogue says 0x{expected:08x}" if differs else ""))
    return 1 if wrong else 0
