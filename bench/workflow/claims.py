"""What is said of the two ways of working, judged by the figures of a run; claims.toml has the claims and thresholds.

A figure is an aggregate of a column over rows of a part's table, or of the run's overhead ratios, alone or over
another. It supports its claim, limits it, or contradicts it, by the thresholds that stand beside it. A claim holds
where all its figures support it, holds with limits where one limits it, does not hold where one contradicts it, and is
not judged where the run lacks a figure that decides it. No verdict is written by hand.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from bench.analysis import headline, overall_mean, overhead_ratios
from bench.charts.variants import headline_only
from bench.errors import InputError
from bench.labels import unit_text
from bench.shape import check_shape

FILE = Path(__file__).with_name("claims.toml")
HOLDS, LIMITED, FAILS, NOT_MEASURED = VERDICTS = (
    "holds",
    "holds with limits",
    "does not hold",
    "not measured in this run",
)
SUPPORTS, LIMITS, CONTRADICTS, ABSENT = "supports", "limits", "contradicts", "not measured"
TICKS = "ticks"  # a unit: that of the run's board
RATIOS = "ratios"  # in the place of a part: the overhead ratios of the run
_ORDER = (SUPPORTS, LIMITS, CONTRADICTS)
_TAKES = ("median", "sum", "min", "max", "count", "geometric_mean")
_CONDITION = re.compile(r"(<=|>=|<|>) (-?[0-9.]+)\Z")
_CONSTRUCTION = "by construction"
_FIGURE = {
    "label": str,
    "part": str,
    "column": str,
    "take": str,
    "unit": str,
    "means": str,
    "where?": {},
    "over?": {},
    "each?": [str],
    "holds?": str,
    "limits?": str,
    "otherwise": str,
    "decides?": bool,
    "host?": bool,
}
_SHAPE = {"claim": [{"key": str, "text": str, "conditions": str, "figure": [_FIGURE]}]}


@dataclass(frozen=True)
class Figure:
    """What is taken of the run, and what it says of the claim."""

    label: str
    part: str
    column: str
    take: str
    unit: str
    means: str  # why it bears on the claim
    otherwise: str  # its bearing where neither condition is met
    holds: str = ""  # condition under which it supports the claim
    limits: str = ""  # under which it limits it
    where: Mapping[str, Any] | None = None  # of the rows: the value of a column, or a list of values
    over: Mapping[str, Any] | None = None  # the divisor: what differs from the above
    each: tuple[str, ...] = ()  # columns: divide row by row that agree in them, then take
    decides: bool = True  # False: the claim is judged without it where the run lacks it
    host: bool = False  # of the computer beside the board: measured on a virtual board, too

    @property
    def command(self) -> str:
        """What measures it, but for the run's name."""
        return "bench run" if self.part == RATIOS else f"bench workflow --part {self.part}"


@dataclass(frozen=True)
class Claim:
    """What is said, under which conditions the figures are, and the figures that decide."""

    key: str
    text: str
    conditions: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Found:
    """A figure in a run: NaN where the run lacks it. `origin`: simulated, measured, computed or by construction."""

    figure: Figure
    value: float
    unit: str
    origin: str
    bearing: str


@dataclass(frozen=True)
class Judged:
    """A claim and what the run makes of it."""

    claim: Claim
    verdict: str
    found: tuple[Found, ...]


