"""A session: the order of work, retries, what counts as finished. Not how a board or a language works inside."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Protocol

from bench.board import Board, Image, on_all_copies
from bench.errors import BenchError, LinkLost, NotAvailable, ToolError, Unusable
from bench.plan import Figures, Measurement
from bench.results import RunFolder
from bench.runners.exchange import Channel, WorkloadHangs, check_answers

ATTEMPTS = 3
STOP_AFTER_TOOL_FAILURES = 3  # in a row: then it is not the measurement, it is the link or the board


class Runner(Protocol):
    """What the session needs of a language."""

    one_boot_serves_all: bool

    def open(self) -> AbstractContextManager[Channel]:
        """A channel for any number of measurements."""


@dataclass(frozen=True)
class Failure:
    """A measurement that has no figure, and why. Exit code 0: it was left out, as its contract foresees."""

    measurement: Measurement
    message: str
    exit_code: int


@dataclass
class Outcome:
    """What became of the measurements of a session."""

    measured: int = 0
    retries: int = 0
    failures: list[Failure] = field(default_factory=list)
    skipped: list[Failure] = field(default_factory=list)


Report = Callable[[Measurement, Failure | None], None]  # called once a measurement, when it is done with
Remember = Callable[[Measurement, Figures | NotAvailable], None]  # called where a measurement has come to its end


class Session:
    """Runs measurements on a prepared board and appends each finished one to the run folder."""

    def __init__(
        self,
        board: Board,
        runners: Mapping[str, Runner],
        images: Mapping[str, Image],
        folder: RunFolder,
        report: Report,
        remember: Remember,
        outcome: Outcome,
    ) -> None:
        self._board = board
        self._runners = runners
        self._images = images
        self._folder = folder
        self._report = report
        self._remember = remember
        self._samples = int(folder.facts["settings"]["samples"])
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._given_up: dict[tuple[str, str, str], Failure] = {}  # at the smallest n that failed
        self._tool_failures_in_a_row = 0
        self.outcome = outcome

    def run(self, measurements: Sequence[Measurement]) -> Outcome:
        """Measure all, as many at once as the board has copies.

        A measurement that fails is reported and the rest goes on. ToolError stops the session: the link or the board is
        broken or unusable, or the disk is full. KeyboardInterrupt stops it too; guests are killed and what is finished
        stays.
        """
        on_all_copies(self._board, self._run_batch, self._batches(measurements), self._stopping.set)
        return self.outcome

    def _batches(self, measurements: Sequence[Measurement]) -> Iterator[list[Measurement]]:
        for program, runner in self._runners.items():
            mine = [m for m in measurements if m.program == program]
            if runner.one_boot_serves_all or self._board.max_parallel == 1:
                yield mine
            else:
                yield from ([m] for m in mine)

    def _run_batch(self, batch: list[Measurement]) -> None:
        if not batch:
            return
        with _ReopeningChannel(self._runners[batch[0].program]) as channel:
            for measurement in batch:
                if self._stopping.is_set():
                    return
                self._measure(channel, measurement)

    def _measure(self, channel: _ReopeningChannel, measurement: Measurement) -> None:
        earlier = self._given_up.get(_without_n(measurement))
        if earlier is not None and earlier.measurement.n < measurement.n:
            if earlier.exit_code:
                error = BenchError(f"{measurement}: skipped, since n={earlier.measurement.n} failed")
            else:
                error = NotAvailable(earlier.message)
            self._failed(measurement, error)
            return
        lost: BenchError | None = None
        # A line that may fail can lose the end of a measurement: a hang is believed when it was seen twice.
        may_be_the_line = self._board.line_may_fail
        for _ in range(ATTEMPTS):
            if self._stopping.is_set():
                return
            try:
                figures = channel.measure(measurement, self._samples)
                check_answers(figures.samples, measurement)
            except (LinkLost, WorkloadHangs) as error:
                if isinstance(error, WorkloadHangs) and not may_be_the_line:
                    self._failed(measurement, error)
                    return
                if self._stopping.is_set():  # it was told to end, and did
                    return
                may_be_the_line = may_be_the_line and not isinstance(error, WorkloadHangs)
                lost = error
                with self._lock:
                    self.outcome.retries += 1
            except Unusable as error:
                raise Unusable(f"{error}; finished measurements are kept for --resume") from error
            except BenchError as error:
                self._failed(measurement, error)
                return
            else:
                self._succeeded(measurement, figures)
                return
        if not self._stopping.is_set():
            self._failed(measurement, ToolError(f"{measurement}: given up after {ATTEMPTS} attempts: {lost}"))

    def _succeeded(self, measurement: Measurement, figures: Figures) -> None:
        image = self._images[measurement.program].identity
        with self._lock:
            self._folder.append(measurement, figures, self._board.facts.tick_unit, image)
            self._remember(measurement, figures)
            self._tool_failures_in_a_row = 0
            self.outcome.measured += 1
            self._report(measurement, None)

    def _failed(self, measurement: Measurement, error: BenchError) -> None:
        failure = Failure(measurement, str(error), error.exit_code)
        with self._lock:
            if isinstance(error, NotAvailable):
                self.outcome.skipped.append(failure)
                self._remember(measurement, error)
            else:
                self.outcome.failures.append(failure)
            self._report(measurement, failure)
            if not isinstance(error, ToolError):
                earlier = self._given_up.get(_without_n(measurement))
                if earlier is None or measurement.n < earlier.measurement.n:
                    self._given_up[_without_n(measurement)] = failure
                return
            self._tool_failures_in_a_row += 1
            if self._tool_failures_in_a_row >= STOP_AFTER_TOOL_FAILURES:
                raise ToolError(
                    f"stopped after {STOP_AFTER_TOOL_FAILURES} failures of the link or a tool in a row, finished "
                    f"measurements are kept for --resume: {error}"
                )


def _without_n(measurement: Measurement) -> tuple[str, str, str]:
    return measurement.workload, measurement.language, measurement.variant


class _ReopeningChannel:
    """A channel that is opened when first used, and opened anew after anything went wrong on it."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._stack = ExitStack()
        self._channel: Channel | None = None

    def __enter__(self) -> _ReopeningChannel:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def measure(self, measurement: Measurement, samples: int) -> Figures:
        try:
            if self._channel is None:
                self._channel = self._stack.enter_context(self._runner.open())
            return self._channel.measure(measurement, samples)
        except BaseException:
            self._channel = None
            self._stack.__exit__(*sys.exc_info())  # the board may replace the error by one that says how it ended
            raise
