"""`bench run --acceptance`: what nobody could try without a board, tried on one in about ten minutes, and told to us.

Each check says what is expected; docs/hardware-checklist.md lists them, and what a person has to try by hand.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from bench.analysis import headline, overhead_ratios, summarise
from bench.board import Image
from bench.catalogue import OVERHEAD_WORKLOAD, Workload, load_catalogue
from bench.errors import BenchError, Unusable
from bench.esp32.board import Esp32Board
from bench.files import write_atomically
from bench.frames import load_run
from bench.labels import LANGUAGE_NAMES, printable
from bench.plan import Measurement, make_plan
from bench.runners import ArduinoRunner, MicroPythonRunner, make_runner
from bench.runners.exchange import Patience, check_answers
from bench.runs import Choices, FinishedRun, Watcher, new_run
from bench.variants import LANGUAGES

FILE = "acceptance.json"
# One or two of each group: short enough for ten minutes over a serial line, and float, heap and I/O are among them.
WORKLOADS = ("sieve", "fib", "crc32", "lcg_30", "lcg_32", "mandelbrot", "list_append", "call_function", "gpio_toggle",
             "adc_read")  # fmt: skip
LAYOUTS = 3
RESTARTS = 5
TIMED = "sieve"
LONG_S = {"arduino": 20.0, "micropython": 4.0}  # longer than 2^32 cycles take at 240 MHz, and than ticks_cpu() counts
CLOCK_TOLERANCE = 0.1  # a board that runs at 160 MHz instead of 240 is off by a half
REPEAT_TOLERANCE = 0.01
LAYOUT_TOLERANCE = 0.35
PASSED, FAILED, LEFT_OUT = "passed", "FAILED", "left out"


@dataclass(frozen=True)
class Check:
    """One thing that only hardware can show: how it is called, what is expected, and what to report where it fails."""

    name: str
    expect: str
    report: str


CHECKS = {
    check.name: check
    for check in (
        Check("figures", "every answer is right in both languages", "the `no figure:` lines, and run.json"),
        Check("flashing", "each program is written once, and the board then says that it is that one",
              "which program was written how often"),
        Check("restart, Arduino C++", f"{RESTARTS} restarts in a row, each ends with the ready line",
              "the seconds of each, the kind of USB bridge, the operating system"),
        Check("restart, MicroPython", f"{RESTARTS} restarts in a row, each ends in the raw REPL",
              "the seconds of each, the kind of USB bridge, the operating system"),
        Check("clock, Arduino C++", f"the host's clock agrees within {100 * CLOCK_TOLERANCE:g} % with counted cycles",
              "both durations"),
        Check("clock, MicroPython", f"the host's clock agrees within {100 * CLOCK_TOLERANCE:g} % with counted cycles",
              "both durations"),
        Check("long block, Arduino C++", f"a block of {LONG_S['arduino']:g} s is counted right (the 32-bit counter "
              "wraps) and no watchdog bites", "cycles per execution in short and in long blocks, the boot text"),
        Check("long block, MicroPython", f"a block of {LONG_S['micropython']:g} s is counted right (ticks_cpu wraps) "
              "and no watchdog bites", "cycles per execution in short and in long blocks, the boot text"),
        Check("repeats", f"samples of one build lie within {100 * REPEAT_TOLERANCE:g} % of their median",
              "the widest spread and its workload"),
        Check("layouts", f"medians of {LAYOUTS} code layouts of C++ lie within {100 * LAYOUT_TOLERANCE:g} %",
              "the widest spread and its workload: it is a result, not an error"),
    )
}  # fmt: skip


@dataclass
class Result:
    """What came of one check."""

    check: Check
    verdict: str
    came: str


@dataclass
class Acceptance:
    """All results of one board, and the run whose figures they judge."""

    run: Path
    results: list[Result] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """How many checks failed."""
        return sum(result.verdict == FAILED for result in self.results)


Say = Callable[[Result], None]


def accept(board: Esp32Board, watcher: Watcher, out: Path | None, say: Say) -> Acceptance:
    """Measure a short run into a folder as `bench run` does, then go through CHECKS; `say` is told each result at once.

    The results go into acceptance.json of the run folder after each check, so that none is lost.
    """
    choices = Choices(workloads=WORKLOADS, quick=True, fresh=True, layouts=LAYOUTS)
    if len(board.languages) == 1:  # nothing is written to it
        choices = replace(choices, layouts=1, only=board.languages[0])
    finished = new_run(board, choices, watcher, out)
    acceptance = Acceptance(finished.path)
    trials = _Trials(board)
    for name, check in CHECKS.items():
        try:
            verdict, came = _judge(name, board, finished, trials)
        except Unusable:
            raise
        except BenchError as error:
            verdict, came = FAILED, str(error)
        result = Result(check, verdict, came)
        acceptance.results.append(result)
        _save(acceptance, board)
        say(result)
    return acceptance


def _judge(name: str, board: Esp32Board, finished: FinishedRun, trials: _Trials) -> tuple[str, str]:
    what, _, language_name = name.partition(", ")
    languages = {shown: language for language, shown in LANGUAGE_NAMES.items()}
    if language_name:
        language = languages[language_name]
        if language not in board.languages:
            return LEFT_OUT, "the board holds the other program, and nothing may be written to it"
        return {"restart": trials.restarts, "clock": trials.clock, "long block": trials.long_block}[what](language)
    if name == "figures":
        return _figures(finished)
    if name == "flashing":
        return _flashing(board)
    frame = load_run(finished.path)
    return _repeats(frame) if name == "repeats" else _layouts(frame)


def _figures(finished: FinishedRun) -> tuple[str, str]:
    failures = finished.outcome.failures
    if failures:
        return FAILED, f"{len(failures)} without a figure, the first: {failures[0].message}"
    return PASSED, f"{finished.outcome.measured} measurements, {finished.outcome.retries} tried again"


def _flashing(board: Esp32Board) -> tuple[str, str]:
    if len(board.languages) == 1:
        return LEFT_OUT, "--no-flash"
    counts = {name: board.flashed.count(name) for name in dict.fromkeys(board.flashed)}
    words = ", ".join(f"{name} {count}x" for name, count in counts.items()) or "nothing: the board had it already"
    return (PASSED if all(count == 1 for count in counts.values()) else FAILED), f"written: {words}"


def _repeats(frame: pd.DataFrame) -> tuple[str, str]:
    several = frame.attrs["run"]["settings"].get("layouts", 1) > 1  # builds of C++, which another check judges
    rows = [row for row in summarise(frame).to_dict("records") if not (several and row["language"] == "arduino")]
    spreads = [((row["q75"] - row["q25"]) / row["median"], row) for row in rows if row["median"] > 0]
    if not spreads:
        return LEFT_OUT, "no figures"
    spread, row = max(spreads, key=lambda pair: pair[0])
    came = f"IQR up to {100 * spread:.2f} % ({row['workload']}, {LANGUAGE_NAMES[row['language']]})"
    return (PASSED if spread <= REPEAT_TOLERANCE else FAILED), came


def _layouts(frame: pd.DataFrame) -> tuple[str, str]:
    images = frame.loc[frame["language"] == "arduino", "image"].nunique()
    rows = headline(overhead_ratios(frame)).to_dict("records") if set(LANGUAGES) <= set(frame["language"]) else []
    reaches = [(row["ratio_high"] / row["ratio_low"] - 1, row["workload"]) for row in rows if row["ratio_low"] > 0]
    if images < 2 or not reaches:
        return LEFT_OUT, "one build only"
    reach, workload = max(reaches)
    came = f"{images} builds, ratios up to {100 * reach:.1f} % apart ({workload})"
    return (PASSED if reach <= LAYOUT_TOLERANCE else FAILED), came


class _Trials:
    """Measurements of their own, beside those of the run."""

    def __init__(self, board: Esp32Board) -> None:
        self._board = board
        self._catalogue: Mapping[str, Workload] = load_catalogue()
        self._images: dict[str, Image] = {}

    def restarts(self, language: str) -> tuple[str, str]:
        """Start the board several times, and wait until it is ready."""
        seconds = []
        for _ in range(RESTARTS):
            started = time.monotonic()
            with self._runner(language).open() as channel:
                channel.measure(self._measurement(OVERHEAD_WORKLOAD, language), 1)
            seconds.append(time.monotonic() - started)
        return PASSED, "ready and one empty measurement after " + ", ".join(f"{each:.1f}" for each in seconds) + " s"

    def clock(self, language: str) -> tuple[str, str]:
        """What passes on the host while the board counts: the clock that it claims is the clock that it has."""
        if self._board.facts.simulated:
            return LEFT_OUT, "a virtual board's clock counts instructions"
        short, long = (self._timed(language, seconds) for seconds in (0.1, 2.0))
        on_board = (long[1] - short[1]) / self._board.facts.clock_hz
        # Blocks are executed twice: to warm up, and for the sample. What comes before and after takes equally long.
        on_host = (long[0] - short[0]) / 2
        came = f"{on_board:.3f} s by the board's cycles, {on_host:.3f} s by the host's clock"
        return (PASSED if abs(on_host / on_board - 1) <= CLOCK_TOLERANCE else FAILED), came

    def long_block(self, language: str) -> tuple[str, str]:
        """A block beyond the counters' ranges costs as much per execution as a short one."""
        seconds = LONG_S[language] if not self._board.facts.simulated else 1.0
        short, long = self._timed(language, 0.1), self._timed(language, seconds)
        each = [ticks / loops for _, ticks, loops in (short, long)]
        came = f"{each[0]:.0f} {self._board.facts.tick_unit}s per execution in short blocks, {each[1]:.0f} in long ones"
        return (PASSED if abs(each[1] / each[0] - 1) <= REPEAT_TOLERANCE else FAILED), came

    def _timed(self, language: str, seconds: float) -> tuple[float, int, int]:
        """Seconds on the host, ticks and loops of a measurement whose block lasts about so long."""
        once = self._measure(replace(self._measurement(TIMED, language), fixed_loops=1))[1]
        loops = max(1, round(seconds * self._board.facts.clock_hz / once))
        host_s, ticks = self._measure(replace(self._measurement(TIMED, language), fixed_loops=loops))
        return host_s, ticks, loops

    def _measure(self, measurement: Measurement) -> tuple[float, int]:
        with self._runner(measurement.language).open() as channel:
            started = time.monotonic()
            figures = channel.measure(measurement, 1)
            host_s = time.monotonic() - started
        check_answers(figures.samples, measurement)
        return host_s, figures.samples[0].ticks

    def _measurement(self, workload: str, language: str) -> Measurement:
        plan = make_plan(self._catalogue, names=[workload], quick=True)
        return next(m for m in plan if (m.workload, m.language) == (workload, language))

    def _runner(self, language: str) -> ArduinoRunner | MicroPythonRunner:
        if language not in self._images:
            self._images[language] = self._board.prepare(language, lambda text: None)
        patience = Patience(silence_s=max(60.0, 3 * max(LONG_S.values())))
        return make_runner(language, self._board, self._images[language], self._catalogue, patience)


def _save(acceptance: Acceptance, board: Esp32Board) -> None:
    document: dict[str, Any] = {
        "board": board.facts.as_dict(),
        "checks": [
            {
                "name": result.check.name,
                "expected": result.check.expect,
                "came": printable(result.came),
                "verdict": result.verdict,
            }
            for result in acceptance.results
        ],
    }
    write_atomically(acceptance.run / FILE, (json.dumps(document, indent=1) + "\n").encode())


def checklist() -> str:
    """The table of the checks, for docs/hardware-checklist.md."""
    rows = [f"| {check.name} | {check.expect} | {check.report} |" for check in CHECKS.values()]
    return "\n".join(["| check | expected | report where it fails |", "|---|---|---|", *rows]) + "\n"
