"""What a board is to the harness: it can be prepared, booted and described. Knows neither workloads nor statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, TypeVar

from bench.link import Link

Log = Callable[[str], None]
Progress = Callable[[int, int], None]  # bytes done, bytes in all
Transfer = Callable[[str, int, int], None]  # what, bytes done, bytes in all
T = TypeVar("T")


@dataclass(frozen=True)
class BoardFacts:
    """What a figure needs to say about the board it was measured on."""

    name: str
    stands_for: str
    isa: str
    fpu: bool
    simulated: bool
    tick_unit: str  # instruction, cycle or us
    clock_hz: int  # on a simulated board nominal: never to be shown as speed
    simulator: str  # empty on hardware
    hardware: Mapping[str, Any] = field(default_factory=dict)  # revision, flash, which board: empty on a simulated one

    def as_dict(self) -> dict[str, Any]:
        """The facts as they stand in run.json."""
        facts = asdict(self)
        return facts if self.hardware else {name: fact for name, fact in facts.items() if name != "hardware"}


@dataclass(frozen=True)
class Image:
    """A program that a board was loaded with: its identity, and how it was made."""

    identity: str  # short hash, written into every sample's row
    provenance: Mapping[str, Any]  # compiler, flags, versions, sizes: goes into run.json


class Board(Protocol):
    """A place where both languages run. Implemented by the virtual board and by the ESP32 family."""

    facts: BoardFacts
    max_parallel: int  # how many copies of the board can measure at once; 1 for hardware
    min_ticks: int  # a timed block lasts at least so many ticks
    line_may_fail: bool  # bytes can get lost or changed on the way: what is sent is then checked before it is used

    def prepare(self, program: str, log: Log) -> Image:
        """Build a program (see `Measurement.program`), unless it is there already, and put it on the board."""

    def boot(self, program: str) -> AbstractContextManager[Link]:
        """Start the prepared program from power-on. The link carries everything it says from the first byte on."""

    def abort(self) -> None:
        """End everything that is booted, from any thread, and boot nothing more."""


def on_all_copies(
    board: Board, action: Callable[[T], None], items: Iterable[T], stopping: Callable[[], None] = lambda: None
) -> None:
    """Do something with each item, as many at once as the board has copies.

    Where an action raises, or a person interrupts, `stopping` is called, nothing more is begun, all that is booted is
    ended, and the exception goes on.
    """
    with ThreadPoolExecutor(board.max_parallel) as pool:
        try:
            for future in as_completed([pool.submit(action, item) for item in items]):
                future.result()
        except BaseException:
            stopping()
            pool.shutdown(wait=False, cancel_futures=True)
            board.abort()
            raise
