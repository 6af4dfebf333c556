"""MicroPython: the on-board runner and the script go over the raw REPL into a fresh heap, for every measurement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from bench.board import Board
from bench.catalogue import Workload
from bench.errors import BoardError, LinkLost, LinkSilent, NotAvailable
from bench.link import Link
from bench.mpy_program import program
from bench.plan import Figures, Measurement
from bench.runners.checked_upload import CheckedUpload
from bench.runners.exchange import (
    RESTART_SIGNS,
    SPEAKS_WITHIN_S,
    Patience,
    check_ready,
    collect,
    heard,
    request_ids,
    wait_ready,
)
from bench.runners.raw_repl import RawRepl
from bench.variants import collects
from bench.wire import WireError, parse_line

PROMPT = b">>> "
PROMPT_S = 3.0  # a board that shows no prompt by then runs a program of its own
# The raw REPL ends a program's output so. Whoever still waits for lines then has missed them, or none were sent.
_PROGRAM_ENDED = {re.compile(rb"\x04"): "the program on the board ended without telling a result"}
RAW_PASTE_SINCE = (1, 14)  # MicroPython's version
_SAY_VERSION_TWICE = 'for _ in (1, 2): print(__import__("sys").implementation.version[:2])'
_VERSION_TWICE = re.compile(r"\((\d+), (\d+)\)\r\n\(\1, \2\)\r\n")


class UploadMode:
    """How code gets to the boards of a run: by raw paste, or, to an old firmware, in pieces. One way throughout.

    The way leaves traces in the heap, which a measurement can see. So a firmware that declines is not simply believed,
    since the question or its answer may have been damaged: it must also say that it is older than raw paste is.
    """

    def __init__(self) -> None:
        self._raw_paste = True

    def begin(self, repl: RawRepl) -> None:
        """Before anything is sent."""
        repl.use_raw_paste = self._raw_paste

    def check(self, repl: RawRepl) -> None:
        """After something was sent. LinkLost where it went another way than the rest of the run."""
        if repl.use_raw_paste == self._raw_paste:
            return
        output, _ = repl.run(_SAY_VERSION_TWICE)
        version = _VERSION_TWICE.fullmatch(output)
        if version is not None and (int(version[1]), int(version[2])) < RAW_PASTE_SINCE:
            self._raw_paste = False
            raise LinkLost("the board's old firmware has no raw paste, so everything goes in pieces from now on")
        raise LinkLost("the board declined raw paste, which its firmware has: the question was damaged on its way")


def enter_repl(link: Link, repl: RawRepl, patience: Patience) -> None:
    """To the raw REPL of a board that boots, or runs whatever a person left on it. LinkLost where there is none."""
    if link.speaks_first(min(SPEAKS_WITHIN_S, patience.boot_s)):
        with suppress(LinkSilent):
            link.read_until(PROMPT, min(PROMPT_S, patience.boot_s))
    repl.enter_from_anything(patience.back_off_s)


def open_repl(link: Link, board: Board, patience: Patience) -> RawRepl:
    """The raw REPL of a board that is booting, with a clean heap. From now on its restart is a LinkLost."""
    repl = RawRepl(link, patience.answer_s)
    if board.line_may_fail:
        enter_repl(link, repl, patience)
    else:
        link.read_until(PROMPT, patience.boot_s)
        repl.enter()
    link.watch_for(RESTART_SIGNS)
    return repl


class MicroPythonRunner:
    """Runs measurements of these workloads through the raw REPL."""

    one_boot_serves_all = False  # a fresh boot each: the heap starts clean, so that the collector's work repeats

    def __init__(self, board: Board, workloads: Mapping[str, Workload], patience: Patience) -> None:
        self._board = board
        self._workloads = workloads
        self._patience = patience
        self._mode = UploadMode()
        self.said: dict[str, str] = {}  # the board's last ready line

    @contextmanager
    def open(self) -> Iterator[MicroPythonChannel]:
        """A channel; it boots the board when it measures."""
        yield MicroPythonChannel(self._board, self._workloads, self._patience, self._mode, self.said)


class MicroPythonChannel:
    """Boots the board anew for every measurement."""

    def __init__(
        self,
        board: Board,
        workloads: Mapping[str, Workload],
        patience: Patience,
        mode: UploadMode | None = None,
        said: dict[str, str] | None = None,
    ) -> None:
        self._board = board
        self._workloads = workloads
        self._patience = patience
        self._mode = mode or UploadMode()
        self._said = {} if said is None else said

    def measure(self, measurement: Measurement, samples: int) -> Figures:
        """Boot, send the on-board runner and the script, and listen until the measurement is done."""
        patience = self._patience
        # On a line that changes nothing the request needs no number of its own; and the counts of the committed runs
        # were made with this one.
        request_id = next(request_ids) if self._board.line_may_fail else 0
        with self._board.boot(measurement.program) as link, heard(link):
            repl = open_repl(link, self._board, patience)
            self._upload(repl, measurement, samples, request_id)
            link.watch_for(RESTART_SIGNS | _PROGRAM_ENDED)
            ready = wait_ready(link, patience.boot_s, request_id)
            check_ready(ready, self._board.facts, "micropython")
            self._said.update(ready.said)
            return collect(link, measurement, request_id or 1, samples, patience.silence_s, patience.answer_s)

    def _upload(self, repl: RawRepl, measurement: Measurement, samples: int, request_id: int) -> None:
        """Send everything, and let the measurement begin."""
        workload = self._workloads[measurement.workload]
        sender = CheckedUpload(repl) if self._board.line_may_fail else repl
        self._mode.begin(repl)
        for source in program(workload, measurement.variant, on_chip=not self._board.facts.simulated):
            try:
                self._said.update(_told(sender.run_file(source.name, source.text)))
            except BoardError as error:
                raise _missing_module(workload, error) or error from None
            finally:
                self._mode.check(repl)
        sender.start(self._call(measurement, samples, request_id))
        self._mode.check(repl)

    def _call(self, measurement: Measurement, samples: int, request_id: int) -> str:
        facts = self._board.facts
        ready_id = f"id={request_id}, " if request_id else ""
        return (
            f"import benchlib\nbenchlib.ready({ready_id}clock_hz={facts.clock_hz})\n"
            f"benchlib.measure({measurement.workload!r}, id={request_id or 1}, n={measurement.n}, "
            f"seed={measurement.seed}, "
            f"loops={measurement.fixed_loops}, min_ticks={self._board.min_ticks}, samples={samples}, "
            f"collect={collects(measurement.variant)}, setup=setup, run=run, checksum=checksum)"
        )


def _told(output: str) -> dict[str, str]:
    """What a script that prepares the board told about it in framed lines."""
    told: dict[str, str] = {}
    for line in output.splitlines():
        with suppress(WireError):
            if event := parse_line(line.encode("utf-8", "replace")):
                told |= event.fields
    return told


def _missing_module(workload: Workload, error: BoardError) -> NotAvailable | None:
    """What an error on the board means where the contract says that the workload needs a module; None: an error."""
    for module in workload.needs:
        if f"no module named '{module}'" in str(error):
            return NotAvailable(f"this board's MicroPython has no module {module}")
    return None
