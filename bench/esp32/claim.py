"""One bench a board: two would flash and restart it under each other's measurements.

A port of the system is opened for one program alone, but bench closes it between two boots, and over a network nobody
keeps a second one out. So the first holds a lock; the system lets go of it when a process is killed.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from bench.errors import ToolError
from bench.esp32.chips import ESPRESSIF_VID
from bench.esp32.ports import PortChoice
from bench.labels import printable
from bench.serial_port import holders


@contextmanager
def claimed(choice: PortChoice) -> Iterator[None]:
    """Keeps other processes of bench away from the board; ToolError where another one, or any program, has it."""
    lock = FileLock(_folder() / f"{hashlib.sha256(_board(choice).encode()).hexdigest()[:16]}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ToolError(
            f"another bench uses the board on {printable(choice.port, 100)}: wait until it has ended, or end it"
        ) from None
    except OSError:  # no place for locks: the port's own exclusion has to do
        pass
    try:
        _check_free(choice)
        yield
    finally:
        lock.release()


def _check_free(choice: PortChoice) -> None:
    """Not every program that opens a port closes it to others: `cat`, and minicom, read along what comes for us."""
    if os.path.realpath(choice.port).startswith("/dev/pts/"):  # whose other end needs them open
        return
    if who := holders(choice.port):
        raise ToolError(
            f"the port {printable(choice.port, 100)} is busy: {', '.join(who)} has it open; close that and try again"
        )


def _board(choice: PortChoice) -> str:
    """What stays the same as long as it is the same board: the number in the chip's own USB, else the port."""
    info = choice.info
    if info is not None and info.vid == ESPRESSIF_VID and info.serial_number:
        return info.serial_number
    return choice.port if choice.is_url else os.path.realpath(choice.port)


def _folder() -> Path:
    """One for each user, where nobody else can put anything in its place."""
    folder = Path(tempfile.gettempdir()) / f"bench-boards-{getattr(os, 'getuid', lambda: 'own')()}"
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder
