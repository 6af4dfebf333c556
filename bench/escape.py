"""Text from a run made safe for where it goes: names and versions come from files and boards, and are not trusted."""

from __future__ import annotations

import html
import re
import unicodedata

from bench.labels import printable

_CELL_LIMIT = 32_000  # characters; a cell of a spreadsheet holds 32,767
# Commands that need no package and no font encoding, and braces that stay balanced: BibTeX counts escaped ones too.
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\char34{}",  # babel's German makes it a command
    "`": r"\char96{}",  # ?` and !` are ligatures
    **{c: rf"\{c}" for c in "&%$#_"},
    "µ": r"\ensuremath{\mu}",
    "×": r"\ensuremath{\times}",
    "÷": r"\ensuremath{\div}",
    "±": r"\ensuremath{\pm}",
    "·": r"\textperiodcentered{}",
}
_LATEX_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0308": '"',
    "\u030a": "r",
    "\u0327": "c",
}
_FORMULA_STARTS = tuple("=+-@＝＋－＠")
_MARKDOWN = re.compile(r"([\\`*_\[\]#~$])")


def source_cell(name: str, source: str, language: str, attributes: str = "") -> str:
    """A source as a cell of a table of HTML inside a page of Markdown, below its name."""
    # A line break as an entity leaves no empty line, which would end the HTML.
    escaped = html.escape(source.rstrip("\n")).replace("\n\n", "\n&#10;").replace("\n\n", "\n&#10;")
    return f'<td{attributes}><code>{html.escape(name)}</code><pre lang="{language}">{escaped}</pre></td>'


def latex_text(text: object) -> str:
    r"""Text for LaTeX and BibTeX that compiles in every font encoding and prints as it reads.

    Letters with common accents become accent commands; other characters beyond ASCII, which pdflatex stops at, become
    U+ and their code. No ligature is formed from hyphens, so that `--flag` keeps both.
    """
    escaped = "".join(_latex_character(character) for character in printable(text, _CELL_LIMIT))
    return re.sub(r"-(?=-)", "-{}", escaped)


def markdown_text(text: object) -> str:
    """Text for Markdown, also inside a table: no markup, no HTML, no link, no cell border."""
    escaped = _MARKDOWN.sub(r"\\\1", html.escape(printable(text, _CELL_LIMIT), quote=False))
    return escaped.replace("|", "&#124;").replace("://", ":&#47;&#47;")


def spreadsheet_text(text: object) -> str:
    """Text for a cell that a spreadsheet opens: never a formula, no control character, no line break.

    An apostrophe before =, +, -, @ keeps it text, as OWASP advises under "CSV injection"; tab and CR become "?".
    """
    cell = printable(text, _CELL_LIMIT)
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _latex_character(character: str) -> str:
    if character in _LATEX:
        return _LATEX[character]
    if character.isascii():
        return character
    letter, *accents = list(unicodedata.normalize("NFD", character))
    if letter.isascii() and letter.isalpha() and len(accents) == 1 and accents[0] in _LATEX_ACCENTS:
        return rf"\{_LATEX_ACCENTS[accents[0]]}{{{letter}}}"
    return f"U+{ord(character):04X}"
