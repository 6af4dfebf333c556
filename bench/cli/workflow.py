"""`bench workflow`: the two ways of working, measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from bench.cli.options import board_of, catalogue_option, complete_any_boards, complete_runs, find_run, port_options
from bench.workflow.context import DEFAULT_REPETITIONS

if TYPE_CHECKING:
    from bench.board import Board
    from bench.cli.workflow_progress import WorkflowProgress
    from bench.esp32.attach import Wanted
    from bench.workflow.context import Context
    from bench.workflow.measuring import Measured

_FIXED_BY_RUN = ("board", "out")
_MEASURING = ("parts", "names", "repetitions", "quick", "fresh")


def _complete_parts(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from bench.workflow.parts import find_part, known_parts

    names = [name for name in known_parts() if name.startswith(incomplete)]
    return [CompletionItem(name, help=find_part(name).title) for name in names]


@click.command("workflow", epilog="Example: bench workflow reference-virtual-esp32 --part compiling --part repl")
@click.argument("run", metavar="[RUN]", required=False, shell_complete=complete_runs)
@click.option("--board", metavar="NAME", shell_complete=complete_any_boards,
              help="Without RUN: as for `bench run`. Default: the one real board that is plugged in.")  # fmt: skip
@port_options
@click.option("--firmware", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="MicroPython for a real board, instead of the official one.")  # fmt: skip
@click.option("--micropython", metavar="VERSION", help="Official MicroPython release.  [default: newest stable]")
@catalogue_option
@click.option("--part", "parts", multiple=True, metavar="NAME", shell_complete=_complete_parts,
              help="storage, memory, compiling, repl, io or edit_to_run; repeatable.  [default: all]")  # fmt: skip
@click.option("--only", "names", multiple=True, metavar="NAME",
              help="Only this workload, size, device ..., in the parts that know it; repeatable.")  # fmt: skip
@click.option("--repetitions", type=click.IntRange(1, 1000), default=DEFAULT_REPETITIONS, show_default=True,
              help="Of each wall time; exact figures need one.")  # fmt: skip
@click.option("--quick", is_flag=True, help="The short version: fewer programs and sizes.")
@click.option("--fresh", is_flag=True, help="Measure again what has not changed.")
@click.option("--claims", is_flag=True, help="Measure nothing: judge what is said of the two by what RUN has.")
@click.option("--verify", "verifies", is_flag=True, help="Measure the exact figures of RUN again, and compare.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              help="Folder of the run that is made without RUN.")  # fmt: skip
@click.pass_context
def command(
    ctx: click.Context,
    run: str | None,
    board: str | None,
    port: str | None,
    serial_number: str | None,
    firmware: Path | None,
    micropython: str | None,
    catalogue: Path | None,
    parts: tuple[str, ...],
    names: tuple[str, ...],
    repetitions: int,
    quick: bool,
    fresh: bool,
    claims: bool,
    verifies: bool,
    out: Path | None,
) -> int:
    """Measure the two ways of working: storage, memory, compiling, the REPL, I/O, and the way from edit to running.

    RUN is a run of the same board, into whose folder it goes; without it, a quick run is made first. What RUN has of
    it already, and of which nothing has changed, stays. Ends with what is said of the two, judged by the figures. Exit
    code 0: every part has its figures; with --verify: every exact figure is as before, 1: one is not.
    """
    from bench.catalogue import load_catalogue
    from bench.cli.run_board import claimed_board, wanted_board
    from bench.cli.workflow_progress import WorkflowProgress
    from bench.paths import require_checkout
    from bench.workflow.parts import concerned, find_part, known_parts

    require_checkout()
    _refuse_together(ctx, run, claims, verifies)
    for name in parts:
        find_part(name)
    concerned(parts or known_parts(), names, load_catalogue(own=catalogue))  # before anything is built
    if claims:
        _show_claims(find_run(str(run)))
        return 0
    if run is not None:
        board = board_of(find_run(run))
    wanted = wanted_board(
        board, port=port, serial_number=serial_number, no_flash=False, erase=False, firmware=firmware,
        micropython=micropython, firmware_sha256=None, catalogue=catalogue,
    )  # fmt: skip
    folder, status = (find_run(run), 0) if run is not None else _quick_run(board, wanted, out)
    board = board or board_of(folder)
    with WorkflowProgress() as progress, claimed_board(board, wanted):
        its_board = _attached(board, wanted, progress)
        context = _context(its_board, catalogue, progress, repetitions, fresh, quick)
        if verifies:
            return _verify(folder, context, parts, progress)
        measured = _measure(folder, context, parts, names, progress)
    return max(_conclude(folder, measured), status)


def measure_into(folder: Path, board: Board, catalogue: Path | None, *, fresh: bool, quick: bool) -> int:
    """Measure all parts with a board that has just made the run in the folder; show the claims, give the exit code."""
    from bench.cli.workflow_progress import WorkflowProgress

    with WorkflowProgress() as progress:
        context = _context(board, catalogue, progress, DEFAULT_REPETITIONS, fresh, quick)
        measured = _measure(folder, context, (), (), progress)
    return _conclude(folder, measured)


def _measure(
    folder: Path, context: Context, parts: tuple[str, ...], names: tuple[str, ...], progress: WorkflowProgress
) -> Measured:
    from bench.workflow.measuring import measure_workflow

    return measure_workflow(folder, context, parts, names, progress.begin)


def _refuse_together(ctx: click.Context, run: str | None, claims: bool, verifies: bool) -> None:
    def given(name: str) -> bool:
        return ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE

    if run is not None and any(map(given, _FIXED_BY_RUN)):
        raise click.UsageError("RUN brings its board and its folder: leave out --board and --out")
    if run is None and (claims or verifies):
        raise click.UsageError("--claims and --verify need a RUN that was measured: name it")
    if claims and (verifies or any(map(given, _MEASURING))):
        raise click.UsageError("--claims measures nothing: leave out what says how to measure")
    if verifies and any(map(given, ("names", "repetitions", "quick", "fresh"))):
        raise click.UsageError("--verify measures what RUN has, as it was measured: only --part goes with it")


def _quick_run(board: str | None, wanted: Wanted, out: Path | None) -> tuple[Path, int]:
    """A run of all workloads at one n each, and its exit code."""
    from bench.cli.run_board import opened
    from bench.runs import Choices, new_run

    choices = Choices(quick=True, own_catalogue=wanted.own_catalogue)
    with opened(board, wanted, "", layouts=1) as (its_board, _, progress):
        finished = new_run(its_board, choices, progress, out)
    return finished.path, finished.exit_code


def _attached(board: str, wanted: Wanted, progress: WorkflowProgress) -> Board:
    from bench.cli.run_board import is_virtual
    from bench.esp32.attach import attach
    from bench.virtual_board.board import VirtualBoard

    if is_virtual(board, wanted):
        return VirtualBoard(board, catalogue=wanted.own_catalogue)
    return attach(wanted, progress.log, progress.transfer).board


def _context(
    board: Board, catalogue: Path | None, progress: WorkflowProgress, repetitions: int, fresh: bool, quick: bool
) -> Context:
    """The board with both programs prepared."""
    from bench.catalogue import load_catalogue
    from bench.workflow.context import Context

    workloads = load_catalogue(own=catalogue)
    images = {program: board.prepare(program, progress.log) for program in ("arduino", "micropython")}
    return Context(board, workloads, repetitions, progress.log, progress.step, images, fresh, quick)


def _verify(folder: Path, context: Context, parts: tuple[str, ...], progress: WorkflowProgress) -> int:
    from bench.workflow.verifying import verify_workflow

    verified = verify_workflow(folder, context, parts, progress.begin)
    for line in (*verified.other_images, *verified.differences):
        click.echo(line)
    click.echo(f"{folder.name}: {verified.verdict}")
    return verified.exit_code


def _conclude(folder: Path, measured: Measured) -> int:
    from bench.paths import shown_path
    from bench.workflow.store import FOLDER

    _show_claims(folder)
    if measured.reused or measured.present:
        names = ", ".join([*measured.present, *measured.reused])
        click.echo(f"not measured again, nothing that decides it has changed: {names}; --fresh does", err=True)
    for name, error in measured.failures.items():
        click.echo(f"no figures of {name}: {error}", err=True)
    for path in sorted((folder / FOLDER).iterdir()):
        if path.suffix in (".csv", ".json"):
            click.echo(str(shown_path(path)))
    return measured.exit_code


def _show_claims(folder: Path) -> None:
    from rich.console import Console

    from bench.frames import load_run
    from bench.workflow.claims import judge
    from bench.workflow.frames import load_workflow
    from bench.workflow.tables import claims_table

    frame = load_run(folder)
    Console().print(claims_table(judge(frame, load_workflow(folder)), str(frame.attrs["run"]["run_id"])))