@lru_cache(maxsize=1)
def load_claims() -> tuple[Claim, ...]:
    """The claims of claims.toml; InputError where that is not as it should be."""
    try:
        document = tomllib.loads(FILE.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {FILE.name}: {error}") from error
    check_shape(document, _SHAPE, FILE.name)
    return tuple(
        Claim(entry["key"], entry["text"], entry["conditions"], tuple(_figure(each) for each in entry["figure"]))
        for entry in document["claim"]
    )


def judge(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> tuple[Judged, ...]:
    """Every claim, judged by a run: the frame of `bench.load_run`, and the tables of `bench.load_workflow`."""
    run = frame.attrs["run"]
    simulated = bool(run["board"]["simulated"])
    sources = {**tables, RATIOS: _ratios(frame)}
    judged = []
    for claim in load_claims():
        found = tuple(
            replace(each, unit=unit_text(run)) if each.unit == TICKS else each
            for each in (_found(figure, sources, simulated) for figure in claim.figures)
        )
        judged.append(Judged(claim, _verdict(found), found))
    return tuple(judged)


def _verdict(found: tuple[Found, ...]) -> str:
    if any(each.bearing == ABSENT and each.figure.decides for each in found):
        return NOT_MEASURED
    bearings = {each.bearing for each in found}
    if CONTRADICTS in bearings:
        return FAILS
    return LIMITED if LIMITS in bearings else HOLDS


def _found(figure: Figure, sources: Mapping[str, pd.DataFrame], simulated: bool) -> Found:
    value, origins = _value(figure, sources)
    if math.isnan(value):
        return Found(figure, value, figure.unit, "", ABSENT)
    origin = next(
        (word for word in (_CONSTRUCTION, "computed") if word in origins),
        "simulated" if simulated and not figure.host else "measured",
    )
    if figure.holds and meets(value, figure.holds):
        # What nobody saw happen can be no more than a reason to believe it.
        bearing = LIMITS if origin == _CONSTRUCTION else SUPPORTS
    elif figure.limits and meets(value, figure.limits):
        bearing = LIMITS
    else:
        bearing = figure.otherwise
    return Found(figure, value, figure.unit, origin, bearing)


def meets(value: float, condition: str) -> bool:
    """Whether a value meets a condition such as `>= 2`; InputError where that is none."""
    found = _CONDITION.fullmatch(condition)
    if found is None:
        raise InputError(f"{FILE.name}: expected a condition such as '>= 2', got {condition!r}")
    limit = float(found[2])
    return {"<=": value <= limit, ">=": value >= limit, "<": value < limit, ">": value > limit}[found[1]]


def _value(figure: Figure, sources: Mapping[str, pd.DataFrame]) -> tuple[float, set[str]]:
    """The figure and the words in the column `how` of all rows that it is taken of."""
    above: dict[str, Any] = {"part": figure.part, "column": figure.column, "where": figure.where or {}}
    numerator = _rows(above, sources)
    if figure.over is None:
        return _taken(_numbers(numerator, figure.column, figure.take), figure.take), _origins(numerator)
    where = {**(figure.where or {}), **figure.over.get("where", {})}
    below: dict[str, Any] = {**above, **figure.over, "where": where}
    divisor = _rows(below, sources)
    origins = _origins(numerator) | _origins(divisor)
    if not figure.each:
        low = _taken(_numbers(divisor, below["column"], figure.take), figure.take)
        high = _taken(_numbers(numerator, figure.column, figure.take), figure.take)
        return (high / low if low else math.nan), origins
    keys = list(figure.each)
    if numerator.empty or divisor.empty:
        return math.nan, origins
    high_each = numerator.groupby(keys)[figure.column].sum(min_count=1).astype("float64")
    low_each = divisor.groupby(keys)[below["column"]].sum(min_count=1).astype("float64")
    ratios = (high_each / low_each[low_each > 0]).dropna()
    return _taken(ratios, figure.take), origins


def _rows(wanted: Mapping[str, Any], sources: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    rows = sources.get(wanted["part"], pd.DataFrame())
    for column, value in wanted["where"].items():
        if column not in rows.columns:
            return pd.DataFrame()
        rows = rows[rows[column].isin(value if isinstance(value, list) else [value])]
    return rows


def _numbers(rows: pd.DataFrame, column: str, take: str) -> pd.Series:
    if column not in rows.columns:
        return pd.Series(dtype="float64")
    return rows[column] if take == "count" else pd.to_numeric(rows[column], errors="coerce").dropna().astype("float64")


def _taken(values: pd.Series, take: str) -> float:
    if values.empty:
        return math.nan
    if take == "geometric_mean":
        return math.exp(float(values.map(math.log).mean())) if (values > 0).all() else math.nan
    return float(getattr(values, take)())


def _origins(rows: pd.DataFrame) -> set[str]:
    return set(rows["how"]) if "how" in rows.columns else set()


def _ratios(frame: pd.DataFrame) -> pd.DataFrame:
    """One row: mean, least and greatest of the matched workloads' overhead ratios at their largest n."""
    if frame.empty:
        return pd.DataFrame()
    rows = headline(overhead_ratios(headline_only(frame)).dropna(subset="ratio"))
    if len(rows) < 2:
        return pd.DataFrame()
    return pd.DataFrame({"ratio": [*rows["ratio"], overall_mean(rows).value], "of": [*rows["group"], "mean"]})


def _figure(entry: Mapping[str, Any]) -> Figure:
    if entry["take"] not in _TAKES or entry["otherwise"] not in _ORDER:
        raise InputError(f"{FILE.name}: {entry['label']}: take is one of {_TAKES}, otherwise one of {_ORDER}")
    for name in ("holds", "limits"):
        if name in entry:
            meets(0.0, entry[name])
    return Figure(**{**entry, "each": tuple(entry.get("each", ()))})
