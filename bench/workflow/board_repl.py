"""The raw REPL of a freshly started board, of any kind, for the parts of the workflow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bench.board import Board
from bench.errors import BoardError
from bench.runners.checked_upload import CheckedUpload
from bench.runners.exchange import Patience
from bench.runners.micropython import open_repl
from bench.runners.raw_repl import RawRepl, last_line


class FreshRepl:
    """Sends code to a board that has just started, checked where the line may change what is sent."""

    def __init__(self, repl: RawRepl, *, line_may_fail: bool) -> None:
        self.repl = repl
        self._checked = CheckedUpload(repl) if line_may_fail else None

    def run_file(self, name: str, source: str) -> None:
        """Execute a script to its end; its text is then gone. BoardError names the script, its line, the exception."""
        if self._checked is None:
            self.repl.run_file(name, source)
        else:
            self._checked.run_file(name, source)
            self._checked.forget()

    def ask(self, code: str) -> str:
        """What a short text prints; BoardError with the exception where it raises one."""
        output, traceback = self.repl.run(code)
        if traceback:
            raise BoardError(f"{code.strip()[:40]!r} failed on the board: {last_line(traceback)}")
        return output


@contextmanager
def fresh_repl(board: Board, patience: Patience | None = None) -> Iterator[FreshRepl]:
    """Start the prepared board anew, and go to MicroPython's raw REPL; its heap is clean."""
    patience = patience or Patience()
    with board.boot("micropython") as link:
        yield FreshRepl(open_repl(link, board, patience), line_may_fail=board.line_may_fail)
