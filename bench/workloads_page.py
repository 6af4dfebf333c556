"""The page of all workloads, docs/workloads.md: written by `make docs` from the catalogue and the sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.catalogue import Workload
from bench.errors import InputError
from bench.escape import markdown_text, source_cell

_INTRODUCTION = """# The workloads

<!-- Written by `make docs` from bench/workloads.toml and the sources: change those, not this page. -->

Each workload is a pair of programs that compute the same in the same way. `bench list NAME` prints a contract,
`bench check` proves it, and [own-workloads.md](own-workloads.md) tells how to write another one.
"""


def workloads_page(workloads: Sequence[Workload]) -> str:
    """The page in Markdown: a table of all, then each contract with both sources side by side.

    InputError where a source cannot be read.
    """
    return "\n".join([_INTRODUCTION, _index(workloads), *(_section(workload) for workload in workloads)])


def _index(workloads: Iterable[Workload]) -> str:
    columns = ("workload", "group", "title", "n", "fits 31 bits", "allocates", "viper")
    rows = [
        (
            f"[{w.name}](#{w.name})",
            w.group,
            markdown_text(w.title),
            ", ".join(map(str, w.sizes)),
            _yes(w.fits_31_bit),
            _yes(w.allocates),
            _yes(w.viper_overlay.is_file()),
        )
        for w in workloads
    ]
    lines = [columns, tuple("---" for _ in columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _section(w: Workload) -> str:
    facts = {
        "Group": w.group,
        "Shows": markdown_text(w.shows),
        "Does not show": markdown_text(w.does_not_show),
        "Types": markdown_text(w.types),
        "Fits in 31 bits": "yes" if w.fits_31_bit else "no: MicroPython needs big ints",
        "Allocates": "yes, in MicroPython's timed part" if w.allocates else "no",
        "n counts": markdown_text(w.work_unit),
        "n": f"{', '.join(map(str, w.sizes))}; quick: {w.quick}; checked at {w.check_n} too",
        "Boards": markdown_text(", ".join(w.boards)) or "all",
        "Needs": markdown_text(", ".join(w.needs)) or "nothing beyond MicroPython's core",
        "Barred": "; ".join(f"{emitter}: {markdown_text(reason)}" for emitter, reason in w.barred.items()),
        "Functions": ", ".join(f"`{function}`" for function in w.functions),
        "Explanation": markdown_text(w.explains),
    }
    lines = [f"## {w.name}", "", f"{markdown_text(w.title)}.", ""]
    lines += [f"- **{key}:** {text}" for key, text in facts.items() if text]
    if w.differences:
        lines += ["- **Differences:**", *(f"  - {markdown_text(text)}" for text in w.differences)]
    return "\n".join([*lines, "", _sources(w), ""])


def _sources(w: Workload) -> str:
    """Both programs in a table of HTML, which Markdown lets through as long as no line in it is empty."""
    lines = [
        "<details>",
        "<summary>Both sources</summary>",
        "<table>",
        "<tr><th>MicroPython</th><th>Arduino C++</th></tr>",
        '<tr valign="top">',
        _cell(w.script, w, "python"),
        _cell(w.header, w, "cpp"),
        "</tr>",
    ]
    if w.viper_overlay.is_file():
        lines += ['<tr><th colspan="2">For the viper emitter, in place of the functions above</th></tr>']
        lines += ["<tr>", _cell(w.viper_overlay, w, "python", ' colspan="2"'), "</tr>"]
    return "\n".join([*lines, "</table>", "</details>"])


def _cell(path: Path, w: Workload, language: str, attributes: str = "") -> str:
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    return source_cell(path.relative_to(w.root).as_posix(), source, language, attributes)


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"
