"""The virtual boards and what sets them apart. One row here is one name for `--board`."""

from __future__ import annotations

from dataclasses import dataclass

from bench.errors import InputError


@dataclass(frozen=True)
class Profile:
    """One virtual board: which chip it stands for and which instruction set QEMU gives it."""

    name: str
    stands_for: str
    isa: str
    fpu: bool


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("virtual-esp32", "ESP32 (single-precision FPU)", "RV32IMFC", fpu=True),
        Profile("virtual-esp32c3", "ESP32-C3 (no FPU)", "RV32IMC", fpu=False),
    )
}
DEFAULT_PROFILE = "virtual-esp32"


def find_profile(name: str) -> Profile:
    """The profile of that name; InputError naming the known ones."""
    try:
        return PROFILES[name]
    except KeyError:
        raise InputError(f"no board {name!r}; known: {', '.join(PROFILES)} (see `bench boards`)") from None
