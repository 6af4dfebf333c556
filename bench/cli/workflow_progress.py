"""How the parts of `bench workflow` show themselves on a terminal: one line that moves, or plain lines."""

from __future__ import annotations

import threading
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

_PLAIN_STEP = 25  # without a terminal: a line each so many steps


class WorkflowProgress:
    """Draws to standard error, so that standard output stays the result's. Called from several threads.

    How much a part has to do it alone knows, so there is no estimate: the last step, and how many there were.
    """

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("[bold]{task.description}"),
            TimeElapsedColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("preparing", total=None)
        self._lock = threading.Lock()
        self._title = ""
        self._steps = 0

    def __enter__(self) -> WorkflowProgress:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def log(self, text: str) -> None:
        """A line on what is being prepared or left out."""
        self._console.print(escape(text), style="dim", highlight=False, soft_wrap=True)

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
