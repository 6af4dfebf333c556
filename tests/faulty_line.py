"""A serial line that fails on purpose, between a real virtual board's UART and the port that the harness opens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from bench.board import Image, Log
from bench.errors import LinkLost
from bench.link import Link, open_when_there
from bench.virtual_board.board import VirtualBoard
from bench.virtual_board.qemu import Qemu
from tests.board_ports import make_port
from tests.line_faults import Fault
from tests.serial_line import SerialLine, connect


class FaultyLine(SerialLine):
    """The line of a virtual board in one language, which a power cycle boots."""

    def __init__(self, board: VirtualBoard, language: str, port: str, fault: Fault | None = None) -> None:
        super().__init__(language, lambda: make_port(port), fault)
        self._board = board
        self._language = language
        self._guest: Qemu | None = None

    def _start(self) -> None:
        self._end()
        self._guest = Qemu(self._board.profile, self._board.image(self._language))
        self._uart = connect(self._guest)

    def _end(self) -> None:
        super()._end()
        if self._guest is not None:
            self._guest.stop()
        self._guest = None


class BoardOnALine:
    """A board behind a serial port that can fail, as the harness sees it: what it boots is a power cycle."""

    max_parallel = 1
    line_may_fail = True

    def __init__(self, board: VirtualBoard, line: SerialLine, min_ticks: int, wait_s: float) -> None:
        self.facts = replace(board.facts)
        self.min_ticks = min_ticks
        self._board = board
        self._line = line
        self._wait_s = wait_s
        self._aborted = False

    def prepare(self, program: str, log: Log) -> Image:
        """As the virtual board does."""
        return self._board.prepare(program, log)

    @contextmanager
    def boot(self, program: str) -> Iterator[Link]:
        """Open the port wherever it is, then reset the board: not a byte of its boot is lost."""
        if self._aborted:
            raise LinkLost("the board was told to stop")
        with closing(open_when_there(self._line.port_name, self._wait_s, Link.open)) as link:
            self._line.power_cycle()
            yield link

    def abort(self) -> None:
        """Boot nothing more."""
        self._aborted = True
