"""The chips that bench measures on real boards, and what has to be known about each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bench.errors import InputError
from bench.labels import printable

ESPRESSIF_VID = 0x303A
USB_JTAG_PID = 0x1001  # the S3's and C3's own USB, as wired in the chip; its lines reset the chip


@dataclass(frozen=True)
class Chip:
    """One chip family as esptool, PlatformIO and MicroPython know it."""

    name: str  # also esptool's argument for it
    esptool_name: str  # what esptool calls a detected one
    pio_env: str
    clock_hz: int  # wanted on both sides
    fpu: bool
    isa: str
    image_chip_id: int  # bytes 12 and 13 of an image's header
    image_offset: int  # where the ROM looks for its first image: a bootloader, or the whole MicroPython
    micropython_board: str
    native_usb: tuple[int, int] | None  # VID and PID of the chip's own USB port, where it has one


CHIPS = {
    chip.name: chip
    for chip in (
        Chip("esp32", "ESP32", "esp32", 240_000_000, True, "Xtensa LX6", 0, 0x1000, "ESP32_GENERIC", None),
        Chip("esp32s3", "ESP32-S3", "esp32s3", 240_000_000, True, "Xtensa LX7", 9, 0x0, "ESP32_GENERIC_S3",
             (ESPRESSIF_VID, USB_JTAG_PID)),
        Chip("esp32c3", "ESP32-C3", "esp32c3", 160_000_000, False, "RV32IMC", 5, 0x0, "ESP32_GENERIC_C3",
             (ESPRESSIF_VID, USB_JTAG_PID)),
    )
}  # fmt: skip

# Words before the package in esptool's descriptions. The classic chip goes by its part numbers (ESP32-D0WD-V3,
# ESP32-S0WD, ESP32-PICO-D4), so that "ESP32-S2" and "ESP32-S0WD" differ only in what follows the S.
_CLASSIC = re.compile(r"esp32(-(s0wd|d0wd|d2wd|u4wdh|pico)[a-z0-9-]*)?")
_OTHER_NAMES = {"esp8685": "esp32c3", "esp8686": "esp32c3"}  # the C3 in other packages


def find_chip(esptool_description: str) -> Chip:
    """The chip that esptool's name or description means; InputError for one that bench does not know."""
    word = esptool_description.lower().removeprefix("unknown ").split(" ")[0].removesuffix("-pico-1")
    name = _OTHER_NAMES.get(word, "esp32" if _CLASSIC.fullmatch(word) else word.replace("-", ""))
    if name not in CHIPS:
        known = ", ".join(chip.esptool_name for chip in CHIPS.values())
        raise InputError(
            f"the board's chip is {printable(esptool_description, 60)}; bench knows {known}: use a board with one of "
            "these, or the virtual board (bench run --board virtual-esp32)"
        )
    return CHIPS[name]


def chip_of_image(chip_id: int) -> str:
    """What an image's header calls its chip, for a message."""
    return next((c.esptool_name for c in CHIPS.values() if c.image_chip_id == chip_id), f"another chip (id {chip_id})")
