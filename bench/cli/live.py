"""What long commands share in showing themselves: a line that moves on standard error, or plain lines."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, ProgressColumn


class Live:
    """Draws to standard error, so that standard output stays the result's; nothing moves where nobody watches."""

    def __init__(self, *columns: ProgressColumn, transient: bool = True) -> None:
        self._console = Console(stderr=True)
        self._bar = Progress(
            *columns, console=self._console, disable=not self._console.is_terminal, transient=transient
        )
        self._task = self._bar.add_task("preparing", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def log(self, text: str) -> None:
        """A line on what is being prepared, left out or failed."""
        self._console.print(escape(text), style="dim", highlight=False, soft_wrap=True)
