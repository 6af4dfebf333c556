"""Profiles that were taken before, of measurements of which nothing has changed since."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bench.anatomy.measure import Profiled
from bench.anatomy.packed import Packed
from bench.board import Board, Image
from bench.catalogue import Workload
from bench.figure_cache import FigureCache
from bench.plan import Measurement, Sample


class ProfileCache:
    """Profiles in a folder, each under a hash of all that decides it; the table of components does not."""

    def __init__(
        self, folder: Path, plugin: Path, board: Board, images: Mapping[str, Image], workloads: Mapping[str, Workload]
    ) -> None:
        self._kept = Packed(folder, plugin)
        self._figures = FigureCache(folder, board, images, workloads, samples=1)

    def get(self, measurement: Measurement) -> Profiled | None:
        """The same measurement's profile, None where it is not known."""
        try:
            entry = self._kept.get(self._figures.hash_of(measurement))
            profiled = Profiled(Sample(*entry["sample"]), tuple(entry["names"]), str(entry["text"]))
        except (OSError, EOFError, ValueError, TypeError, KeyError):
            return None
        return profiled if profiled.sample.checksum == measurement.expected_checksum else None

    def put(self, measurement: Measurement, profiled: Profiled) -> None:
        """Keep a profile."""
        sample = profiled.sample
        entry = {
            "sample": [sample.index, sample.loops, sample.ticks, sample.checksum],
            "names": profiled.names,
            "text": profiled.text,
        }
        self._kept.put(self._figures.hash_of(measurement), entry)
