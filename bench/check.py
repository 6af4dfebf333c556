"""The proofs of a workload's contract: that its two programs are what workloads.toml says, on the virtual board.

Each proof is one line of `bench check`. Failures name the function or the n, what was expected and what came.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from bench.answers import reference_answer
from bench.catalogue import OVERHEAD_WORKLOAD, Workload
from bench.errors import InputError, NotAvailable
from bench.sources import CONSTRUCTOR, Source, read_header, read_script
from bench.trials import Trial, TrialBoard
from bench.variants import LANGUAGES
from bench.virtual_board.toolchain import tool_output

OK, FAILED, SKIPPED = "ok", "FAILED", "skipped"
LEAST_BODY_BYTES = 8  # a function that returns a constant is smaller
_SYMBOL = re.compile(r"^[0-9a-f]+ ([0-9a-f]+) [tTwW] ([^( ]+)\(", re.MULTILINE)
_PYTHON_SETUP = {"Lcg", "random_bytes", "setup", ".Lcg", ".random_bytes"}
_PYTHON_MEMORY = {"array", "bytearray", ".array"}
_CPP_SETUP = {"bench::allocate", "bench::allocate_bytes", "bench::Lcg", "bench::random_bytes", "setup"}


@dataclass(frozen=True)
class Proof:
    """One thing that was proven of a workload, or was not."""

    workload: str
    name: str
    status: str  # OK, FAILED or SKIPPED
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.workload}: {self.name}: {self.status}" + (f": {self.reason}" if self.reason else "")


@dataclass(frozen=True)
class Sources:
    """A workload with both of its sources read."""

    workload: Workload
    script: Source
    header: Source
    overlay: Source | None


@dataclass(frozen=True)
class _OnBoard:
    """A workload whose programs are being tried."""

    sources: Sources
    expected: dict[int, int]
    wrong: str  # with the reference itself; then nothing was tried
    trials: dict[str, Future[list[Trial]]]
    left_out: str


def read_sources(workload: Workload) -> Sources:
    """Both sources, and the viper overlay where there is one. InputError where one of them cannot be read."""
    overlay = read_script(workload.viper_overlay) if workload.viper_overlay.is_file() else None
    return Sources(workload, read_script(workload.script), read_header(workload.header), overlay)


def check(
    workloads: Sequence[Workload], make_board: Callable[[], TrialBoard], log: Callable[[str], None]
) -> Iterator[Proof]:
    """All proofs, workload by workload. The board is made after every source was read.

    InputError where a source is not valid, ToolError where the suite does not build.
    """
    all_sources = [read_sources(workload) for workload in workloads]
    with make_board() as board:
        symbols = _symbols(board.suite)
        log(f"trying {len(workloads)} workloads on {board.name}")
        running = [_start(sources, board) for sources in all_sources]
        for started in running:
            one, trials = _finished(started)
            yield prove_structure(one.sources)
            yield prove_set_up(one.sources)
            if one.sources.overlay is not None:
                yield prove_overlay(one.sources)
            yield prove_functions(one.sources, symbols)
            yield _prove_answers(one, trials)
            yield _prove_growth(one, trials)


# ---- From the text


def prove_structure(sources: Sources) -> Proof:
    """Both programs define the functions of the contract, in its order."""
    workload = sources.workload
    for source in (sources.script, sources.header):
        if source.functions != workload.functions:
            reason = _first_difference(source.functions, workload.functions)
            return Proof(workload.name, "structure", FAILED, f"{_shown(source.path, workload)}: {reason}")
    return Proof(workload.name, "structure", OK)


def _first_difference(came: Sequence[str], expected: Sequence[str]) -> str:
    for place, (here, there) in enumerate(zip(came, expected, strict=False), 1):
        if here != there:
            return f"function {place} is {here}, the contract says {there}"
    if len(came) < len(expected):
        return f"the contract's function {expected[len(came)]} is missing, or stands in another form than the scanner's"
    return f"the function {came[len(expected)]} is not in the contract"


def prove_set_up(sources: Sources) -> Proof:
    """Nothing that run() reaches makes inputs or takes memory: that is setup()'s work, outside the timed part."""
    workload = sources.workload
    forbidden = _PYTHON_SETUP if workload.allocates else _PYTHON_SETUP | _PYTHON_MEMORY
    for source, names in ((sources.script, forbidden), (sources.header, _CPP_SETUP)):
        for function, name in source.timed_names():
            if name in names:
                shown = f"{function}() uses {name.lstrip('.')} in the timed part"
                return Proof(workload.name, "set-up", FAILED, f"{_shown(source.path, workload)}: {shown}")
    return Proof(workload.name, "set-up", OK)


def prove_overlay(sources: Sources) -> Proof:
    """The viper overlay replaces timed functions, and nothing else."""
    workload, overlay = sources.workload, sources.overlay
    assert overlay is not None
    if not overlay.defined:
        return Proof(workload.name, "viper", FAILED, f"{_shown(overlay.path, workload)} defines nothing")
    for name in overlay.defined:
        if name not in sources.script.timed or name not in overlay.functions:
            reason = f"{_shown(overlay.path, workload)} defines {name}, which is no timed function of the script"
            return Proof(workload.name, "viper", FAILED, reason)
    return Proof(workload.name, "viper", OK)


def _shown(path: Path, workload: Workload) -> str:
    return path.relative_to(workload.root).as_posix()


# ---- From the image


