"""`bench boards`: where things can be measured."""

from __future__ import annotations

import click

from bench.esp32.chips import CHIPS
from bench.virtual_board.profiles import DEFAULT_PROFILE, PROFILES


@click.command("boards", epilog="Example: bench run --board virtual-esp32c3 --quick")
def command() -> None:
    """List the boards that `--board` takes, and the ports on which a real one may be."""
    from bench.esp32.ports import BOARD_VIDS, list_ports

    for profile in PROFILES.values():
        mark = " (where a command has a default)" if profile.name == DEFAULT_PROFILE else ""
        click.echo(f"{profile.name:16}  {profile.isa:10}  stands for {profile.stands_for}{mark}")
    click.echo("Virtual boards count retired instructions in QEMU: exact and repeatable, and not time.")
    for chip in CHIPS.values():
        fpu = "single-precision FPU" if chip.fpu else "no FPU"
        click.echo(f"{chip.name:16}  {chip.isa:10}  a real {chip.esptool_name} at {chip.clock_hz // 10**6} MHz ({fpu})")
    click.echo("Real boards count cycles; the chip is asked what it is: `bench run --port PORT`.")
    ports = list_ports()
    for port in ports:
        likely = "may be a board" if port.vid in BOARD_VIDS else "no USB bridge of a board"
        click.echo(f"port {port.text}: {likely}")
    if not ports:
        click.echo("no serial port is there now")
