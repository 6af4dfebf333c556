"""`bench check`: the workloads' contracts proven on the virtual board."""

from __future__ import annotations

from pathlib import Path

import click

from bench.cli.options import board_option, catalogue_option, complete_workloads


@click.command("check", epilog="Example: bench check sieve crc32")
@click.argument("names", metavar="[WORKLOAD]...", nargs=-1, shell_complete=complete_workloads)
@catalogue_option
@board_option
def command(names: tuple[str, ...], catalogue: Path | None, board: str) -> int:
    """Prove that both programs of each workload are what its contract says; one line a proof.

    With --catalogue and no names: the workloads of that folder. Proofs: structure (both sources define the contract's
    functions), set-up (no inputs are made in the timed part), viper (the overlay replaces timed functions only),
    functions (the compiler kept the algorithm as functions), answers (both languages give the reference's answer at
    every n and at check_n, time and again), growth (an execution takes longer, the larger n is).

    Exit code 0: all proven; 1: something failed.
    """
    from bench.catalogue import load_catalogue, select
    from bench.check import FAILED, check
    from bench.paths import require_checkout
    from bench.trials import TrialBoard

    require_checkout()
    known = load_catalogue(own=catalogue)
    workloads = select(known, names)
    if catalogue is not None and not names:
        workloads = [workload for workload in workloads if workload.root == catalogue.resolve()]

    def log(text: str) -> None:
        click.echo(text, err=True)

    failed = 0
    for proof in check(workloads, lambda: TrialBoard(board, catalogue, log), log):
        failed += proof.status == FAILED
        click.echo(str(proof))
    return 1 if failed else 0
