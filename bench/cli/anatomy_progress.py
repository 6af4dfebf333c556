"""How the probes of `bench anatomy-of` show themselves on a terminal: a bar, or plain lines where nobody watches."""

from __future__ import annotations

import threading

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn

from bench.cli.live import Live

PLAIN_STEP = 25  # without a terminal: a line each so many probes


class ProbeProgress(Live):
    """Called from several threads."""

    def __init__(self) -> None:
        super().__init__(TextColumn("[bold]{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._lock = threading.Lock()
        self._total = 0
        self._done = 0

    def begin(self, count: int) -> None:
        """So many probes will be taken, from the board or from the cache."""
        self._total = count
        self._bar.update(self._task, total=count, completed=0)

    def done(self, name: str) -> None:
        """One of them is taken, or has failed."""
        with self._lock:
            self._done += 1
            done = self._done
        self._bar.update(self._task, advance=1, description=escape(name))
        if self._bar.disable and (done % PLAIN_STEP == 0 or done == self._total):
            self.log(f"{done} of {self._total}")
