"""What a file of MicroPython's firmware is: opened, checked, and asked what it will say of itself on the board.

Version, build date and machine are read from the program in the file, not from its name, so that a renamed file is
recorded as what it is. See `bench.esp32.merged_image` for what the checks prove.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from bench.errors import InputError
from bench.esp32.chips import Chip
from bench.esp32.merged_image import MergedImage, open_merged
from bench.labels import printable

SITE = "https://micropython.org"
MAX_BYTES = 16 * 2**20  # the largest flash of these chips' usual modules; official files have 2 MB
_BANNER = re.compile(rb"MicroPython (v[0-9]+\.[0-9]+[0-9A-Za-z.+-]{0,60}) on ([0-9]{4}-[0-9]{2}-[0-9]{2})")
# In the banner a machine follows "; ", in sys.implementation it stands alone; either ends its string.
_MACHINE = re.compile(rb"(?:; |(?<=\0))([A-Z][ -~]{1,90} with ESP32[A-Z0-9]{0,4})\0")


@dataclass(frozen=True)
class MicroPythonFirmware:
    """One verified firmware file, and what a figure measured with it has to say about it."""

    path: Path
    sha256: str  # of the whole file
    version: str  # v1.26.1
    build_date: str  # 2025-09-11
    banner: str  # MicroPython v1.26.1 on 2025-09-11, as sys.version on the board ends
    machine: str  # Generic ESP32 module with ESP32; empty where the file does not tell it for certain
    source: str  # its URL, or "file NAME"
    offset: int  # where it is flashed
    idf_version: str  # of the ESP-IDF that it was built with: v5.4.2; empty where the file does not tell it


def download_page(chip: Chip, site: str = SITE) -> str:
    """Where a person finds the firmware for a chip."""
    return f"{site}/download/{chip.micropython_board}/"


def read_firmware(path: Path, chip: Chip) -> MicroPythonFirmware:
    """A person's own firmware file; InputError where it cannot be read, is damaged, or is not for the chip."""
    name = printable(path.name, 100)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot read {printable(path)}: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise InputError(f"{name} is larger than {MAX_BYTES // 2**20} MB: it is no firmware for an {chip.esptool_name}")
    return parse_firmware(data, path, chip, f"file {name}")


def parse_firmware(data: bytes, path: Path, chip: Chip, source: str) -> MicroPythonFirmware:
    """The firmware that `data` is, which lies or will lie at `path`; InputError with what is wrong with it."""
    name = printable(path.name, 100)
    image = open_merged(data, chip, name)
    version, build_date = _banner(image, chip, name)
    return MicroPythonFirmware(
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        version=version,
        build_date=build_date,
        banner=f"MicroPython {version} on {build_date}",
        machine=_machine(image.program),
        source=source,
        offset=chip.image_offset,
        idf_version=image.idf_version,
    )


def _banner(image: MergedImage, chip: Chip, name: str) -> tuple[str, str]:
    found = sorted(set(_BANNER.findall(image.program)))
    if len(found) == 1:
        version, build_date = found[0]
        return version.decode("ascii"), build_date.decode("ascii")
    if found:
        told = ", ".join(version.decode("ascii") for version, _ in found[:3])
        raise InputError(f"{name} tells {len(found)} versions of MicroPython ({told}): take an official one")
    what = f"it is {image.project} {image.project_version}".rstrip() if image.project else "it does not tell a version"
    raise InputError(f"{name} is no MicroPython ({what}): take one from {download_page(chip)}")


def _machine(program: bytes) -> str:
    found = set(_MACHINE.findall(program))
    return found.pop().decode("ascii") if len(found) == 1 else ""
