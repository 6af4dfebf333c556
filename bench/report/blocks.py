"""What a report is made of: sections of blocks, plain data without any markup. Renderers escape, nothing here does."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bench.labels import printable

_LONGEST = 2000  # characters of one text that a run may bring along
# Two or more steps from the root of a disk. The last is kept, the others are nobody's business.
_ABSOLUTE_PATH = re.compile(r"(?<![\w/.:~])/(?:[\w.+@-]+/)+(?=[\w.+@-])|\b[A-Za-z]:\\(?:[^\\/:*?\"<>|\s]+\\)*")


@dataclass(frozen=True)
class Cell:
    """A cell of a table: its text, the number it is sorted by, and the length of its bar (0 to 1)."""

    text: str
    number: float | None = None
    bar: float | None = None


@dataclass(frozen=True)
class Table:
    """A table. The first column names the row; `numeric` says which columns are set flush right.

    A table with `folded`
    text stands behind that text until a reader opens it. `foot` is a last row that sorting and filtering leave alone.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: tuple[bool, ...]
    foot: tuple[Cell, ...] = ()
    folded: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart of one run, by its name in bench.charts; `run` is the run's place among the report's.

    One of a single workload names it. A chart with `folded` text stands behind that text until a reader opens it.
    """

    run: int
    name: str
    caption: str
    alt: str
    workload: str = ""
    folded: str = ""


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Link:
    """A link to a cited work, the only kind of address in a report. Never made from a run's text."""

    text: str
    address: str


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Tiles:
    """A few figures in large type, each with its label, and what holds for all of them."""

    figures: tuple[tuple[str, str], ...]
    note: str


@dataclass(frozen=True)
class Code:
    """Text to be copied as it stands, such as commands."""

    text: str
    label: str


@dataclass(frozen=True)
class Facts:
    """Names and values, such as versions."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SideBySide:
    """Two sources to be compared: (path, text) of each."""

    title: str
    sources: tuple[tuple[str, str], ...]


Block = Table | Chart | Text | Link | Bullets | Tiles | Code | Facts | SideBySide


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it. `anchor` is unique in the report and made by the project, not by a run."""

    anchor: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = field(default=())


@dataclass(frozen=True)
class Report:
    """A whole report."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]


def clean(value: object) -> str:
    """A text from a run: one line without control characters, of bounded length, without folders of a computer."""
    text = " ".join(str(value).split())
    return printable(_ABSOLUTE_PATH.sub("…/", text), limit=_LONGEST)


def sentence(text: str) -> str:
    """A text from a run as the beginning of a sentence."""
    cleaned = clean(text)
    return cleaned[:1].upper() + cleaned[1:]
