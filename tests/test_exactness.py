"""The promise of the virtual board: a count is the same at every repetition, whatever else the computer does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from bench.catalogue import load_catalogue
from bench.plan import Measurement, Sample, make_plan
from bench.runners import Channel, make_runner
from bench.virtual_board.board import VirtualBoard

WORKLOADS = ("sieve", "crc32", "iir_f32")  # small ints; big ints and the collector; floats on the heap


def measurements(language: str) -> list[Measurement]:
    """One n of some workloads that work the heap in different ways."""
    plan = make_plan(load_catalogue(), names=WORKLOADS, quick=True)
    return [m for m in plan if m.language == language and m.workload in WORKLOADS]


def open_channel(board: VirtualBoard, language: str) -> AbstractContextManager[Channel]:
    """A channel to a prepared board."""
    return make_runner(language, board, board.prepare(language, print), load_catalogue(), timeout_s=60).open()


def counts(board: VirtualBoard, language: str) -> list[list[Sample]]:
    """The samples of one fresh boot, a list for each measurement."""
    with open_channel(board, language) as channel:
        return [channel.measure(measurement, samples=2).samples for measurement in measurements(language)]


@contextmanager
def busy_host(processes: int) -> Iterator[None]:
    """Processes that use all the processor time they get."""
    started = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


@pytest.mark.parametrize("language", ["arduino", "micropython"])
def test_fresh_boots_give_identical_counts_also_under_heavy_load(any_board: VirtualBoard, language: str) -> None:
    quiet = counts(any_board, language)
    with busy_host(4):
        loaded = counts(any_board, language)
    assert loaded == quiet
    assert counts(any_board, language) == quiet


def test_an_execution_costs_the_same_however_many_are_in_a_block(board: VirtualBoard) -> None:
    """Arduino's `empty` at several loops lies on one line exactly: the base of subtracting the cost of measuring."""
    plan = [m for m in make_plan(load_catalogue(), names=["empty"]) if m.language == "arduino"]
    with open_channel(board, "arduino") as channel:
        points = [(s.loops, s.ticks) for m in plan for s in channel.measure(m, samples=1).samples]
    (loops0, ticks0), (loops1, ticks1) = points[:2]
    slope = (ticks1 - ticks0) / (loops1 - loops0)
    assert len(points) >= 3
    assert [ticks for _, ticks in points] == [ticks0 + slope * (loops - loops0) for loops, _ in points]
