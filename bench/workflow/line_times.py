"""What a serial line and a flash memory would take, computed from bytes, for a board that has neither.

The line: ten bits a byte, and no pause between bytes. Answers of the board are not added, since they travel in the
other direction while bytes still go out; nor are the waits for them, which depend on the computer's USB.

The flash: typical times of the W25Q32JV (Winbond, datasheet revision F of 2017, "AC Electrical Characteristics"), a
part of 4 MB as ESP32 modules have. esptool's program on the chip erases while it receives, so that on a chip some of
this time passes during the transfer: the sum of both is an upper bound for a part that is as fast as is typical.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

BAUDS = (115200, 921600)  # MicroPython's REPL and esptool's first words; the fastest that every USB bridge does
PAGE_BYTES, PAGE_PROGRAM_S = 256, 0.4e-3
SECTOR_BYTES, SECTOR_ERASE_S = 4096, 45e-3
BLOCK_BYTES, BLOCK_ERASE_S = 65536, 150e-3
APP_OFFSET = 0x10000  # where a program begins in an ESP32's flash
_BITS_A_BYTE = 10
_FIRST_BAUD = 115200  # esptool talks so to the chip's ROM, until its own program runs there
_DEFLATE_BLOCK, _RAM_BLOCK = 0x4000, 0x1800
_BEGIN, _DATA, _END = 0x10, 0x11, 0x12  # of esptool's commands for compressed writing
_RAM_BEGIN, _RAM_END, _RAM_DATA = 0x05, 0x06, 0x07


@dataclass(frozen=True)
class Upload:
    """The bytes that esptool sends to write one image."""

    first_bytes: int  # esptool's own program for the chip, always at 115200 baud
    image_bytes: int  # the compressed image, packets and escapes included
    compressed_bytes: int  # of it the compressed image itself

    @property
    def sent_bytes(self) -> int:
        """All of them."""
        return self.first_bytes + self.image_bytes

    def seconds(self, baud: int) -> float:
        """On a line that goes over to `baud` when esptool's program runs."""
        return line_s(self.first_bytes, min(baud, _FIRST_BAUD)) + line_s(self.image_bytes, baud)


def line_s(count: int, baud: int) -> float:
    """Seconds that so many bytes take on a serial line."""
    return count * _BITS_A_BYTE / baud


def raw_paste_bytes(text: str) -> int:
    """Bytes to the board that bring it a text by raw paste: the request, the text, and the end."""
    return len(b"\x05A\x01") + len(text.encode()) + len(b"\x04")


def flash_s(size: int, offset: int = APP_OFFSET) -> float:
    """Seconds to erase and program so many bytes: blocks of 64 KB where they are aligned, else sectors of 4 KB."""
    erase_s, at, end = 0.0, offset, offset + size
    while at < end:
        is_block = at % BLOCK_BYTES == 0 and end - at > BLOCK_BYTES - SECTOR_BYTES
        erase_s += BLOCK_ERASE_S if is_block else SECTOR_ERASE_S
        at += BLOCK_BYTES if is_block else SECTOR_BYTES
    return erase_s + -(-size // PAGE_BYTES) * PAGE_PROGRAM_S


def upload_of(image: bytes, chip: str) -> Upload:
    """What esptool would send to write an image to that chip: compressed with zlib, as it does."""
    compressed = zlib.compress(image + b"\xff" * (-len(image) % 4), 9)
    return Upload(_stub_bytes(chip), sum(map(_packet_bytes, _writing(compressed, len(image)))), len(compressed))


def flash_image(elf: Path) -> bytes:
    """What of a program would lie in the flash: code, constants and initial values."""
    from elftools.elf.elffile import ELFFile

    with elf.open("rb") as stream:
        segments = [s for s in ELFFile(stream).iter_segments("PT_LOAD") if s["p_filesz"]]
        return b"".join(bytes(s.data()) for s in sorted(segments, key=lambda s: int(s["p_paddr"])))


def _writing(compressed: bytes, size: int) -> Iterator[bytes]:
    blocks = [compressed[at : at + _DEFLATE_BLOCK] for at in range(0, len(compressed), _DEFLATE_BLOCK)]
    yield _command(_BEGIN, struct.pack("<IIIII", size, len(blocks), _DEFLATE_BLOCK, APP_OFFSET, 0))
    for number, block in enumerate(blocks):
        yield _command(_DATA, struct.pack("<IIII", len(block), number, 0, 0) + block)
    yield _command(_END, struct.pack("<I", 1))


@cache
def _stub_bytes(chip: str) -> int:
    """Bytes that bring esptool's own program into the chip's memory; it comes with esptool."""
    from esptool.loader import StubFlasher
    from esptool.targets import CHIP_DEFS

    stub = StubFlasher(CHIP_DEFS[chip])
    count = 0
    for part in filter(None, (stub.text, stub.data)):
        blocks = [bytes(part[at : at + _RAM_BLOCK]) for at in range(0, len(part), _RAM_BLOCK)]
        count += _packet_bytes(_command(_RAM_BEGIN, bytes(16)))
        for number, block in enumerate(blocks):
            count += _packet_bytes(_command(_RAM_DATA, struct.pack("<IIII", len(block), number, 0, 0) + block))
    return count + _packet_bytes(_command(_RAM_END, bytes(8)))


def _command(code: int, data: bytes) -> bytes:
    return struct.pack("<BBHI", 0, code, len(data) & 0xFFFF, 0) + data


def _packet_bytes(packet: bytes) -> int:
    """Its length between two marks, with what stands for a mark or an escape within it."""
    return len(packet) + 2 + packet.count(b"\xc0") + packet.count(b"\xdb")
