"""The report's subsection on compiling: on the board, loaded from a .mpy file, and on the computer."""

from __future__ import annotations

import pandas as pd

from bench.charts import workflow_compiling as chart
from bench.errors import InputError
from bench.labels import LANGUAGE_NAMES, ratio_text, ticks_text, unit_text
from bench.report.blocks import Block, Bullets, Cell, Table, Text, clean
from bench.report.figures import RunFigures, count_cell, number
from bench.variants import HEADLINE_VARIANT

_COLUMNS = {  # what is shown of a row, and its heading
    "source_bytes": "source bytes",
    "lines": "lines",
    "tokens": "tokens",
    "code_bytes": "code bytes",
    "mpy_bytes": ".mpy bytes",
    "compile_ticks": "compiling",
    "compile_held_bytes": "heap held",
    "compile_needs_bytes": "heap needed",
    "load_ticks": "loading .mpy",
    "load_held_bytes": "heap held, .mpy",
    "load_needs_bytes": "heap needed, .mpy",
}


def blocks(figures: RunFigures, table: pd.DataFrame) -> list[Block]:
    """What stands in the subsection."""
    return [
        Text(_method(figures)),
        Bullets(tuple(_in_words(table, figures))),
        *figures.charts("workflow_compiling"),
        _table(figures, table),
    ]


def _method(figures: RunFigures) -> str:
    exact = "Everything but the times is exact: a second measurement gives the same. " if figures.simulated else ""
    return (
        "MicroPython compiles a script on the board each time that it is sent or imported; mpy-cross does it on the "
        "computer beforehand, and the board only loads the result. C++ is compiled on the computer alone: the time is "
        "that of the compiler for the workload's own sketch with the flags that PlatformIO gives it, without "
        "PlatformIO, the core and the linker. Heap needed is the least free heap with which the board does not fail, "
        f"heap held what is taken afterwards. {exact}{figures.origin}"
    )


def _in_words(table: pd.DataFrame, figures: RunFigures) -> list[str]:
    found = []
    unit = clean(unit_text(figures.run))
    try:
        rows = chart.figures(table)
    except InputError:
        rows = pd.DataFrame()
    if len(rows):
        per_token = (rows["compile_ticks"] / rows["tokens"].astype("float64")).median()
        found.append(
            f"Compiling on the board takes {ratio_text(rows['ratio'].median())} the {unit} of loading the .mpy file, "
            f"in the median of {len(rows)} scripts; {ticks_text(per_token)} {unit} a token of source."
        )
        found += _heap_in_words(rows)
    times = _median_times(table)
    if len(times) == len(LANGUAGE_NAMES):
        found.append(
            f"On the computer, the C++ compiler takes {times['arduino']:.0f} ms for a sketch, mpy-cross "
            f"{times['micropython']:.1f} ms for a script, each in the median."
        )
    return found


def _heap_in_words(rows: pd.DataFrame) -> list[str]:
    needs = rows.dropna(subset=["compile_needs_bytes", "load_needs_bytes"])
    if needs.empty:
        return []
    compiling, loading = (needs[f"{what}_needs_bytes"].astype("float64").median() for what in ("compile", "load"))
    return [
        f"Compiling needs {compiling / 1024:.1f} KB of free heap in the median, loading {loading / 1024:.1f} KB: a "
        "script that is too large to be compiled on the board may still be loaded."
    ]


def _median_times(table: pd.DataFrame) -> dict[str, float]:
    """Milliseconds on the computer by language, in the headline variant."""
    found = {}
    for language, variant in HEADLINE_VARIANT.items():
        mine = table[(table["language"] == language) & (table["variant"] == variant)]["host_compile_s"].dropna()
        if len(mine):
            found[language] = 1000 * float(mine.median())
    return found


def _table(figures: RunFigures, table: pd.DataFrame) -> Table:
    rows = tuple(
        (
            Cell(clean(row["workload"])),
            Cell(LANGUAGE_NAMES.get(row["language"], clean(row["language"]))),
            Cell(clean(row["variant"])),
            *(count_cell(row[column]) for column in _COLUMNS),
            *(_milliseconds(row[column]) for column in ("host_compile_s", "host_compile_iqr_s")),
            count_cell(row["host_compile_n"]),
        )
        for row in table.to_dict("records")
    )
    return Table(
        caption="What compiling takes: on the board and loading instead of it in "
        f"{clean(unit_text(figures.run))}; on the computer in milliseconds (median, interquartile range, number of "
        f"times). {figures.origin}",
        columns=("workload", "language", "variant", *_COLUMNS.values(), "computer ms", "IQR", "times"),
        numeric=(False, False, False, *(True for _ in range(len(_COLUMNS) + 3))),
        rows=rows,
        folded="Table of what compiling each script and sketch takes",
    )


def _milliseconds(value: object) -> Cell:
    seconds = float(str(value))
    return Cell("-" if pd.isna(seconds) else f"{1000 * seconds:.2f}", number(1000 * seconds))
