"""`bench list`: the workloads and their contracts."""

from __future__ import annotations

from pathlib import Path

import click

from bench import paths
from bench.catalogue import Workload, load_catalogue, select
from bench.cli.options import catalogue_option, complete_workloads


@click.command("list", epilog="Example: bench list crc32")
@click.argument("names", metavar="[WORKLOAD]...", nargs=-1, shell_complete=complete_workloads)
@catalogue_option
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text", show_default=True,
              help="markdown: a page with contracts and sources.")  # fmt: skip
def command(names: tuple[str, ...], catalogue: Path | None, form: str) -> None:
    """List the workloads, or print the contract of those named."""
    workloads = select(load_catalogue(own=catalogue), names)
    if form == "markdown":
        from bench.workloads_page import workloads_page

        click.echo(workloads_page(workloads), nl=False)
        return
    if names:
        click.echo("\n\n".join(_contract(workload) for workload in workloads))
        return
    width = max(len(w.name) for w in workloads)
    click.echo(f"{'workload':{width}}  {'group':9}  {'n':32}  title")
    for w in workloads:
        click.echo(f"{w.name:{width}}  {w.group:9}  {' '.join(map(str, w.sizes)):32}  {w.title}")


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
        "sizes": ", ".join(f"{n}{' (quick)' if n == w.quick else ''}" for n in w.sizes),
        "checked at": f"these and {w.check_n}",
        "checksums": ", ".join(f"{n}: {w.checksums[n]:08x}" for n in w.sizes),
        "boards": ", ".join(w.boards) or "all",
        "needs": f"module {', '.join(w.needs)}" if w.needs else "no module beyond MicroPython's core",
        "barred": "; ".join(f"{emitter}: {reason}" for emitter, reason in w.barred.items()) or "no emitter",
        "functions": ", ".join(w.functions),
        "published": "yes: at these sizes on a real ESP32 by others" if w.published else "no",
        "explains": w.explains or "-",
        "script": _place(w.script, w),
        "viper": _place(w.viper_overlay, w) if w.viper_overlay.is_file() else "no version for this emitter",
        "sketch": _place(w.sketch, w),
    }
    lines = [w.name] + [f"  {key + ':':16} {value}" for key, value in facts.items()]
    return "\n".join(lines + [f"  difference:      {text}" for text in w.differences])


def _place(path: Path, w: Workload) -> str:
    """A file as seen from the project; one's own in full."""
    return path.relative_to(paths.PROJECT).as_posix() if w.root == paths.PROJECT else str(path)
