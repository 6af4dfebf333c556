"""Measurements over a line that fails on purpose, through the session as a run does, and what became of each."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from bench.board import Board, Image
from bench.catalogue import Workload, load_catalogue
from bench.errors import BenchError
from bench.plan import Figures, Measurement, make_plan
from bench.results import RunFolder
from bench.runners import Patience, make_runner
from bench.session import ATTEMPTS, Outcome, Runner, Session
from bench.virtual_board.board import VirtualBoard
from tests.faulty_line import BoardOnALine, FaultyLine
from tests.line_faults import Fault, random_fault
from tests.serial_line import SerialLine

LANGUAGES = ("arduino", "micropython")
WORKLOAD = "crc32"  # in MicroPython its numbers are big ones: the collector's work is in the figure
SAMPLES = 2
MIN_TICKS = 100_000
PATIENCE = Patience(silence_s=1.5, boot_s=2.0, answer_s=1.0, back_off_s=0.05)
PORT_BACK_S = 1.5
# What all deadlines of a session add up to, at worst: for each attempt the port, the boot, three entries of four
# answers, three scripts of many, and the samples. A run that takes longer has missed one.
DEADLINE_S = ATTEMPTS * (PORT_BACK_S + PATIENCE.boot_s + 12 * PATIENCE.answer_s + 10.0 + 10 * PATIENCE.silence_s)
BAD = ("WRONG FIGURE", "HANG", "TRACEBACK", "UNCLEAR")


@dataclass(frozen=True)
class Result:
    """What became of one run."""

    kind: str
    outcome: str
    seconds: float
    words: str

    @property
    def is_bad(self) -> bool:
        """Whether the harness failed, and not only the line."""
        return self.outcome in BAD

    def __str__(self) -> str:
        return f"{self.outcome}: {self.words}"


@dataclass
class _Folder:
    """As much of a run folder as a session uses."""

    facts: Mapping[str, Any] = field(default_factory=lambda: {"settings": {"samples": SAMPLES}})
    figures: list[Figures] = field(default_factory=list)

    def append(self, measurement: Measurement, figures: Figures, tick_unit: str, image: str) -> None:
        self.figures.append(figures)


@dataclass(frozen=True)
class Trial:
    """A board with one measurement in each language, and the figures of an undisturbed line."""

    board: VirtualBoard
    images: Mapping[str, Image]
    workloads: Mapping[str, Workload]
    measurements: Mapping[str, Measurement]
    right: dict[str, Figures]  # by language

    def runner(self, board: BoardOnALine, language: str, patience: Patience = PATIENCE) -> Runner:
        """What measures on a board behind a line."""
        return make_runner(language, board, self.images[language], self.workloads, patience)

    def measure(self, language: str, line: SerialLine, times: int = 1) -> tuple[list[Figures], Outcome]:
        """One session with one measurement over a line, or the same one several times."""
        board = BoardOnALine(self.board, line, MIN_TICKS, PORT_BACK_S)
        runner = self.runner(board, language)
        return measure_on(board, {language: runner}, self.images, [self.measurements[language]] * times)

    def run(self, seed: int, port: str | None = None) -> Result:
        """The run of a seed: every other one in C++, over a pseudo-terminal or TCP."""
        language = LANGUAGES[seed % 2]
        fault = random_fault(seed, language, longest_s=PATIENCE.silence_s)
        return self.run_fault(language, port or ("pty", "tcp")[seed // 2 % 2], fault)

    def run_fault(self, language: str, port: str, fault: Fault) -> Result:
        """One run with a fault, ended by the deadline where it does not end by itself."""
        found: list[tuple[str, str]] = []
        started = time.monotonic()
        with FaultyLine(self.board, language, port, fault) as line:
            worker = threading.Thread(target=lambda: found.append(self._outcome(language, line)), daemon=True)
            worker.start()
            worker.join(DEADLINE_S)
            outcome, words = found[0] if found else ("HANG", f"nothing after {DEADLINE_S:g} s")
        where = f"{language} over {port}, {fault}"
        return Result(fault.kind, outcome, time.monotonic() - started, f"{where}; {words}")

    def _outcome(self, language: str, line: FaultyLine) -> tuple[str, str]:
        try:
            figures, outcome = self.measure(language, line)
        except BenchError as error:
            return "error", str(error)
        except BaseException:
            return "TRACEBACK", traceback.format_exc()
        words = f"{outcome.retries} retries"
        if not line.struck:
            words += ", the fault found no place"
        if outcome.failures:
            return "error", outcome.failures[0].message
        if figures != [self.right[language]]:
            return "WRONG FIGURE", f"{figures}, not {self.right[language]}"
        return ("right" if not outcome.retries else "right after retry"), words


def measure_on(
    board: Board, runners: Mapping[str, Runner], images: Mapping[str, Image], measurements: Sequence[Measurement]
) -> tuple[list[Figures], Outcome]:
    """The figures of one session on a board, and what became of it."""
    folder = _Folder()
    outcome = Outcome()
    session = Session(
        board,
        runners,
        images,
        cast(RunFolder, folder),
        lambda measurement, failure: None,
        lambda measurement, figures: None,
        outcome,
    )
    session.run(measurements)
    return folder.figures, outcome


def prepare_trials(board: VirtualBoard) -> Trial:
    """The board with its images, and what it measures over a line without faults."""
    workloads = load_catalogue()
    images = {language: board.prepare(language, lambda text: None) for language in LANGUAGES}
    plan = make_plan(workloads, names=[WORKLOAD], quick=True)
    measurements = {m.language: m for m in plan if m.workload == WORKLOAD}
    trial = Trial(board, images, workloads, measurements, {})
    for language in LANGUAGES:
        with FaultyLine(board, language, "tcp") as line:
            [figures], outcome = trial.measure(language, line)
            assert outcome.retries == 0, outcome
            trial.right[language] = figures
    return trial
