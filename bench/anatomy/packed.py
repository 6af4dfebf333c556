"""Answers of the profiler that are kept: compressed JSON in a folder, each under a hash of all that decides it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.files import write_atomically


class Packed:
    """A folder of kept entries."""

    def __init__(self, folder: Path, plugin: Path) -> None:
        """`plugin`: of another profiler or QEMU there are other answers."""
        self._folder = folder / plugin.stem.rpartition("-")[2]

    def get(self, key: str) -> Any:
        """The entry. OSError, EOFError or ValueError where there is none, or it is damaged."""
        return json.loads(gzip.decompress(self._path(key).read_bytes()))

    def put(self, key: str, entry: Mapping[str, Any]) -> None:
        """Keep an entry. A full disk only costs the next time."""
        path = self._path(key)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, gzip.compress(json.dumps(entry).encode(), compresslevel=5, mtime=0))

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key[2:40]}.json.gz"
