"""A report as Markdown in GitHub's dialect, with its charts in files beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import singledispatch

from bench.escape import markdown_text
from bench.report.blocks import (
    Block,
    Bullets,
    Chart,
    Code,
    Facts,
    Link,
    Report,
    Section,
    SideBySide,
    Table,
    Text,
    Tiles,
)

_STARTS_BLOCK = re.compile(r"^(-|\d+[.)](?=\s|$))")
_WWW = re.compile(r"(?i)\bwww\.")  # which GitHub makes a link


def render_markdown(report: Report, files: Mapping[Chart, str]) -> str:
    """The document. Every text of the report is escaped; `files` has the name of each chart's file beside it."""
    parts = [f"# {escape(report.title)}", escape(report.subtitle)]
    for section in report.sections:
        parts += _section(section, files, depth=2)
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """Text in which no character is markup, in a paragraph, a list or a cell of a table."""
    text = _WWW.sub(lambda found: f"{found.group()[:-1]}&#46;", markdown_text(text))
    return _STARTS_BLOCK.sub(lambda found: f"{found.group()[:-1]}\\{found.group()[-1]}", text)


def _section(section: Section, files: Mapping[Chart, str], depth: int) -> list[str]:
    parts = [f"{'#' * depth} {escape(section.title)}"]
    for block in section.blocks:
        if isinstance(block, Chart) and block not in files:
            continue  # one of many for a single workload
        if isinstance(block, Chart):
            parts.append(f"![{escape(block.alt)}]({files[block]})\n\n{escape(block.caption)}")
        else:
            parts.append(_block(block))
    for inner in section.sections:
        parts += _section(inner, files, depth + 1)
    return parts


@singledispatch
def _block(block: Block) -> str:
    raise TypeError(f"no Markdown for {type(block).__name__}")


@_block.register
def _(block: Text) -> str:
    return escape(block.text)


@_block.register
def _(block: Link) -> str:
    return f"[{escape(block.text)}](<{block.address}>)"


@_block.register
def _(block: Bullets) -> str:
    return "\n".join(f"- {escape(item)}" for item in block.items)


@_block.register
def _(block: Tiles) -> str:
    figures = " · ".join(f"**{escape(figure)}** ({escape(label)})" for figure, label in block.figures)
    return f"{figures}: {escape(block.note)}."


@_block.register
def _(block: Table) -> str:
    rule = ["---:" if numeric else "---" for numeric in block.numeric]
    lines = [[escape(column) for column in block.columns], rule]
    lines += [[escape(cell.text) for cell in row] for row in (*block.rows, *([block.foot] if block.foot else []))]
    return f"{escape(block.caption)}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


@_block.register
def _(block: Facts) -> str:
    rows = "\n".join(f"| {escape(name)} | {escape(value)} |" for name, value in block.rows)
    return f"| {escape(block.title)} | |\n| --- | --- |\n{rows}"


@_block.register
def _(block: Code) -> str:
    return f"{escape(block.label)}:\n\n{fenced(block.text)}"


@_block.register
def _(block: SideBySide) -> str:
    sources = "\n\n".join(
        f"{escape(path)}:\n\n{fenced(text, 'python' if path.endswith('.py') else 'cpp')}"
        for path, text in block.sources
    )
    return f"<details><summary>{escape(block.title)}</summary>\n\n{sources}\n\n</details>"


def fenced(text: str, language: str = "text") -> str:
    """A code block whose fence is longer than any row of backticks in the text."""
    longest = max((len(row) for row in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
