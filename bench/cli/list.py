"""`bench list`: the workloads and their contracts."""

from __future__ import annotations

from pathlib import Path

import click

from bench.catalogue import Workload, load_catalogue, select
from bench.cli.options import catalogue_option, complete_workloads


@click.command("list", epilog="Example: bench list crc32")
@click.argument("names", metavar="[WORKLOAD]...", nargs=-1, shell_complete=complete_workloads)
@catalogue_option
def command(names: tuple[str, ...], catalogue: Path | None) -> None:
    """List the workloads, or print the contract of those named."""
    workloads = select(load_catalogue(own=catalogue), names)
    if names:
        click.echo("\n\n".join(_contract(workload) for workload in workloads))
        return
    width = max(len(w.name) for w in workloads)
    click.echo(f"{'workload':{width}}  {'group':8}  {'n':32}  title")
    for w in workloads:
        click.echo(f"{w.name:{width}}  {w.group:8}  {' '.join(map(str, w.sizes)):32}  {w.title}")


def _contract(w: Workload) -> str:
    facts = {
        "title": w.title,
        "group": w.group,
        "shows": w.shows,
        "does not show": w.does_not_show,
        "types": w.types,
        "fits in 31 bits": "yes" if w.fits_31_bit else "no: MicroPython needs big ints",
        "allocates": "yes, in MicroPython's timed part" if w.allocates else "no",
        "n counts": w.work_unit,
        "checked at": f"{w.check_n}, too",
        "sizes": ", ".join(f"{n}{' (quick)' if n == w.quick else ''}" for n in w.sizes),
        "checksums": ", ".join(f"{n}: {w.checksums[n]:08x}" for n in w.sizes),
        "functions": ", ".join(w.functions),
        "published": "yes: at these sizes on a real ESP32 by others" if w.published else "no",
        "script": f"mpy_scripts/{w.name}.py",
        "sketch": f"arduino_sketches/{w.name}/{w.name}.ino",
    }
    lines = [w.name] + [f"  {key + ':':16} {value}" for key, value in facts.items()]
    return "\n".join(lines + [f"  difference:      {text}" for text in w.differences])
