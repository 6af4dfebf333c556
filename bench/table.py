"""The table of a run for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from bench.analysis import GeometricMean, geometric_mean, headline, matched, overall_mean, overhead_ratios, summarise
from bench.errors import InputError
from bench.frames import load_memory
from bench.labels import (
    LANGUAGE_NAMES,
    interval_text,
    left_out_by_reason,
    origin_text,
    printable,
    ratio_text,
    samples_text,
    scope_text,
    share_text,
    spread_text,
    ticks_text,
    unit_text,
)
from bench.memory_file import FIGURES
from bench.recovery import variant_gains
from bench.statistics import ENOUGH_SAMPLES
from bench.variants import HEADLINE_VARIANT

INTERVAL = "± 95 %"


def ratio_table(frame: pd.DataFrame, *, every_n: bool = False) -> Table:
    """Cost per execution in both languages and the overhead ratio; one row a workload, or one for every n."""
    run = frame.attrs["run"]
    ratios = overhead_ratios(frame)
    rows = ratios if every_n else headline(ratios)
    table = Table(
        title=f"MicroPython against Arduino C++, {escape(unit_text(run))} per execution",
        box=SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    table.add_column("group", style="dim", no_wrap=True)
    table.add_column("workload", no_wrap=True)
    for name in ("n", LANGUAGE_NAMES["arduino"], LANGUAGE_NAMES["micropython"], "ratio", INTERVAL):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows.to_dict("records"):
        table.add_row(
            escape(str(row["group"])),
            escape(str(row["workload"])),
            str(row["n"]),
            ticks_text(row["arduino"]),
            ticks_text(row["micropython"]),
            ratio_text(row["ratio"]),
            interval_text(row, simulated=run["board"]["simulated"]),
        )
    for name in _left_out(run, ratios):
        group = escape(str(run["workloads"].get(name, {}).get("group", "")))
        table.add_row(group, escape(printable(name, 40)), "-", "left out", "-", "-", "-")
    mean = overall_mean(headline(ratios))
    if mean.count:
        table.add_section()
        table.add_row("", "geometric mean", "", "", "", ratio_text(mean.value), "")
    table.caption = _caption(run, rows, mean, every_n)
    return table


def _left_out(run: Mapping[str, Any], ratios: pd.DataFrame) -> list[str]:
    """The workloads without any ratio, because the board lacks what one of their headline variants needs."""
    names = [entry["workload"] for entry in run.get("skipped", ())
             if entry["variant"] == HEADLINE_VARIANT.get(entry["language"])]  # fmt: skip
    return [name for name in dict.fromkeys(names) if name not in set(ratios["workload"])]


def failure_lines(run: Mapping[str, Any]) -> list[str]:
    """One line for each measurement of the run that has no figure."""
    return [f"no figure: {printable(failure.get('message', ''))}" for failure in run["failures"]]


def left_out_lines(run: Mapping[str, Any], *, headline_only: bool = False) -> list[str]:
    """What the board could not do, as the contracts foresee: one line for each reason."""
    lines = []
    for reason, workloads in left_out_by_reason(run).items():
        named = []
        for name, variants in workloads.items():
            shown = [v for language, v in variants if not headline_only or v == HEADLINE_VARIANT.get(language)]
            if shown:
                named.append(f"{name} ({', '.join(dict.fromkeys(shown))})")
        if named:
            lines.append(printable(f"left out, {reason}: {', '.join(named)}", 2000))
    return lines


def variants_table(frame: pd.DataFrame) -> Table:
    """What each variant gains over its language's headline variant, a row a workload. InputError where there is one."""
    gains = variant_gains(frame)
    names = list(gains["variant"].unique())
    table = Table(
        title=f"How many times fewer {escape(unit_text(frame.attrs['run']))} than the headline variant takes",
        box=SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    table.add_column("workload", no_wrap=True)
    for name in names:
        table.add_column(escape(name.replace("-", "\n-")), justify="right", no_wrap=True)
    for workload, rows in gains.groupby("workload", sort=False):
        cells = dict(zip(rows["variant"], map(ratio_text, rows["gain"]), strict=True))
        table.add_row(escape(str(workload)), *(cells.get(name, "-") for name in names))
    table.add_section()
    by_variant = {str(name): rows for name, rows in matched(gains).groupby("variant", sort=False)}
    means = {name: ratio_text(geometric_mean(rows["gain"]).value) for name, rows in by_variant.items()}
    closed = {name: share_text(rows["closed"].median()) for name, rows in by_variant.items()}
    table.add_row("geometric mean", *(means.get(name, "-") for name in names))
    table.add_row("median closed", *(closed.get(name, "-") for name in names))
    heads = ", ".join(f"{LANGUAGE_NAMES[language]} {variant}" for language, variant in HEADLINE_VARIANT.items())
    table.caption = escape(
        f"Headline variants: {heads}. Closed: the share of MicroPython's distance to C++ that a variant takes away, by "
        "workload in the report. Each workload at the largest n that both variants have; without its collector (-nogc) "
        "MicroPython has no memory for some workloads, and for others at small n only."
    )
    return table


def statistics_table(frame: pd.DataFrame) -> Table:
    """Median, interquartile range, minimum, number of samples and of outliers of every measurement."""
    run = frame.attrs["run"]
    table = Table(title=f"{escape(unit_text(run))} per execution", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("workload", "language", "variant"):
        table.add_column(name, no_wrap=True)
    for name in ("n", "median", "IQR", "min", "samples"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in summarise(frame).to_dict("records"):
        table.add_row(
            escape(printable(row["workload"], 40)),
            LANGUAGE_NAMES.get(row["language"], escape(printable(row["language"], 40))),
            escape(printable(row["variant"], 40)),
            str(row["n"]),
            ticks_text(row["median"]),
            ticks_text(row["q75"] - row["q25"]),
            ticks_text(row["min"]),
            f"{row['samples']}, {row['outliers']} out" if row["outliers"] else str(row["samples"]),
        )
    origin = origin_text(run)
    table.caption = escape(
        "The cost of measuring (workload empty) subtracted. out: outliers, over 1.5 interquartile ranges beyond the "
        f"quartiles (Tukey), counted and kept. {origin[0].upper()}{origin[1:]}. Run {run['run_id']}."
    )
    return table


def memory_table(frame: pd.DataFrame) -> Table:
    """Bytes of every measurement that told some. InputError where none did."""
    rows = load_memory(frame)
    if rows.empty:
        raise InputError("the run recorded nothing about memory: an older bench made it; measure again")
    table = Table(title="Memory in bytes", box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for name in ("workload", "variant"):
        table.add_column(name, no_wrap=True)
    for name in ("n", *FIGURES):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows.to_dict("records"):
        told = [name for name in FIGURES if name != ("allocated" if row["language"] == "arduino" else "stack")]
        cells = ["" if name not in told else "-" if pd.isna(row[name]) else f"{row[name]:,}" for name in FIGURES]
        cells = [cell.replace(",", " ") for cell in cells]
        table.add_row(escape(row["workload"]), escape(row["variant"]), str(row["n"]), *cells)
    table.caption = escape(
        "held: by inputs and outputs, static memory in C++, heap in MicroPython. allocated: heap that one execution of "
        "MicroPython takes while nothing is collected, - where that is more than the board has. stack: the most that "
        f"one execution of C++ had on the stack. Run {frame.attrs['run']['run_id']}."
    )
    return table


def statistics_note(rows: pd.DataFrame, run: Mapping[str, Any]) -> str:
    """What the column of intervals means for these rows."""
    note = f"{INTERVAL}: bootstrap interval of {scope_text(rows)}"
    if run["board"]["simulated"] and rows["constant"].any():
        note += "; exact: every sample equal"
    if ((rows["samples"] < ENOUGH_SAMPLES) & ~rows["constant"]).any():
        note += f"; with fewer than {ENOUGH_SAMPLES} samples it is no wider than they are"
    if outliers := int(rows["outliers"].sum()):
        note += f"; {outliers} outliers kept"
    return note


def _mean_text(mean: GeometricMean) -> str:
    if not mean.count:
        return ""
    return f"Geometric mean of {mean.count}: {spread_text(mean.spread)} (geometric standard deviation). "


def _caption(run: Mapping[str, Any], rows: pd.DataFrame, mean: GeometricMean, every_n: bool) -> str:
    origin = origin_text(run)
    at = "The geometric mean takes each workload at its largest n" if every_n else "Each workload at its largest n"
    return escape(
        f"ratio: MicroPython / Arduino C++. {at}, the cost of measuring (workload empty) subtracted; medians of "
        f"{samples_text(run)}; {statistics_note(rows, run)}. "
        f"{_mean_text(mean)}"
        f"{origin[0].upper()}{origin[1:]}. Run {run['run_id']} ({run['status']})."
    )
