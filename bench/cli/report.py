"""`bench report RUN...`: the report of one or several runs."""

from __future__ import annotations

from pathlib import Path

import click

from bench.cli.options import complete_runs, find_run


@click.command("report", epilog="Example: bench report reference-virtual-esp32 --out report/")
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, shell_complete=complete_runs)
@click.option("--format", "formats", default="html,markdown", show_default=True, metavar="LIST",
              help="html, markdown, pdf, or several with commas.")  # fmt: skip
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the files; default: RUN, if it is one."
)
def command(runs: tuple[str, ...], formats: str, out: Path | None) -> None:
    """Write the report of one or several runs: figures, sources, method, origin, citation.

    report.html is one file that needs no network and no script; report.md comes with its charts beside it; report.pdf
    is for printing and citing, its long tables, flame graphs and sources are appendices. Several runs stand side by
    side, and need --out.
    """
    from bench.errors import InputError, ToolError
    from bench.frames import load_run
    from bench.report.write import write_report

    folders = [find_run(run) for run in runs]
    if out is None and len(folders) > 1:
        raise InputError("a report of several runs belongs into none of their folders: choose one with --out")
    frames = [load_run(folder) for folder in folders]
    folder = out or folders[0]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToolError(f"cannot create {folder}: {error.strerror}; choose another --out") from error
    names = [name.strip() for name in formats.split(",")]
    for path in write_report(frames, folder, names, say=lambda doing: click.echo(f"{doing} ...", err=True)):
        click.echo(str(path))
