"""What the board does to get at a changed MicroPython program: compiling or loading, and running to the first line.

Counted on a board that hears nothing while it works, so that on a virtual board the counts are exact; while a program
is sent, its bytes cost instructions as they arrive.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bench import paths
from bench.board import Board
from bench.errors import BoardError, ToolError
from bench.labels import printable
from bench.runners.exchange import Patience
from bench.runners.micropython import open_repl
from bench.runners.raw_repl import RawRepl, last_line
from bench.workflow.edit_micropython import ANSWER_S, Data, shared_namespace
from bench.workflow.generated import Program

_PROBE = paths.SCRIPTS / "workflow" / "edit_to_run.py"
_PIECE_BYTES = 512
_TOOK = re.compile(r"^took (\d+) (\d+)\r?$", re.MULTILINE)
_CALL = b"main()"


@dataclass(frozen=True)
class OnBoard:
    """Ticks of a virtual board are instructions, of a real one microseconds."""

    compiling: int  # or loading
    to_first_line: int  # executing: modules, then the main program until its first line is out

    def __add__(self, other: OnBoard) -> OnBoard:
        return OnBoard(self.compiling + other.compiling, self.to_first_line + other.to_first_line)


class OnBoardProbe:
    """A freshly booted board that takes files one by one and tells what each cost."""

    def __init__(self, board: Board, repl: RawRepl, data: Data, is_mpy: bool) -> None:
        self._repl = repl
        self._data = data
        self._translate = "_load" if is_mpy else "_compile"
        self._do(_PROBE.read_text(encoding="utf-8"))
        if not board.facts.simulated:  # a count of cycles would wrap within seconds
            self._do("_clock = time.ticks_us")

    def load(self, program: Program) -> OnBoard:
        """All files of a program on a board that knows none of them."""
        self._do(shared_namespace(program))
        costs = [self._take(self._data(name, text), self._translate) for name, text in program.python.items()]
        return sum(costs[1:], costs[0])

    def change(self, program: Program, name: str) -> OnBoard:
        """One changed file, and the call of main()."""
        changed = self._take(self._data(name, program.python[name]), self._translate)
        return changed + self._take(_CALL, "_compile")

    def _take(self, data: bytes, translate: str) -> OnBoard:
        for at in range(0, len(data), _PIECE_BYTES):
            self._do(f"_pieces.append({data[at : at + _PIECE_BYTES]!r})")
        output = self._do(f"_take({translate})")
        took = _TOOK.search(output)
        if took is None:
            raise ToolError(f"expected what a file cost the board, it printed {printable(output, 80)!r}")
        return OnBoard(int(took[1]), int(took[2]))

    def _do(self, text: str) -> str:
        output, traceback = self._repl.run(text)
        if traceback:
            raise BoardError(f"the board cannot run what was sent: {printable(last_line(traceback))}")
        return output


def on_board_costs(
    board: Board, before: Program, changes: Sequence[tuple[Program, str]], data: Data, is_mpy: bool
) -> tuple[OnBoard, list[OnBoard]]:
    """What all files cost a freshly booted board, then what each change does."""
    with board.boot("micropython") as link:
        probe = OnBoardProbe(board, open_repl(link, board, Patience(answer_s=ANSWER_S)), data, is_mpy)
        return probe.load(before), [probe.change(program, name) for program, name in changes]
