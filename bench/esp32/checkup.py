"""What `bench doctor --port` asks of a real board, step by step, up to a short measurement in each language."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from bench.board import Board
from bench.catalogue import load_catalogue
from bench.doctor import Finding
from bench.errors import BenchError, LinkSilent, ToolError, Unusable
from bench.esp32 import flasher
from bench.esp32.attach import Attached, Wanted, attach
from bench.esp32.board import KNOWN
from bench.esp32.claim import claimed
from bench.esp32.connection import Connection
from bench.esp32.identify import Found, identify
from bench.esp32.ports import ListPorts, choose_port, list_ports
from bench.esp32.reset import ResetMethod
from bench.labels import LANGUAGE_NAMES, printable, ticks_text
from bench.plan import Figures, Measurement, make_plan
from bench.runners import make_runner
from bench.runners.exchange import check_answers
from bench.variants import LANGUAGES

TRIAL_WORKLOAD = "sieve"
TRIAL_SAMPLES = 100  # of 10 ms and more, with a warm-up before: about two seconds
_AGAIN = "see docs/hardware-checklist.md, and try again"
_RESETS = {
    ResetMethod.CLASSIC: "restarted by the bridge's lines (RTS, DTR)",
    ResetMethod.USB_JTAG: "the chip's own USB: the port vanishes while it restarts",
    ResetMethod.USB_CDC: "USB of the program on the board: no reset line, press RESET where asked",
    ResetMethod.NONE: "a network port without reset lines",
}


def examine_board(wanted: Wanted, list_ports: ListPorts = list_ports) -> Iterator[Finding]:
    """The findings on one board, each as soon as it is known; the last one is the first that needs mending.

    With `wanted.flash` both programs are put on the board for their trial measurement, and replace what is there;
    without it, what can be tried is the language of the program that the board has.
    """
    try:
        choice = choose_port(wanted.port, wanted.serial_number, list_ports)
        yield Finding("port", choice.info.text if choice.info else printable(choice.port, 100))
        with claimed(choice):
            yield from _examine(Connection(choice, list_ports), wanted, list_ports)
    except BenchError as error:
        yield Finding("the next step", str(error), _AGAIN)


def _examine(connection: Connection, wanted: Wanted, list_ports: ListPorts) -> Iterator[Finding]:
    with connection.open(restart=False):
        yield Finding("opening it", _RESETS[connection.method])
    found = identify(connection, KNOWN)
    yield Finding("program", str(found) if found else f"neither the C++ suite nor MicroPython; {connection.last_words}")
    if found is None or not found.virtual_profile:
        yield from _chip(connection, must_answer=wanted.flash or found is None)
    yield from _clock(found)
    yield from _trials(wanted, found, list_ports)


def _chip(connection: Connection, *, must_answer: bool) -> Iterator[Finding]:
    try:
        detected = flasher.detect(connection.find())
    except ToolError as error:
        if must_answer or not isinstance(error, (LinkSilent, Unusable)):
            raise
        yield Finding("chip", f"its bootloader does not answer, which only --flash needs: {error}")
        return
    yield Finding("chip", detected.description)
    size = f"{detected.flash_bytes / 2**20:g} MB" if detected.flash_bytes else "a size that esptool does not know"
    yield Finding("flash", size)


def _clock(found: Found | None) -> Iterator[Finding]:
    hz = found.says.get("clock_hz", "") if found else ""
    if found and hz.isdigit():
        nominal = "; a virtual board's clock counts instructions" if found.virtual_profile else ""
        later = "" if nominal or found.language == "arduino" else "; each measurement sets the chip's full clock first"
        yield Finding("clock", f"{int(hz) / 1e6:g} MHz, read back by {LANGUAGE_NAMES[found.language]}{nominal}{later}")


def _trials(wanted: Wanted, found: Found | None, list_ports: ListPorts) -> Iterator[Finding]:
    """A short measurement in each language that can be tried."""
    if not wanted.flash and found is None:
        yield Finding("trial", "none: the board has neither program; --flash writes both, in place of what is there")
        return
    attached = attach(wanted, list_ports=list_ports)
    for language in LANGUAGES:
        name = f"trial, {LANGUAGE_NAMES[language]}"
        if attached.found is not None and attached.found.language != language:
            yield Finding(name, "not tried: --flash puts it on the board, in place of the program that is there")
        else:
            yield Finding(name, _trial(attached, language))


def _trial(attached: Attached, language: str) -> str:
    catalogue = load_catalogue()
    plan = make_plan(catalogue, names=[TRIAL_WORKLOAD], quick=True)
    [measurement] = [m for m in plan if (m.workload, m.language) == (TRIAL_WORKLOAD, language)]
    board: Board = attached.board
    image = board.prepare(language, lambda text: None)
    with make_runner(language, board, image, catalogue, KNOWN).open() as channel:
        figures = channel.measure(measurement, TRIAL_SAMPLES)
    check_answers(figures.samples, measurement)
    return _words(measurement, figures, board)


def _words(measurement: Measurement, figures: Figures, board: Board) -> str:
    costs = sorted(sample.ticks / sample.loops for sample in figures.samples)
    middle, facts = median(costs), board.facts
    spread = (costs[-1] - costs[0]) / middle
    what = f"{measurement.workload} n={measurement.n}, right answer, {len(costs)} samples"
    if facts.simulated:
        return f"{what}: {ticks_text(middle)} instructions each, simulated"
    return f"{what}: {1e3 * middle / facts.clock_hz:.3f} ms each, from lowest to highest {100 * spread:.2f} % apart"
