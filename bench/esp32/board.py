"""A real ESP32 as the harness sees it: flashed when another program is wanted, restarted for each boot."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.board import BoardFacts, Image, Log, Progress, Transfer
from bench.errors import InputError, LinkLost, ToolError, Unusable
from bench.esp32 import flasher
from bench.esp32.connection import Connection
from bench.esp32.identify import Found, identify
from bench.esp32.programs import Program, Programs
from bench.link import Link
from bench.runners.exchange import Patience
from bench.serial_port import BAUD

FIRST_BOOT = Patience(boot_s=20.0, answer_s=5.0)  # a fresh MicroPython formats its file system first
KNOWN = Patience(boot_s=10.0, answer_s=3.0)
# MicroPython's first boot formats its file system. A restart in the middle, which on some systems comes with every
# opening of the port, leaves one that its frozen boot code complains of for ever.
FORMATTING_S = 4.0
WRITE_ATTEMPTS = 3  # the later ones at the speed that every cable bears


class Esp32Board:
    """One board behind a connection. What it runs is asked of it; it is flashed only where that is another program."""

    max_parallel = 1
    line_may_fail = True

    def __init__(
        self,
        facts: BoardFacts,
        min_ticks: int,
        connection: Connection,
        programs: Programs,
        transfer: Transfer = lambda what, done, total: None,
        *,
        erase: bool = False,
        log: Log = lambda text: None,
    ) -> None:
        """`transfer` is told how writing goes on; `erase` clears the whole flash before the first program."""
        self.facts = facts
        self.min_ticks = min_ticks
        self.flashed: list[str] = []  # programs that were written, in order
        self._connection = connection
        self._programs = programs
        self._transfer = transfer
        self._erase = erase
        self._log = log
        self._prepared: dict[str, Program] = {}
        self._loaded: str | None = None  # the program that is known to be on the board
        self._failed_writes = 0  # in a row
        self._aborted = threading.Event()
        self._link: Link | None = None  # the last one

    @property
    def languages(self) -> Sequence[str]:
        """The languages that it can be measured in: one where nothing may be written to it."""
        return self._programs.languages

    def prepare(self, program: str, log: Log) -> Image:
        """Build or fetch a program, unless it is there. The board itself is flashed when it first has to run it."""
        self._prepared[program] = self._programs.prepare(program, log)
        return self._prepared[program].image

    @contextmanager
    def boot(self, program: str) -> Iterator[Link]:
        """The link to the restarted board, which runs the program.

        LinkLost where the board is away, ToolError where its port cannot be used, Unusable where the program cannot be
        put on it.
        """
        if self._aborted.is_set():
            raise LinkLost("the board was told to stop")
        if self._loaded != program:
            self._load(program)
        with self._connection.open(is_alive=self._is_wanted) as link:
            self._link = link
            if not self._is_wanted():
                link.stop()
            yield link

    def image(self, program: str) -> Path:
        """The ELF file of a prepared program; KeyError where there is none, as of a firmware that was fetched."""
        elf = self._prepared[program].elf
        if elf is None:
            raise KeyError(program)
        return elf

    def write_other(
        self, name: str, files: Sequence[tuple[int, Path]], progress: Progress, *, baudrate: int = flasher.FAST_BAUD
    ) -> None:
        """Write a program that somebody else has built; `boot(name)` then starts it. As `flasher.write` raises."""
        self._loaded = None
        flasher.write(self._connection.find(), files, progress=progress, baudrate=baudrate)
        self.flashed.append(name)
        self._loaded = name

    def abort(self) -> None:
        """Let go of the board, which is restarted where its port has a line for that, and boot nothing more."""
        self._aborted.set()
        if self._link is not None:
            self._link.stop()

    def _is_wanted(self) -> bool:
        return not self._aborted.is_set()

    def _load(self, name: str) -> None:
        program = self._prepared[name]
        self._loaded = None
        found = identify(self._connection, KNOWN)
        if not program.runs_in(found):
            self._write(name, program, found)
        self._loaded = name

    def _write(self, name: str, program: Program, found: Found | None) -> None:
        if not program.files:
            raise Unusable(f"the board runs {found or 'neither program'} now, and --no-flash forbids to write another")
        self._log(f"writing {name} to the board, which runs {found or 'neither program'} now")
        try:
            flasher.write(
                self._connection.find(),
                program.files,
                erase=self._erase and not self.flashed,
                progress=lambda done, total: self._transfer(name, done, total),
                baudrate=BAUD if self._failed_writes else flasher.FAST_BAUD,
                is_wanted=self._is_wanted,
            )
        except LinkLost as error:
            if self._aborted.is_set():
                raise
            self._failed_writes += 1
            if self._failed_writes >= WRITE_ATTEMPTS:
                raise Unusable(f"{name} cannot be written, tried {WRITE_ATTEMPTS} times: {error}") from error
            self._log(f"writing {name} failed, it is tried again: {error}")
            raise
        except (ToolError, InputError) as error:
            raise Unusable(str(error)) from error
        self.flashed.append(name)
        self._failed_writes = 0
        if program.language == "micropython":
            self._aborted.wait(FORMATTING_S)
        self._check_running(name, program)

    def _check_running(self, name: str, program: Program) -> None:
        """Unusable where the board does not run what was just written. Asked twice: an answer can get lost."""
        for _ in range(2):
            found = identify(self._connection, FIRST_BOOT)
            if program.runs_in(found):
                return
        raise Unusable(
            f"{name} was written and the flash holds it, yet the board then runs {found or 'neither program'}, "
            f"expected {program.identity}: press RESET (EN) and try again; a main.py of your own that sleeps or "
            "restarts goes with --erase; see docs/hardware-checklist.md"
        )
