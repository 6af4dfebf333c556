"""`bench mix`: which kinds of instructions a run executes in both languages, and how much memory it moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bench.cli.options import find_run, run_argument

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table


@click.command("mix", epilog="Example: bench mix reference-virtual-esp32")
@run_argument
def command(run: str) -> None:
    """Print the instruction mix of a run's anatomy: loads, stores, branches, calls, in C++ and in MicroPython.

    RUN is a run of a virtual board with an anatomy, see `bench anatomy`. Each workload at its largest n.
    """
    from rich.console import Console

    from bench.anatomy.frames import load_anatomy
    from bench.anatomy.mix import headline_mix, instruction_mix
    from bench.results import read_facts

    folder = find_run(run)
    facts = read_facts(folder)
    rows = headline_mix(instruction_mix(load_anatomy(folder).functions, facts))
    console = Console()
    for language in dict.fromkeys(rows["language"]):
        console.print(_table(rows, language))
    for sentence in _sentences(rows):
        console.print(f"- {sentence}", markup=False, highlight=False)


_HEADINGS = ("load", "store", "taken", "not", "jump", "mul", "float", "other", "bytes")


def _table(rows: pd.DataFrame, language: str) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    from bench.anatomy.mix import classes, mean_shares, shares
    from bench.labels import LANGUAGE_NAMES

    mine = rows[rows["language"] == language]
    table = Table(
        title=f"{LANGUAGE_NAMES[language]} {escape(mine['variant'].iloc[0])}: instructions by kind, simulated",
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=0,
    )
    table.add_column("workload", no_wrap=True)
    table.add_column("n", justify="right", no_wrap=True)
    for heading in _HEADINGS:
        table.add_column(heading, justify="right", no_wrap=True)
    part = shares(mine)
    for row, kinds in zip(part.to_dict("records"), classes(part).to_numpy(), strict=True):
        cells = [*map(_percent, kinds), f"{row['bytes_per_instruction']:.2f}"]
        table.add_row(escape(row["workload"]), str(row["n"]), *cells)
    mean = mean_shares(rows).loc[[language]]
    table.add_section()
    cells = [*map(_percent, classes(mean).to_numpy()[0]), f"{mean['bytes_per_instruction'].iloc[0]:.2f}"]
    table.add_row(f"mean of {mean['workloads'].iloc[0]}", "", *cells)
    table.caption = (
        "% of the instructions of one execution: loads, stores, branches taken and not, jumps with calls and returns, "
        "multiplications with divisions, float, other integer work; bytes loaded and stored by an instruction"
    )
    return table


def _percent(share: float) -> str:
    return f"{100 * share:z.{1 if abs(share) < 0.0995 else 0}f}"


def _sentences(rows: pd.DataFrame) -> list[str]:
    from bench.anatomy.mix import BYTES, times_cpp
    from bench.labels import ratio_text

    told = []
    for row in times_cpp(rows).to_dict("records"):
        if row["count"] in ("instructions", "loads", "stores", *BYTES) and row["workloads"]:
            name = BYTES.get(row["count"], row["count"])
            spread = f", ×/÷ {row['spread']:.1f}" if row["workloads"] > 1 else ""
            told.append(f"{name} {ratio_text(row['ratio'])} ({row['workloads']} workloads{spread})")
    return [f"MicroPython / C++, geometric means of the workloads in which both have some: {'; '.join(told)}."]
