"""MicroPython: the on-board runner and the script go over the raw REPL into a fresh heap, for every measurement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bench.board import Board
from bench.catalogue import Workload
from bench.errors import BoardError, NotAvailable
from bench.mpy_program import program
from bench.plan import Figures, Measurement
from bench.runners.exchange import check_ready, collect, wait_ready
from bench.runners.raw_repl import RawRepl
from bench.variants import collects

BOOT_TIMEOUT_S = 10.0
PROMPT = b">>> "


class MicroPythonRunner:
    """Runs measurements of these workloads through the raw REPL."""

    one_boot_serves_all = False  # a fresh boot each: the heap starts clean, so that the collector's work repeats

    def __init__(self, board: Board, workloads: Mapping[str, Workload], timeout_s: float) -> None:
        self._board = board
        self._workloads = workloads
        self._timeout_s = timeout_s

    @contextmanager
    def open(self) -> Iterator[MicroPythonChannel]:
        """A channel; it boots the board when it measures."""
        yield MicroPythonChannel(self._board, self._workloads, self._timeout_s)


class MicroPythonChannel:
    """Boots the board anew for every measurement."""

    def __init__(self, board: Board, workloads: Mapping[str, Workload], timeout_s: float) -> None:
        self._board = board
        self._workloads = workloads
        self._timeout_s = timeout_s

    def measure(self, measurement: Measurement, samples: int) -> Figures:
        """Boot, send the on-board runner and the script, and listen until the measurement is done."""
        workload = self._workloads[measurement.workload]
        sources = program(workload, measurement.variant)
        with self._board.boot(measurement.program) as link:
            link.read_until(PROMPT, BOOT_TIMEOUT_S)
            repl = RawRepl(link)
            repl.enter()
            for source in sources:
                try:
                    repl.run_file(source.name, source.text)
                except BoardError as error:
                    raise _missing_module(workload, error) or error from None
            repl.start(self._call(measurement, samples))
            check_ready(wait_ready(link, BOOT_TIMEOUT_S), self._board.facts, "micropython")
            return collect(link, measurement, 1, samples, self._timeout_s)

    def _call(self, measurement: Measurement, samples: int) -> str:
        facts = self._board.facts
        return (
            f"import benchlib\nbenchlib.ready(clock_hz={facts.clock_hz})\n"
            f"benchlib.measure({measurement.workload!r}, id=1, n={measurement.n}, seed={measurement.seed}, "
            f"loops={measurement.fixed_loops}, min_ticks={self._board.min_ticks}, samples={samples}, "
            f"collect={collects(measurement.variant)}, setup=setup, run=run, checksum=checksum)"
        )


def _missing_module(workload: Workload, error: BoardError) -> NotAvailable | None:
    """What an error on the board means where the contract says that the workload needs a module; None: an error."""
    for module in workload.needs:
        if f"no module named '{module}'" in str(error):
            return NotAvailable(f"this board's MicroPython has no module {module}")
    return None
