"""Short measurements for `bench check`: what each program answers at an n, and how its time grows. Not for figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from bench.board import Image, Log
from bench.catalogue import Workload
from bench.errors import BenchError, LinkLost, NotAvailable, ToolError
from bench.plan import Measurement
from bench.runners import make_runner
from bench.variants import HEADLINE_VARIANT, LANGUAGES
from bench.virtual_board.board import VirtualBoard

ATTEMPTS = 3
SILENCE_S = 30.0  # after which a workload counts as hung
LOOPS = 1  # executions in a block; a warm-up block comes first, so the answer is that of the second execution


@dataclass(frozen=True)
class Trial:
    """What one program did at one n. `ticks` is per execution and holds the cost of measuring too."""

    n: int
    ticks: float
    checksum: int
    failure: str = ""  # why there is neither


class TrialBoard:
    """The virtual board with both programs, and a pool of guests. A context manager: leaving it kills the guests."""

    def __init__(self, profile: str, catalogue: Path | None, log: Log) -> None:
        self._board = VirtualBoard(profile, catalogue=catalogue)
        with ThreadPoolExecutor(len(LANGUAGES)) as pool:
            futures = {language: pool.submit(self._board.prepare, language, log) for language in LANGUAGES}
            self._images: dict[str, Image] = {language: future.result() for language, future in futures.items()}
        self._pool = ThreadPoolExecutor(self._board.max_parallel)

    @property
    def name(self) -> str:
        """The board's name."""
        return self._board.facts.name

    @property
    def suite(self) -> Path:
        """The image with all C++ workloads."""
        return self._board.image("arduino")

    def __enter__(self) -> TrialBoard:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._board.abort()

    def start(self, workload: Workload, language: str, expected: Mapping[int, int]) -> Future[list[Trial]]:
        """Begin to try a program at every n of `expected`, which holds the right answers.

        The result raises NotAvailable where the board lacks what the contract says that the program needs.
        """
        return self._pool.submit(self._try_all, workload, language, dict(expected))

    def _try_all(self, workload: Workload, language: str, expected: Mapping[int, int]) -> list[Trial]:
        """One channel serves every n, smallest first; after a failure the larger ones would fail too."""
        trials: list[Trial] = []
        lost = 0
        while todo := sorted(expected)[len(trials) :]:
            try:
                trials += self._measure(workload, language, {n: expected[n] for n in todo})
            except LinkLost as error:  # what came before it is in the list
                lost += 1
                if lost == ATTEMPTS:
                    return [*trials, _failed(expected, trials, f"given up after {ATTEMPTS} attempts: {error}")]
            except (ToolError, NotAvailable):
                raise
            except BenchError as error:
                return [*trials, _failed(expected, trials, str(error))]
        return trials

    def _measure(self, workload: Workload, language: str, expected: Mapping[int, int]) -> Iterator[Trial]:
        """The only place that knows how a measurement is made."""
        workloads = {workload.name: workload}
        runner = make_runner(language, self._board, self._images[language], workloads, SILENCE_S)
        with runner.open() as channel:
            for n, checksum in expected.items():
                measurement = Measurement(
                    workload=workload.name,
                    language=language,
                    variant=HEADLINE_VARIANT[language],
                    n=n,
                    seed=workload.seed,
                    fixed_loops=workload.fixed_loops(n) or LOOPS,
                    expected_checksum=checksum,
                )
                [sample] = channel.measure(measurement, 1).samples
                yield Trial(n, sample.ticks / sample.loops, sample.checksum)


def _failed(sizes: Iterable[int], trials: Sequence[Trial], message: str) -> Trial:
    return Trial(sorted(sizes)[len(trials)], 0, 0, message)
