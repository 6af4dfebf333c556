"""What both languages share: listening to one measurement until it is done, and telling the failures apart."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from bench.board import BoardFacts
from bench.errors import BenchError, BoardError, ChecksumMismatch, LinkLost, LinkSilent, NotAvailable, Unusable
from bench.labels import printable
from bench.link import Link
from bench.plan import DEFAULT_TIMEOUT_S, Figures, Measurement, Memory, Sample
from bench.variants import collects, emitter_of
from bench.wire import PROTOCOL_VERSION, Event, WireError, format_line, parse_line

SPEAKS_WITHIN_S = 0.5  # a board that restarted prints its boot ROM's text by then; another one is not waited for
ASK_AGAIN_S = 1.0  # what is sent to a board while it boots is lost
OVERALL_TIMEOUT_FACTOR = 10  # a board that goes on to send signs of life, but never ends
_TRACEBACK_LINE = re.compile(r'File "<(?:stdin|string)>", line (\d+)')
_SHOWN = 160  # characters of a transcript in a message

# Numbers of requests: none is used twice, so that a late answer is never taken for that to another request. All have
# six digits: what is sent has the same length however many requests came before.
request_ids = itertools.cycle(range(100_000, 1_000_000))

# What a board sends when it starts anew: the boot ROM of the ESP32 and its successors, a crash, MicroPython's banner.
RESTART_SIGNS = {
    re.compile(
        rb"ets [A-Z][a-z]{2} +\d|rst:0x[0-9a-f]|ESP-ROM:|Guru Meditation Error|Brownout detector"
        rb"|MicroPython v\d|(?:\A|\n)>>> "
    ): "the board restarted in the middle of a measurement"
}


@dataclass(frozen=True)
class Patience:
    """How long a runner waits, in seconds."""

    silence_s: float = DEFAULT_TIMEOUT_S  # of a program that measures
    boot_s: float = 10.0  # until a board is ready
    answer_s: float = 20.0  # for the answer to something that takes no time
    back_off_s: float = 1.0  # before another try, the longer the more tries there were


@dataclass(frozen=True)
class Ready:
    """What a board said of itself when it was ready: the fields of its ready line, checked."""

    fields: Mapping[str, str]

    @property
    def said(self) -> dict[str, str]:
        """What of it is about the board, and not about the request."""
        return {key: value for key, value in self.fields.items() if key != "id"}


class Channel(Protocol):
    """A way to a running board in one language, good for any number of measurements."""

    def measure(self, measurement: Measurement, samples: int) -> Figures:
        """Run one measurement. Raises LinkLost (a retry may help), BoardError or ToolError."""


class DamagedLines(LinkLost):
    """Lines came damaged, so that samples are missing. Nothing was taken from them."""


class WorkloadHangs(BoardError):
    """The program started and then gave no sign of life: an endless loop, or a time-out that is too short."""


@contextmanager
def heard(link: Link) -> Iterator[None]:
    """Adds what the board said last to the message of a LinkLost."""
    try:
        yield
    except LinkLost as error:
        said = printable(link.transcript[-_SHOWN:]).strip()
        if said and "the board said" not in str(error):
            error.args = (f"{error}; the last the board said: {said}",)
        raise


def next_event(link: Link, timeout_s: float) -> Event | None:
    """The next framed line as an event, None for a damaged one. Noise is passed over."""
    deadline = time.monotonic() + timeout_s
    while True:
        line = link.read_line(max(deadline - time.monotonic(), 0.0))
        try:
            event = parse_line(line)
        except WireError:
            return None
        if event is not None:
            return event
        if time.monotonic() > deadline:
            raise LinkSilent(f"the board talks, but sent nothing of the wire protocol within {timeout_s:g} s")


def wait_ready(link: Link, timeout_s: float, request_id: int = 0) -> Ready:
    """Wait for the ready line. BoardError where the board says that it cannot start, LinkLost where it stays silent.

    `request_id` is that of the request to say it, 0 where the board says it by itself.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        event = next_event(link, max(deadline - time.monotonic(), 0.0))
        if event is None:
            raise DamagedLines("the board's ready line came damaged")
        answered = event.fields.get("id", "0")
        if event.name == "error" and answered in ("0", str(request_id)):
            if event.fields.get("code") == "bad_command":
                raise DamagedLines(f"the board did not understand what it was asked: {_shown(event)}")
            raise BoardError(f"the board refuses to start: {_shown(event)}")
        if event.name == "ready" and answered == str(request_id):
            return Ready(dict(event.fields))
        if time.monotonic() > deadline:
            raise LinkSilent(f"the board talks, but does not say that it is ready within {timeout_s:g} s")


def ask_ready(link: Link, timeout_s: float) -> Ready:
    """The ready line of a suite that runs already and has no reason to say it. Raises as `wait_ready` does."""
    request_id = next(request_ids)
    deadline = time.monotonic() + timeout_s
    while True:
        link.write(b"\r\n" + format_line("hello", {"id": request_id}))  # the line's end closes what lay half typed
        left = deadline - time.monotonic()
        try:
            return wait_ready(link, min(left, ASK_AGAIN_S), request_id)
        except (LinkSilent, DamagedLines) as error:
            if left <= ASK_AGAIN_S:
                raise type(error)(f"{error}; it was asked for {timeout_s:g} s") from error


