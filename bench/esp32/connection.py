"""The way to a board: opening its port wherever that is now, and restarting the chip with nothing of its boot lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from bench.errors import LinkLost, ToolError, Unusable
from bench.esp32.ports import ListPorts, PortChoice, find_again, list_ports
from bench.esp32.reset import ResetMethod, close_port, hard_reset, open_port, reset_method
from bench.labels import printable
from bench.link import Link, open_when_there
from bench.serial_port import PORT_ERRORS

_SHOWN = 160  # characters of a transcript in a message
BACK_S = 10.0  # for a port to be there again after a reset


class Connection:
    """One board on one port, which may come back under another name each time it resets."""

    def __init__(
        self,
        choice: PortChoice,
        list_ports: ListPorts = list_ports,
        back_s: float = BACK_S,
        method: ResetMethod | None = None,
    ) -> None:
        """`method` is how the board is restarted; None: as the kind of its port says."""
        self._choice = choice
        self._method = method
        self._list_ports = list_ports
        self._back_s = back_s
        self._was_there = False
        self._transcript = ""

    @property
    def choice(self) -> PortChoice:
        """The port as it was last seen."""
        return self._choice

    @property
    def method(self) -> ResetMethod:
        """How the board is restarted."""
        return self._method or reset_method(self._choice)

    @property
    def last_words(self) -> str:
        """What the board said when it was listened to last, in words for a message."""
        said = printable(self._transcript[-_SHOWN:]).strip()
        return f"the last it said: {said}" if said else "it says nothing"

    def find(self) -> str:
        """The port's name or URL now; LinkLost where the board is not there."""
        self._choice = find_again(self._choice, self._back_s, self._list_ports)
        self._was_there = True
        return self._choice.port

    @contextmanager
    def open(self, *, restart: bool = True, is_alive: Callable[[], bool] = lambda: True) -> Iterator[Link]:
        """The open port; with `restart` the chip starts anew, where the port has a line for that.

        ToolError where the port cannot be used (busy, no permission), LinkLost where it is not there, or was let go by
        `is_alive`. A port that was there before is waited for; Unusable where it stays away.
        """
        port = self._back(is_alive) if self._was_there else open_port(self.find(), self.method)
        restarted = False
        try:
            if restart:
                port, restarted = self._restarted(port, is_alive)
            link = Link(port, is_alive, restarted=restarted)
            try:
                yield link
            finally:
                self._transcript = link.transcript
        finally:
            if not is_alive():  # it was to stop in the middle of something, which nobody ends but a restart
                with suppress(ToolError):
                    hard_reset(port, self.method)
            close_port(port, self.method)

    def _restarted(self, port: Any, is_alive: Callable[[], bool]) -> tuple[Any, bool]:
        """The open port, which may be another one now, and whether the chip was restarted by it."""
        with suppress(*PORT_ERRORS):  # what was there before is not the answer to anything; a network port may refuse
            port.reset_input_buffer()
        restarted = hard_reset(port, self.method)
        if not restarted or self.method is not ResetMethod.USB_JTAG:
            return port, restarted
        close_port(port, ResetMethod.NONE)  # it is on its way off the bus: its lines are nobody's
        return self._back(is_alive), True

    def _back(self, is_alive: Callable[[], bool]) -> Any:
        """The port opened again; not the first try counts: a port that has just come back belongs to root, or to a
        program that looks for modems, for some moments.
        """
        try:
            return open_when_there(
                lambda: self._look(is_alive), self._back_s, lambda name: open_port(name, self.method)
            )
        except ToolError as error:
            if not is_alive():
                raise
            raise Unusable(f"{error}; plug the board in, or close what has its port") from error

    def _look(self, is_alive: Callable[[], bool]) -> str | None:
        """The port's name at this moment, without waiting for it."""
        if not is_alive():
            raise LinkLost("the board was told to stop")
        with suppress(LinkLost):
            self._choice = find_again(self._choice, 0.0, self._list_ports)
            return self._choice.port
        return None
