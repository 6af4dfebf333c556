"""The anatomy of a run: profile its measurements on the same images, and hold each against the run's own count."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import paths, provenance
from bench.anatomy.measure import Profiled, profile_measurement
from bench.anatomy.profile_cache import ProfileCache
from bench.anatomy.rows import Row, function_rows, opcode_rows, pair_rows, stack_rows
from bench.anatomy.store import STACKS_FILE, TABLES, write_anatomy
from bench.anatomy.store import read_facts as read_anatomy_facts
from bench.board import Image, on_all_copies
from bench.catalogue import OVERHEAD_WORKLOAD, Workload, load_catalogue, select
from bench.errors import BenchError, InputError, ToolError
from bench.plan import Key, Measurement
from bench.results import read_facts, read_rows
from bench.run_facts import check_same, plan_of
from bench.runs import Watcher, prepare_images
from bench.session import Failure
from bench.variants import ALL, chosen_variants
from bench.virtual_board.board import VirtualBoard
from bench.virtual_board.firmware import opcode_names
from bench.virtual_board.profiler import provide_plugin
from bench.virtual_board.profiles import PROFILES


@dataclass(frozen=True)
class Wanted:
    """What a person wants to see of a run. The defaults: all of it, each workload at its largest n in the run."""

    workloads: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    variants: tuple[str, ...] = ()
    fresh: bool = False
    timeout_s: float = 60.0
    own_catalogue: Path | None = None


@dataclass
class Finished:
    """An anatomy that was written, what was wanted of it, and what has none."""

    folder: Path
    wanted: set[Key] = field(default_factory=set)
    profiled: int = 0
    reused: int = 0
    failures: list[Failure] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 where every measurement has its anatomy, else the gravest failure's code."""
        return max((failure.exit_code for failure in self.failures), default=0)


def dissect(run: Path, wanted: Wanted, watcher: Watcher, catalogue: Mapping[str, Workload] | None = None) -> Finished:
    """Profile the measurements of a run, and write the anatomy into its folder.

    `catalogue`: the workloads that the run was made of, where they are not the project's or a person's own.

    What the run's folder has of an earlier anatomy stays in it. InputError where the run is not of a virtual board, was
    made by other images or sources than stand here now, or has none of what is wanted. ToolError where profiles cannot
    be taken here. A measurement that fails is told, and the rest goes on; profiles that were taken are kept, whatever
    happens.
    """
    facts = read_facts(run)
    board = _board_of(facts, wanted.own_catalogue)
    catalogue = load_catalogue(own=wanted.own_catalogue) if catalogue is None else catalogue
    ticks = _first_samples(run)
    plan = plan_of(facts, catalogue)
    asked = {m.key for m in _choose(plan, ticks, wanted, catalogue)}
    earlier = _profiled_earlier(run) & ticks.keys()
    chosen = [m for m in plan if m.key in asked or m.key in earlier]
    images = prepare_images(board, chosen, watcher)
    check_same(facts, board, images, catalogue)
    plugin = provide_plugin(paths.cache_dir(), watcher.log)
    cache = ProfileCache(paths.cache_dir() / "profiles", plugin, board, images, catalogue)
    work = _Work(board, plugin, images, catalogue, cache, ticks, wanted.timeout_s)
    finished = Finished(run, asked)
    profiles = work.known(chosen, finished) if not wanted.fresh else {}
    watcher.begin([m for m in chosen if m.key not in profiles], 1)
    profiles |= work.take([m for m in chosen if m.key not in profiles], finished, watcher)
    names = opcode_names(board.image("micropython").parent) if "micropython" in images else {}
    tables = _tables([(m, profiles[m.key]) for m in chosen if m.key in profiles], names)
    finished.folder = write_anatomy(run, _facts(facts, board, plugin, chosen, profiles, finished), tables)
    return finished


def _board_of(facts: Mapping[str, Any], own_catalogue: Path | None) -> VirtualBoard:
    name = facts["board"]["name"]
    if name not in PROFILES:
        raise InputError(
            f"expected a run of a virtual board ({', '.join(PROFILES)}), this one is of {name!r}: only a simulator "
            "shows every instruction"
        )
    return VirtualBoard(name, catalogue=own_catalogue)


def _first_samples(run: Path) -> dict[Key, tuple[int, int]]:
    """Loops and ticks of the first sample of each measurement that the run has."""
    return {
        (row["workload"], row["language"], row["variant"], int(row["n"])): (int(row["loops"]), int(row["ticks"]))
        for row in read_rows(run)
        if int(row["sample"]) == 0
    }


