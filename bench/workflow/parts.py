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


def names_of(part: str, catalogue: Iterable[str]) -> tuple[str, ...]:
    """What a part's measuring can be restricted to: workloads, devices, expressions; sizes, changes and ways."""
    if part == "io":
        from bench.workflow.io_programs import DEVICES

        return tuple(device.name for device in DEVICES)
    if part == "repl":
        from bench.workflow.repl_expressions import EXPRESSIONS

        return tuple(expression.name for expression in EXPRESSIONS)
    if part == "edit_to_run":
        from bench.workflow.edit_scenarios import SCENARIOS
        from bench.workflow.edit_ways import WAYS
        from bench.workflow.generated import SIZES

        return (*SIZES, *SCENARIOS, *WAYS)
    return tuple(catalogue)


def concerned(parts: Sequence[str], names: Sequence[str], catalogue: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Which of the names restrict which part; parts that none of them concerns are left out.

    InputError for a name that none of the parts knows, with all that they know.
    """
    known = {part: names_of(part, catalogue) for part in parts}
    everything = list(dict.fromkeys(name for its in known.values() for name in its))
    for name in names:
        if name not in everything:
            raise InputError(f"--only {name!r}: expected a name of {', '.join(parts)}: {', '.join(everything)}")
    mine = {part: tuple(name for name in names if name in its) for part, its in known.items()}
    return {part: its for part, its in mine.items() if its or not names}
