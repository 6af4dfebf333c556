"""What a part gets to measure with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a board brings the serial line along, which `--help` need not wait for
    from bench.board import Board, Image
    from bench.catalogue import Workload

DEFAULT_REPETITIONS = 5


def _silent(text: str) -> None:
    """Not shown."""


@dataclass(frozen=True)
class Context:
    """A prepared board, the workloads, and who is told how it goes on."""

    board: Board
    catalogue: Mapping[str, Workload]
    repetitions: int = DEFAULT_REPETITIONS  # of each wall time; exact figures need one
    log: Callable[[str], None] = _silent  # a line of progress
    step: Callable[[str], None] = _silent  # one small unit of work was finished
    images: Mapping[str, Image] = field(default_factory=dict)  # of the programs "arduino" and "micropython", prepared
    fresh: bool = False  # nothing that an exact part may have kept below the build cache is to be used
    quick: bool = False  # the short version: one size, few workloads, where the part has such a choice
