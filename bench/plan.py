"""What a run will measure: the catalogue and a person's choices turned into a list of measurements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.catalogue import OVERHEAD_WORKLOAD, Workload, select
from bench.errors import InputError

LANGUAGES = ("arduino", "micropython")
DEFAULT_SAMPLES = 3
DEFAULT_TIMEOUT_S = 60.0  # silence after which a workload counts as hung
HEADLINE_VARIANT = {"arduino": "Os", "micropython": "bytecode"}


@dataclass(frozen=True)
class Measurement:
    """One workload in one language and variant at one n, and how it is to be timed."""

    workload: str
    language: str
    variant: str
    n: int
    seed: int
    fixed_loops: int  # executions in a timed block; 0: the board calibrates
    expected_checksum: int

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What identifies the measurement within a run."""
        return self.workload, self.language, self.variant, self.n

    def __str__(self) -> str:
        return f"{self.workload} n={self.n} in {self.language} ({self.variant})"


@dataclass(frozen=True)
class Sample:
    """One timed block of `loops` executions. `ticks` covers the whole block, in the board's tick unit."""

    index: int
    loops: int
    ticks: int
    checksum: int

    def __post_init__(self) -> None:
        counts_fit = self.index >= 0 and 1 <= self.loops < 2**32 and 1 <= self.ticks < 10**18
        if not counts_fit or not 0 <= self.checksum < 2**32:
            raise ValueError(f"not a sample: {self.index=} {self.loops=} {self.ticks=} {self.checksum=}")


def make_plan(
    catalogue: Mapping[str, Workload],
    *,
    names: Iterable[str] = (),
    groups: Iterable[str] = (),
    sizes: Sequence[int] = (),
    quick: bool = False,
) -> list[Measurement]:
    """The measurements of a run, language by language. The overhead workload always comes along.

    `sizes` keeps only these n, and each workload asked for must offer at least one of them; `quick` keeps one n a
    workload. InputError for an unknown workload, group or n.
    """
    chosen = select(catalogue, names, groups)
    for n in sizes:
        if not any(n in workload.sizes for workload in chosen):
            raise InputError(f"no workload asked for has n = {n}; {_offered(chosen)}")
    if OVERHEAD_WORKLOAD not in [workload.name for workload in chosen]:
        chosen.insert(0, catalogue[OVERHEAD_WORKLOAD])
    return [
        _measurement(workload, language, n)
        for language in LANGUAGES
        for workload in chosen
        for n in _sizes_of(workload, sizes, quick)
    ]


def _sizes_of(workload: Workload, sizes: Sequence[int], quick: bool) -> list[int]:
    if workload.name == OVERHEAD_WORKLOAD:
        return list(workload.sizes)  # the line through its points needs all of them, and they cost nothing
    if sizes:
        kept = [n for n in workload.sizes if n in sizes]
        if not kept:
            raise InputError(f"{workload.name} has no n = {', '.join(map(str, sizes))}; {_offered([workload])}")
        return kept
    return [workload.quick] if quick else list(workload.sizes)


def _offered(workloads: Iterable[Workload]) -> str:
    return "; ".join(f"{w.name} has n = {', '.join(map(str, w.sizes))}" for w in workloads)


def _measurement(workload: Workload, language: str, n: int) -> Measurement:
    return Measurement(
        workload=workload.name,
        language=language,
        variant=HEADLINE_VARIANT[language],
        n=n,
        seed=workload.seed,
        fixed_loops=workload.fixed_loops(n),
        expected_checksum=workload.checksums[n],
    )
