"""What can go wrong on a serial line: accidents that strike at an exact place in a conversation."""

from __future__ import annotations

import random
from dataclasses import dataclass

TO_BOARD, TO_HOST = "to board", "to host"
ROM_TEXT = (
    b"ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"
    b"configsip: 0, SPIWP:0xee\r\nload:0x3fff0030,len:4728\r\nentry 0x400805f0\r\n"
)
# A phase begins when this passes: the direction, the bytes, and the phase. What comes before is the boot.
MARKERS = {
    "arduino": ((TO_BOARD, b"@B1 run", "command"), (TO_HOST, b"@B1 sample", "samples"), (TO_HOST, b"@B1 done", "done")),
    "micropython": (
        (TO_BOARD, b"\r\x01", "entry"),
        (TO_BOARD, b"\x05A\x01", "upload"),
        (TO_BOARD, b"benchlib.measure(", "command"),
        (TO_HOST, b"@B1 sample", "samples"),
        (TO_HOST, b"@B1 done", "done"),
    ),
    "bootloader": ((TO_BOARD, b"\xc0\x00\x10", "writing"),),  # the frame that announces compressed data for the flash
    "nothing": (),
}
PHASES = {language: ("boot", *(phase for _, _, phase in markers)) for language, markers in MARKERS.items()}
LONGEST_MARKER = 20
# About how many bytes pass in a phase: a fault is placed within them.
_LENGTHS = {
    ("boot", TO_HOST): 120,
    ("entry", TO_BOARD): 4,
    ("entry", TO_HOST): 160,
    ("upload", TO_BOARD): 14_000,
    ("upload", TO_HOST): 500,
    ("command", TO_BOARD): 90,
    ("command", TO_HOST): 400,
    ("samples", TO_HOST): 150,
    ("done", TO_HOST): 60,
}
# What can happen, and how often beside the others.
KINDS = {
    "garble": 5,
    "drop": 4,
    "duplicate": 3,
    "delay": 3,
    "noise": 2,
    "boot text": 2,
    "reset": 4,
    "cut": 2,
    "mute": 2,
    "vanish": 3,
}


@dataclass(frozen=True)
class Fault:
    """One accident. It strikes `times` times, once a boot, each time at the same place."""

    kind: str
    phase: str
    direction: str
    after: int  # bytes of the direction in the phase
    size: int  # bytes that are hit
    seconds: float  # of a delay, or of an absence
    times: int
    seed: int
    conversation: str = ""  # the only one that it strikes in; empty: any

    def __str__(self) -> str:
        where = f"{self.conversation} {self.phase}".strip()
        return f"{self.kind} {self.direction} in {where}+{self.after}, {self.size} bytes, {self.times}x"


def random_fault(seed: int, language: str, longest_s: float) -> Fault:
    """The fault of a seed. `longest_s` is about how long the harness waits: delays are shorter or longer than that."""
    chance = random.Random(f"{language} {seed}")
    kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
    phase, direction = chance.choice([place for place in _LENGTHS if place[0] in PHASES[language]])
    if kind == "boot text":
        direction = TO_HOST
        phase = chance.choice([phase for phase, way in _LENGTHS if way == TO_HOST and phase in PHASES[language]])
    return Fault(
        kind=kind,
        phase=phase,
        direction=direction,
        after=chance.randrange(_LENGTHS[phase, direction]),
        size=chance.choice((1, 1, 2, 3, 8, 40)),
        seconds=longest_s * chance.choice((0.02, 0.1, 0.3, 1.2)),
        times=chance.choice((1, 1, 1, 2, 2, 3, 9)),
        seed=seed,
    )
