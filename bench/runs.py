"""One run from a person's choices to a finished folder: prepare the board, measure what is missing, close the books."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from bench import paths, provenance
from bench.board import Board, Image
from bench.catalogue import Workload, load_catalogue
from bench.errors import NotAvailable, ToolError
from bench.figure_cache import FigureCache
from bench.plan import DEFAULT_SAMPLES, DEFAULT_TIMEOUT_S, Key, Measurement, make_plan
from bench.results import RunFolder
from bench.run_facts import add_languages, check_same, plan_of, run_facts
from bench.runners import ArduinoRunner, MicroPythonRunner, make_runner
from bench.session import Failure, Outcome, Session
from bench.side_by_side import side_by_side
from bench.variants import emitter_of


class Watcher(Protocol):
    """Who is told how a run goes on. Called from several threads."""

    def log(self, text: str) -> None:
        """A line on what is being prepared."""

    def begin(self, measurements: Sequence[Measurement], samples: int) -> None:
        """These will be measured now."""

    def done(self, measurement: Measurement, failure: Failure | None) -> None:
        """One of them is measured, or has failed."""


class Silent:
    """A watcher that says nothing."""

    def log(self, text: str) -> None:
        """Not shown."""

    def begin(self, measurements: Sequence[Measurement], samples: int) -> None:
        """Not shown."""

    def done(self, measurement: Measurement, failure: Failure | None) -> None:
        """Not shown."""


@dataclass(frozen=True)
class Choices:
    """What a person asked for. The defaults are the whole catalogue at every n in the headline variants."""

    workloads: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    quick: bool = False
    variants: tuple[str, ...] = ()
    samples: int = DEFAULT_SAMPLES
    timeout_s: float = DEFAULT_TIMEOUT_S
    fresh: bool = False  # measure again what is known from an earlier run
    own_catalogue: Path | None = None
    layouts: int = 1  # builds of each C++ program, each with its code in other places
    only: str = ""  # the language that is measured now; the other one is left to --resume


@dataclass(frozen=True)
class FinishedRun:
    """A closed run folder and what became of the session."""

    path: Path
    outcome: Outcome
    kept: int  # measurements that were there already (--resume)
    reused: int  # measurements of which nothing changed since they were made
    left: int = 0  # measurements of the other language, where only one was asked for

    @property
    def exit_code(self) -> int:
        """0 where every measurement has its figure, else the gravest failure's code."""
        return max((failure.exit_code for failure in self.outcome.failures), default=0)


def new_run(board: Board, choices: Choices, watcher: Watcher, out: Path | None = None) -> FinishedRun:
    """Measure on a board into a new folder: `out`, or one below results/ named by time and board."""
    catalogue = load_catalogue(own=choices.own_catalogue)
    return run_plan(board, catalogue, _plan(catalogue, choices), choices, watcher, out)


def check_choices(choices: Choices) -> None:
    """InputError where `new_run` would refuse them, whatever the board is."""
    _plan(load_catalogue(own=choices.own_catalogue), choices)


def _plan(catalogue: Mapping[str, Workload], choices: Choices) -> list[Measurement]:
    return make_plan(
        catalogue,
        names=choices.workloads,
        groups=choices.groups,
        sizes=choices.sizes,
        quick=choices.quick,
        variants=choices.variants,
        layouts=choices.layouts,
    )


def run_plan(
    board: Board,
    catalogue: Mapping[str, Workload],
    plan: Sequence[Measurement],
    choices: Choices,
    watcher: Watcher,
    out: Path | None = None,
) -> FinishedRun:
    """Measure what somebody planned, as `new_run` does; `choices` says how only: samples, time-out and fresh."""
    run_id = provenance.new_run_id(board.facts.name)
    path = out or paths.RESULTS / run_id
    with _writable_folder(path):
        images = prepare_images(board, _now(plan, choices.only), watcher)
    name = path.name if out else run_id
    facts = run_facts(board, choices.samples, choices.layouts, plan, catalogue, images, name)
    work = _Work(board, catalogue, plan, images, choices.timeout_s, choices.fresh, choices.only)
    return work.measure(RunFolder.create(path, facts), watcher)


def resume_run(
    path: Path,
    board: Board,
    timeout_s: float,
    watcher: Watcher,
    *,
    fresh: bool = False,
    own_catalogue: Path | None = None,
    only: str = "",
) -> FinishedRun:
    """Measure what an earlier run left out. InputError where it would mix figures of different programs or boards."""
    folder = RunFolder.reopen(path)
    try:
        catalogue = load_catalogue(own=own_catalogue)
        plan = plan_of(folder.facts, catalogue)
        images = prepare_images(board, _now(plan, only), watcher)
        check_same(folder.facts, board, images, catalogue)
        add_languages(folder.facts, images)
    except BaseException:
        folder.close()
        raise
    return _Work(board, catalogue, plan, images, timeout_s, fresh, only).measure(folder, watcher)


