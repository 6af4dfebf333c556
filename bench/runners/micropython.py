"""MicroPython: the on-board runner and the script go over the raw REPL into a fresh heap, for every measurement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import paths
from bench.board import Board
from bench.errors import InputError
from bench.plan import Measurement, Sample
from bench.runners.exchange import check_ready, collect, wait_ready
from bench.runners.raw_repl import RawRepl

BOOT_TIMEOUT_S = 10.0
PROMPT = b">>> "
ON_BOARD_RUNNER = paths.SCRIPTS / "benchlib.py"


class MicroPythonRunner:
    """Runs measurements through the raw REPL."""

    one_boot_serves_all = False  # a fresh boot each: the heap starts clean, so that the collector's work repeats

    def __init__(self, board: Board, timeout_s: float) -> None:
        self._board = board
        self._timeout_s = timeout_s

    @contextmanager
    def open(self) -> Iterator[MicroPythonChannel]:
        """A channel; it boots the board when it measures."""
        yield MicroPythonChannel(self._board, self._timeout_s)


class MicroPythonChannel:
    """Boots the board anew for every measurement."""

    def __init__(self, board: Board, timeout_s: float) -> None:
        self._board = board
        self._timeout_s = timeout_s

    def measure(self, measurement: Measurement, samples: int) -> list[Sample]:
        """Boot, send the on-board runner and the script, and listen until the measurement is done."""
        with self._board.boot("micropython") as link:
            link.read_until(PROMPT, BOOT_TIMEOUT_S)
            repl = RawRepl(link)
            repl.enter()
            repl.run_file("benchlib.py", _read(ON_BOARD_RUNNER))
            script = paths.SCRIPTS / f"{measurement.workload}.py"
            repl.run_file(script.name, _read(script))
            repl.start(self._call(measurement, samples))
            check_ready(wait_ready(link, BOOT_TIMEOUT_S), self._board.facts, "micropython")
            return collect(link, measurement, 1, samples, self._timeout_s)

    def _call(self, measurement: Measurement, samples: int) -> str:
        facts = self._board.facts
        return (
            f"import benchlib\nbenchlib.ready(clock_hz={facts.clock_hz})\n"
            f"benchlib.measure({measurement.workload!r}, id=1, n={measurement.n}, seed={measurement.seed}, "
            f"loops={measurement.fixed_loops}, min_ticks={self._board.min_ticks}, samples={samples}, "
            "setup=setup, run=run, checksum=checksum)"
        )


def _read(script: Path) -> str:
    try:
        return script.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the script {script.name}: {error}") from error
