"""`bench charts RUN`: the charts of a run."""

from __future__ import annotations

from pathlib import Path

import click

from bench.cli.options import find_run, run_argument


@click.command("charts", epilog="Example: bench charts reference-virtual-esp32 --format svg --style dark --out slides/")
@run_argument
@click.option("--format", "formats", default="png,svg", show_default=True, metavar="LIST",
              help="png, svg, pdf, or several with commas.")  # fmt: skip
@click.option("--size", type=click.Choice(("slide", "page", "poster")), default="slide", show_default=True,
              help="What the text is sized for.")  # fmt: skip
@click.option("--style", type=click.Choice(("light", "dark")), default="light", show_default=True, help="Background.")
@click.option("--only", "names", multiple=True, metavar="NAME", help="Only this chart; repeatable.  [default: all]")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the files; default: RUN.")
def command(run: str, formats: str, size: str, style: str, names: tuple[str, ...], out: Path | None) -> None:
    """Draw every chart that a run has figures for, and print the paths."""
    from bench.charts import CHARTS, save_charts
    from bench.errors import InputError, ToolError
    from bench.frames import load_run

    source = find_run(run)
    frame = load_run(source)
    folder = out or source
    for name in names:
        if name not in CHARTS:
            raise InputError(f"no chart {name!r}; known: {', '.join(CHARTS)}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToolError(f"cannot create {folder}: {error.strerror}; choose another --out") from error
    wanted = tuple(dict.fromkeys(name.strip() for name in formats.split(",")))
    drawn = save_charts(frame, folder, wanted, size, style, names or CHARTS)
    if not drawn:
        raise InputError(f"{source.name} has no figures for {', '.join(names)}")
    for path in drawn:
        click.echo(str(path))
