"""Charts with a row a workload: many rows stand in two columns of smaller text, so that they still fit a slide."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.catalogue import GROUPS, IDIOMATIC
from bench.charts.style import Look, plain

_MANY = 20  # rows from which on they stand in two columns
_GAP = 0.55  # between two groups, in rows


def row_panels(rows: pd.DataFrame, face: Look, around: float) -> tuple[Look, Figure, list[tuple[Axes, pd.DataFrame]]]:
    """The look for so many rows, an empty figure, and its axes with the rows that each shows, named at the left.

    `rows` has a row a workload (workload, group, n), groups together; each panel's rows get `place`, their height.
    `around` is the height of all else in em.
    """
    many = len(rows) > _MANY
    parts = _halves(rows) if many else [rows]
    face = face.dense() if many else face
    placed = [_placed(part) for part in parts]
    height = max(float(part["place"].iloc[-1]) for part in placed) + 1.4
    with face.applied():
        figure = face.figure(face.rows_height(height, around=around))
        panels = list(figure.subplots(1, len(placed), squeeze=False)[0])
    for axes, part in zip(panels, placed, strict=True):
        names = [plain(row.workload) + ("" if many else f"  (n = {row.n})") for row in part.itertuples()]
        axes.set_yticks(part["place"], names)
        axes.set_ylim(height - 0.7, -0.7)
        axes.tick_params(axis="y", length=0)
    return face, figure, list(zip(panels, placed, strict=True))


def name_groups(axes: Axes, rows: pd.DataFrame, face: Look, offset: float = 0.7) -> None:
    """Write each group's name beside its rows, and below that of the idiomatic ones that they are in no mean."""
    for group, members in rows.groupby("group", sort=False):
        name, middle = str(group), members["place"].mean()
        apart = name == IDIOMATIC
        for text, weight, shift in ((plain(name), "bold", 0.6), ("not in the mean", "normal", -0.6))[: 1 + apart]:
            axes.annotate(
                text,
                (1, middle),
                xycoords=("axes fraction", "data"),
                xytext=(offset, shift if apart else 0),
                textcoords="offset fontsize",
                va="center",
                color=face.palette.group(name),
                fontweight=weight,
            )


def in_order(groups: Iterable[str]) -> list[str]:
    """The names of groups as the catalogue orders them: unknown ones behind the known, the one apart at the end."""
    ranks = {name: float(place) for place, name in enumerate(GROUPS)}
    return sorted(groups, key=lambda name: ranks.get(name, ranks[IDIOMATIC] - 0.5))


def _placed(rows: pd.DataFrame) -> pd.DataFrame:
    starts = rows["group"].ne(rows["group"].shift())
    return rows.assign(place=[float(place) for place in range(len(rows))] + _GAP * (starts.cumsum() - 1))


def _halves(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """Two parts of about the same length, cut between two groups where that does not make one much longer."""
    middle = len(rows) / 2
    starts = [place for place in range(1, len(rows)) if rows["group"].iloc[place] != rows["group"].iloc[place - 1]]
    nearest = min(starts, key=lambda place: abs(place - middle), default=0)
    cut = nearest if abs(nearest - middle) <= 0.12 * len(rows) else -(-len(rows) // 2)
    return [rows.iloc[:cut], rows.iloc[cut:]]
