"""Makes of a CSV file the partition table that the ESP32's bootloader reads: gen_esp32part.py -q CSV BINARY."""

import hashlib
import struct
import sys
from pathlib import Path

TYPES = {"app": 0, "data": 1}
SUBTYPES = {"ota": 0, "nvs": 2, "coredump": 3, "ota_0": 0x10, "ota_1": 0x11, "spiffs": 0x82}


def table(text: str) -> bytes:
    """Entries of 32 bytes with a magic number, an MD5 of them, and erased flash up to 3 KB."""
    entries = b""
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            name, kind, subtype, offset, size, *_ = (word.strip() for word in line.split(","))
            numbers = (TYPES[kind], SUBTYPES[subtype], int(offset, 0), int(size, 0))
            entries += struct.pack("<2sBBII16sI", b"\xaa\x50", *numbers, name.encode(), 0)
    digest = hashlib.md5(entries, usedforsecurity=False).digest()
    return (entries + b"\xeb\xeb" + b"\xff" * 14 + digest).ljust(0xC00, b"\xff")


if __name__ == "__main__":
    Path(sys.argv[3]).write_bytes(table(Path(sys.argv[2]).read_text()))
