"""The anatomy of compiling and of a collection for a terminal, and as CSV, JSON and Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from bench.anatomy import collecting, compiling
from bench.anatomy.collecting import BLOCK_BYTES, Fit
from bench.labels import origin_text, printable, share_text, ticks_text

FIT_HEADS = ("shape", "marked", "of", "fixed", "per KB\nwalked", "per KB\nof heap", f"per {BLOCK_BYTES} B\nalive",
             "R²", "largest\nerror")  # fmt: skip
_SHOWN = 3  # parts in a row


def compiling_table(frame: pd.DataFrame) -> Table:
    """A row a compilation: what it costs, and which share the largest parts take."""
    heads = ("workload", "variant", "source\nbytes", "held\nbytes", "instructions", "per\nbyte")
    several = frame["variant"].nunique() > 1
    variant = "" if several else f" to {frame['variant'].iloc[0]}"
    table = _table(f"Compiling on the board{variant}", [h for h in heads if several or h != "variant"], 1 + several)
    for row in compiling.wide(frame).to_dict("records"):
        cells = [escape(row["workload"]), *([row["variant"]] if several else [])]
        cells += [str(row["source_bytes"]), str(row["held_bytes"]), ticks_text(row["instructions"])]
        table.add_row(*cells, f"{row['instructions_per_byte']:.0f}", _shares(row, compiling.LABELS))
    table.caption = escape(
        "instructions of compile() on a freshly started board; held: heap that the code and new names take afterwards; "
        f"a function counts for the part that it works for. {_origin(frame)}"
    )
    return table


def collecting_table(frame: pd.DataFrame) -> Table:
    """A row a collection: what it costs, and which share the largest parts take."""
    heads = ("shape", "live\nobjects", "live\nKB", "filled\nKB", "walked\nKB", "heap\nKB", "instructions")
    table = _table("One garbage collection", heads, words=1)
    for row in collecting.wide(frame).to_dict("records"):
        sizes = [f"{row[name] / 1024:.1f}" for name in ("live_bytes", "filled_bytes", "walked_bytes", "heap_bytes")]
        cells = [escape(row["shape"]), str(row["live_objects"]), *sizes, ticks_text(row["instructions"])]
        table.add_row(*cells, _shares(row, collecting.LABELS))
    table.caption = escape(
        "instructions of gc.collect() that finds no garbage. filled: the heap was once in use so far; walked: up to "
        "the last block in use of each area of the heap, as far as the collector goes; heap: all areas. "
        f"{_origin(frame)}"
    )
    return table


def fit_table(fits: Iterable[Fit]) -> Table:
    """What a collection costs for each KB and each live block, and how well that fits."""
    table = _table("Instructions of a collection, as a sum", FIT_HEADS, words=2, last=None)
    for fit in fits:
        table.add_row(*fit_cells(fit))
    table.caption = escape(fit_note())
    return table


def fit_cells(fit: Fit) -> list[str]:
    """The fit in words, for FIT_HEADS."""
    factors = (fit.fixed, fit.per_walked_kb, fit.per_heap_kb, fit.per_live_block)
    error = f"{ticks_text(fit.largest_error)} ({share_text(fit.largest_share)})"
    marked = "again" if fit.marks_again else "once"
    return [fit.shape, marked, str(fit.points), *(f"{factor:.0f}" for factor in factors), f"{fit.r2:.4f}", error]


def fit_note() -> str:
    """How the table of fits is to be read."""
    return (
        "Least squares, of so many collections. Walking costs the same whether anything is alive there or not; what a "
        "live block costs depends on the pointers in it. marked again: an object had more children than the "
        "collector's own stack has room for, so it looked through the whole heap for those that it forgot."
    )


def compiling_markdown(frame: pd.DataFrame) -> str:
    """`compiling.wide` as a Markdown table, with where it comes from."""
    return _markdown(compiling.wide(frame), compiling.LABELS) + f"\nInstructions. {_origin(frame)}\n"


def collecting_markdown(frame: pd.DataFrame) -> str:
    """`collecting.wide` and the fits as Markdown tables, with where they come from."""
    heads = [head.replace("\n", " ") for head in FIT_HEADS]
    rows = [heads, *(fit_cells(fit) for fit in collecting.fits(frame))]
    fitted = f"\n{_markdown_rows(rows, words=2)}\n{fit_note()}\n" if len(rows) > 1 else ""
    return _markdown(collecting.wide(frame), collecting.LABELS) + f"{fitted}\nInstructions. {_origin(frame)}\n"


def as_json(frame: pd.DataFrame, columns: Sequence[str], fits: Sequence[Fit] = ()) -> str:
    """The tidy rows, with where they come from."""
    run = frame.attrs["run"]
    facts: dict[str, Any] = {
        "unit": "instruction",
        "simulated": True,
        "board": run["board"]["name"],
        "simulator": run["board"]["simulator"],
        "micropython": run["languages"]["micropython"]["image"],
        "bench": run["harness"]["commit"] or run["harness"]["version"],
        "rows": frame[list(columns)].to_dict("records"),
    }
    if fits:
        facts["fits"] = [asdict(fit) for fit in fits]
    return json.dumps(facts, indent=1, ensure_ascii=False)


def _table(title: str, heads: Sequence[str], words: int, last: str | None = "mostly") -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for place, head in enumerate(heads):
        table.add_column(head, justify="left" if place < words else "right", no_wrap=True)
    if last is not None:
        table.add_column(last, ratio=1)
    return table


def _shares(row: Mapping[Any, Any], labels: Mapping[str, str]) -> str:
    shares = {label: row.get(part, 0) / row["instructions"] for part, label in labels.items()}
    shown = sorted((label for label in shares if shares[label] > 0), key=lambda label: -shares[label])[:_SHOWN]
    return ", ".join(f"{label} {share_text(shares[label])}" for label in shown)


def _origin(frame: pd.DataFrame) -> str:
    origin = printable(origin_text(frame.attrs["run"]))
    return f"{origin[0].upper()}{origin[1:]}."


def _markdown(frame: pd.DataFrame, labels: Mapping[str, str]) -> str:
    heads = [labels.get(str(column), str(column).replace("_", " ")) for column in frame.columns]
    rows = [[f"{cell:.0f}" if isinstance(cell, float) else str(cell) for cell in row] for row in frame.to_numpy()]
    words = sum(not pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes)
    return _markdown_rows([heads, *rows], words)


def _markdown_rows(rows: Sequence[Sequence[str]], words: int) -> str:
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    rule = "| " + " | ".join("---" if place < words else "---:" for place in range(len(rows[0]))) + " |"
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"
