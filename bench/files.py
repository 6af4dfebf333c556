"""Files that survive a crash: appended whole or not at all, replaced whole or not at all."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

CSV_WORD = re.compile(r"[!#-+\--~]+\Z")  # printable, and nothing that CSV would quote


def append_all(path: Path, data: bytes, flags: int = 0) -> None:
    """Append all of `data` and have it on the disk, or leave the file as it was and raise OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | flags, 0o644)
    try:
        before = os.fstat(descriptor).st_size
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
        except OSError:
            with suppress(OSError):  # a device; the first error is the one to tell
                os.ftruncate(descriptor, before)
            raise
    finally:
        os.close(descriptor)


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file whole: a reader, or a crash, sees the old content or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def drop_cut_line(path: Path, header: bytes) -> None:
    """Remove what stands behind the last whole line; of a file that was cut in its header, put the header back."""
    data = path.read_bytes() if path.exists() else b""
    whole = data[: data.rfind(b"\n") + 1]
    if not whole and header.startswith(data):
        whole = header  # killed while the file was being created
    if whole != data:
        write_atomically(path, whole)
