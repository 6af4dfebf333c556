"""REPL: an expression and its value by each of MicroPython's REPLs, against the shortest Arduino way.

An attempt is a person's: typing at TYPED_A_MINUTE, which is an assumption, without any time to think, then what the
computer, the line and the flash take. On a virtual board the line and the flash are computed, and what QEMU takes is
told but not counted; on a real one everything but the typing is measured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from bench.anatomy.probes import Probe, probe_script
from bench.errors import LinkSilent
from bench.labels import printable
from bench.link import Link
from bench.runners.exchange import Patience
from bench.runners.micropython import PROMPT, PROMPT_S, open_repl
from bench.workflow.asking import Asker
from bench.workflow.compiling_probes import SCRIPTS
from bench.workflow.context import Context
from bench.workflow.line_times import BAUDS, flash_s, line_s
from bench.workflow.parts import Part, Row
from bench.workflow.repl_arduino import UPLOAD_BAUD, Attempt, attempts
from bench.workflow.repl_dialogue import Exchange, FriendlyRepl, ReplBusy, ask_raw
from bench.workflow.repl_expressions import Expression, chosen
from bench.workflow.timing import wall_cells, wall_columns

TYPED_A_MINUTE = 200  # characters: an assumption, about 40 words a minute, which is an ordinary speed
REPL_BAUD = 115200
FRIENDLY, RAW, RAW_PASTE, ARDUINO = "friendly", "raw", "raw_paste", "arduino"
WAYS = (FRIENDLY, RAW, RAW_PASTE, ARDUINO)
MEASURED, COMPUTED = "measured", "computed"
ATTEMPT = "attempt"
STEPS = ("typing", "exchange", "line", "build", "upload", "flash_write", "start", ATTEMPT)
_MODES = {FRIENDLY: "single", RAW: "exec", RAW_PASTE: "exec"}  # of compile(); the second must print() the value
_TIME = "time"
_COLUMNS = {
    "expression": "str",
    "way": "str",
    "baud": "int",  # of the line, where the step depends on it
    "step": "str",
    "how": "str",  # measured or computed; of an attempt: computed where anything in it is
    "sent_bytes": "int",  # to the board; of typing: keys
    "received_bytes": "int",
    # Compiling, executing and printing it on the board. Reading its characters is not in it: that is not exact.
    "ticks": "int",
    **wall_columns(_TIME),
    "in_total": "int",  # 1: its time is in the attempt's
    "per_minute": "float",  # attempts
}
_KEYS = ("expression", "way", "baud", "step")


@dataclass(frozen=True)
class _Step:
    """One row but for its keys; several seconds: measured, their median counts."""

    name: str
    how: str
    seconds: Sequence[float]
    baud: int | None = None
    sent_bytes: int | None = None
    received_bytes: int | None = None
    ticks: int | None = None
    in_total: bool = True

    @property
    def median_s(self) -> float:
        return float(str(wall_cells(_TIME, self.seconds)[f"{_TIME}_s"]))


def measure(context: Context, names: Sequence[str]) -> Iterator[Row]:
    """The rows; `names` may hold names of expressions. What a person would see in a terminal is checked each time."""
    wanted = chosen(names)
    ticks = _ticks(context, wanted)
    for expression in wanted:
        for way, exchanges in _exchanges(context, expression).items():
            yield from _rows(expression, way, _repl_steps(context, expression, exchanges, ticks.get((expression, way))))
        context.step(f"REPL: {expression.name}")
    tried: dict[Expression, list[Attempt]] = defaultdict(list)
    for expression, attempt in attempts(context):
        tried[expression].append(attempt)
    for expression in wanted:
        yield from _rows(expression, ARDUINO, _arduino_steps(expression, tried[expression]))


def _ticks(context: Context, wanted: Sequence[Expression]) -> dict[tuple[Expression, str], int]:
    probes = {(expression, way): _probe(expression, mode) for expression in wanted for way, mode in _MODES.items()}
    # Not profiled: the profiler's count of a part that prints is some instructions above the board's own.
    numbers, failures = Asker(context).ask_plainly(list(dict.fromkeys(probes.values())), max(2, context.repetitions))
    for error in failures.values():
        raise error
    return {key: numbers[probe]["ticks"] for key, probe in probes.items()}


def _probe(expression: Expression, mode: str) -> Probe:
    text = expression.python if mode == "single" else f"print({expression.python})"
    texts = (probe_script("evaluating.py", SCRIPTS), expression.python_before, f"_measure({text!r}, {mode!r})")
    return Probe(f"evaluating {expression.name} ({mode})", tuple(filter(None, texts)))


def _exchanges(context: Context, expression: Expression) -> dict[str, list[Exchange]]:
    """So many of each way as the context wants, after a first one that is not timed: it makes the board know names."""
    board, patience, count = context.board, Patience(), context.repetitions + 1
    found: dict[str, list[Exchange]] = {}
    with board.boot("micropython") as link:
        prompt = FriendlyRepl(link, patience.answer_s)
        if board.line_may_fail:
            claim(context, link, prompt, patience)
        else:
            link.read_until(PROMPT, patience.boot_s)
        if expression.python_before:
            prompt.paste(expression.python_before)
        found[FRIENDLY] = [prompt.ask(expression.python) for _ in range(count)][1:]
    for way in (RAW, RAW_PASTE):
        with board.boot("micropython") as link:
            open_repl(link, board, patience).run_file(expression.name, expression.python_before)
            asked = [ask_raw(link, expression.python, raw_paste=way == RAW_PASTE) for _ in range(count)]
        found[way] = asked[1:]
    for exchange in (each for exchanges in found.values() for each in exchanges):
        expression.check(exchange.value)
    return found


def claim(context: Context, link: Link, prompt: FriendlyRepl, patience: Patience) -> None:
    """To the prompt of a board that boots, runs a program, or is in a raw REPL. BoardError where it stays there."""
    with suppress(LinkSilent):
        link.read_until(PROMPT, min(PROMPT_S, patience.boot_s))
    prompt.leave_raw()
    try:
        prompt.check()
    except ReplBusy as error:
        context.log(f"{printable(error)}; Ctrl-C is sent now")
        prompt.interrupt()


def _repl_steps(
    context: Context, expression: Expression, exchanges: Sequence[Exchange], ticks: int | None
) -> Iterator[_Step]:
    first, simulated = exchanges[0], context.board.facts.simulated
    sent, received = first.sent_bytes, first.received_bytes
    yield _typing(expression)
    seconds = [exchange.seconds for exchange in exchanges]
    # What QEMU takes is no time of a board's.
    yield _Step("exchange", MEASURED, seconds, None, sent, received, ticks, in_total=not simulated)
    line = line_s(sent + received, REPL_BAUD)  # one after the other, though the echo comes while characters still go
    yield _Step("line", COMPUTED, [line], REPL_BAUD, sent, received, in_total=simulated)


def _arduino_steps(expression: Expression, tried: Sequence[Attempt]) -> Iterator[_Step]:
    first = tried[0]
    yield _typing(expression)
    yield _Step("build", MEASURED, [attempt.build_s for attempt in tried])
    if first.upload is not None:
        for baud in BAUDS:
            yield _Step("upload", COMPUTED, [first.upload.seconds(baud)], baud, first.upload.sent_bytes)
        yield _Step("flash_write", COMPUTED, [flash_s(first.image_bytes)], None, first.image_bytes)
    else:
        seconds = [attempt.upload_s for attempt in tried if attempt.upload_s is not None]
        yield _Step("upload", MEASURED, seconds, UPLOAD_BAUD, first.image_bytes)
    started = [attempt.start_s for attempt in tried]
    yield _Step("start", MEASURED, started, None, None, first.received_bytes, in_total=first.upload is None)


def _typing(expression: Expression) -> _Step:
    keys = len(expression.python) + 1  # Enter; in an Arduino editor the keys that upload
    return _Step("typing", COMPUTED, [60 * keys / TYPED_A_MINUTE], None, keys)


def _rows(expression: Expression, way: str, steps: Iterator[_Step]) -> Iterator[Row]:
    """A row a step, and an attempt for each speed of the line."""
    found = list(steps)
    for step in found:
        yield _row(expression, way, step)
    for baud in sorted({step.baud for step in found if step.baud is not None}):
        parts = [step for step in found if step.in_total and step.baud in (None, baud)]
        total = _Step(ATTEMPT, COMPUTED, [sum(step.median_s for step in parts)], baud)
        yield _row(expression, way, total) | {"per_minute": 60 / total.median_s}


def _row(expression: Expression, way: str, step: _Step) -> Row:
    cells = wall_cells(_TIME, step.seconds)
    if step.how == COMPUTED:
        cells |= {f"{_TIME}_iqr_s": None, f"{_TIME}_n": None}
    return {
        "expression": expression.name,
        "way": way,
        "baud": step.baud,
        "step": step.name,
        "how": step.how,
        "sent_bytes": step.sent_bytes,
        "received_bytes": step.received_bytes,
        "ticks": step.ticks,
        **cells,
        "in_total": int(step.in_total),
        "per_minute": None,
    }


PART = Part(
    name="repl",
    title="Trying an expression",
    columns=_COLUMNS,
    exact=("how", "sent_bytes", "received_bytes", "ticks", "in_total"),
    keys=_KEYS,
    measure=measure,
)
