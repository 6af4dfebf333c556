"""Arduino C++: one image, the suite, holds every workload and serves commands. Booted once for many measurements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bench.board import Board, Image
from bench.errors import LinkSilent
from bench.link import Link
from bench.plan import Figures, Measurement
from bench.runners.exchange import (
    RESTART_SIGNS,
    SPEAKS_WITHIN_S,
    DamagedLines,
    Patience,
    Ready,
    ask_ready,
    check_ready,
    collect,
    heard,
    request_ids,
    wait_ready,
)
from bench.wire import format_line

STARTS_WITHIN_S = 3.0  # a suite that a reset has started is ready by then


class ArduinoRunner:
    """Runs measurements through the suite image."""

    one_boot_serves_all = True

    def __init__(self, board: Board, program: str, image: Image, patience: Patience) -> None:
        self._board = board
        self._program = program
        self._image = image
        self._patience = patience
        self.said: dict[str, str] = {}  # the board's last ready line

    @contextmanager
    def open(self) -> Iterator[ArduinoChannel]:
        """Boot the suite and wait until it is ready."""
        with self._board.boot(self._program) as link, heard(link):
            ready = self._wait_ready(link)
            check_ready(ready, self._board.facts, "arduino", self._image.identity)
            self.said.update(ready.said)
            link.watch_for(RESTART_SIGNS)
            yield ArduinoChannel(link, self._board.min_ticks, self._patience)

    def _wait_ready(self, link: Link) -> Ready:
        """What the suite says when it has started; asked for where that was missed, or nothing made it start anew."""
        boot_s = self._patience.boot_s
        if not self._board.line_may_fail:
            return wait_ready(link, boot_s)
        with suppress(DamagedLines, LinkSilent):
            if link.speaks_first(min(SPEAKS_WITHIN_S, boot_s)):
                return wait_ready(link, min(STARTS_WITHIN_S, boot_s))
        return ask_ready(link, boot_s)


class ArduinoChannel:
    """A booted suite."""

    def __init__(self, link: Link, min_ticks: int, patience: Patience) -> None:
        self._link = link
        self._min_ticks = min_ticks
        self._patience = patience

    def measure(self, measurement: Measurement, samples: int) -> Figures:
        """Command one measurement and listen until it is done."""
        request_id = next(request_ids)
        command = {
            "id": request_id,
            "workload": measurement.workload,
            "n": measurement.n,
            "seed": measurement.seed,
            "loops": measurement.fixed_loops,
            "min_ticks": self._min_ticks,
            "samples": samples,
        }
        self._link.write(format_line("run", command))
        patience = self._patience
        with heard(self._link):
            return collect(self._link, measurement, request_id, samples, patience.silence_s, patience.answer_s)
