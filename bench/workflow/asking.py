"""Probes (see bench.anatomy.probes) asked of any board: exactly and remembered on a virtual one, else several times."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.anatomy.measure import steadily
from bench.anatomy.probes import Probe, Prober, run_probe
from bench.errors import BenchError, ToolError
from bench.virtual_board.board import VirtualBoard
from bench.workflow.context import Context

_NUMBER = re.compile(r"^(\w+) (-?\d{1,15})\r?$", re.MULTILINE)


@dataclass(frozen=True)
class Numbers:
    """What a board printed for a probe: lines of a word and a number. Medians where it was asked several times."""

    values: dict[str, int]

    def __getitem__(self, key: str) -> int:
        if key not in self.values:
            raise ToolError(f"the board was to print a line {key!r} with a number, it printed {', '.join(self.values)}")
        return self.values[key]


class Asker:
    """Asks probes of the board of a context. Steps are told to the context as they are done."""

    def __init__(self, context: Context) -> None:
        self._context = context
        board = context.board
        self._prober = Prober(board, context.log) if isinstance(board, VirtualBoard) else None

    def ask(self, probes: Sequence[Probe]) -> tuple[dict[Probe, Numbers], dict[Probe, BenchError]]:
        """The numbers of each probe, and why some have none. A probe prints `ticks`, so that it can be profiled."""
        if self._prober is None:
            return self.ask_plainly(probes, self._context.repetitions)
        asked = self._prober.ask(probes, lambda probe: self._context.step(probe.name), fresh=self._context.fresh)
        return {probe: _numbers([answer.output]) for probe, answer in asked.answers.items()}, asked.failures

    def ask_plainly(self, probes: Sequence[Probe], boots: int) -> tuple[dict[Probe, Numbers], dict[Probe, BenchError]]:
        """As `ask`, on so many boots each, without the profiler, and nothing is remembered.

        ToolError where the boots of a virtual board do not agree.
        """
        from threading import Lock

        from bench.board import on_all_copies

        numbers: dict[Probe, Numbers] = {}
        failures: dict[Probe, BenchError] = {}
        lock = Lock()

        def one(probe: Probe) -> None:
            try:
                outputs = [
                    steadily(lambda: run_probe(self._context.board, probe), probe.name) for _ in range(max(1, boots))
                ]
                found = _numbers(outputs)
                if self._prober is not None and len(set(outputs)) > 1:
                    raise ToolError(f"{probe.name}: a second boot gave another answer: nothing of it is kept")
            except BenchError as error:
                with lock:
                    failures[probe] = error
            else:
                with lock:
                    numbers[probe] = found
            self._context.step(probe.name)

        on_all_copies(self._context.board, one, probes)
        return numbers, failures


def _numbers(outputs: Sequence[str]) -> Numbers:
    found: dict[str, list[int]] = {}
    for output in outputs:
        for key, number in _NUMBER.findall(output):
            found.setdefault(key, []).append(int(number))
    return Numbers({key: round(statistics.median(numbers)) for key, numbers in found.items()})
