"""One measurement on the virtual board with the profiler beside it. The figures are those of a run without it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.anatomy.profile import Profile, parse_profile, read_text, write_config
from bench.anatomy.symbols import read_image
from bench.board import BoardFacts, Image, Log
from bench.catalogue import Workload
from bench.errors import BoardError, LinkLost, ToolError
from bench.link import Link
from bench.plan import Measurement, Sample
from bench.runners import make_runner
from bench.runners.exchange import check_answers
from bench.virtual_board.board import VirtualBoard
from bench.virtual_board.profiler import plugin_option

ATTEMPTS = 3
T = TypeVar("T")


@dataclass(frozen=True)
class Profiled:
    """A measurement's only sample, and what the profiler wrote about it, which adds up to the sample's ticks."""

    sample: Sample
    names: tuple[str, ...]  # of functions, by the profiler's numbers
    text: str

    def profile(self) -> Profile:
        """Where each instruction went: `instructions` equals the sample's ticks."""
        return parse_profile(self.text, self.names)


class ProfiledBoard:
    """The virtual board with the profiler in each guest that it boots. Keeps the latest timed part's profile."""

    max_parallel = 1
    line_may_fail = False

    def __init__(self, board: VirtualBoard, plugin: Path, folder: Path) -> None:
        self.facts: BoardFacts = board.facts
        self.min_ticks = board.min_ticks
        self._board = board
        self._plugin = plugin
        self._folder = folder
        self._names: list[str] = []

    @property
    def _out(self) -> Path:
        return self._folder / "profile"

    def prepare(self, program: str, log: Log) -> Image:
        """As the board itself does."""
        return self._board.prepare(program, log)

    @contextmanager
    def boot(self, program: str) -> Iterator[Link]:
        """As the board itself does, the profiler watching."""
        image = read_image(self._board.image(program), program.partition("-")[0])
        self._out.unlink(missing_ok=True)
        config = self._folder / "config"
        self._names = write_config(config, image, self._out)
        with self._board.boot(program, plugin_option(self._plugin, config)) as link:
            yield link

    def abort(self) -> None:
        """As the board itself does."""
        self._board.abort()

    def latest(self) -> tuple[tuple[str, ...], str]:
        """Names of functions, and what the profiler wrote about the timed part that ended last."""
        return tuple(self._names), read_text(self._out)


def profile_measurement(
    board: VirtualBoard,
    plugin: Path,
    image: Image,
    workloads: Mapping[str, Workload],
    measurement: Measurement,
    timeout_s: float,
) -> Profiled:
    """Make a measurement with one sample, on a freshly booted board, and profile that sample.

    The board must have been prepared. BenchError as an ordinary measurement; ToolError also where the profile does not
    add up to what the board itself has counted.
    """

    def attempt() -> Profiled:
        with tempfile.TemporaryDirectory(prefix="bench-profile-") as folder:
            profiled = ProfiledBoard(board, plugin, Path(folder))
            runner = make_runner(measurement.program, profiled, image, workloads, timeout_s)
            with runner.open() as channel:
                figures = channel.measure(measurement, 1)
                check_answers(figures.samples, measurement)
                return Profiled(figures.samples[0], *_named(measurement, profiled.latest))

    return _checked(steadily(attempt, str(measurement)), measurement)


def steadily(action: Callable[[], T], what: str) -> T:
    """What the action gives; done again, on another boot, where the link was lost. BoardError after ATTEMPTS."""
    for attempt in range(ATTEMPTS):
        try:
            return action()
        except LinkLost as error:
            if attempt + 1 == ATTEMPTS:
                raise BoardError(f"{what}: given up after {ATTEMPTS} attempts: {error}") from error
    raise AssertionError("unreachable")


def _named(measurement: Measurement, take: Callable[[], T]) -> T:
    """What `take` gives; where it fails, the error names the measurement."""
    try:
        return take()
    except ToolError as error:
        raise ToolError(f"{measurement}: {error}") from error


def _checked(profiled: Profiled, measurement: Measurement) -> Profiled:
    counted, told = _named(measurement, profiled.profile).instructions, profiled.sample.ticks
    if counted != told:
        raise ToolError(
            f"{measurement}: the board counted {told:,} instructions, the profiler {counted:,}: does the workload read "
            "the clock itself? nothing of this profile is kept"
        )
    return profiled
