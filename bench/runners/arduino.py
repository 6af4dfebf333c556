"""Arduino C++: one image, the suite, holds every workload and serves commands. Booted once for many measurements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bench.board import Board, Image
from bench.link import Link
from bench.plan import Figures, Measurement
from bench.runners.exchange import check_ready, collect, wait_ready
from bench.wire import format_line

BOOT_TIMEOUT_S = 10.0


class ArduinoRunner:
    """Runs measurements through the suite image."""

    one_boot_serves_all = True

    def __init__(self, board: Board, program: str, image: Image, timeout_s: float) -> None:
        self._board = board
        self._program = program
        self._image = image
        self._timeout_s = timeout_s

    @contextmanager
    def open(self) -> Iterator[ArduinoChannel]:
        """Boot the suite and wait until it is ready."""
        with self._board.boot(self._program) as link:
            ready = wait_ready(link, BOOT_TIMEOUT_S)
            check_ready(ready, self._board.facts, "arduino", self._image.identity)
            yield ArduinoChannel(link, self._board.min_ticks, self._timeout_s)


class ArduinoChannel:
    """A booted suite."""

    def __init__(self, link: Link, min_ticks: int, timeout_s: float) -> None:
        self._link = link
        self._min_ticks = min_ticks
        self._timeout_s = timeout_s
        self._last_id = 0

    def measure(self, measurement: Measurement, samples: int) -> Figures:
        """Command one measurement and listen until it is done."""
        self._last_id += 1
        command = {
            "id": self._last_id,
            "workload": measurement.workload,
            "n": measurement.n,
            "seed": measurement.seed,
            "loops": measurement.fixed_loops,
            "min_ticks": self._min_ticks,
            "samples": samples,
        }
        self._link.write(format_line("run", command))
        return collect(self._link, measurement, self._last_id, samples, self._timeout_s)
