"""Firmware files as MicroPython's build merges them, made with esptool's own image classes, small."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

from bench.esp32.chips import Chip

TABLE_AT = 0x8000
PROGRAM_AT = 0x10000
PROGRAM_SIZE = 0x1F0000
ROWS = (
    (0x01, 0x02, 0x9000, 0x6000, b"nvs"),
    (0x01, 0x01, 0xF000, 0x1000, b"phy_init"),
    (0x00, 0x00, PROGRAM_AT, PROGRAM_SIZE, b"factory"),
    (0x01, 0x81, 0x200000, 0x200000, b"vfs"),
)
RAM = {"esp32": 0x3FFF0018, "esp32s3": 0x3FCD6100, "esp32c3": 0x3FCD6100}
ROM = {"esp32": 0x3F400020, "esp32s3": 0x3C000020, "esp32c3": 0x3C000020}


def esp_image(chip: Chip, segments: list[tuple[int, bytes]], append_digest: bool = True) -> bytes:
    """One ESP image with these segments (address, content)."""
    from esptool import bin_image

    image = getattr(bin_image, f"{chip.name.upper()}FirmwareImage")(append_digest=append_digest)
    image.flash_mode, image.flash_size_freq = 2, 0x20  # DIO, 4 MB
    image.segments = [bin_image.ELFSection(b"", address, content, 0) for address, content in segments]
    saved: bytes = image.save(None)
    return saved


def description(version: str = "v1.26.1", project: str = "micropython", idf: str = "v5.4.2") -> bytes:
    """An esp_app_desc_t, 256 bytes."""
    fields = (project, "12:00:00", "Sep 11 2025", idf)
    packed = struct.pack("<II8s32s", 0xABCD5432, 0, bytes(8), version.encode())
    packed += struct.pack("<32s16s16s32s", *(field.encode() for field in fields))
    return packed.ljust(256, b"\0")


def partition_table(rows: tuple[tuple[int, int, int, int, bytes], ...] = ROWS, md5: bool = True) -> bytes:
    """A partition table as ESP-IDF's tool writes it: type, subtype, offset, size, label."""
    table = b"".join(struct.pack("<HBBII16sI", 0x50AA, *row, 0) for row in rows)
    if md5:
        table += b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(table).digest()
    return table.ljust(0xC00, b"\xff")


@dataclass(frozen=True)
class Merged:
    """What goes into a firmware file, each part to be replaced by a test."""

    chip: Chip
    version: str = "v1.26.1"
    date: str = "2025-09-11"
    machine: str = "Generic ESP32 module with ESP32"
    idf: str = "v5.4.2"
    texts: bytes = b""
    table: bytes = partition_table()

    @property
    def bootloader(self) -> bytes:
        """The first image, short."""
        return esp_image(self.chip, [(RAM[self.chip.name], bytes(range(256)) * 2)])

    @property
    def program(self) -> bytes:
        """The program's image: what MicroPython's build calls micropython.bin, and the site .app-bin."""
        banner = f"MicroPython {self.version} on {self.date}"
        strings = f"\0{banner}\0; {self.machine}\0{self.machine}\0 3.4.0; {banner}\0".encode() + self.texts
        return esp_image(self.chip, [(ROM[self.chip.name], description(self.version, idf=self.idf) + strings)])

    @property
    def content(self) -> bytes:
        """The file."""
        parts = ((self.chip.image_offset, self.bootloader), (TABLE_AT, self.table), (PROGRAM_AT, self.program))
        merged = b""
        for offset, part in parts:
            merged = merged.ljust(offset - self.chip.image_offset, b"\xff") + part
        return merged
