"""Profiles that were taken before, of measurements of which nothing has changed since."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from bench.anatomy.measure import Profiled
from bench.board import Board, Image
from bench.catalogue import Workload
from bench.figure_cache import FigureCache
from bench.files import write_atomically
from bench.plan import Measurement, Sample


class ProfileCache:
    """Profiles in a folder, each under a hash of all that decides it; the table of components does not."""

    def __init__(
        self, folder: Path, plugin: Path, board: Board, images: Mapping[str, Image], workloads: Mapping[str, Workload]
    ) -> None:
        self._folder = folder / plugin.stem.rpartition("-")[2]  # another profiler or QEMU: other profiles
        self._figures = FigureCache(folder, board, images, workloads, samples=1)

    def get(self, measurement: Measurement) -> Profiled | None:
        """The same measurement's profile, None where it is not known."""
        try:
            entry = json.loads(gzip.decompress(self._path(measurement).read_bytes()))
            profiled = Profiled(Sample(*entry["sample"]), tuple(entry["names"]), str(entry["text"]))
        except (OSError, EOFError, ValueError, TypeError, KeyError):
            return None
        return profiled if profiled.sample.checksum == measurement.expected_checksum else None

    def put(self, measurement: Measurement, profiled: Profiled) -> None:
        """Keep a profile. A full disk only costs the next time."""
        sample = profiled.sample
        entry = {
            "sample": [sample.index, sample.loops, sample.ticks, sample.checksum],
            "names": profiled.names,
            "text": profiled.text,
        }
        path = self._path(measurement)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, gzip.compress(json.dumps(entry).encode(), compresslevel=5, mtime=0))

    def _path(self, measurement: Measurement) -> Path:
        key = self._figures.hash_of(measurement)
        return self._folder / key[:2] / f"{key[2:40]}.json.gz"