def _now(plan: Sequence[Measurement], only: str) -> list[Measurement]:
    """The measurements of the language that is measured now, of both where `only` is empty."""
    return [measurement for measurement in plan if only in ("", measurement.language)]


@dataclass(frozen=True)
class _Work:
    """A plan on a prepared board."""

    board: Board
    catalogue: Mapping[str, Workload]
    plan: Sequence[Measurement]
    images: Mapping[str, Image]  # by program
    timeout_s: float
    fresh: bool
    only: str

    def measure(self, folder: RunFolder, watcher: Watcher) -> FinishedRun:
        """Into the folder, which is closed at the end: what it has not yet, from the cache or from the board."""
        order: dict[Key, int] = {measurement.key: place for place, measurement in enumerate(self.plan)}
        outcome, status = Outcome(), "interrupted"
        kept, reused, left = len(folder.finished()), 0, 0
        runners = self._runners()
        try:
            missing = self._without_unavailable(folder, outcome)
            todo = _now(missing, self.only)
            left = len(missing) - len(todo)
            samples = int(folder.facts["settings"]["samples"])
            cache = FigureCache(paths.cache_dir() / "measured", self.board, self.images, self.catalogue, samples)
            todo, reused = self._reuse(cache, todo, folder, outcome)
            watcher.begin(todo, samples)
            session = Session(self.board, runners, self.images, folder, watcher.done, cache.put, outcome)
            session.run(todo)
            status = "incomplete" if outcome.failures or left else "complete"
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                f"finished measurements are kept; go on with: bench run --resume {folder.path}"
            ) from None
        finally:
            try:
                _keep_said(folder, runners)
                _close(folder, outcome, reused, status, order)
            finally:
                folder.close()
        return FinishedRun(folder.path, outcome, kept, reused, left)

    def _without_unavailable(self, folder: RunFolder, outcome: Outcome) -> list[Measurement]:
        """What is to be measured: neither finished, nor barred from this board or emitter by its contract."""
        finished, name = folder.finished(), self.board.facts.name
        todo = []
        for measurement in self.plan:
            workload = self.catalogue[measurement.workload]
            reason = workload.barred.get(emitter_of(measurement.variant))
            if workload.boards and name not in workload.boards:
                reason = f"runs on {', '.join(workload.boards)} only, this is {name}"
            if reason:
                outcome.skipped.append(Failure(measurement, reason, 0))
            elif measurement.unit not in finished:
                todo.append(measurement)
        return todo

    def _reuse(
        self, cache: FigureCache, todo: Sequence[Measurement], folder: RunFolder, outcome: Outcome
    ) -> tuple[list[Measurement], int]:
        """Take from the cache what it has; what is left, and how many were taken."""
        if self.fresh:
            return list(todo), 0
        left, figures = [], []
        for measurement in todo:
            known = cache.get(measurement)
            if known is None:
                left.append(measurement)
            elif isinstance(known, NotAvailable):
                outcome.skipped.append(Failure(measurement, str(known), known.exit_code))
            else:
                figures.append((measurement, known, self.images[measurement.program].identity))
        folder.extend(figures, self.board.facts.tick_unit)
        return left, len(figures)

    def _runners(self) -> dict[str, ArduinoRunner | MicroPythonRunner]:
        return {
            program: make_runner(program, self.board, image, self.catalogue, self.timeout_s)
            for program, image in self.images.items()
        }


def _keep_said(folder: RunFolder, runners: Mapping[str, ArduinoRunner | MicroPythonRunner]) -> None:
    """What the boards said of themselves: versions, and the clock as it was read back on the board."""
    for program, runner in runners.items():
        if runner.said:
            folder.facts.setdefault("said", {})[program] = dict(runner.said)


def _close(folder: RunFolder, outcome: Outcome, reused: int, status: str, order: Mapping[Key, int]) -> None:
    folder.facts["ended"] = provenance.now()
    folder.facts["retries"] = folder.facts.get("retries", 0) + outcome.retries
    folder.facts["reused"] = folder.facts.get("reused", 0) + reused
    for name, failures in (("failures", outcome.failures), ("skipped", outcome.skipped)):
        ordered = sorted(failures, key=lambda failure: order[failure.measurement.key])
        folder.facts[name] = [{**f.measurement.key_facts, "message": f.message} for f in ordered]
    folder.finish(status, order)


def prepare_images(board: Board, plan: Sequence[Measurement], watcher: Watcher) -> dict[str, Image]:
    """Build the images of all programs in the plan, side by side."""
    programs = dict.fromkeys(measurement.program for measurement in plan)
    return side_by_side(
        {program: partial(board.prepare, program, watcher.log) for program in programs}, also_failed=watcher.log
    )


@contextmanager
def _writable_folder(path: Path) -> Iterator[None]:
    """ToolError in the first second, not after the builds, where the folder cannot be written; no empty one is left."""
    existed = path.exists()
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise ToolError(f"cannot write to {path}: {error.strerror or error}; choose another --out") from error
    try:
        yield
    except BaseException:
        if not existed:
            path.rmdir()
        raise
