"""The serial link and the reset lines over RFC 2217, with pyserial's server at the far end."""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from esp_rfc2217_server.esp_port_manager import EspPortManager

from bench.errors import LinkLost
from bench.esp32.reset import ResetMethod, hard_reset, open_port
from bench.link import Link
from tests.board_ports import Rfc2217Port


class EspressifsPort(Rfc2217Port):
    """Behind the server of Espressif's, which leaves changes of the lines unanswered."""

    def _connected(self) -> None:
        self._manager = EspPortManager(self._far, self, False)


@contextmanager
def served(make: Callable[..., Rfc2217Port]) -> Iterator[tuple[Rfc2217Port, list[tuple[bool, bool]], threading.Event]]:
    """A port that sends back what it gets, what its lines did (DTR, RTS), and what pulls its plug."""
    moves: list[tuple[bool, bool]] = []
    port, unplugged = make(lambda dtr, rts: moves.append((dtr, rts))), threading.Event()

    def serve() -> None:
        while not unplugged.is_set():
            if select.select([port], [], [], 0.01)[0] and (data := port.receive()):
                port.send(data)
        port.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield port, moves, unplugged
    finally:
        unplugged.set()
        thread.join()


def test_a_link_opens_with_its_lines_set_and_passes_every_byte() -> None:
    def pull_nothing(port: object) -> None:
        port.dtr = port.rts = False  # type: ignore[attr-defined]

    every_byte = bytes(range(256))
    with served(Rfc2217Port) as (port, moves, _), closing(Link.open(port.name, before_open=pull_nothing)) as link:
        assert set(moves) == {(False, False)}
        link.write(every_byte)
        assert link.read(256) == every_byte
        assert port.baudrate == 115200


def test_a_reset_pulls_the_far_lines_in_their_order() -> None:
    with served(Rfc2217Port) as (port, moves, _), closing(open_port(port.name, ResetMethod.CLASSIC)) as opened:
        moves.clear()
        assert hard_reset(opened, ResetMethod.CLASSIC)
        assert moves == [(False, False), (False, True), (False, True), (False, False), (False, False)]


def test_a_server_that_is_gone_is_a_lost_link_for_who_reads_writes_or_resets() -> None:
    with served(Rfc2217Port) as (port, _, unplugged), closing(Link.open(f"{port.name}?timeout=0.3")) as link:
        unplugged.set()
        with pytest.raises(LinkLost, match="reader thread died"):
            link.read_line(10)
        started = time.monotonic()
        with pytest.raises(LinkLost, match=r"cannot reset the board by its lines: .* (does not answer|was cut)"):
            hard_reset(link.port, ResetMethod.CLASSIC)
        assert time.monotonic() - started < 5
        with pytest.raises(LinkLost):
            link.write(b"hello")


def test_a_server_that_leaves_the_lines_unanswered_needs_an_option_in_the_address() -> None:
    with served(EspressifsPort) as (port, _, _), pytest.raises(LinkLost, match=r"\?ign_set_control at the end"):
        open_port(f"{port.name}?timeout=0.3", ResetMethod.CLASSIC)
