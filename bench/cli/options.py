"""Arguments that several commands share, and how a shell completes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from bench import paths
from bench.variants import ALL, VARIANTS
from bench.virtual_board.profiles import DEFAULT_PROFILE, PROFILES

F = TypeVar("F", bound=Callable[..., Any])


def complete_workloads(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The workloads whose names begin so, with their titles."""
    from bench.catalogue import load_catalogue
    from bench.errors import InputError

    try:
        workloads = load_catalogue(own=ctx.params.get("catalogue"))
    except InputError:  # of the person's own; nothing can be said here
        workloads = load_catalogue()
    return [CompletionItem(w.name, help=w.title) for w in workloads.values() if w.name.startswith(incomplete)]


def complete_runs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The run folders below results/."""
    folders = (p.parent.name for p in sorted(paths.RESULTS.glob("*/run.json")))
    return [CompletionItem(name) for name in folders if name.startswith(incomplete)]


def complete_boards(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The boards, with what they stand for."""
    return [CompletionItem(p.name, help=p.stands_for) for p in PROFILES.values() if p.name.startswith(incomplete)]


def complete_variants(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The variants of both languages, with what they are."""
    known = {ALL: "every variant"} | {name: text for names in VARIANTS.values() for name, text in names.items()}
    return [CompletionItem(name, help=text) for name, text in known.items() if name.startswith(incomplete)]


def board_option(function: F) -> F:
    """`--board NAME`."""
    return click.option(
        "--board",
        default=DEFAULT_PROFILE,
        show_default=True,
        metavar="NAME",
        shell_complete=complete_boards,
        help="The board, see `bench boards`.",
    )(function)


def complete_any_boards(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The boards that `bench run` takes: virtual ones, and chips."""
    from bench.esp32.chips import CHIPS

    real = [CompletionItem(chip.name, help=f"a real {chip.esptool_name}") for chip in CHIPS.values()]
    return complete_boards(ctx, param, incomplete) + [item for item in real if item.value.startswith(incomplete)]


def port_options(function: F) -> F:
    """`--port PORT` and `--serial-number NUMBER`: a real board, or a serial server that stands for one."""
    number = click.option(
        "--serial-number", metavar="NUMBER", help="The real board with this USB serial number, wherever it is."
    )
    port = click.option(
        "--port",
        metavar="PORT",
        help="A real board's port: /dev/ttyUSB0, COM3, socket://host:port, rfc2217://host:port.",
    )
    return port(number(function))


def catalogue_option(function: F) -> F:
    """`--catalogue DIR`: a person's own workloads beside the project's; the parameter is `catalogue: Path | None`."""
    return click.option(
        "--catalogue",
        metavar="DIR",
        type=click.Path(path_type=Path),  # whether it is there, the catalogue says in one line
        help="A folder with workloads of your own, see docs/own-workloads.md.",
    )(function)


def run_argument(function: F) -> F:
    """`RUN`: a run folder, by path or by its name below results/."""
    return click.argument("run", metavar="RUN", shell_complete=complete_runs)(function)


def board_of(folder: Path) -> str:
    """The name of the board that a run was made on. InputError where the folder is no run."""
    from bench.results import read_facts

    return str(read_facts(folder)["board"].get("name"))


def find_run(run: str) -> Path:
    """The folder that a person means by a path or a run's name."""
    path = Path(run)
    below_results = paths.RESULTS / run
    return below_results if not path.exists() and below_results.is_dir() else path
