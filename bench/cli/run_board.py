"""Which board `bench run` means: a virtual one by its name, or a real one on a port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cli.progress import RunProgress
from bench.errors import InputError
from bench.esp32.attach import Attached, Wanted, attach
from bench.esp32.chips import CHIPS
from bench.esp32.claim import claimed
from bench.esp32.ports import choose_port
from bench.variants import LANGUAGES
from bench.virtual_board.profiles import PROFILES

if TYPE_CHECKING:
    from bench.board import Board

LEFT = "the other one goes into the same run with: bench run --resume RUN"


@contextmanager
def opened(board: str | None, wanted: Wanted, only: str, layouts: int) -> Iterator[tuple[Board, str, RunProgress]]:
    """The board, the language that is measured now (empty: both), and the progress that shows what goes on.

    InputError where the arguments do not fit each other or no board; ToolError where the board does not answer.
    """
    if is_virtual(board, wanted):
        from bench.virtual_board.board import VirtualBoard

        _refuse_for_virtual(wanted)
        with RunProgress() as progress:
            yield VirtualBoard(str(board), catalogue=wanted.own_catalogue), only, progress
        return
    _check_no_flash(wanted, layouts)
    with RunProgress() as progress, claimed_board(board, wanted):
        attached = attach(wanted, progress.log, progress.transfer)
        yield attached.board, _language(attached, only, progress), progress


def claimed_board(board: str | None, wanted: Wanted) -> AbstractContextManager[None]:
    """Keeps other processes of bench away from a real board; a virtual one is everybody's."""
    return nullcontext() if is_virtual(board, wanted) else claimed(choose_port(wanted.port, wanted.serial_number))


def is_virtual(board: str | None, wanted: Wanted) -> bool:
    """Whether a virtual board of one's own is meant, and not one behind a port. InputError for an unknown name."""
    if board is not None and board not in (*PROFILES, *CHIPS):
        raise InputError(f"no board {board!r}; known: {', '.join((*PROFILES, *CHIPS))} (see `bench boards`)")
    return board in PROFILES and wanted.port is None and wanted.serial_number is None


def wanted_board(
    board: str | None,
    *,
    port: str | None,
    serial_number: str | None,
    no_flash: bool,
    erase: bool,
    firmware: Path | None,
    micropython: str | None,
    firmware_sha256: str | None,
    catalogue: Path | None,
) -> Wanted:
    """What a person's arguments say about a real board."""
    return Wanted(
        port=port,
        serial_number=serial_number,
        chip=board if board in CHIPS else None,
        flash=not no_flash,
        erase=erase,
        firmware=firmware,
        micropython=micropython,
        firmware_sha256=firmware_sha256,
        own_catalogue=catalogue,
    )


def _refuse_for_virtual(wanted: Wanted) -> None:
    given = {
        "--no-flash": not wanted.flash,
        "--erase": wanted.erase,
        "--firmware": wanted.firmware is not None,
        "--micropython": wanted.micropython is not None,
        "--firmware-sha256": wanted.firmware_sha256 is not None,
    }
    for option, is_given in given.items():
        if is_given:
            raise InputError(f"{option} is for a real board: name one with --port, or leave the option out")


def _check_no_flash(wanted: Wanted, layouts: int) -> None:
    clashes = {
        "--erase": wanted.erase,
        "--layouts": layouts > 1,
        "--firmware": wanted.firmware is not None,
        "--micropython": wanted.micropython is not None,
        "--firmware-sha256": wanted.firmware_sha256 is not None,
    }
    for option, is_given in clashes.items():
        if is_given and not wanted.flash:
            raise InputError(f"{option} writes to the board, which --no-flash forbids: leave out one of them")
    if wanted.firmware is not None and wanted.micropython is not None:
        raise InputError("--firmware names a file, --micropython a release: give one of them")


def _language(attached: Attached, only: str, progress: RunProgress) -> str:
    """What can be measured without writing to the board is the language of the program that is on it."""
    if attached.found is None:
        return only
    language = attached.found.language
    if only not in ("", language):
        raise InputError(
            f"--only {only} was asked for, the board runs {attached.found}: leave out --no-flash, or put the other "
            "program on it"
        )
    if not only:
        progress.log(f"only {language} is measured now, of {' and '.join(LANGUAGES)}; {LEFT}")
    return language
