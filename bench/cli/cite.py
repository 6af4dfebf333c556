"""`bench cite RUN`: how to cite the figures of a run."""

from __future__ import annotations

import click

from bench.cli.options import find_run, run_argument


@click.command("cite", epilog="Example: bench cite reference-virtual-esp32 --format bibtex >> paper.bib")
@run_argument
@click.option("--format", "form", type=click.Choice(["text", "bibtex", "cff"]), default="text", show_default=True,
              help="Plain text, a BibTeX entry, or a CITATION.cff.")  # fmt: skip
def command(run: str, form: str) -> None:
    """Print how to cite a run: its board and versions, its id, and an id that its figures decide."""
    from bench.citation import bibtex, cff, cite
    from bench.frames import load_run

    makers = {"text": cite, "bibtex": bibtex, "cff": cff}
    click.echo(makers[form](load_run(find_run(run))).rstrip("\n"))
