"""How the probes of `bench anatomy-of` show themselves on a terminal: a bar, or plain lines where nobody watches."""

from __future__ import annotations

import threading
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

PLAIN_STEP = 25  # without a terminal: a line each so many probes


class ProbeProgress:
    """Draws to standard error, so that standard output stays the result's. Called from several threads."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("preparing", total=None)
        self._lock = threading.Lock()
        self._total = 0
        self._done = 0

    def __enter__(self) -> ProbeProgress:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def log(self, text: str) -> None:
        """A line on what is being prepared, left out or failed."""
        self._console.print(escape(text), style="dim", highlight=False, soft_wrap=True)

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
