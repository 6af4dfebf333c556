"""A report as pages take it: what a screen folds away stands in appendices, and links in its place lead there.

All as plain data for JSON, which templates/report.typ reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from bench.report.blocks import Block, Chart, Report, Section, SideBySide, Table

_NARROW = 9  # columns of a table that have room across an upright page
_SHORT = 12  # rows of a table that may begin below another one
_APPENDICES = {Table: "Tables in full", Chart: "Charts of single workloads", SideBySide: "Sources"}
_IN_CONTENTS = (Table,)  # the other appendices have an entry for each workload, in the order of their section


@dataclass(frozen=True)
class _Entry:
    """A block that stands in an appendix, its title there, and the title of the part of the report it belongs to."""

    anchor: str
    title: str
    part: str
    block: Block

    @property
    def wide(self) -> bool:
        """Whether it is for a page on its side."""
        return not isinstance(self.block, Table) or len(self.block.columns) > _NARROW

    @property
    def own_page(self) -> bool:
        """Whether it begins on a new page."""
        return isinstance(self.block, Table) and len(self.block.rows) > _SHORT


def paged(report: Report, files: Mapping[Chart, str]) -> dict[str, Any]:
    """The sections and appendices of a report; `files` has the name of each chart's file."""
    entries: list[_Entry] = []
    sections = [_section(section, section.title, entries, files) for section in report.sections]
    repeated = {title for title, count in Counter(entry.title for entry in entries).items() if count > 1}
    appendices = [
        {
            "anchor": f"appendix-{place}",
            "title": f"Appendix {letter}: {title}",
            "outlined": kind in _IN_CONTENTS,
            "groups": _groups([entry for entry in entries if isinstance(entry.block, kind)], repeated, files),
        }
        for place, (letter, (kind, title)) in enumerate(_present(entries), start=1)
    ]
    return {"sections": sections, "appendices": appendices}


def _present(entries: Iterable[_Entry]) -> Iterable[tuple[str, tuple[type[Block], str]]]:
    kinds = {type(entry.block) for entry in entries}
    return zip("ABC", ((kind, title) for kind, title in _APPENDICES.items() if kind in kinds), strict=False)


def _section(section: Section, part: str, entries: list[_Entry], files: Mapping[Chart, str]) -> dict[str, Any]:
    """The section without what is folded, which is added to `entries`."""
    blocks = []
    for block in section.blocks:
        title = block.title if isinstance(block, SideBySide) else getattr(block, "folded", "")
        if title:
            if isinstance(block, Chart) and block.workload:
                title = f"{block.workload}: {title[:1].lower()}{title[1:]}"
            anchor = f"entry-{len(entries) + 1}"
            entries.append(_Entry(anchor, title, part, block))
            blocks.append({"kind": "Later", "title": title, "target": anchor})
        else:
            blocks.append(_block(block, files))
    inner = [_section(each, part, entries, files) for each in section.sections]
    return {"anchor": section.anchor, "title": section.title, "blocks": blocks, "sections": inner}


def _groups(entries: Iterable[_Entry], repeated: set[str], files: Mapping[Chart, str]) -> list[dict[str, Any]]:
    """The entries of an appendix, those that follow each other on pages of the same orientation together."""
    return [
        {
            "wide": wide,
            "entries": [
                {
                    "anchor": entry.anchor,
                    "title": f"{entry.title} ({entry.part})" if entry.title in repeated else entry.title,
                    "own-page": entry.own_page,
                    "block": _block(entry.block, files),
                }
                for entry in together
            ],
        }
        for wide, together in groupby(entries, key=lambda entry: entry.wide)
    ]


def _block(block: Block, files: Mapping[Chart, str]) -> dict[str, Any]:
    facts = {"kind": type(block).__name__} | asdict(block)
    return facts | {"file": files[block]} if isinstance(block, Chart) else facts
