"""`bench verify`: the committed reference run measured again, and compared count by count."""

from __future__ import annotations

import click

from bench.cli.options import complete_boards


@click.command("verify", epilog="Example: bench verify --board virtual-esp32")
@click.option("--board", "boards", multiple=True, metavar="NAME", shell_complete=complete_boards,
              help="Only the reference run of this board; repeatable.")  # fmt: skip
@click.option("--quick", is_flag=True, help="Only one n a workload.")
def command(boards: tuple[str, ...], quick: bool) -> int:
    """Measure the reference runs in results/ again and compare every count exactly.

    Names each difference. Exit code 0: identical; 1: a count differs; 3: this computer's toolchain is another one, so
    that counts cannot be expected to be equal.
    """
    from bench.cli.progress import RunProgress
    from bench.verify import reference_runs, verify

    exit_code = 0
    for reference in reference_runs(boards):
        with RunProgress() as progress:
            comparison = verify(reference, progress, quick=quick)
        for difference in comparison.toolchain_differences:
            click.echo(f"{comparison.board}: another toolchain: {difference}")
        for difference in comparison.count_differences:
            click.echo(f"{comparison.board}: {difference}")
        click.echo(f"{comparison.board}: {comparison.verdict}")
        exit_code = max(exit_code, comparison.exit_code)
    return exit_code