def _choose(
    plan: Sequence[Measurement], ticks: Mapping[Key, object], wanted: Wanted, catalogue: Mapping[str, Workload]
) -> list[Measurement]:
    """What is wanted and has a figure: of `empty` each n, of others each n wanted, or the largest that the run has."""
    names = {workload.name for workload in select(catalogue, wanted.workloads, wanted.groups)}
    variants = set(chosen_variants(wanted.variants)) if wanted.variants else None
    candidates = [
        m
        for m in plan
        if m.key in ticks
        and (m.workload in names or m.workload == OVERHEAD_WORKLOAD)
        and (variants is None or (m.language, m.variant) in variants)
    ]
    largest: dict[str, int] = {}
    for m in candidates:
        largest[m.workload] = max(m.n, largest.get(m.workload, 0))
    chosen = [
        m
        for m in candidates
        if m.workload == OVERHEAD_WORKLOAD or (m.n in wanted.sizes if wanted.sizes else m.n == largest[m.workload])
    ]
    got = {m.workload for m in chosen}, {m.n for m in chosen}, {m.variant for m in chosen}
    asked = {f"of {name}": name in got[0] for name in wanted.workloads}
    asked |= {f"at n = {n}": n in got[1] for n in wanted.sizes}
    asked |= {f"of {name}": name in got[2] for name in wanted.variants if name != ALL}
    missing = [what for what, is_there in asked.items() if not is_there]
    if missing or got[0] == {OVERHEAD_WORKLOAD}:
        raise InputError(
            f"the run has no figure {', '.join(missing) or 'of what is wanted'}: measure it first with `bench run`"
        )
    return chosen


def _profiled_earlier(run: Path) -> set[Key]:
    """The measurements of which the folder has an anatomy already; none where that is damaged: it is made anew."""
    try:
        measurements = read_anatomy_facts(run)["measurements"]
    except InputError:
        return set()
    return {(m["workload"], m["language"], m["variant"], m["n"]) for m in measurements}


@dataclass(frozen=True)
class _Work:
    """A prepared board, and what the run says that each measurement counted."""

    board: VirtualBoard
    plugin: Path
    images: Mapping[str, Image]
    catalogue: Mapping[str, Workload]
    cache: ProfileCache
    ticks: Mapping[Key, tuple[int, int]]
    timeout_s: float

    def known(self, measurements: Iterable[Measurement], finished: Finished) -> dict[Key, Profiled]:
        """The profiles that were taken before."""
        found = {m.key: profiled for m in measurements if (profiled := self.cache.get(m)) and self._fits(m, profiled)}
        finished.reused = len(found)
        return found

    def take(self, measurements: Sequence[Measurement], finished: Finished, watcher: Watcher) -> dict[Key, Profiled]:
        """Profile them, as many at once as there are guests."""
        taken: dict[Key, Profiled] = {}
        lock = threading.Lock()

        def one(measurement: Measurement) -> None:
            failure = None
            try:
                profiled = self._take(measurement)
            except BenchError as error:
                failure = Failure(measurement, str(error), error.exit_code)
            with lock:
                if failure is None:
                    taken[measurement.key] = profiled
                    finished.profiled += 1
                else:
                    finished.failures.append(failure)
                watcher.done(measurement, failure)

        on_all_copies(self.board, one, measurements)
        return taken

    def _take(self, measurement: Measurement) -> Profiled:
        image = self.images[measurement.program]
        profiled = profile_measurement(self.board, self.plugin, image, self.catalogue, measurement, self.timeout_s)
        if not self._fits(measurement, profiled):
            loops, ticks = self.ticks[measurement.key]
            sample = profiled.sample
            raise ToolError(
                f"{measurement}: the run counted {ticks:,} instructions in {loops} executions, with the profiler it is "
                f"{sample.ticks:,} in {sample.loops}: was the run made by another QEMU? measure again with `bench run`"
            )
        self.cache.put(measurement, profiled)
        return profiled

    def _fits(self, measurement: Measurement, profiled: Profiled) -> bool:
        """Whether it counts what the run has counted without the profiler."""
        return self.ticks[measurement.key] == (profiled.sample.loops, profiled.sample.ticks)


def _tables(profiles: Iterable[tuple[Measurement, Profiled]], names: Mapping[int, str]) -> dict[str, list[Row]]:
    """The rows of all tables. A profile is understood once, and let go again: all of them at once are large."""
    tables: dict[str, list[Row]] = {name: [] for name in TABLES}
    for measurement, profiled in profiles:
        profile = profiled.profile()
        rows = {"functions.csv": function_rows(profile, measurement.language), STACKS_FILE: stack_rows(profile)}
        if measurement.language == "micropython":
            rows |= {"opcodes.csv": opcode_rows(profile, names), "opcode_pairs.csv": pair_rows(profile, names)}
        for name, mine in rows.items():
            tables[name] += [(*measurement.key, profiled.sample.loops, *row) for row in mine]
    return tables


def _facts(
    run_facts: Mapping[str, Any],
    board: VirtualBoard,
    plugin: Path,
    chosen: Sequence[Measurement],
    profiles: Mapping[Key, Profiled],
    finished: Finished,
) -> dict[str, Any]:
    """anatomy.json."""
    return {
        "run_id": run_facts["run_id"],
        "simulator": board.facts.simulator,
        "profiler": plugin.stem.rpartition("-")[2],
        "made": provenance.now(),
        "harness": provenance.harness_facts(),
        "languages": {name: facts["image"] for name, facts in run_facts["languages"].items()},
        "measurements": [
            {**m.key_facts, "loops": profiles[m.key].sample.loops, "ticks": profiles[m.key].sample.ticks}
            for m in chosen
            if m.key in profiles
        ],
        "failures": [{**f.measurement.key_facts, "message": f.message} for f in finished.failures],
    }
