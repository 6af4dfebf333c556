"""`bench charts RUN`: the charts of a run."""

from __future__ import annotations

from pathlib import Path

import click

from bench.cli.options import find_run, run_argument


@click.command("charts", epilog="Example: bench charts reference-virtual-esp32 --out slides/")
@run_argument
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the files; default: RUN.")
def command(run: str, out: Path | None) -> None:
    """Draw the charts of a run as PNG and SVG."""
    from bench.charts import save_charts
    from bench.errors import ToolError
    from bench.frames import load_run

    source = find_run(run)
    frame = load_run(source)
    folder = out or source
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToolError(f"cannot create {folder}: {error.strerror}; choose another --out") from error
    for path in save_charts(frame, folder):
        click.echo(str(path))
