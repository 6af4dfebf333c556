"""Tables of exact parts that were measured before, below the build cache. For simulated boards only.

Every figure of such a part repeats to the last digit while all that decides it is the same, so another run need not
measure it again. Wall times are never taken from here.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from bench import paths
from bench.errors import InputError
from bench.files import write_atomically
from bench.workflow.parts import Part
from bench.workflow.store import parse_table


def get(inputs: str, part: Part) -> bytes | None:
    """The table that was made of the same inputs; None where there is none, or it is damaged."""
    try:
        head, _, data = _path(inputs, part).read_bytes().partition(b"\n")
        if hashlib.sha256(data).hexdigest() != head.decode("ascii", "replace"):
            return None
        parse_table(data, part, part.name)
    except (OSError, InputError):
        return None
    return data


def put(inputs: str, part: Part, data: bytes) -> None:
    """Keep a table. A full disk only costs the next run time."""
    path = _path(inputs, part)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, hashlib.sha256(data).hexdigest().encode("ascii") + b"\n" + data)


def _path(inputs: str, part: Part) -> Path:
    return paths.cache_dir() / "workflow" / f"{part.name}-{inputs[:40]}.csv"
