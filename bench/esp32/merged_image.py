"""Opens a merged image: the bootloader, the partition table and the program that a chip's flash begins with.

esptool parses an ESP image and computes its checksums, but does not judge them ("TODO: decide what to do here?"), and
knows nothing of partition tables; both is done here, as the chip's own bootloader does it at every start.

Proven of a file that opens: bootloader and program are each, from the first byte to the last, what their builder hashed
(SHA-256, and the format's own checksum), the table is what was hashed (MD5), and both images are for this chip. Not
covered is the filler between and behind the three, which no chip reads at start; and whoever builds a file builds its
hashes too: they show damage, not who made it.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from typing import Any

from bench.errors import InputError
from bench.esp32.chips import Chip, chip_of_image
from bench.labels import printable

MAGIC = 0xE9
TABLE_OFFSET = 0x8000  # in flash; ESP-IDF's default, which MicroPython and Arduino keep
TABLE_BYTES = 0xC00
_ROW = struct.Struct("<HBBII16sI")  # magic, type, subtype, offset, size, label, flags
_ROW_MAGIC = 0x50AA
_MD5_MAGIC = 0xEBEB
_END_MAGIC = 0xFFFF
_TYPE_APP = 0
_DIGEST_BYTES = 32
_HEADERS_BYTES = 24 + 8  # of the image and of its first segment
_DESCRIPTION = struct.Struct("<II8s32s32s16s16s32s32s")  # esp_app_desc_t as far as it never changed
_DESCRIPTION_MAGIC = (0xABCD5432).to_bytes(4, "little")

# What a file is that begins so, for a message.
_KINDS = (
    (b"UF2\n", "a .uf2 (for a board's USB disk)"),
    (b"PK\x03\x04", "a .zip (unpack it first)"),
    (b"\x1f\x8b", "a .gz (unpack it first)"),
    (b"\x7fELF", "an .elf (for a debugger)"),
    (b":", "a .hex file"),
    (b"<", "a web page"),
)


@dataclass(frozen=True)
class MergedImage:
    """The program of a merged image, and what its description tells; text is empty where it tells nothing."""

    program: bytes  # the app's image up to its hash
    project: str
    project_version: str
    idf_version: str


def open_merged(data: bytes, chip: Chip, name: str) -> MergedImage:
    """Check all of a file that is flashed at the chip's image_offset; InputError with what is wrong with `name`."""
    _check_kind(data, chip, name)
    table_at = TABLE_OFFSET - chip.image_offset
    if len(data) < table_at + TABLE_BYTES:
        raise InputError(
            f"{name} ends after {len(data)} bytes, before its partition table does: it was cut off, or is a bootloader "
            "alone; fetch it anew"
        )
    _check_image(data[:table_at], chip, f"{name} (its bootloader)")
    offset, size = _program_partition(data[table_at : table_at + TABLE_BYTES], name)
    start = offset - chip.image_offset
    if offset < TABLE_OFFSET + TABLE_BYTES or start >= len(data):
        raise InputError(f"{name} has no program at {offset:#x}, where its partition table says: fetch it anew")
    if len(data) > start + size:
        raise InputError(
            f"{name} goes on behind the partition of its program, to {chip.image_offset + len(data):#x}: it looks like "
            "a copy of a board's flash, files included; take a firmware file"
        )
    image = _check_image(data[start:], chip, f"{name} (its program)")
    return _described(image, data[start : start + image.data_length + _DIGEST_BYTES])


def _check_kind(data: bytes, chip: Chip, name: str) -> None:
    wanted = f"take the .bin that is flashed at {chip.image_offset:#x}"
    if not data:
        raise InputError(f"{name} is empty: fetch it anew")
    kind = next((kind for start, kind in _KINDS if data[:256].lstrip().startswith(start)), None)
    if kind is not None:
        raise InputError(f"{name} is {kind}, not what is flashed: {wanted}")
    if data[0] != MAGIC:
        if data[:1] == b"\xff" and data[0x1000:0x1001] == bytes([MAGIC]):
            raise InputError(f"{name} is made to be flashed at 0x0 of an ESP32: {wanted}")
        raise InputError(f"{name} is no ESP image (it begins with {data[0]:#04x}, not 0xe9): {wanted}")
    chip_id = int.from_bytes(data[12:14], "little")
    if len(data) >= _HEADERS_BYTES and chip_id != chip.image_chip_id:
        raise InputError(
            f"{name} is for {chip_of_image(chip_id)}, the board is an {chip.esptool_name}: take the one for "
            f"{chip.micropython_board}"
        )
    if data[_HEADERS_BYTES:].startswith(_DESCRIPTION_MAGIC):
        raise InputError(
            f"{name} is a program without its bootloader (an .app-bin, for updates over the air): {wanted}"
        )


def _check_image(data: bytes, chip: Chip, name: str) -> Any:
    """esptool's object for the image that `data` begins with, all its checks passed."""
    from esptool.bin_image import LoadFirmwareImage

    try:
        image = LoadFirmwareImage(chip.name, data)
        checksum = image.calculate_checksum()
    except Exception as error:  # esptool raises FatalError, RuntimeError, TypeError and struct.error on damage
        raise InputError(f"{name} is damaged or cut off (its segments do not fit): fetch it anew") from error
    if image.chip_id != chip.image_chip_id:
        raise InputError(f"{name} is for {chip_of_image(image.chip_id)}, the board is an {chip.esptool_name}")
    if not image.append_digest:
        raise InputError(f"{name} is damaged or carries no SHA-256, as every build of ESP-IDF does: fetch it anew")
    if image.checksum != checksum or image.stored_digest != image.calc_digest:
        raise InputError(f"{name} is damaged (its content does not match its own SHA-256): fetch it anew")
    return image


def _program_partition(table: bytes, name: str) -> tuple[int, int]:
    """Offset in flash and size of the first partition for a program."""
    found = None
    checked = False
    for at in range(0, len(table), _ROW.size):
        row = table[at : at + _ROW.size]
        magic, kind, _, offset, size, _, _ = _ROW.unpack(row)
        if magic == _END_MAGIC:
            break
        if magic == _MD5_MAGIC and not checked:
            checked = row[16:] == hashlib.md5(table[:at], usedforsecurity=False).digest()
        elif magic != _ROW_MAGIC or checked:
            raise InputError(f"{name} has no whole partition table (row {at // _ROW.size}): fetch it anew")
        elif kind == _TYPE_APP and found is None:
            found = offset, size
    if not checked:
        raise InputError(f"{name} is damaged (its partition table does not match its own MD5): fetch it anew")
    if found is None:
        raise InputError(f"{name} has no partition for a program: fetch it anew")
    return found


def _described(image: Any, program: bytes) -> MergedImage:
    first = image.segments[0].data if image.segments else b""
    if len(first) < _DESCRIPTION.size or not first.startswith(_DESCRIPTION_MAGIC):
        return MergedImage(program, "", "", "")
    _, _, _, version, project, _, _, idf_version, _ = _DESCRIPTION.unpack_from(first)
    return MergedImage(program, _text(project), _text(version), _text(idf_version))


def _text(field: bytes) -> str:
    return printable(field.partition(b"\0")[0].decode("utf-8", "replace"), 32)
