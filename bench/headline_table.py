"""The headline ratios as a table to paste: LaTeX (booktabs, siunitx) for papers, Markdown for pages.

The numbers are worded as in every other table, see bench/labels.py. The note under the table says what a figure is and
where it comes from.
"""

from __future__ import annotations

import pandas as pd

from bench.analysis import headline, overall_mean, overhead_ratios
from bench.citation import content_id
from bench.errors import InputError
from bench.escape import latex_text, markdown_text
from bench.labels import (
    LANGUAGE_NAMES,
    interval_text,
    provenance_text,
    ratio_text,
    samples_text,
    spread_text,
    ticks_text,
    unit_text,
)
from bench.table import INTERVAL, statistics_note

_NUMBERS = ("n", *LANGUAGE_NAMES.values(), "ratio")  # aligned at the decimal point
_ROWS_OF_A_PAGE = 40  # a longer table has to break, which a floating one cannot
_TABLE_END = "\\end{table}\n"
_NOTE = "\\par\\smallskip\\noindent\n\\begin{minipage}{\\linewidth}\\footnotesize %s\\end{minipage}\n"
_SNIPPET = "%% needs \\usepackage{booktabs,longtable,siunitx}\n%s"
_STANDALONE = r"""\documentclass{article}
\usepackage[margin=20mm]{geometry}
\usepackage{booktabs,longtable,siunitx}
\pagestyle{empty}
\begin{document}
%s\end{document}
"""


def latex_table(frame: pd.DataFrame, *, standalone: bool = False) -> str:
    """A floating table with its note, above 40 workloads one that breaks; needs booktabs, siunitx and longtable.

    With `standalone` a document that compiles as it is. InputError where no workload was measured in both languages.
    """
    cells = _cells(frame)
    floating = len(cells) <= _ROWS_OF_A_PAGE
    texts = cells.apply(_latex_column).rename(columns=latex_text)
    table = texts.style.hide(axis="index").to_latex(
        environment="table" if floating else "longtable",
        position="htbp" if floating else None,
        position_float="centering" if floating else None,
        column_format="".join(_alignment(cells[name]) for name in cells),
        caption=latex_text(_title(frame)),
        label="tab:overhead",
        hrules=True,
        siunitx=True,
    )
    note = _NOTE % latex_text(_note(frame))
    body = f"{table.removesuffix(_TABLE_END)}{note}{_TABLE_END}" if floating else f"{table}{note}"
    return _STANDALONE % body if standalone else _SNIPPET % body


def markdown_table(frame: pd.DataFrame) -> str:
    """A heading, a pipe table and its note. InputError where no workload was measured in both languages."""
    cells = _cells(frame)
    table = cells.map(markdown_text).to_markdown(
        index=False,
        disable_numparse=True,
        colalign=["right" if name in (*_NUMBERS, INTERVAL) else "left" for name in cells],
    )
    return f"### {markdown_text(_title(frame))}\n\n{table}\n\n{markdown_text(_note(frame))}\n"


def _cells(frame: pd.DataFrame) -> pd.DataFrame:
    """The texts of the table, a row a workload at its largest n, under the names of the columns."""
    rows = headline(overhead_ratios(frame))
    if rows.empty:
        raise InputError("the run has no workload that both languages measured: no ratio to put into a table")
    return pd.DataFrame(
        {
            "group": rows["group"],
            "workload": rows["workload"],
            "n": rows["n"].map(str),
            **{title: rows[language].map(ticks_text) for language, title in LANGUAGE_NAMES.items()},
            "ratio": rows["ratio"].map(ratio_text),
            INTERVAL: [
                interval_text(row, simulated=frame.attrs["run"]["board"]["simulated"])
                for row in rows.to_dict("records")
            ],
        },
        dtype=object,
    )


def _latex_column(texts: pd.Series) -> pd.Series:
    if texts.name not in _NUMBERS:
        return texts.map(latex_text)
    numbers = texts.map(_bare)
    return numbers.where(numbers.map(_is_number), "{" + numbers.map(latex_text) + "}")  # braces: siunitx takes no words


def _alignment(texts: pd.Series) -> str:
    """The column's type: as many digits as its widest number has on either side of the point, so that they line up."""
    if texts.name not in _NUMBERS:
        return "r" if texts.name == INTERVAL else "l"
    numbers = [number for number in texts.map(_bare) if _is_number(number)] or ["0"]
    sign = "-" if any(number.startswith("-") for number in numbers) else ""
    whole = max(len(number.lstrip("-").partition(".")[0]) for number in numbers)
    decimals = max(len(number.partition(".")[2]) for number in numbers)
    return f"S[table-format={sign}{whole}.{decimals}]"


def _bare(text: str) -> str:
    """A number without its groups of three, which siunitx makes itself, and without the sign of a ratio."""
    number = text.removesuffix("×").replace(" ", "")
    return number if _is_number(number) else text


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


def _title(frame: pd.DataFrame) -> str:
    run = frame.attrs["run"]
    simulated = " (simulated)" if run["board"]["simulated"] else ""
    return f"MicroPython against Arduino C++ on {run['board']['name']}{simulated}: {unit_text(run)} per execution"


def _note(frame: pd.DataFrame) -> str:
    run = frame.attrs["run"]
    rows = headline(overhead_ratios(frame))
    mean = overall_mean(rows)
    origin = provenance_text(run)
    return (
        "ratio: MicroPython / Arduino C++, each workload at its largest n, the cost of measuring (workload empty) "
        f"subtracted; medians of {samples_text(run)}; {statistics_note(rows, run)}. "
        f"Geometric mean of {mean.count}: {ratio_text(mean.value)} ({spread_text(mean.spread)}). "
        f"{origin[0].upper()}{origin[1:]} ({run['status']}) · content id {content_id(frame)}."
    )