def check_ready(ready: Ready, facts: BoardFacts, language: str, image: str | None = None) -> None:
    """Unusable where the board is not what the run's figures would claim: protocol, language, clock, tick, self-test.

    `image` is the build hash to expect, None where the program tells none.
    """
    expected = {
        "protocol": str(PROTOCOL_VERSION),
        "language": language,
        "clock_hz": str(facts.clock_hz),
        "tick_unit": facts.tick_unit,
    }
    if facts.simulated:
        expected |= {"board": facts.name, "selftest": "ok"}
    if image is not None:
        expected["image"] = image
    for key, value in expected.items():
        came = ready.fields.get(key)
        if came != value:
            mend = "remove the build cache (.bench/)" if facts.simulated else "erase the board's flash (--erase)"
            raise Unusable(
                f"{language} on {facts.name}: expected {key} {value}, the board says {printable(repr(came), 80)}; "
                f"nothing is compared across such a difference: {mend} and run again"
            )


def collect(
    link: Link,
    measurement: Measurement,
    request_id: int,
    samples: int,
    timeout_s: float,
    first_timeout_s: float | None = None,
) -> Figures:
    """The figures of one requested measurement, samples complete and in order, or an exception; never a part.

    `first_timeout_s` is how long the board may take for its first sign of life, which it gives before any work.
    """
    collected: list[Sample] = []
    damaged = 0
    started = False
    give_up_at = time.monotonic() + OVERALL_TIMEOUT_FACTOR * timeout_s
    while True:
        try:
            event = next_event(link, timeout_s if started else min(timeout_s, first_timeout_s or timeout_s))
        except LinkSilent as error:
            if damaged or not started:
                raise  # something was lost on the way: a fresh boot may do better
            raise WorkloadHangs(_hangs(measurement, timeout_s)) from error
        if time.monotonic() > give_up_at:
            raise WorkloadHangs(_hangs(measurement, OVERALL_TIMEOUT_FACTOR * timeout_s))
        if event is None:
            damaged += 1
            continue
        if event.name == "ready" and "id" not in event.fields:
            raise LinkLost("the board restarted in the middle of a measurement")
        if event.name == "error" and event.fields.get("id", "0") in ("0", str(request_id)):
            raise _device_error(event, measurement, link)
        if event.fields.get("id") != str(request_id):
            continue  # the tail of an earlier request
        started = True
        if event.name == "sample":
            collected.append(_parse_sample(event, measurement))
        elif event.name == "done":
            memory = _parse_memory(event, measurement)
            return Figures(_complete(collected, event, samples, damaged, measurement.fixed_loops), memory)


def check_answers(samples: list[Sample], measurement: Measurement) -> None:
    """The checksum gate. ChecksumMismatch where one sample's answer is not the reference's."""
    for sample in samples:
        if sample.checksum != measurement.expected_checksum:
            raise ChecksumMismatch(
                f"{measurement}: expected checksum {measurement.expected_checksum:08x} (CPython reference), the board "
                f"computed {sample.checksum:08x}; no figure is kept"
            )


def _parse_sample(event: Event, measurement: Measurement) -> Sample:
    try:
        if event.text("workload") != measurement.workload or event.integer("n") != measurement.n:
            raise WireError(f"expected {measurement.workload} n={measurement.n}, got {dict(event.fields)}")
        checksum = int(event.text("checksum"), 16)
        return Sample(event.integer("index"), event.integer("loops"), event.integer("ticks"), checksum)
    except ValueError as error:
        raise BoardError(f"{measurement}: the board sent a sample that makes no sense: {error}") from error


def _parse_memory(done: Event, measurement: Measurement) -> Memory:
    def bytes_of(key: str) -> int | None:
        return done.integer(key) if key in done.fields else None

    try:
        return Memory(bytes_of("held_bytes"), bytes_of("allocated_bytes"), bytes_of("stack_bytes"))
    except ValueError as error:
        raise BoardError(f"{measurement}: the board's figures of memory make no sense: {error}") from error


def _complete(collected: list[Sample], done: Event, samples: int, damaged: int, fixed_loops: int) -> list[Sample]:
    if [sample.index for sample in collected] == list(range(samples)) and done.fields.get("samples") == str(samples):
        loops = {sample.loops for sample in collected}
        if len(loops) == 1 and fixed_loops in (0, *loops):
            return collected
        raise LinkLost(
            f"the board measured something else than asked: loops {sorted(loops)}, not {fixed_loops or 'one'}"
        )
    raise DamagedLines(
        f"expected {samples} samples, {len(collected)} arrived whole and in order ({damaged} damaged lines)"
    )


def _device_error(event: Event, measurement: Measurement, link: Link) -> BenchError:
    code = event.fields.get("code", "")
    if code == "bad_command":  # most likely damaged on its way: another try may do better
        return LinkLost(f"the board did not understand the command: {_shown(event)}")
    if code == "unknown_workload":
        return BoardError(
            f"{measurement}: the image does not hold this workload; remove the build cache (.bench/) and run again"
        )
    if code == "out_of_memory" and not collects(measurement.variant):
        return NotAvailable("one execution needs more memory than the board has without its collector")
    # Machine code leaves no line numbers behind, so the last line told is one of the on-board runner.
    is_bytecode = emitter_of(measurement.variant) == "bytecode"
    lines = _TRACEBACK_LINE.findall(link.transcript) if code == "exception" and is_bytecode else []
    where = f" (line {lines[-1]} of {measurement.workload}.py)" if lines else ""
    return BoardError(f"{measurement}: the program failed on the board: {_shown(event)}{where}")


def _shown(event: Event) -> str:
    return printable(event.fields.get("message") or event.fields.get("code") or "no reason given")


def _hangs(measurement: Measurement, timeout_s: float) -> str:
    return f"{measurement}: no end after {timeout_s:g} s; an endless loop? a slower board needs a longer --timeout"
