"""What the boot ROM of an emulated chip makes of its flash, what it prints, and files that it boots."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from esptool import bin_image
from esptool.util import FatalError

from bench.esp32.chips import CHIPS, Chip

APP_OFFSET = 0x10000
NOTHING = "nothing"  # what runs where the flash holds no program
_MAGIC = 0xE9
_SEGMENT_AT = {"esp32": 0x3FFB0000, "esp32s3": 0x3FC88000, "esp32c3": 0x3FC80000}  # in RAM
_NO_APP = b"E (40) boot: No bootable app partitions in the partition table\r\n"


@dataclass(frozen=True)
class _Words:
    """What a chip's ROM prints before and after it has looked at its pins."""

    banner: bytes
    power_on: bytes
    watchdog: bytes
    from_flash: bytes
    download: bytes
    loading: bytes


_ESP32 = _Words(
    b"ets Jul 29 2019 12:21:46\r\n\r\n",
    b"rst:0x1 (POWERON_RESET)",
    b"rst:0x10 (RTCWDT_RTC_RESET)",
    b"boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n",
    b"boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\n",
    b"configsip: 0, SPIWP:0xee\r\nclk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,hd_drv:0x00,wp_drv:0x00\r\n"
    b"mode:DIO, clock div:2\r\nload:0x3fff0030,len:4728\r\nentry 0x400805f0\r\n",
)
_C3 = _Words(
    b"ESP-ROM:esp32c3-api1-20210207\r\nBuild:Feb  7 2021\r\n",
    b"rst:0x1 (POWERON)",
    b"rst:0x7 (TG0WDT_SYS_RST)",
    b"boot:0xc (SPI_FAST_FLASH_BOOT)\r\n",
    b"boot:0x4 (DOWNLOAD(USB/UART0/1))\r\n",
    b"SPIWP:0xee\r\nmode:DIO, clock div:2\r\nload:0x3fcd5820,len:0x458\r\nentry 0x403cc710\r\n",
)
_S3 = _Words(
    b"ESP-ROM:esp32s3-20210327\r\nBuild:Mar 27 2021\r\n",
    _C3.power_on,
    _C3.watchdog,
    b"boot:0x8 (SPI_FAST_FLASH_BOOT)\r\n",
    b"boot:0x0 (DOWNLOAD(USB/UART0))\r\n",
    b"SPIWP:0xee\r\nmode:DIO, clock div:2\r\nload:0x3fce3808,len:0x370\r\nentry 0x403c98d0\r\n",
)
_WORDS = {"esp32": _ESP32, "esp32s3": _S3, "esp32c3": _C3}


@dataclass(frozen=True)
class Boot:
    """What a chip does after a reset that does not lead to its bootloader."""

    text: bytes
    program: bytes | None  # the marker of what runs then
    again: bytes = b""  # printed again and again where nothing runs


def download_text(chip: str) -> bytes:
    """What the ROM prints when it waits for a program over the serial line."""
    words = _WORDS[chip]
    return words.banner + words.power_on + b"," + words.download + b"waiting for download\r\n"


def boot(chip: str, flash: bytes | bytearray, markers: Iterable[bytes]) -> Boot:
    """What the chip makes of its flash: a program where an intact image in a place for one carries its marker."""
    words, rom_looks_at = _WORDS[chip], CHIPS[chip].image_offset
    header = flash[rom_looks_at : rom_looks_at + 4]
    start = words.banner + words.power_on + b"," + words.from_flash
    if header[0] != _MAGIC:
        complaint = f"invalid header: 0x{int.from_bytes(header, 'little'):08x}\r\n".encode() * 8
        again = words.banner + words.watchdog + b"," + words.from_flash + complaint
        return Boot(start + complaint, None, again)
    images = [_intact_image(chip, flash, offset) for offset in (APP_OFFSET, rom_looks_at)]
    if images[1] is None:
        return Boot(start + b"csum err:0x5a!=0xff\r\n", None, start + b"csum err:0x5a!=0xff\r\n")
    text = start + words.loading
    for image in images:
        for marker in markers if image is not None else ():
            if any(marker in segment.data for segment in image.segments):
                return Boot(text, marker)
    return Boot(text + _NO_APP, None, text + _NO_APP)  # ESP-IDF's bootloader restarts the chip


def _intact_image(chip: str, flash: bytes | bytearray, offset: int) -> Any:
    """The image at an offset; None where there is none, a half-written one or one for another chip."""
    try:
        image = bin_image.LoadFirmwareImage(chip, bytes(flash[offset:]))
    except (FatalError, struct.error, TypeError):  # cut ones break where the cut is
        return None
    is_intact = image.checksum == image.calculate_checksum()
    if image.append_digest:
        is_intact = is_intact and image.stored_digest == image.calc_digest
    return image if is_intact and image.chip_id == CHIPS[chip].image_chip_id else None


def make_image(path: Path, chip: str, marker: bytes = b"", size: int = 60_000, megabytes: int = 4) -> Path:
    """Write an image that esptool takes for the chip's, with the marker in its last bytes; about half can be packed."""
    image = getattr(bin_image, f"{chip.upper()}FirmwareImage")()
    image.chip_id = CHIPS[chip].image_chip_id
    image.flash_mode = 2  # DIO
    image.flash_size_freq = image.ROM_LOADER.parse_flash_size_arg(f"{megabytes}MB")
    noise = bytes(byte & 0xF for byte in random.Random(size).randbytes(size))
    segment = bin_image.ELFSection(b"", _SEGMENT_AT[chip], noise + marker, 0)
    image.segments = [segment]
    image.entrypoint = segment.addr
    path.write_bytes(image.save(None))
    return path


def make_files(folder: Path, chip: str, marker: bytes, size: int = 60_000) -> list[tuple[int, Path]]:
    """A second-stage bootloader and a program with the marker, each with its offset, as a build gives them."""
    known: Chip = CHIPS[chip]
    name = "".join(c for c in marker.decode("ascii", "ignore") if c.isalnum())
    bootloader = make_image(folder / f"{chip}-bootloader.bin", chip, size=12_000)
    return [
        (known.image_offset, bootloader),
        (APP_OFFSET, make_image(folder / f"{chip}-{name}.bin", chip, marker, size)),
    ]
