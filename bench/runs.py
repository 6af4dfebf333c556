"""One run from a person's choices to a finished folder: prepare the board, measure what is missing, close the books."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bench import paths, provenance
from bench.board import Board, Image
from bench.catalogue import Workload, load_catalogue
from bench.errors import InputError, ToolError
from bench.plan import DEFAULT_SAMPLES, DEFAULT_TIMEOUT_S, LANGUAGES, Measurement, make_plan
from bench.results import Key, RunFolder
from bench.runners import make_runner
from bench.session import Failure, Outcome, Session


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
    """What a person asked for. The defaults are the whole catalogue in full."""

    workloads: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    quick: bool = False
    samples: int = DEFAULT_SAMPLES
    timeout_s: float = DEFAULT_TIMEOUT_S


@dataclass(frozen=True)
class FinishedRun:
    """A closed run folder and what became of the session."""

    path: Path
    outcome: Outcome
    kept: int  # measurements that were there already (--resume)

    @property
    def exit_code(self) -> int:
        """0 where every measurement has its figure, else the gravest failure's code."""
        return max((failure.exit_code for failure in self.outcome.failures), default=0)


def new_run(board: Board, choices: Choices, watcher: Watcher, out: Path | None = None) -> FinishedRun:
    """Measure on a board into a new folder: `out`, or one below results/ named by time and board."""
    catalogue = load_catalogue()
    plan = make_plan(
        catalogue, names=choices.workloads, groups=choices.groups, sizes=choices.sizes, quick=choices.quick
    )
    run_id = provenance.new_run_id(board.facts.name)
    path = out or paths.RESULTS / run_id
    with _writable_folder(path):
        images = _prepare(board, watcher)
    facts = _facts(board, choices, plan, catalogue, images, path.name if out else run_id)
    return _measure(RunFolder.create(path, facts), board, plan, images, choices.timeout_s, watcher)


def resume_run(path: Path, board: Board, timeout_s: float, watcher: Watcher) -> FinishedRun:
    """Measure what an earlier run left out. InputError where it would mix figures of different programs or boards."""
    folder = RunFolder.reopen(path)
    try:
        plan = _plan_of(folder.facts, load_catalogue())
        images = _prepare(board, watcher)
        _check_same(folder.facts, board, images)
    except BaseException:
        folder.close()
        raise
    return _measure(folder, board, plan, images, timeout_s, watcher)


def _measure(
    folder: RunFolder,
    board: Board,
    plan: Sequence[Measurement],
    images: Mapping[str, Image],
    timeout_s: float,
    watcher: Watcher,
) -> FinishedRun:
    order: dict[Key, int] = {measurement.key: place for place, measurement in enumerate(plan)}
    finished = folder.finished()
    todo = [measurement for measurement in plan if measurement.key not in finished]
    runners = {language: make_runner(language, board, images[language], timeout_s) for language in LANGUAGES}
    session = Session(board, runners, images, folder, watcher.done)
    status = "interrupted"
    try:
        watcher.begin(todo, int(folder.facts["settings"]["samples"]))
        session.run(todo)
        status = "incomplete" if session.outcome.failures else "complete"
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"finished measurements are kept; go on with: bench run --resume {folder.path}"
        ) from None
    finally:
        try:
            _close(folder, session.outcome, status, order)
        finally:
            folder.close()
    return FinishedRun(folder.path, session.outcome, len(finished))


def _close(folder: RunFolder, outcome: Outcome, status: str, order: Mapping[Key, int]) -> None:
    folder.facts["ended"] = provenance.now()
    folder.facts["retries"] = folder.facts.get("retries", 0) + outcome.retries
    folder.facts["failures"] = [
        {**_key_facts(failure.measurement), "message": failure.message} for failure in outcome.failures
    ]
    folder.finish(status, order)


def _prepare(board: Board, watcher: Watcher) -> dict[str, Image]:
    """Build both languages' images, side by side."""
    with ThreadPoolExecutor(len(LANGUAGES)) as pool:
        futures = {language: pool.submit(board.prepare, language, watcher.log) for language in LANGUAGES}
        return {language: future.result() for language, future in futures.items()}


def _facts(
    board: Board,
    choices: Choices,
    plan: Sequence[Measurement],
    catalogue: Mapping[str, Workload],
    images: Mapping[str, Image],
    run_id: str,
) -> dict[str, Any]:
    used = [workload for name, workload in catalogue.items() if any(m.workload == name for m in plan)]
    return {
        "run_id": run_id,
        "started": provenance.now(),
        "board": board.facts.as_dict(),
        "settings": {
            "samples": choices.samples,
            "min_ticks": board.min_ticks,
            "warm_up": "loops doubled up to its own",
        },
        "languages": {language: {"image": image.identity, **image.provenance} for language, image in images.items()},
        "on_board_runner_sha256": provenance.on_board_runner_hash(),
        "harness": provenance.harness_facts(),
        "host": provenance.host_facts(),
        "workloads": provenance.workload_facts(used),
        "plan": [_key_facts(measurement) for measurement in plan],
        "failures": [],
    }


def _key_facts(measurement: Measurement) -> dict[str, Any]:
    return dict(zip(("workload", "language", "variant", "n"), measurement.key, strict=True))


def _plan_of(facts: Mapping[str, Any], catalogue: Mapping[str, Workload]) -> list[Measurement]:
    wanted = {tuple(entry[k] for k in ("workload", "language", "variant", "n")) for entry in facts["plan"]}
    plan = [measurement for measurement in make_plan(catalogue) if measurement.key in wanted]
    missing = wanted - {measurement.key for measurement in plan}
    if missing:
        workload, _, _, n = min(missing)
        raise InputError(f"the run wants {workload} n={n}, which the catalogue no longer has: start a new run")
    return plan


def _check_same(facts: Mapping[str, Any], board: Board, images: Mapping[str, Image]) -> None:
    """InputError where the run to resume was made with another board, image or script than stand here now."""
    if facts["board"] != board.facts.as_dict():
        raise InputError(f"the run was made on {facts['board']}, here is {board.facts.as_dict()}: start a new run")
    for language, image in images.items():
        before = facts["languages"][language]["image"]
        if before != image.identity:
            raise InputError(
                f"the {language} image changed since the run began ({before} -> {image.identity}): start a new run"
            )
    if facts.get("on_board_runner_sha256") != provenance.on_board_runner_hash():
        raise InputError("mpy_scripts/benchlib.py changed since the run began: start a new run")
    for name, workload in load_catalogue().items():
        if name in facts["workloads"] and facts["workloads"][name]["source_sha256"] != provenance.source_hashes(
            workload
        ):
            raise InputError(f"the sources of {name} changed since the run began: start a new run")


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
