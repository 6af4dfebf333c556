"""What a part of the workflow is, and which there are. A part's module is imported when the part is asked for."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.errors import BenchError, InputError
from bench.workflow.context import Context

Row = dict[str, object]
Measure = Callable[[Context, Sequence[str]], Iterable[Row]]

_PACKAGE = "bench.workflow"
# In the order in which they are measured and shown: the quick and exact ones first.
NAMES = ("storage", "memory", "compiling", "repl", "io", "edit_to_run")
TYPES = ("str", "int", "float")


class PartlyFailed(BenchError):
    """Raised after the last row: some of a part failed, as its rows say. They are kept, and the part is made anew."""

    def __init__(self, first: BenchError, count: int) -> None:
        more = f" (and {count - 1} more)" if count > 1 else ""
        super().__init__(f"{first}{more}; all other figures are kept")
        self.exit_code = first.exit_code


def _nothing(context: Context, names: Sequence[str]) -> object:
    return None


@dataclass(frozen=True)
class Part:
    """One table of the workflow, and how its rows come about."""

    name: str
    title: str  # for headings
    columns: Mapping[str, str]  # column -> "str", "int" or "float"; cells of the last two may be empty
    exact: tuple[str, ...]  # columns that repeat to the last digit on a virtual board
    keys: tuple[str, ...]  # columns that together identify a row
    measure: Measure  # yields rows as they are finished; `names` restricts them, empty: all. Raises BenchError
    # What else than board, images, catalogue and the part's own sources decides the figures, for JSON: tools' versions.
    inputs: Callable[[Context, Sequence[str]], object] = _nothing

    @property
    def is_exact(self) -> bool:
        """Whether every figure of the part repeats to the last digit on a virtual board."""
        return set(self.columns) == {*self.exact, *self.keys}


def known_parts() -> tuple[str, ...]:
    """The names of the parts that are there."""
    return tuple(name for name in NAMES if importlib.util.find_spec(f"{_PACKAGE}.{name}") is not None)


def find_part(name: str) -> Part:
    """The part of that name; InputError where there is none."""
    if name not in known_parts():
        raise InputError(f"no part {name!r} of the workflow; known: {', '.join(known_parts()) or 'none'}")
    part: Part = importlib.import_module(f"{_PACKAGE}.{name}").PART
    return part
