"""`bench doctor`: is everything here that measuring needs?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from bench.cli.options import port_options

if TYPE_CHECKING:
    from bench.doctor import Finding


@click.command("doctor", epilog="Example: bench doctor --port /dev/ttyUSB0")
@port_options
@click.option("--flash", is_flag=True, help="Try both languages on the board: replaces the program that is on it.")
@click.option("--micropython", metavar="VERSION", help="With --flash: the official release.  [default: newest stable]")
def command(port: str | None, serial_number: str | None, flash: bool, micropython: str | None) -> int:
    """Look for everything that the virtual board needs, and name the one command that mends what is missing.

    With --port or --serial-number: go through a real board instead, from its port to a short measurement.

    Exit code 0: all is there; 3: something is missing.
    """
    from bench.doctor import examine

    if port is None and serial_number is None:
        if flash or micropython is not None:
            raise click.UsageError("--flash and --micropython are for a real board: name it with --port")
        return _show(examine(), "Everything is there: `bench run --board virtual-esp32 --quick` measures.")
    from bench.esp32.attach import Wanted
    from bench.esp32.checkup import examine_board

    wanted = Wanted(port=port, serial_number=serial_number, flash=flash, micropython=micropython)
    where = f"--port {port}" if port is not None else f"--serial-number {serial_number}"
    return _show(examine_board(wanted), f"The board is ready: `bench run {where}` measures.")


def _show(findings: Iterable[Finding], well: str) -> int:
    """Print each finding when it is known, then what mends the bad ones; the exit code."""
    mends: dict[str, None] = {}
    for finding in findings:
        mark = "ok     " if not finding.mend else "MISSING"
        click.echo(f"{mark}  {finding.what:18} {finding.found}")
        if finding.mend:
            mends[finding.mend] = None
    for mend in mends:
        click.echo(f"to mend it: {mend}")
    if not mends:
        click.echo(well)
    return 3 if mends else 0
