"""MicroPython's ways from a saved change to its first line: into the running board, or into its files and reset.

*Into the running board*: a changed module is sent to the raw REPL, as text or as a .mpy file, and takes the place of
the old one among the modules that are there; then main() is called. Nothing is reset, nothing else is compiled or sent.
The modules share one namespace, so that this needs no file system. *Into the file system*: the changed file is written,
the board reset, and all is loaded from the files.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.board import Board
from bench.errors import BoardError, NotAvailable
from bench.labels import printable
from bench.link import Link
from bench.runners.exchange import Patience
from bench.runners.micropython import open_repl
from bench.runners.raw_repl import RawRepl, last_line
from bench.workflow.edit_answers import check_rest, hear_first_line, read_lines, reference
from bench.workflow.generated import Program
from bench.workflow.line_times import raw_paste_bytes
from bench.workflow.mpy_loading import storing_failed

ANSWER_S = 60.0  # for compiling and executing one file on a slow board
_PIECE_BYTES = 256
_START_FILE = "main.py"
_MARK = "# bench workflow: from edit to running"
_CALL = "main()"
_ASK_FILES = "import os\nprint(os.statvfs('/')[0])"
_ASK_START_FILE = f"try:\n print(open('/{_START_FILE}').read(80))\nexcept OSError:\n print({_MARK!r})"

Texts = Callable[[str, str], Sequence[str]]  # of a file's name and text: what to execute so that the board has run it
Data = Callable[[str, str], bytes]  # of a file's name and text: what lies in the file system


@dataclass
class Times:
    """Seconds of each repetition of a scenario, and what was sent, which is the same in the first of each series."""

    boot_s: list[float] = field(default_factory=list)
    transfer_s: list[float] = field(default_factory=list)
    first_output_s: list[float] = field(default_factory=list)
    sent_bytes: int | None = None

    def add(self, sent: Sent, boot_s: float | None = None) -> None:
        """Add a repetition."""
        if boot_s is not None:
            self.boot_s.append(boot_s)
        self.transfer_s.append(sent.transfer_s)
        self.first_output_s.append(sent.run_s)
        self.sent_bytes = sent.bytes if self.sent_bytes is None else self.sent_bytes


@dataclass(frozen=True)
class Sent:
    """One sending: until the board had everything, and what it then took to the program's first line."""

    bytes: int
    transfer_s: float
    run_s: float


class LiveBoard:
    """A freshly booted board that holds a program in its memory, and takes changed files into it."""

    def __init__(self, link: Link, repl: RawRepl, texts: Texts) -> None:
        """`texts` says how a file is brought to the board."""
        self._link = link
        self._repl = repl
        self._texts = texts

    def load(self, program: Program) -> Sent:
        """Send all files and run the program."""
        prologue = shared_namespace(program)
        texts = [text for name, source in program.python.items() for text in self._texts(name, source)]
        return self._send([prologue, *texts], program)

    def change(self, program: Program, name: str) -> Sent:
        """Send the one file that is new in this version, and run the program."""
        return self._send([*self._texts(name, program.python[name]), _CALL], program)

    def _send(self, texts: Sequence[str], program: Program) -> Sent:
        expected = reference(program)  # before the clock runs
        transfer_s = run_s = 0.0
        for text in texts[:-1]:
            began = time.perf_counter()
            self._repl.start(text)
            sent = time.perf_counter()
            _, traceback = self._repl.finish()
            run_s += time.perf_counter() - sent
            transfer_s += sent - began
            _check(traceback)
        began = time.perf_counter()
        self._repl.start(texts[-1])
        sent = time.perf_counter()
        hear_first_line(self._link, program, ANSWER_S)
        run_s += time.perf_counter() - sent
        transfer_s += sent - began
        rest, traceback = self._repl.finish()
        _check(traceback)
        check_rest(rest.splitlines(), expected, program)
        return Sent(sum(map(raw_paste_bytes, texts)), transfer_s, run_s)


def shared_namespace(program: Program) -> str:
    """What makes every module of the program a name of the namespace that the raw REPL works in."""
    names = tuple(name.removesuffix(".py") for name in program.python)
    return f"import sys, __main__\nfor _name in {names!r}: sys.modules[_name] = __main__"


