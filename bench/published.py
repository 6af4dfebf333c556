"""Overhead ratios that others measured and published, beside ours.

A set is a CSV in results/published/ (columns workload, n, language, median_us, q25_us, q75_us, samples) and a TOML of
the same name that says where the figures come from and what to know before comparing them.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench import paths
from bench.analysis import geometric_mean, overhead_ratios
from bench.catalogue import load_catalogue
from bench.errors import InputError
from bench.labels import unit_text
from bench.shape import check_shape
from bench.variants import LANGUAGES

SCHEMA = 1
COLUMNS = ["workload", "n", "language", "median_us", "q25_us", "q75_us", "samples"]
_SHAPE = {
    "schema": int,
    "citation": str,
    "doi": str,
    "label": str,
    "board": str,
    "clock_mhz": int,
    "fpu": bool,
    "compiler": str,
    "micropython_version": str,
    "figures": str,
    "caveats": [str],
    "workload": {"*": {"caveats": [str], "name?": str}},
}


@dataclass(frozen=True)
class Source:
    """Where a published set comes from."""

    name: str  # of the files
    label: str  # for charts: authors and year
    citation: str
    doi: str
    board: str
    clock_mhz: int
    fpu: bool  # whether the processor has floating-point hardware
    compiler: str
    micropython_version: str
    figures: str  # how they were made
    caveats: tuple[str, ...]
    workloads: Mapping[str, tuple[str, ...]]  # ours -> caveats of that workload alone
    names: Mapping[str, str]  # the CSV's name of a workload -> ours


@dataclass(frozen=True)
class Scatter:
    """How far published ratios lie from ours. `spread` is the geometric standard deviation of the quotients.

    `quotient` is the geometric mean of published / ours; `rank_correlation` is Spearman's over all rows, and
    `rank_correlation_largest` over the workloads at their largest n (NaN where there are fewer than three).
    """

    quotient: float
    spread: float
    count: int
    rank_correlation: float
    rank_correlation_largest: float
    workloads: int


def load_sources(folder: Path | None = None) -> list[Source]:
    """The published sets by name. InputError names the file and the field that is wrong."""
    return [_read_source(path) for path in sorted((folder or _folder()).glob("*.toml"))]


def load_published(folder: Path | None = None) -> pd.DataFrame:
    """The published figures, one row a set, workload (by our name) and n.

    Columns: source (name of the set), label (authors and year), workload, n; arduino, micropython (medians, µs per
    execution), samples (the smaller number of both), ratio (micropython / arduino). InputError where a file is missing
    or wrong, which names the file and the line.
    """
    sources = load_sources(folder)
    tables = [_ratios_of(source, (folder or _folder()) / f"{source.name}.csv") for source in sources]
    known = {source.name for source in sources}
    for path in sorted((folder or _folder()).glob("*.csv")):
        if path.stem not in known:
            raise InputError(f"{path} has no {path.stem}.toml beside it, which says where the figures come from")
    columns = ["source", "label", "workload", "n", *LANGUAGES, "samples", "ratio"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def beside(frame: pd.DataFrame, folder: Path | None = None) -> pd.DataFrame:
    """Our ratios beside the published ones, for each workload and n that both have, in the order of the run.

    Columns: source, label, group, workload, n, ours, published (ratios MicroPython / Arduino C++), quotient
    (published / ours), comparable (False for floats where only one of the boards has floating-point hardware). Ours are
    of the run's ticks: instructions on a virtual board, where the published are of time. InputError where they have
    nothing in common.
    """
    ours = overhead_ratios(frame).dropna(subset="ratio")[["group", "workload", "n", "ratio"]]
    published = load_published(folder)[["source", "label", "workload", "n", "ratio"]]
    both = ours.rename(columns={"ratio": "ours"}).merge(
        published.rename(columns={"ratio": "published"}), on=["workload", "n"], how="inner"
    )
    if both.empty:
        raise InputError("the run has no workload at an n that was published: run bench without --n, see `bench list`")
    both["quotient"] = both["published"] / both["ours"]
    fpu = both["source"].map({source.name: source.fpu for source in load_sources(folder)})
    both["comparable"] = (both["group"] != "float") | (fpu == frame.attrs["run"]["board"].get("fpu"))
    return both[["source", "label", "group", "workload", "n", "ours", "published", "quotient", "comparable"]]


def scatter(rows: pd.DataFrame) -> Scatter:
    """How far the comparable rows of `beside` lie apart. On rank correlation: Spearman 1904, ties by mean ranks."""
    rows = rows[rows["comparable"]]
    mean = geometric_mean(rows["quotient"])
    largest = rows.loc[rows.groupby(["source", "workload"])["n"].idxmax()]
    return Scatter(
        quotient=mean.value,
        spread=mean.spread,
        count=mean.count,
        rank_correlation=_rank_correlation(rows),
        rank_correlation_largest=_rank_correlation(largest),
        workloads=len(largest),
    )


def findings(frame: pd.DataFrame, folder: Path | None = None) -> list[str]:
    """What `beside` shows of a run, in sentences: what is compared, how far apart it lies, and what explains the gaps.

    The explanations are the caveats of the set, and what our catalogue says of the published programs.
    """
    rows, run = beside(frame, folder), frame.attrs["run"]
    kind = "simulated" if run["board"]["simulated"] else "measured"
    sentences = [
        f"Ours are ratios of {unit_text(run)}, {kind}; "
        "the published ones are ratios of time, measured on a real board.",
        _scatter_text(scatter(rows)),
    ]
    for source in load_sources(folder):
        mine = rows[rows["source"] == source.name]
        if mine.empty:
            continue
        if not mine["comparable"].all():
            sentences.append(_fpu_text(source, list(mine.loc[~mine["comparable"], "workload"].unique())))
        sentences += [_gap(source, str(name), each) for name, each in mine.groupby("workload", sort=False)]
        sentences += [f"{source.label}: {text}" for text in source.caveats]
    return sentences


def _scatter_text(whole: Scatter) -> str:
    return (
        f"Published / ours: geometric mean {whole.quotient:.2f}, scatter ×/÷ {whole.spread:.2f} (geometric standard "
        f"deviation) over {whole.count} pairs. Rank correlation (Spearman): {whole.rank_correlation:.2f} over all "
        f"pairs, {whole.rank_correlation_largest:.2f} over {whole.workloads} workloads at their largest n."
    )


def _fpu_text(source: Source, workloads: list[str]) -> str:
    have = "has" if source.fpu else "has no"
    ours = "has none" if source.fpu else "has"
    return (
        f"{source.label}'s board {have} floating-point hardware and this run's {ours}: "
        f"ratios of {', '.join(workloads)} must not be compared, and are not in the mean above."
    )


def _gap(source: Source, workload: str, rows: pd.DataFrame) -> str:
    """The quotients of a workload and what may explain them.

    Of the contract's differences only those between the pairs: what favours a language in both is in both ratios.
    """
    first, last = rows.sort_values("n").iloc[0], rows.sort_values("n").iloc[-1]
    words = f"{workload}: published / ours {geometric_mean(rows['quotient']).value:.2f}"
    if len(rows) > 1:
        words += f" ({first['quotient']:.2f} at n = {first['n']}, {last['quotient']:.2f} at n = {last['n']})"
    differences = load_catalogue()[workload].differences
    reasons = [*source.workloads[workload], *(text for text in differences if "published" in text.lower())]
    return f"{words}. {' '.join(reasons) or 'Nothing is recorded but what holds for all workloads.'}"


def _rank_correlation(rows: pd.DataFrame) -> float:
    if len(rows) < 3:
        return math.nan
    return float(rows["ours"].rank().corr(rows["published"].rank()))


def _folder() -> Path:
    return paths.RESULTS / "published"


def _read_source(path: Path) -> Source:
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"{path} is not valid TOML: {error}") from error
    check_shape(facts, _SHAPE, str(path))
    if facts["schema"] != SCHEMA:
        raise InputError(f"{path}: expected schema = {SCHEMA}, got {facts['schema']}")
    tables: dict[str, Any] = facts.pop("workload")
    catalogue = load_catalogue()
    for name in tables:
        if name not in catalogue:
            raise InputError(f"{path}: [workload.{name}] is no workload of ours; known: {', '.join(catalogue)}")
    known = {field.name for field in fields(Source)}
    own: dict[str, Any] = {key: value for key, value in facts.items() if key in known}
    own["caveats"] = tuple(own["caveats"])
    return Source(
        name=path.stem,
        workloads={name: tuple(table["caveats"]) for name, table in tables.items()},
        names={table.get("name", name): name for name, table in tables.items()},
        **own,
    )


def _ratios_of(source: Source, path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not CSV: {error}") from error
    _check_table(table, path, source)
    table["workload"] = table["workload"].map(source.names)
    sides = [table[table["language"] == language].set_index(["workload", "n"]) for language in LANGUAGES]
    both = pd.concat([side[["median_us", "samples"]] for side in sides], axis=1, keys=LANGUAGES)
    if (alone := both.isna().any(axis=1)).any():
        workload, n = both.index.to_list()[alone.to_numpy().argmax()]
        raise InputError(f"{path}: {workload} n={n} has one language only, expected both: a ratio needs them")
    result = pd.DataFrame({language: both[language, "median_us"] for language in LANGUAGES})
    samples = [both[language, "samples"].astype("int64") for language in LANGUAGES]
    result["samples"] = np.minimum(samples[0], samples[1])
    result["ratio"] = result["micropython"] / result["arduino"]
    return result.reset_index().assign(source=source.name, label=source.label)


def _check_table(table: pd.DataFrame, path: Path, source: Source) -> None:
    """InputError, which names the line, where the table is not what COLUMNS say."""
    if list(table.columns) != COLUMNS:
        raise InputError(f"{path}: expected the header {','.join(COLUMNS)}, got {','.join(table.columns)!r:.80}")
    numbers = table[["n", "median_us", "q25_us", "q75_us", "samples"]].apply(pd.to_numeric, errors="coerce")
    whole = (numbers["n"] % 1 == 0) & (numbers["samples"] % 1 == 0)
    wrong = {
        "a number that is not positive and finite": ~(np.isfinite(numbers) & (numbers > 0)).all(axis=1),
        "n or samples that is not whole": ~whole,
        "quartiles that do not enclose the median": (numbers["q25_us"] > numbers["median_us"])
        | (numbers["q75_us"] < numbers["median_us"]),
        f"a language other than {' and '.join(LANGUAGES)}": ~table["language"].isin(LANGUAGES),
        f"a workload that {source.name}.toml has no table for": ~table["workload"].isin(list(source.names)),
        "a workload, n and language that stand there twice": table.duplicated(["workload", "n", "language"]),
    }
    for fault, rows in wrong.items():
        if rows.any():
            line = int(rows.to_numpy().argmax()) + 2
            raise InputError(f"{path} line {line} has {fault}: {','.join(map(str, table.iloc[line - 2]))!r:.80}")
