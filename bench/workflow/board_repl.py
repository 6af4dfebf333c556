"""The raw REPL of a freshly started board, of any kind, for the parts of the workflow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bench.board import Board
from bench.errors import BoardError, LinkSilent
from bench.runners.checked_upload import CheckedUpload
from bench.runners.exchange import Patience
from bench.runners.micropython import PROMPT, PROMPT_S
from bench.runners.raw_repl import RawRepl, last_line


class FreshRepl:
    """Sends code to a board that has just started, checked where the line may change what is sent."""

    def __init__(self, repl: RawRepl, *, line_may_fail: bool) -> None:
        self.repl = repl
        self._sender = CheckedUpload(repl) if line_may_fail else repl

    def run_file(self, name: str, source: str) -> None:
        """Execute a script to its end. BoardError names the script, its line and the exception."""
        self._sender.run_file(name, source)

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
        repl = RawRepl(link, patience.answer_s)
        if board.line_may_fail:
            with suppress(LinkSilent):
                link.read_until(PROMPT, min(PROMPT_S, patience.boot_s))
            repl.enter_from_anything(patience.back_off_s)
        else:
            link.read_until(PROMPT, patience.boot_s)
            repl.enter()
        yield FreshRepl(repl, line_may_fail=board.line_may_fail)
