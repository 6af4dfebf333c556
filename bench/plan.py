"""What a run will measure: the catalogue and a person's choices turned into a list of measurements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.catalogue import OVERHEAD_WORKLOAD, Workload, select
from bench.errors import InputError
from bench.variants import ALL, chosen_variants, emitter_of, program_of

DEFAULT_SAMPLES = 3
DEFAULT_TIMEOUT_S = 60.0  # silence after which a workload counts as hung


Key = tuple[str, str, str, int]  # workload, language, variant, n: what identifies a measurement within a run
KEY_COLUMNS = ("workload", "language", "variant", "n")
Unit = tuple[Key, int]  # a measurement in one code layout: what is measured in one go


@dataclass(frozen=True)
class Measurement:
    """One workload in one language and variant at one n, in one code layout, and how it is to be timed."""

    workload: str
    language: str
    variant: str
    n: int
    seed: int
    fixed_loops: int  # executions in a timed block; 0: the board calibrates
    expected_checksum: int
    layout: int = 0  # which build of the C++ program, see `bench.variants.program_of`

    @property
    def key(self) -> Key:
        """What identifies the measurement within a run."""
        return self.workload, self.language, self.variant, self.n

    @property
    def unit(self) -> Unit:
        """What identifies the part of the measurement that one build of its program makes."""
        return self.key, self.layout

    @property
    def key_facts(self) -> dict[str, str | int]:
        """The key as it stands in run.json."""
        return dict(zip(KEY_COLUMNS, self.key, strict=True))

    @property
    def program(self) -> str:
        """What the board has to be loaded with."""
        return program_of(self.language, self.variant, self.layout)

    def __str__(self) -> str:
        layout = f", layout {self.layout}" if self.layout else ""
        return f"{self.workload} n={self.n} in {self.language} ({self.variant}{layout})"


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


@dataclass(frozen=True)
class Memory:
    """What one measurement says about memory, in bytes; None where the board cannot tell."""

    held: int | None = None  # by the inputs and outputs that setup() made: static memory in C++, heap in MicroPython
    allocated: int | None = None  # MicroPython: heap that one execution takes while nothing is collected
    stack: int | None = None  # C++: the most that one execution had on the stack

    def __post_init__(self) -> None:
        for value in (self.held, self.allocated, self.stack):
            if value is not None and not 0 <= value < 2**31:
                raise ValueError(f"not a number of bytes: {value}")


@dataclass(frozen=True)
class Figures:
    """All that came of one measurement."""

    samples: list[Sample]
    memory: Memory


def make_plan(
    catalogue: Mapping[str, Workload],
    *,
    names: Iterable[str] = (),
    groups: Iterable[str] = (),
    sizes: Sequence[int] = (),
    quick: bool = False,
    variants: Iterable[str] = (),
    layouts: int = 1,
) -> list[Measurement]:
    """The measurements of a run, language by language. The overhead workload always comes along.

    `sizes` keeps only these n, and each workload asked for must offer at least one of them; `quick` keeps one n a
    workload; `variants` are names from `bench.variants`, a language of which none is named keeps its headline variant;
    `layouts` is how many builds of each C++ program are measured, each with its code in other places.
    InputError for an unknown workload, group, n or variant, and for a variant that no workload asked for has.
    """
    chosen, variants = select(catalogue, names, groups), list(variants)
    for n in sizes:
        if not any(n in workload.sizes for workload in chosen):
            raise InputError(f"no workload asked for has n = {n}; {_offered(chosen)}")
    if OVERHEAD_WORKLOAD not in [workload.name for workload in chosen]:
        chosen.insert(0, catalogue[OVERHEAD_WORKLOAD])
    plan = []
    for language, variant in chosen_variants(variants):
        offering = [workload for workload in chosen if _offers(workload, variant)]
        if [workload.name for workload in offering] == [OVERHEAD_WORKLOAD] and len(chosen) > 1:
            if ALL in variants:
                continue
            raise InputError(f"none of the workloads asked for has a variant {variant}; see `bench list`")
        plan += [
            _measurement(workload, language, variant, n, layout)
            for layout in range(layouts if language == "arduino" else 1)
            for workload in offering
            for n in _sizes_of(workload, sizes, quick)
        ]
    return plan


def _offers(workload: Workload, variant: str) -> bool:
    return emitter_of(variant) != "viper" or workload.name == OVERHEAD_WORKLOAD or workload.viper_overlay.is_file()


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


def _measurement(workload: Workload, language: str, variant: str, n: int, layout: int) -> Measurement:
    return Measurement(
        workload=workload.name,
        language=language,
        variant=variant,
        n=n,
        seed=workload.seed,
        fixed_loops=workload.fixed_loops(n),
        expected_checksum=workload.checksums[n],
        layout=layout,
    )
