"""How the parts of `bench workflow` show themselves on a terminal: one line that moves, or plain lines."""

from __future__ import annotations

import threading

from rich.markup import escape
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from bench.cli.live import Live

_PLAIN_STEP = 25  # without a terminal: a line each so many steps


class WorkflowProgress(Live):
    """Called from several threads.

    How much a part has to do it alone knows, so there is no estimate: the last step, and how many there were.
    """

    def __init__(self) -> None:
        super().__init__(SpinnerColumn(), TextColumn("[bold]{task.description}"), TimeElapsedColumn())
        self._lock = threading.Lock()
        self._title = ""
        self._steps = 0

    def begin(self, title: str) -> None:
        """A part begins."""
        with self._lock:
            self._title, self._steps = title, 0
        self.log(title)
        self._bar.update(self._task, description=escape(title))

    def step(self, name: str) -> None:
        """A small unit of its work is done."""
        with self._lock:
            self._steps += 1
            steps = self._steps
        self._bar.update(self._task, description=escape(f"{self._title}: {name} ({steps} done)"))
        if self._bar.disable and steps % _PLAIN_STEP == 0:
            self.log(f"{steps} done, the last: {name}")

    def transfer(self, what: str, done: int, total: int) -> None:
        """So many bytes of something went to the board."""
        self._bar.update(self._task, description=escape(f"{what}: {done} of {total} bytes"))
