"""The report's subsection on trying an expression: by each REPL, and in an Arduino sketch."""

from __future__ import annotations

import pandas as pd

from bench.charts.workflow_repl import STEP_NAMES, WAY_NAMES, seconds_text
from bench.labels import unit_text
from bench.report.blocks import Block, Cell, Table, Text, clean
from bench.report.figures import RunFigures, count_cell, number
from bench.workflow.repl import ATTEMPT, TYPED_A_MINUTE
from bench.workflow.repl_expressions import EXPRESSIONS


def blocks(figures: RunFigures, table: pd.DataFrame) -> list[Block]:
    """What stands in the subsection."""
    return [Text(_method(figures)), *figures.charts("workflow_repl"), _attempts(figures, table), _steps(figures, table)]


def _method(figures: RunFigures) -> str:
    simulated = (
        "On the simulated board the serial line (115200 baud) and the flash are computed from bytes; builds are "
        "measured; what the simulator takes is told, but in no sum. Its images are smaller than those of a chip, so "
        "that uploads to a chip take longer. "
        if figures.simulated
        else "Everything but the typing and the serial line's share is measured on the board. "
    )
    tried = "; ".join(f"{each.name}: {each.python}, in C++ {each.cpp}" for each in EXPRESSIONS)
    return (
        f"A person types an expression ({tried}), presses Enter, or the keys that upload a sketch, and sees the value; "
        f"what else it needs is there before. Typing {TYPED_A_MINUTE} characters a minute is an assumption, and "
        f"thinking is left out: the figures a minute are an upper bound that a person can reach. "
        f"{simulated}{figures.origin}"
    )


def _attempts(figures: RunFigures, table: pd.DataFrame) -> Table:
    rows = []
    for row in table[table["step"] == ATTEMPT].to_dict("records"):
        typing = table[
            (table["expression"] == row["expression"]) & (table["way"] == row["way"]) & (table["step"] == "typing")
        ]["time_s"].sum()
        rest = float(row["time_s"]) - float(typing)
        rows.append(
            (
                Cell(clean(row["expression"])),
                Cell(WAY_NAMES.get(row["way"], clean(row["way"]))),
                count_cell(row["baud"]),
                Cell(seconds_text(row["time_s"]), number(row["time_s"])),
                Cell(seconds_text(rest), number(rest)),
                Cell(f"{row['per_minute']:.1f}", number(row["per_minute"])),
            )
        )
    return Table(
        caption=f"From the first key to the value, and how often that fits into a minute. {figures.origin}",
        columns=("expression", "way", "baud", "in all", "without typing", "a minute"),
        numeric=(False, False, True, True, True, True),
        rows=tuple(rows),
    )


def _steps(figures: RunFigures, table: pd.DataFrame) -> Table:
    rows = [
        (
            Cell(clean(row["expression"])),
            Cell(WAY_NAMES.get(row["way"], clean(row["way"]))),
            Cell(STEP_NAMES.get(row["step"], clean(row["step"]))),
            count_cell(row["baud"]),
            Cell(clean(row["how"]) + ("" if row["in_total"] else ", not counted")),
            *(count_cell(row[column]) for column in ("sent_bytes", "received_bytes", "ticks")),
            *(_time(row[column]) for column in ("time_s", "time_iqr_s")),
            count_cell(row["time_n"]),
        )
        for row in table[table["step"] != ATTEMPT].to_dict("records")
    ]
    unit = clean(unit_text(figures.run))
    return Table(
        caption=f"The steps of each attempt; {unit}: of compiling, executing and printing the expression on the board, "
        "without reading its characters. The raw REPL's way there and back has a pause of 10 ms, which mpremote makes "
        f"after each piece that it sends. {figures.origin}",
        columns=("expression", "way", "step", "baud", "how", "bytes to the board", "bytes back", unit, "time", "IQR",
                 "times"),
        numeric=(False, False, False, True, False, True, True, True, True, True, True),
        rows=tuple(rows),
        folded="Table of the steps of each attempt",
    )  # fmt: skip


def _time(value: object) -> Cell:
    seconds = float(str(value))
    return Cell("-") if pd.isna(seconds) else Cell(seconds_text(seconds), number(seconds))
