"""The parts compiling and repl over the path of a real board, against an emulated one: found, restarted, asked."""

from __future__ import annotations

import pytest

from bench.catalogue import load_catalogue
from bench.esp32.board import Esp32Board
from bench.link import Link
from bench.runners.exchange import Patience
from bench.virtual_board.board import VirtualBoard
from bench.workflow import repl
from bench.workflow.compiling import PART
from bench.workflow.context import Context
from bench.workflow.parts import Row
from bench.workflow.repl_dialogue import FriendlyRepl
from bench.workflow.repl_expressions import EXPRESSIONS
from tests.test_esp32_board import Bench, bench

__all__ = ["bench"]  # a fixture
CATALOGUE = load_catalogue()


def prepared(bench: Bench, esp: object) -> Esp32Board:
    """The harness's board, with what it may run."""
    board = bench.board(esp)  # type: ignore[arg-type]
    board.prepare("micropython", lambda text: None)
    return board


def of_fib(board: object) -> Row:
    """The row of fib as bytecode."""
    context = Context(board, CATALOGUE, repetitions=1)  # type: ignore[arg-type]
    return next(row for row in PART.measure(context, ["fib"]) if row["variant"] == "bytecode")


def test_compiling_is_measured_over_a_line_that_may_fail(bench: Bench, board: VirtualBoard) -> None:
    with bench.loaded("micropython") as esp:
        mine = of_fib(prepared(bench, esp))
    direct = of_fib(board)
    for column in ("compile_ticks", "load_ticks", "compile_held_bytes", "load_held_bytes", "compile_needs_bytes"):
        assert float(str(mine[column])) == pytest.approx(float(str(direct[column])), rel=0.1), column
    assert mine["mpy_bytes"] == direct["mpy_bytes"]


def test_expressions_are_tried_on_a_board_that_runs_a_program(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    with bench.loaded("micropython") as esp:
        board = prepared(bench, esp)
        context = Context(board, CATALOGUE, repetitions=1, log=told.append)
        found = repl._exchanges(context, EXPRESSIONS[0])
        assert {way: [one.value for one in each] for way, each in found.items()} == {
            "friendly": ["14"], "raw": ["14"], "raw_paste": ["14"],
        }  # fmt: skip
        assert not told
        with board.boot("micropython") as link:
            _occupy(link)
            prompt = FriendlyRepl(link)
            repl.claim(context, link, prompt, Patience(boot_s=0.5))
            assert prompt.ask("6 * 7").value == "42"
    assert "the board's REPL is occupied" in told[0] and told[0].endswith("Ctrl-C is sent now")


def _occupy(link: Link) -> None:
    link.write(b"\r\x02")  # nothing restarts it, and the raw REPL is still open
    link.read_until(b">>> ", 20)
    link.write(b"while True: pass\r\r")
    link.discard(0.2, 5)
