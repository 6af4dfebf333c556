"""Small scripts that time one thing on the virtual board, with the profiler beside them. Nothing is measured twice.

A probe is some texts for the raw REPL. The last one reads the fine clock around what it is about, and prints a line
`ticks N` for each time that it did; the profile is that of the last time.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpremote.transport import TransportError, TransportExecError

from bench import paths, provenance
from bench.anatomy.measure import ProfiledBoard, steadily
from bench.anatomy.packed import Packed
from bench.anatomy.profile import Profile, parse_profile
from bench.board import Board, Image, Log, on_all_copies
from bench.errors import BenchError, BoardError, LinkLost, ToolError
from bench.labels import printable
from bench.runners.checked_upload import CheckedUpload
from bench.runners.exchange import Patience
from bench.runners.micropython import open_repl
from bench.virtual_board.board import VirtualBoard
from bench.virtual_board.profiler import provide_plugin

PROBES = paths.SCRIPTS / "anatomy"
_WAY_OF_MEASURING = 1  # to be raised when what this module does with a probe changes what an answer means
_TICKS = re.compile(r"^ticks (\d+)\r?$", re.MULTILINE)
_LINE = re.compile(r"line (\d+)")


@dataclass(frozen=True)
class Probe:
    """What to send, and on how many more fresh boots, without the profiler, the same answer must come."""

    name: str
    texts: tuple[str, ...]
    more_boots: int = 0


@dataclass(frozen=True)
class Answer:
    """What a probe printed, and where the instructions of its last timed part went."""

    output: str
    names: tuple[str, ...]  # of functions, by the profiler's numbers
    text: str

    @property
    def samples(self) -> list[int]:
        """Instructions, as the board counted them."""
        return [int(ticks) for ticks in _TICKS.findall(self.output)]

    @property
    def counted(self) -> int:
        """Instructions, as the profiler counted them; ValueError where it did not get to its end."""
        end, count = self.text.rstrip().rpartition("\n")[2].split()
        if end != "end":
            raise ValueError("the profile is cut")
        return int(count, 16)

    def number(self, key: str) -> int:
        """The number on the line that begins with `key`; ToolError where no line does."""
        found = re.search(rf"^{re.escape(key)} (-?\d+)\r?$", self.output, re.MULTILINE)
        if found is None:
            raise ToolError(f"the board was to print a line {key!r} with a number, it printed {self.output[:60]!r}")
        return int(found[1])

    def profile(self) -> Profile:
        """Adds up to the last of `samples`."""
        return parse_profile(self.text, self.names)


class ProbeFailed(BoardError):
    """What went wrong is the program's doing: `reason` is the exception's line, `line` that of the innermost place."""

    def __init__(self, name: str, reason: str, line: int) -> None:
        super().__init__(f"{name}: {reason}" + (f", line {line}" if line else ""))
        self.reason = reason
        self.line = line


@dataclass(frozen=True)
class Asked:
    """The answers, and the reasons why some probes have none."""

    answers: dict[Probe, Answer]
    failures: dict[Probe, BenchError]


class Prober:
    """A virtual board with MicroPython and the profiler, prepared; remembers answers below the build cache."""

    def __init__(self, board: VirtualBoard, log: Log) -> None:
        self._board = board
        self.image: Image = board.prepare("micropython", log)
        self._plugin = provide_plugin(paths.cache_dir(), log)
        self._kept = Packed(paths.cache_dir() / "probes", self._plugin)

    def facts(self, command: str) -> dict[str, Any]:
        """Where the figures come from, in the words of run.json; `command` stands for the run."""
        return {
            "run_id": command,
            "board": self._board.facts.as_dict(),
            "languages": {"micropython": {"image": self.image.identity, **self.image.provenance}},
            "harness": provenance.harness_facts(),
        }

    def ask(self, probes: Sequence[Probe], done: Callable[[Probe], None], *, fresh: bool = False) -> Asked:
        """The answers to all probes, as many at once as there are guests; `fresh`: none from the cache.

        `done` is called from several threads, also for what was known and for what failed.
        """
        asked, lock = Asked({}, {}), threading.Lock()

        def one(probe: Probe) -> None:
            try:
                known = None if fresh else self._known(probe)
                answer = known or self._measure(probe)
                if known is None:
                    self._keep(probe, answer)
            except BenchError as error:
                with lock:
                    asked.failures[probe] = error
            else:
                with lock:
                    asked.answers[probe] = answer
            done(probe)

        on_all_copies(self._board, one, probes)
        return asked

    def _measure(self, probe: Probe) -> Answer:
        answer = self._profiled(probe)
        for _ in range(probe.more_boots):
            again = steadily(lambda: run_probe(self._board, probe), probe.name)
            if again != answer.output:
                raise ToolError(
                    f"{probe.name}: a second boot gave another answer ({again[:60]!r}, before {answer.output[:60]!r}): "
                    "nothing of it is kept"
                )
        return answer

    def _profiled(self, probe: Probe) -> Answer:
        def attempt() -> Answer:
            with tempfile.TemporaryDirectory(prefix="bench-probe-") as folder:
                profiled = ProfiledBoard(self._board, self._plugin, Path(folder))
                output = run_probe(profiled, probe)
                return Answer(output, *profiled.latest())

        answer = steadily(attempt, probe.name)
        samples, counted = answer.samples, answer.profile().instructions
        if not samples or len(set(samples)) != 1:
            raise ToolError(f"{probe.name}: expected equal counts, the board told {samples or 'none'}")
        if samples[-1] != counted:
            raise ToolError(
                f"{probe.name}: the board counted {samples[-1]:,} instructions, the profiler {counted:,}: nothing of "
                "this profile is kept"
            )
        return answer

    def _known(self, probe: Probe) -> Answer | None:
        try:
            entry = self._kept.get(self._key(probe))
            answer = Answer(str(entry["output"]), tuple(entry["names"]), str(entry["text"]))
            return answer if answer.samples[-1] == answer.counted else None
        except (OSError, EOFError, ValueError, TypeError, KeyError, IndexError, ToolError):
            return None

    def _keep(self, probe: Probe, answer: Answer) -> None:
        entry = {"of": probe.name, "output": answer.output, "names": answer.names, "text": answer.text}
        self._kept.put(self._key(probe), entry)

    def _key(self, probe: Probe) -> str:
        facts = [_WAY_OF_MEASURING, self._board.facts.as_dict(), self.image.identity, probe.texts, probe.more_boots]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def probe_script(name: str, folder: Path = PROBES) -> str:
    """The text of a script in mpy_scripts/anatomy/ or another folder; ToolError where it is not there."""
    try:
        return (folder / name).read_text(encoding="utf-8")
    except OSError as error:
        raise ToolError(f"cannot read mpy_scripts/{folder.name}/{name}: {error.strerror}") from error


def run_probe(board: Board, probe: Probe) -> str:
    """Boot any board, send all texts, and give what the last one printed. Raises the failures of `Prober.ask`."""
    with board.boot("micropython") as link:
        repl = open_repl(link, board, Patience())
        sender = CheckedUpload(repl) if board.line_may_fail else None
        output = b""
        for place, text in enumerate(probe.texts, start=1):
            try:
                if sender is not None and place < len(probe.texts):
                    sender.run_file(probe.name, text)
                else:
                    output = repl.exec(text)
            except TransportExecError as error:
                raise _failed(probe, error.error_output) from error
            except TransportError as error:
                raise LinkLost(f"the board's raw REPL gave an unexpected answer: {error}") from error
    return output.decode("utf-8", "replace")


def _failed(probe: Probe, traceback: str) -> ProbeFailed:
    lines = [line.strip() for line in traceback.splitlines() if line.strip()] or ["failed without a message"]
    places = [_LINE.search(line) for line in lines if line.startswith("File ")]
    innermost = places[-1] if places else None
    return ProbeFailed(probe.name, printable(lines[-1]), int(innermost[1]) if innermost else 0)