def live_times(board: Board, program: Program, texts: Texts, repetitions: int) -> Times:
    """Everything to a freshly started board, again and again."""
    times = Times()
    for _ in range(repetitions):
        began = time.perf_counter()
        with board.boot("micropython") as link:
            repl = open_repl(link, board, Patience(answer_s=ANSWER_S))
            boot_s = time.perf_counter() - began
            times.add(LiveBoard(link, repl, texts).load(program), boot_s)
    return times


def live_change_times(board: Board, before: Program, versions: Sequence[tuple[Program, str]], texts: Texts) -> Times:
    """One changed file after the other into a board that runs. `versions`: each with the file that is new in it."""
    times = Times()
    with board.boot("micropython") as link:
        live = LiveBoard(link, open_repl(link, board, Patience(answer_s=ANSWER_S)), texts)
        live.load(before)
        for program, name in versions:
            times.add(live.change(program, name))
    return times


class StoredProgram:
    """A program in a board's file system, started by its main.py. What was there before is left alone."""

    def __init__(self, board: Board, data: Data, suffix: str) -> None:
        """`data` says what is stored of a file, `suffix` what its name ends in: .py or .mpy."""
        self._board = board
        self._data = data
        self._suffix = suffix
        self._stored: set[str] = set()

    def check(self) -> None:
        """NotAvailable where the board has no file system, or a main.py that is not ours."""
        with self._board.boot("micropython") as link:
            repl = open_repl(link, self._board, Patience())
            output, traceback = repl.run(_ASK_FILES)
            if traceback or not output.strip().isdecimal():
                raise NotAvailable("this board's MicroPython has no file system")
            output, _ = repl.run(_ASK_START_FILE)
            if not output.startswith(_MARK):
                raise NotAvailable(f"the board has a {_START_FILE} of its own, which is left alone")

    def store(self, files: Mapping[str, str]) -> Sent:
        """Write files; BoardError with the reason where the board takes no more."""
        with self._board.boot("micropython") as link:
            repl = open_repl(link, self._board, Patience(answer_s=ANSWER_S))
            contents = {name.removesuffix(".py"): self._data(name, text) for name, text in files.items()}
            began, sent = time.perf_counter(), 0
            for module, data in contents.items():
                sent += self._write(repl, module, data, self._suffix)
            seconds = time.perf_counter() - began
            if _START_FILE not in self._stored:
                self._write(repl, "main", f"{_MARK}\nimport edit_main\n".encode(), ".py")
        return Sent(sent, seconds, 0.0)

    def start(self, program: Program) -> float:
        """Reset the board; seconds until the program's first line is there."""
        expected = reference(program)
        began = time.perf_counter()
        with self._board.boot("micropython") as link:
            hear_first_line(link, program, ANSWER_S)
            seconds = time.perf_counter() - began
            check_rest(read_lines(link, len(expected) - 1, ANSWER_S), expected, program)
        return seconds

    def remove(self) -> None:
        """Take away every file that was written."""
        if not self._stored:
            return
        with self._board.boot("micropython") as link:
            repl = open_repl(link, self._board, Patience(answer_s=ANSWER_S))
            _, traceback = repl.run(f"import os\nfor _name in {sorted(self._stored)!r}: os.remove('/' + _name)")
            _check(traceback)
        self._stored.clear()

    def _write(self, repl: RawRepl, module: str, data: bytes, suffix: str) -> int:
        pieces = [data[at : at + _PIECE_BYTES] for at in range(0, len(data), _PIECE_BYTES)]
        texts = [f"_f = open('/{module}{suffix}', 'wb')", *(f"_f.write({piece!r})" for piece in pieces), "_f.close()"]
        self._stored.add(module + suffix)
        for text in texts:
            _, traceback = repl.run(text)
            if traceback:
                raise storing_failed(traceback, module, suffix)
        return sum(map(raw_paste_bytes, texts))


def stored_times(stored: StoredProgram, versions: Sequence[tuple[Program, Sequence[str]]]) -> Times:
    """Files to the board, then its reset, for one version after the other, each with the names of its new files."""
    times = Times()
    for program, names in versions:
        sent = stored.store({name: program.python[name] for name in names})
        times.add(sent, stored.start(program))
    times.first_output_s.clear()  # it is in the reset: nobody sees the board between the two
    return times


def _check(traceback: str) -> None:
    if traceback:
        raise BoardError(f"the board cannot run what was sent: {printable(last_line(traceback))}")
