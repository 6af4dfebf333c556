"""`bench published`: overhead ratios that others measured, beside those of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench.cli.options import complete_runs, find_run

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

DEFAULT_RUN = "reference-virtual-esp32"


@click.command("published", epilog="Example: bench published reference-virtual-esp32 --out slides/")
@click.argument("runs", metavar="[RUN]...", nargs=-1, shell_complete=complete_runs)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              help="Folder for a chart of all these runs and the published ratios.")  # fmt: skip
def command(runs: tuple[str, ...], out: Path | None) -> None:
    """Print the ratios that others measured on real boards beside those of runs.

    Without RUN: the reference run of virtual-esp32. Ends with how far they lie apart, and what explains it.
    """
    from rich.console import Console

    from bench.frames import load_run
    from bench.published import findings, load_sources

    frames = [load_run(find_run(run)) for run in runs or (DEFAULT_RUN,)]
    console = Console()
    for frame in frames:
        console.print(_table(frame))
        for sentence in findings(frame):
            console.print(f"- {sentence}", markup=False, highlight=False)
    for source in load_sources():
        console.print(f"- {source.label}: {source.citation}. doi:{source.doi}", markup=False, highlight=False)
    if out:
        for path in _save_chart(frames, out):
            click.echo(str(path))


def _table(frame: pd.DataFrame) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    from bench.labels import ratio_text, unit_text
    from bench.published import beside

    run = frame.attrs["run"]
    title = f"Overhead ratios: {run['run_id']} ({unit_text(run)}) and published (time)"
    table = Table(title=escape(title), box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("workload", no_wrap=True)
    for name in ("n", "ours", "published", "published / ours"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("set", no_wrap=True)
    for row in beside(frame).to_dict("records"):
        figures = ratio_text(row["ours"]), ratio_text(row["published"]), f"{row['quotient']:.2f}"
        table.add_row(escape(row["workload"]), str(row["n"]), *figures, escape(row["label"]))
    return table


def _save_chart(frames: list[pd.DataFrame], folder: Path) -> list[Path]:
    from bench.charts import published_chart, save_figure
    from bench.errors import ToolError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToolError(f"cannot create {folder}: {error.strerror}; choose another --out") from error
    figure = published_chart(frames[0], others=frames[1:])
    return [save_figure(figure, folder / f"published.{suffix}") for suffix in ("png", "svg")]
