"""`bench flames RUN`: flame graphs of the anatomy of a run."""

from __future__ import annotations

from pathlib import Path

import click

from bench.cli.options import complete_variants, complete_workloads, find_run, run_argument


@click.command("flames", epilog="Example: bench flames reference-virtual-esp32 -w crc32 --out slides/")
@run_argument
@click.option(
    "--workload", "-w", "workloads", multiple=True, shell_complete=complete_workloads, help="Only this; repeatable."
)
@click.option("--variant", "variants", multiple=True, shell_complete=complete_variants, metavar="NAME",
              help="Os, bytecode, native ...; repeatable.  [default: bytecode]")  # fmt: skip
@click.option("--format", "formats", default="svg", show_default=True, metavar="LIST",
              help="svg (a picture), speedscope (for the viewer of that name), collapsed (text), or several with "
              "commas.")  # fmt: skip
@click.option("--size", type=click.Choice(("slide", "page", "poster")), default="slide", show_default=True,
              help="What the text is sized for.")  # fmt: skip
@click.option("--style", type=click.Choice(("light", "dark")), default="light", show_default=True, help="Background.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the files; default: "
              "flames/ in RUN.")  # fmt: skip
def command(
    run: str,
    workloads: tuple[str, ...],
    variants: tuple[str, ...],
    formats: str,
    size: str,
    style: str,
    out: Path | None,
) -> None:
    """Draw which functions the instructions of each workload go to, and print the paths.

    RUN needs an anatomy, see `bench anatomy`. Each workload at the largest n that was profiled.
    """
    from bench.anatomy.flame_files import flame_files
    from bench.errors import ToolError
    from bench.paths import shown_path

    source = find_run(run)
    wanted = list(dict.fromkeys(name.strip() for name in formats.split(",")))
    files = flame_files(source, workloads, variants, wanted, size, style)
    folder = out or source / "flames"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
            click.echo(str(shown_path(folder / name)))
    except OSError as error:
        raise ToolError(f"cannot write into {folder}: {error.strerror}; choose another --out") from error
