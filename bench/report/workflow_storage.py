"""The report's subsection on storage."""

from __future__ import annotations

import pandas as pd

from bench.labels import LANGUAGE_NAMES, share_text
from bench.report.blocks import Block, Bullets, Cell, Table, clean
from bench.report.figures import RunFigures, number
from bench.workflow.storage import KINDS


def blocks(figures: RunFigures, table: pd.DataFrame) -> list[Block]:
    """Who the bytes of both images belong to, what a workload adds, and whether a source can be read back."""
    return [
        *figures.charts("workflow_storage"),
        _parts_table(figures, table),
        *_workload_table(figures, table),
        Bullets(tuple(_read_back(table))),
    ]


def _parts_table(figures: RunFigures, table: pd.DataFrame) -> Table:
    rows = []
    for language in LANGUAGE_NAMES:
        mine = table[table["language"] == language]
        whole = mine.loc[mine["kind"] == "image", "bytes"].sum()
        for row in mine[mine["kind"] == "part"].to_dict("records"):
            share = float(row["bytes"]) / float(whole) if whole else 0.0
            rows.append(
                (
                    Cell(f"{LANGUAGE_NAMES[language]}: {clean(row['name'])}"),
                    Cell(_bytes(row["bytes"]), float(row["bytes"])),
                    Cell(share_text(share), share, share),
                )
            )
    return Table(
        caption="Bytes that are flashed, by owner. Arduino's image is the suite with all workloads; MicroPython's "
        "firmware has no program in it, so all of it is runtime, the compiler included. Unnamed: texts of string "
        f"literals and alignment, which no symbol names. {figures.origin}",
        columns=("owner", "bytes", "share of the image"),
        rows=tuple(rows),
        numeric=(False, True, True),
    )


def _workload_table(figures: RunFigures, table: pd.DataFrame) -> list[Table]:
    kinds = [kind for kind in ("in_suite", "alone", "script", "mpy") if (table["kind"] == kind).any()]
    wide = table[table["kind"].isin(kinds)].pivot(index="name", columns="kind", values="bytes")
    order = dict.fromkeys(table.loc[table["kind"].isin(kinds), "name"])
    rows = tuple(
        (Cell(clean(name)), *(Cell(_bytes(value), number(value)) if pd.notna(value) else Cell("-") for value in values))
        for name, values in wide.reindex(list(order))[kinds].iterrows()
    )
    if not rows:
        return []
    legend = "; ".join(f"{kind}: {KINDS[kind]}" for kind in kinds)
    return [
        Table(
            caption=f"Bytes of one more workload. {legend}. {figures.origin}",
            columns=("workload", *kinds),
            rows=rows,
            numeric=(False, *(True for _ in kinds)),
            folded=f"Table of the bytes of {len(rows)} workloads",
        )
    ]


def _read_back(table: pd.DataFrame) -> list[str]:
    return [
        f"Reading the source back, {LANGUAGE_NAMES.get(row['language'], clean(row['language']))}: {clean(row['note'])} "
        f"({clean(row['how'])})."
        for row in table[table["kind"] == "read_back"].to_dict("records")
    ]


def _bytes(value: object) -> str:
    return f"{int(str(value)):,}".replace(",", " ") if not pd.isna(value) else "-"  # type: ignore[call-overload]
