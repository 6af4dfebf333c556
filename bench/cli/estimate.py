"""`bench estimate`: an ESP32's cycles, estimated from counted instructions and held against published times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from bench.cli.options import find_run, run_argument

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table


@click.command("estimate", epilog="Example: bench estimate reference-virtual-esp32")
@run_argument
def command(run: str) -> None:
    """Try to estimate an ESP32's cycles from counted instructions, and print how wrong that is.

    RUN is a run of virtual-esp32 with an anatomy of the published workloads. Each of them is estimated from the others
    alone. Nothing here was measured but the published times: an instruction on the virtual board is not a cycle.
    """
    from rich.console import Console

    from bench.anatomy.cycle_estimate import check_board, leave_one_out, making_command, pairs
    from bench.anatomy.cycle_words import findings
    from bench.anatomy.frames import load_anatomy
    from bench.anatomy.store import has_anatomy
    from bench.errors import InputError
    from bench.results import read_facts

    folder = find_run(run)
    facts = read_facts(folder)
    check_board(facts)
    if not has_anatomy(folder):
        raise InputError(f"{folder} has no anatomy: make it with `{making_command(facts)}`")
    anatomy = load_anatomy(folder)
    table = pairs(anatomy.functions, facts)
    console = Console()
    console.print(_table(leave_one_out(table)))
    for sentence in findings(table, facts):
        console.print(f"- {sentence}", markup=False, highlight=False)


def _table(predictions: pd.DataFrame) -> Table:
    """Each published figure, and what the models make of it without having seen its workload."""
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    from bench.anatomy.cycle_estimate import CONSTANT, MODELS
    from bench.variants import HEADLINE_VARIANT

    table = Table(
        title="ESP32 cycles of one execution, published and estimated",
        box=SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    table.add_column("workload", no_wrap=True)
    table.add_column("variant", no_wrap=True)
    for name in ("n", "published", "estimate"):
        table.add_column(name, justify="right", no_wrap=True)
    for model in MODELS:
        table.add_column(_HEADINGS[model.name], justify="right", no_wrap=True)
    for row in predictions.to_dict("records"):
        errors = [_error_text(row[f"{model.name}_error"]) for model in MODELS]
        name = f"{row['workload']}{'' if row['is_used'] else ' *'}"
        cycles = _rounded(row["cycles"], 3), _rounded(row[CONSTANT.name])
        table.add_row(escape(name), HEADLINE_VARIANT[row["language"]], str(row["n"]), *cycles, *errors)
    labels = ", ".join(dict.fromkeys(predictions["label"]))
    table.caption = (
        f"published: {escape(labels)}, measured; estimate: not measured, of one constant, from the other workloads. "
        "Behind it estimate / published: of one constant, of two (one for each language), of costs by kinds of "
        "instructions. *: not used for any estimate, see below"
    )
    return table


_HEADINGS: Mapping[str, str] = {
    "constant": "one",
    "languages": "two",
    "three": "3 kinds",
    "five": "5 kinds",
}


def _error_text(factor: float) -> str:
    return f"{factor:.2f}" if factor < 1000 else f"{factor:.0e}"


def _rounded(cycles: float, digits: int = 2) -> str:
    """Two significant digits of an estimate: more would pretend to be known."""
    for factor, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if cycles >= 0.995 * factor:
            return f"{float(f'{cycles / factor:.{digits}g}'):g}{unit}"
    return f"{float(f'{cycles:.{digits}g}'):g}"