def prove_functions(sources: Sources, symbols: dict[str, int]) -> Proof:
    """The C++ algorithm is there as functions of its own: not folded into run(), nor run() into the timing loop.

    A helper may be as short as two instructions, but not the whole algorithm.
    """
    workload, noinline = sources.workload, sources.header.noinline
    algorithm = [function for function in sources.script.timed if function in noinline and function != "run"]
    for function in [*algorithm, "run"]:
        if not _size(workload, function, symbols):
            reason = f"the suite has no function {workload.name}::{function}: inlined, folded or never called"
            return Proof(workload.name, "functions", FAILED, reason)
    if workload.name == OVERHEAD_WORKLOAD:
        return Proof(workload.name, "functions", OK)
    if not algorithm:
        reason = "run() reaches no function marked BENCH_NOINLINE: the algorithm could be folded"
        return Proof(workload.name, "functions", FAILED, reason)
    largest = max(_size(workload, function, symbols) for function in algorithm)
    if largest < LEAST_BODY_BYTES:
        reason = f"the largest function of the algorithm has {largest} bytes: folded into a constant"
        return Proof(workload.name, "functions", FAILED, reason)
    return Proof(workload.name, "functions", OK)


def _size(workload: Workload, function: str, symbols: dict[str, int]) -> int:
    """Bytes of a function in the image; 0 where it is not there as a function of its own."""
    class_name, _, method = function.rpartition(".")
    names = [class_name, "init"] if method == CONSTRUCTOR else [method]
    prefix = f"{workload.name}::{class_name}::" if class_name else f"{workload.name}::"
    return max(symbols.get(prefix + name, 0) for name in names)


def _symbols(image: Path) -> dict[str, int]:
    """Bytes of every function in an image, by its demangled name without arguments."""
    sizes: dict[str, int] = {}
    for size, name in _SYMBOL.findall(tool_output("nm", "-C", "-S", str(image))):
        sizes[name] = max(int(size, 16), sizes.get(name, 0))
    return sizes


# ---- From the board


def _start(sources: Sources, board: TrialBoard) -> _OnBoard:
    """Compute the reference and begin to try both programs; nothing is tried where the reference itself is wrong."""
    workload = sources.workload
    try:
        expected = {n: reference_answer(workload, n) for n in sorted({*workload.sizes, workload.check_n})}
        wrong = _wrong_reference(workload, expected)
    except InputError as error:
        return _OnBoard(sources, {}, str(error), {}, "")
    if workload.boards and board.name not in workload.boards:
        return _OnBoard(sources, expected, wrong, {}, f"runs on {', '.join(workload.boards)} only")
    trials = {language: board.start(workload, language, expected) for language in LANGUAGES}
    return _OnBoard(sources, expected, wrong, trials, "")


def _finished(one: _OnBoard) -> tuple[_OnBoard, dict[str, list[Trial]]]:
    """Wait for the trials; a language in which the board cannot run the workload is left out, with the reason."""
    trials = {}
    for language, future in one.trials.items():
        try:
            trials[language] = future.result()
        except NotAvailable as error:
            one = replace(one, left_out=str(error))
    return one, trials


def _wrong_reference(workload: Workload, expected: dict[int, int]) -> str:
    for n, checksum in workload.checksums.items():
        if expected[n] != checksum:
            return f"the catalogue says {checksum:08x} for n={n}, the reference {expected[n]:08x}: bench reference"
    for n in (min(expected), workload.check_n):
        again = reference_answer(workload, n, executions=2)
        if again != expected[n]:
            return f"executing run() twice gives {again:08x} at n={n}, once gives {expected[n]:08x}"
    return ""


def _prove_answers(one: _OnBoard, trials: dict[str, list[Trial]]) -> Proof:
    """Both programs give the reference's answer at every n, after several executions in a row."""
    name = one.sources.workload.name
    if one.wrong:
        return Proof(name, "answers", FAILED, one.wrong)
    for language, tried in trials.items():
        for trial in tried:
            expected = one.expected[trial.n]
            if trial.failure:
                return Proof(name, "answers", FAILED, f"{language}: {trial.failure}")
            if trial.checksum != expected:
                reason = f"{language} answers {trial.checksum:08x} at n={trial.n}, the reference {expected:08x}"
                return Proof(name, "answers", FAILED, reason)
    return Proof(name, "answers", OK, _only(one, trials))


def _prove_growth(one: _OnBoard, trials: dict[str, list[Trial]]) -> Proof:
    """An execution takes longer, the larger n is: a program that was folded away does not."""
    name = one.sources.workload.name
    if name == OVERHEAD_WORKLOAD:
        return Proof(name, "growth", SKIPPED, "it does nothing, at any n")
    if not trials:
        return Proof(name, "growth", SKIPPED, one.left_out or "the reference has no answers")
    for language, tried in trials.items():
        whole = [trial for trial in tried if not trial.failure]
        for smaller, larger in pairwise(whole):
            if larger.ticks <= smaller.ticks:
                reason = (
                    f"{language} takes {smaller.ticks:g} ticks at n={smaller.n} and {larger.ticks:g} at n={larger.n}"
                )
                return Proof(name, "growth", FAILED, reason)
        if len(whole) < len(one.expected):
            return Proof(name, "growth", SKIPPED, f"{language} has no answer at n={tried[-1].n}")
    return Proof(name, "growth", OK, _only(one, trials))


def _only(one: _OnBoard, trials: dict[str, list[Trial]]) -> str:
    if not one.left_out:
        return ""
    return f"{' and '.join(trials) or 'the reference'} only: {one.left_out}"
