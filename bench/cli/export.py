"""`bench export RUN`: a run for other programs and for papers."""

from __future__ import annotations

from pathlib import Path

import click

from bench.cli.options import find_run, run_argument


@click.command("export", epilog="Example: bench export reference-virtual-esp32 --format csv,latex --out paper/")
@run_argument
@click.option("--format", "formats", default="csv", show_default=True, metavar="NAMES",
              help="csv, parquet, json, xlsx; latex, markdown: headline ratios only. Several with commas.")  # fmt: skip
@click.option("--what", default="all", show_default=True, metavar="TABLE",
              help="samples, summary, ratios, all, or workflow.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Folder, or one file; default: export/ in RUN.")
@click.option("--standalone", is_flag=True, help="LaTeX: a whole document, not only the table.")
def command(run: str, formats: str, what: str, out: Path | None, standalone: bool) -> None:
    """Write the samples, the summary and the ratios of a run, with where they come from."""
    from bench.export import export
    from bench.frames import load_run

    source = find_run(run)
    names = [name.strip() for name in formats.split(",")]
    for path in export(load_run(source), out or source / "export", names, what, standalone=standalone):
        click.echo(str(path))
