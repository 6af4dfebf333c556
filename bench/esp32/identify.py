"""What runs on a board: the suite, MicroPython, or something that is neither. Asked of the program, not of the chip."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.errors import BoardError, LinkLost, ToolError
from bench.esp32.connection import Connection
from bench.labels import printable
from bench.link import Link
from bench.runners.exchange import SPEAKS_WITHIN_S, Patience, Ready, ask_ready, wait_ready
from bench.runners.raw_repl import RawRepl
from bench.virtual_board.profiles import PROFILES

READY_S = 2.5  # a board that restarted says by then that it is ready
HELLO_S = 1.5
_LEAVE_RAW_REPL = b"\x02"  # MicroPython then shows its prompt, so that nobody waits for the suite; to the suite, noise
# The boot ROM and the second-stage bootloader, where they find no program. Some flash is late at power-on, and then
# found after all: only what comes after the ROM's last success counts.
_LOADED = re.compile(r"entry 0x[0-9a-f]+")
_NO_PROGRAM = re.compile(r"invalid header: 0x|csum err:0x|No bootable app partitions|waiting for download")
# Asked twice on one line: a damaged answer is none. sys.version ends in "MicroPython v1.26.1 on 2025-09-11".
_QUESTION = """\
import sys, machine
f = machine.freq()
f = f[0] if isinstance(f, tuple) else f
a = [sys.platform, sys.version.split("; ")[-1], getattr(sys.implementation, "_machine", ""), str(f)]
print("|".join(["@says"] + a + a))
"""
_PROMPT = {re.compile(rb"(?:\A|\n)>>> "): "MicroPython's prompt"}
_ANSWER = re.compile(r"@says((?:\|[^|\r\n]{0,100}){4})\1\r?\n")


@dataclass(frozen=True)
class Found:
    """The program that runs on a board."""

    language: str  # arduino: the suite; micropython
    says: Mapping[str, str]  # arduino: its ready line; micropython: board, build, machine, clock_hz

    @property
    def identity(self) -> str:
        """What tells one build of the language's program from another: the image's hash, MicroPython's banner."""
        return self.says.get("image" if self.language == "arduino" else "build", "")

    @property
    def virtual_profile(self) -> str:
        """The name of the virtual board at the other end; empty where there is a chip."""
        name = self.says.get("board", "")
        return name if name in PROFILES else ""

    def __str__(self) -> str:
        if self.language == "arduino":
            return f"the C++ suite, build {printable(self.identity, 40)}"
        return f"{printable(self.identity, 80)} ({printable(self.says.get('machine', ''), 60)})"


def identify(connection: Connection, patience: Patience, *, restart: bool = True) -> Found | None:
    """What the board runs; None for a program that is neither of the two, and for none.

    ToolError where the port cannot be used, LinkLost where it is not there or breaks.
    """
    with connection.open(restart=restart) as link:
        found = _suite(link)
        if found is not None or _has_no_program(link):
            return found
        return _micropython(link, patience)


def _suite(link: Link) -> Found | None:
    link.watch_for(_PROMPT)  # where MicroPython says that it is there, nobody waits for the suite
    ready = _ready(link, asked=False) if link.speaks_first(SPEAKS_WITHIN_S) else None
    if ready is None and ">>> " not in link.transcript and not _has_no_program(link):
        link.write(_LEAVE_RAW_REPL)
        ready = _ready(link, asked=True)
    link.watch_for({})
    return Found("arduino", ready.said) if ready and ready.said.get("language") == "arduino" else None


def _ready(link: Link, *, asked: bool) -> Ready | None:
    try:
        return ask_ready(link, HELLO_S) if asked else wait_ready(link, READY_S)
    except BoardError:  # a suite that refuses to start is none that could be used
        return None
    except LinkLost:
        _still_open(link)
        return None


def _has_no_program(link: Link) -> bool:
    """Whether the chip itself says that it found nothing to run: then nobody is there to be asked."""
    return _NO_PROGRAM.search(_LOADED.split(link.transcript)[-1]) is not None


def _micropython(link: Link, patience: Patience) -> Found | None:
    repl = RawRepl(link, patience.answer_s)
    try:
        repl.enter_from_anything(patience.back_off_s)
        output, traceback = repl.run(_QUESTION)
    except ToolError:
        _still_open(link)
        return None
    match = _ANSWER.search(output)
    if traceback or match is None:
        return None
    board, build, machine, clock_hz = match[1].split("|")[1:]
    return Found("micropython", {"board": board, "build": build, "machine": machine, "clock_hz": clock_hz})


def _still_open(link: Link) -> Any:
    """LinkLost where the silence was the port's end, and not a program's that does not know the question."""
    return link.inWaiting()
