"""Figures that were measured before, for the measurements of which nothing has changed. For simulated boards only.

A virtual board repeats every count to the last digit, so a figure need not be measured again while all that decides it
is the same: board and simulator, image, the texts that are sent, and how the measurement is made. On hardware a new
measurement is new information, and nothing is taken from here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.board import Board, Image
from bench.catalogue import Workload
from bench.errors import NotAvailable
from bench.files import write_atomically
from bench.mpy_program import program
from bench.plan import Figures, Measurement, Memory, Sample
from bench.wire import PROTOCOL_VERSION

_WAY_OF_MEASURING = 1  # to be raised when sessions or runners change what a sample means


class FigureCache:
    """Finished measurements in a folder, each under a hash of all that decides its figures."""

    def __init__(
        self, folder: Path, board: Board, images: Mapping[str, Image], workloads: Mapping[str, Workload], samples: int
    ) -> None:
        self._folder = folder
        self._board = board
        self._images = images
        self._workloads = workloads
        self._samples = samples
        # Over a line that may fail, scripts go another way to the board, and lie elsewhere in its heap.
        self._repeats = board.facts.simulated and not board.line_may_fail
        self._sources: dict[tuple[str, str], str] = {}

    def get(self, measurement: Measurement) -> Figures | NotAvailable | None:
        """What came of the same measurement: its figures, or why the board cannot make it. None: not known."""
        if not self._repeats:
            return None
        try:
            entry = json.loads(self._path(measurement).read_text(encoding="ascii"))
            if "not_available" in entry:
                return NotAvailable(str(entry["not_available"]))
            samples = [Sample(*values) for values in entry["samples"]]
            figures = Figures(samples, Memory(*entry["memory"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None
        whole = [sample.index for sample in samples] == list(range(self._samples))
        right = all(sample.checksum == measurement.expected_checksum for sample in samples)
        return figures if whole and right else None

    def put(self, measurement: Measurement, result: Figures | NotAvailable) -> None:
        """Keep what came of a measurement whose answers were right. A full disk only costs the next run time."""
        if not self._repeats:
            return
        entry: dict[str, Any] = {"of": str(measurement)}
        if isinstance(result, NotAvailable):
            entry["not_available"] = str(result)
        else:
            entry["samples"] = [[s.index, s.loops, s.ticks, s.checksum] for s in result.samples]
            entry["memory"] = [result.memory.held, result.memory.allocated, result.memory.stack]
        path = self._path(measurement)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, json.dumps(entry).encode("ascii"))

    def hash_of(self, measurement: Measurement) -> str:
        """A hash of all that decides the measurement's figures."""
        facts: dict[str, Any] = {
            "way": _WAY_OF_MEASURING,
            "protocol": PROTOCOL_VERSION,
            "board": self._board.facts.as_dict(),
            "min_ticks": self._board.min_ticks,
            "samples": self._samples,
            "image": self._images[measurement.program].identity,
            "sources": self._sources_hash(measurement),
            "measurement": asdict(measurement),
            "needs": self._workloads[measurement.workload].needs,  # decides whether a missing module is a failure
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    def _path(self, measurement: Measurement) -> Path:
        key = self.hash_of(measurement)
        return self._folder / key[:2] / f"{key[2:40]}.json"

    def _sources_hash(self, measurement: Measurement) -> str:
        """Of the texts that go over the serial line; the image of a C++ program holds all of its own."""
        if measurement.language != "micropython":
            return ""
        name = measurement.workload, measurement.variant
        if name not in self._sources:
            texts = [source.text for source in program(self._workloads[name[0]], name[1])]
            self._sources[name] = hashlib.sha256("\0".join(texts).encode()).hexdigest()
        return self._sources[name]
