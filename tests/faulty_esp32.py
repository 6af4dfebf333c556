"""Measurements on an emulated ESP32 whose line fails on purpose, through the real board's code, from any start.

A seed decides the language, the kind of port, what the flash holds at first, and the accident, which may strike while
the chip is asked what it is, while it is written, or while it measures.
"""

from __future__ import annotations

import itertools
import random
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.errors import BenchError
from bench.esp32 import board as esp32_board
from bench.esp32.board import Esp32Board
from bench.esp32.connection import Connection
from bench.esp32.ports import PortChoice
from bench.esp32.reset import ResetMethod
from bench.plan import Figures
from bench.runners import make_runner
from bench.session import ATTEMPTS, Outcome
from tests.emulated_esp32 import EmulatedEsp32
from tests.faulty_runs import LANGUAGES, MIN_TICKS, PATIENCE, Result, Trial, measure_on
from tests.line_faults import TO_BOARD, TO_HOST, Fault, random_fault
from tests.virtual_programs import VirtualPrograms

OWN_USB = "usb"  # the chip's own, which vanishes at each restart and comes back under another name
PORTS = {"pty": 4, "tcp": 3, "rfc2217": 1, OWN_USB: 1}  # and how often: what goes by RFC 2217 takes its time
FLASH = ("blank", "other", "right")
PORT_BACK_S = 3.0
SIZE = 20_000  # of a program's file
# esptool's: seven tries to connect, each of up to 4 s over RFC 2217, for each attempt of the session; twice as much for
# a computer with other things to do.
DEADLINE_S = 2 * ATTEMPTS * 60.0
# About how many bytes pass between esptool and the chip: a fault is placed within them.
_LENGTHS = {
    ("boot", TO_BOARD): 6000,
    ("boot", TO_HOST): 1500,
    ("writing", TO_BOARD): 12_000,
    ("writing", TO_HOST): 300,
}


@dataclass(frozen=True)
class Case:
    """What a seed decides."""

    language: str
    port: str
    flash: str
    fault: Fault
    keep_name: bool  # of the port, when it vanishes

    def __str__(self) -> str:
        return f"{self.language} over {self.port}, flash {self.flash}, {self.fault}"


def case_of(seed: int) -> Case:
    """The case of a seed: every other one in C++."""
    chance = random.Random(f"esp32 {seed}")
    language = LANGUAGES[seed % 2]
    port = chance.choices(list(PORTS), list(PORTS.values()))[0]
    flash = chance.choice(FLASH)
    fault = random_fault(seed, language, longest_s=PATIENCE.silence_s)
    if flash != "right" and chance.random() < 0.6:
        phase, direction = chance.choice(list(_LENGTHS))
        after = chance.randrange(_LENGTHS[phase, direction])
        fault = replace(fault, conversation="bootloader", phase=phase, direction=direction, after=after)
    return Case(language, port, flash, fault, port in ("tcp", "rfc2217") or (port == OWN_USB and chance.random() < 0.3))


@dataclass(frozen=True)
class Esp32Trial:
    """Emulated boards with one measurement in each language, and the figures of an undisturbed line."""

    trial: Trial
    programs: VirtualPrograms
    right: dict[str, Figures]  # by language

    def run(self, seed: int) -> Result:
        """The run of a seed."""
        return self.run_case(case_of(seed))

    def run_case(self, case: Case) -> Result:
        """One run, ended by the deadline where it does not end by itself."""
        found: list[tuple[str, str]] = []
        started = time.monotonic()
        with self.emulated(case) as esp:
            worker = threading.Thread(target=lambda: found.append(self._outcome(case, esp)), daemon=True)
            worker.start()
            worker.join(DEADLINE_S)
            outcome, words = found[0] if found else ("HANG", f"nothing after {DEADLINE_S:g} s")
        return Result(case.fault.kind, outcome, time.monotonic() - started, f"{case}; {words}")

    def emulated(self, case: Case) -> EmulatedEsp32:
        """The board of a case, whose flash holds what it says."""
        contents = {"blank": None, "right": case.language, "other": next(o for o in LANGUAGES if o != case.language)}
        holds = contents[case.flash]
        return EmulatedEsp32(
            self.programs.chip,
            self.programs.elfs(),
            "rfc2217" if case.port == OWN_USB else case.port,
            contents=self.programs.prepare(holds, lambda text: None).files if holds else (),
            fault=case.fault,
            keep_name=case.keep_name,
            usb_jtag_s=0.2 if case.port == OWN_USB else None,
        )

    def measure(self, language: str, esp: EmulatedEsp32, port: str) -> tuple[list[Figures], Outcome]:
        """One session with one measurement on the board, as `bench run --port` has it."""
        board = Esp32Board(self.trial.board.facts, MIN_TICKS, _connection(esp, port), self.programs)
        image = board.prepare(language, lambda text: None)
        runner = make_runner(language, board, image, self.trial.workloads, PATIENCE)
        return measure_on(board, {language: runner}, {language: image}, [self.trial.measurements[language]])

    def _outcome(self, case: Case, esp: EmulatedEsp32) -> tuple[str, str]:
        try:
            figures, outcome = self.measure(case.language, esp, case.port)
        except BenchError as error:
            return _judged_error(str(error))
        except BaseException:
            return "TRACEBACK", traceback.format_exc()
        words = f"{outcome.retries} retries" + ("" if esp.struck else ", the fault found no place")
        if outcome.failures:
            return _judged_error(outcome.failures[0].message)
        if figures != [self.right[case.language]]:
            return "WRONG FIGURE", f"{figures}, not {self.right[case.language]}"
        return ("right" if not outcome.retries else "right after retry"), words


@contextmanager
def prepared_esp32(trial: Trial) -> Iterator[Esp32Trial]:
    """Boards to run cases on, with what each language measures on one that nothing happens to."""
    known = esp32_board.KNOWN, esp32_board.FIRST_BOOT, esp32_board.FORMATTING_S
    esp32_board.KNOWN = esp32_board.FIRST_BOOT = PATIENCE  # a guest is quicker than a chip, and has no files
    esp32_board.FORMATTING_S = 0.0
    try:
        with tempfile.TemporaryDirectory() as folder:
            made = Esp32Trial(trial, VirtualPrograms(trial.board, Path(folder), size=SIZE), {})
            never = Fault("drop", "nowhere", TO_HOST, 0, 1, 0.0, 0, seed=0)
            for language, flash in itertools.product(LANGUAGES, ("right", "blank")):
                with made.emulated(Case(language, "pty", flash, never, False)) as esp:
                    [figures], outcome = made.measure(language, esp, "pty")
                assert outcome.retries == 0 and made.right.setdefault(language, figures) == figures
            yield made
    finally:
        esp32_board.KNOWN, esp32_board.FIRST_BOOT, esp32_board.FORMATTING_S = known


def _connection(esp: EmulatedEsp32, port: str) -> Connection:
    name = esp.port_name()
    assert name is not None
    if port in ("tcp", "rfc2217"):
        return Connection(PortChoice(name), back_s=PORT_BACK_S)
    method = ResetMethod.USB_JTAG if port == OWN_USB else None
    return Connection(PortChoice(name, esp.list_ports()[0]), esp.list_ports, PORT_BACK_S, method)


def _judged_error(words: str) -> tuple[str, str]:
    """An error is a clear one where it is one line, and nothing of Python is in it."""
    is_clear = "\n" not in words and "Traceback (most recent call last):\n" not in words and len(words) < 1000
    return ("error", words) if is_clear else ("UNCLEAR", words)
