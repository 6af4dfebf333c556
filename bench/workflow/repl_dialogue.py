"""Expressions over MicroPython's three REPLs, with every byte counted; and a board that a program occupies."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import cast

from bench.errors import BoardError, LinkSilent
from bench.labels import printable
from bench.link import Link
from bench.runners.micropython import PROMPT
from bench.runners.raw_repl import RawRepl, last_line

BUSY_S = 2.0  # a board at its prompt answers much sooner
_ENTER, _CTRL_B, _CTRL_C, _CTRL_D, _CTRL_E = b"\r", b"\x02", b"\x03", b"\x04", b"\x05"
_SHOWN = 80


class ReplBusy(BoardError):
    """A program runs on the board, which therefore answers nothing at its prompt."""


@dataclass(frozen=True)
class Exchange:
    """One expression there and its value back."""

    value: str
    seconds: float  # on the host, from the first byte sent to the last one received
    sent_bytes: int
    received_bytes: int


class MeteredLink:
    """A link for a REPL, which counts what goes through it. Has what `RawRepl` uses of a link."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.sent_bytes = 0
        self.received_bytes = 0
        self.read_timeout_s = link.read_timeout_s

    def write(self, data: bytes) -> None:
        """As the link's."""
        self.sent_bytes += len(data)
        self._link.write(data)

    def read(self, count: int = 1) -> bytes:
        """As the link's."""
        return self._counted(self._link.read(count))

    def read_until(self, ending: bytes, timeout_s: float) -> bytes:
        """As the link's."""
        return self._counted(self._link.read_until(ending, timeout_s))

    def inWaiting(self) -> int:
        """As the link's."""
        return self._link.inWaiting()

    def _counted(self, data: bytes) -> bytes:
        self.received_bytes += len(data)
        return data


class FriendlyRepl:
    """The prompt that a person types at, on an open link."""

    def __init__(self, link: Link, answer_s: float = 20.0) -> None:
        self._link = link
        self._answer_s = answer_s

    def leave_raw(self) -> None:
        """To the prompt, where the board is in a raw REPL that somebody left open."""
        self._link.write(_ENTER + _CTRL_B)
        self._link.discard(0.1, BUSY_S)

    def check(self, busy_s: float = BUSY_S) -> None:
        """ReplBusy where the board does not show its prompt: it runs a program, or another's raw REPL."""
        self._link.write(_ENTER)
        try:
            self._link.read_until(PROMPT, busy_s)
        except LinkSilent:
            said = printable(self._link.transcript[-_SHOWN:]).strip() or "nothing"
            raise ReplBusy(
                f"the board's REPL is occupied: expected the prompt {PROMPT.decode().strip()!r} within {busy_s:g} s, "
                f"the last the board said: {said}; stop the program that runs there with Ctrl-C, then try again"
            ) from None
        self._link.discard(0.05, busy_s)

    def interrupt(self, busy_s: float = BUSY_S) -> None:
        """Stop the program that runs, as Ctrl-C does. BoardError where it goes on."""
        self._link.write(_CTRL_C + _CTRL_C)
        self._link.discard(0.1, busy_s)
        try:
            self.check(busy_s)
        except ReplBusy as error:
            raise BoardError(
                "the program on the board does not end with Ctrl-C (it may catch every exception, or run in machine "
                "code): press RESET (EN), or remove its main.py in a terminal"
            ) from error

    def paste(self, text: str) -> None:
        """Execute some lines that print nothing, by way of the prompt's paste mode."""
        self._link.write(_CTRL_E)
        self._link.read_until(b"=== ", self._answer_s)
        self._link.write(text.replace("\n", "\r").encode() + _CTRL_D)
        printed = _without_prompt(self._link.read_until(PROMPT, self._answer_s))
        if "Traceback" in printed:
            raise BoardError(f"the board cannot execute {printable(text, 60)!r}: {printable(last_line(printed))}")

    def ask(self, expression: str) -> Exchange:
        """Type an expression at the prompt. BoardError with the exception where it raises one."""
        metered = MeteredLink(self._link)
        start = time.perf_counter()
        metered.write(expression.encode() + _ENTER)
        answer = metered.read_until(PROMPT, self._answer_s)
        seconds = time.perf_counter() - start
        _, _, printed = _without_prompt(answer).partition("\r\n")  # the first line is what was typed
        if "Traceback" in printed:
            raise BoardError(f"{expression!r} failed on the board: {printable(last_line(printed))}")
        return Exchange(printed.strip(), seconds, metered.sent_bytes, metered.received_bytes)


def _without_prompt(answer: bytes) -> str:
    return answer.decode("utf-8", "backslashreplace").removesuffix(PROMPT.decode())


def ask_raw(link: Link, expression: str, *, raw_paste: bool) -> Exchange:
    """Send an expression to the raw REPL that the board is in, wrapped in a print()."""
    metered = MeteredLink(link)
    repl = RawRepl(cast(Link, metered))
    repl.in_raw_repl = True
    repl.use_raw_paste = raw_paste
    start = time.perf_counter()
    output, traceback = repl.run(f"print({expression})")
    seconds = time.perf_counter() - start
    if traceback:
        raise BoardError(f"{expression!r} failed on the board: {printable(last_line(traceback))}")
    if repl.use_raw_paste != raw_paste:
        raise BoardError("the board's firmware has no raw paste, which MicroPython has since 1.14")
    return Exchange(output.strip(), seconds, metered.sent_bytes, metered.received_bytes)
