"""`bench boards`: where things can be measured."""

from __future__ import annotations

import click

from bench.virtual_board.profiles import DEFAULT_PROFILE, PROFILES


@click.command("boards", epilog="Example: bench run --board virtual-esp32c3 --quick")
def command() -> None:
    """List the boards that `--board` takes."""
    for profile in PROFILES.values():
        mark = " (default)" if profile.name == DEFAULT_PROFILE else ""
        click.echo(f"{profile.name:16}  {profile.isa:9}  stands for {profile.stands_for}{mark}")
    click.echo("Virtual boards count retired instructions in QEMU: exact and repeatable, and not time.")
    click.echo("Real boards are not supported by this version yet.")
