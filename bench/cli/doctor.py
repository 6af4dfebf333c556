"""`bench doctor`: is everything here that measuring needs?"""

from __future__ import annotations

import click


@click.command("doctor", epilog="Example: bench doctor")
def command() -> int:
    """Look for everything that the virtual board needs, and name the one command that mends what is missing.

    Exit code 0: all is there; 3: something is missing.
    """
    from bench.doctor import examine

    findings = examine()
    for finding in findings:
        mark = "ok     " if not finding.mend else "MISSING"
        click.echo(f"{mark}  {finding.what:18} {finding.found}")
    mends = dict.fromkeys(finding.mend for finding in findings if finding.mend)
    for mend in mends:
        click.echo(f"to mend it: {mend}")
    if not mends:
        click.echo("Everything is there: `bench run --board virtual-esp32 --quick` measures.")
    return 3 if mends else 0
