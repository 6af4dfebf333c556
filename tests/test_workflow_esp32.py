"""Parts of the workflow on a real board's path: an emulated chip behind a serial line, flashed for each language."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.catalogue import load_catalogue
from bench.virtual_board.board import VirtualBoard
from bench.workflow.context import Context
from bench.workflow.parts import Row, find_part
from bench.workflow.storage import elf_of
from tests.test_esp32_board import Bench
from tests.virtual_programs import VirtualPrograms

CATALOGUE = load_catalogue()
LANGUAGES = ("arduino", "micropython")


def by_figure(rows: list[Row]) -> dict[tuple[object, object, object], object]:
    return {(row["language"], row["workload"], row["figure"]): row["bytes"] for row in rows}


@pytest.fixture
def bench(board: VirtualBoard, tmp_path: Path) -> Bench:
    """A maker of boards."""
    return Bench(VirtualPrograms(board, tmp_path))


@pytest.mark.slow
def test_memory_is_measured_over_a_line_as_on_the_virtual_board(bench: Bench, board: VirtualBoard) -> None:
    """What a checked upload leaves on the heap moves figures by some blocks, and no more."""
    images = {name: board.prepare(name, lambda text: None) for name in LANGUAGES}
    measure = find_part("memory").measure
    direct = by_figure(list(measure(Context(board, CATALOGUE, images=images), ("sieve",))))
    with bench.esp() as esp:
        real = bench.board(esp)
        for name in LANGUAGES:
            real.prepare(name, lambda text: None)
        assert elf_of(real, "micropython") is None, "a firmware that was fetched has no symbols here"
        over_line = by_figure(list(measure(Context(real, CATALOGUE, images=images), ("sieve",))))
        assert real.flashed == list(LANGUAGES)
    only_with_symbols = {("arduino", "", "data"), ("arduino", "", "bss"), ("arduino", "", "arena"),
                         ("arduino", "", "heap"), ("micropython", "", "data"), ("micropython", "", "bss")}  # fmt: skip
    assert direct.keys() - over_line.keys() == only_with_symbols
    for figure in ("inputs", "allocated", "needed", "script"):
        key = ("micropython", "sieve", figure)
        assert abs(int(str(over_line[key])) - int(str(direct[key]))) <= 1024, key
    for key in (("arduino", "sieve", "inputs"), ("arduino", "sieve", "stack")):
        assert over_line[key] == direct[key]
