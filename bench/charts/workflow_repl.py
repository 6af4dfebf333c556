"""What an expression takes to be tried: a stacked bar a way, in seconds, with the attempts that fit into a minute."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bench.charts.style import Look, look, plain, sentence
from bench.errors import InputError
from bench.labels import origin_text
from bench.workflow.repl import ARDUINO, ATTEMPT, FRIENDLY, RAW, RAW_PASTE, STEPS, TYPED_A_MINUTE

WAY_NAMES = {FRIENDLY: "prompt", RAW: "raw REPL", RAW_PASTE: "raw paste", ARDUINO: "Arduino"}
STEP_NAMES = {
    "typing": "typing (assumed speed)",
    "exchange": "there and back",
    "line": "serial line",
    "build": "PlatformIO builds",
    "upload": "upload",
    "flash_write": "flash is written",
    "start": "board starts",
}
_COLOURS = ("idiomatic", "control", "machine", "float", "data", "calls", "integer")
_LEAST_SHARE = 0.002  # of the longest bar, for a step to be seen
_GAP = 0.6  # between two expressions, in rows


def repl_chart(frame: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """Seconds of an attempt by way and expression, stacked by step; the frame is the part `repl`.

    InputError where it has no attempts.
    """
    rows = figures(frame)
    face = look(size, style)
    height = float(rows["place"].max()) + 1.4
    longest = float(rows["time_s"].max())
    with face.applied():
        figure = face.figure(face.rows_height(height, around=12))
        axes = figure.subplots()
        _draw(axes, rows, frame, face)
        _write_figures(axes, rows, frame)
        axes.set_yticks(rows["place"], [_row_name(row) for row in rows.to_dict("records")])
        axes.set_ylim(height - 0.7, -0.7)
        axes.tick_params(axis="y", length=0)
        axes.set_xlim(0, 1.8 * longest)
        axes.xaxis.set_major_locator(MaxNLocator(6, prune="upper"))
        axes.set_xlabel("seconds")
        axes.grid(axis="x")
        return face.finish(figure, frame, _title(rows), _subtitle(frame), axes)


def figures(frame: pd.DataFrame) -> pd.DataFrame:
    """The attempts with their `place`, by expression and way. InputError where there are none."""
    rows = frame[(frame["step"] == ATTEMPT) & frame["time_s"].gt(0) & frame["per_minute"].gt(0)]
    if rows.empty:
        raise InputError("no attempts at an expression: nothing to chart")
    order = {way: place for place, way in enumerate(WAY_NAMES)}
    expressions = {name: place for place, name in enumerate(dict.fromkeys(frame["expression"]))}
    rows = rows.assign(
        expression_place=rows["expression"].map(expressions),
        way_place=rows["way"].map(order).fillna(len(order)),
    ).sort_values(["expression_place", "way_place", "baud"], ignore_index=True)
    starts = rows["expression"].ne(rows["expression"].shift())
    return rows.assign(place=[float(place) for place in range(len(rows))] + _GAP * (starts.cumsum() - 1))


def caption(frame: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    return (
        "From the first key to the value on the screen, for the same expression by each of MicroPython's REPLs and in "
        f"an Arduino sketch that is built, sent and started. {sentence(_subtitle(frame))} "
        f"{sentence(origin_text(frame.attrs['run']))}"
    )


def alt_text(frame: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    texts = [
        f"{plain(row['expression'])}, {_way_text(row)}: {row['time_s']:.1f} s, {row['per_minute']:.0f} a minute"
        for row in figures(frame).to_dict("records")
    ]
    return f"Seconds to try an expression, and attempts a minute: {'; '.join(texts)}."


def parts_of(frame: pd.DataFrame, row: dict[Any, Any]) -> pd.DataFrame:
    """The steps whose times add up to an attempt, in order."""
    mine = frame[(frame["expression"] == row["expression"]) & (frame["way"] == row["way"])]
    mine = mine[(mine["step"] != ATTEMPT) & (mine["in_total"] == 1)]
    mine = mine[mine["baud"].isna() | (mine["baud"] == row["baud"]).fillna(False)]
    ordered: pd.DataFrame = mine.sort_values("step", key=lambda steps: steps.map(STEPS.index))
    return ordered


def _draw(axes: Axes, rows: pd.DataFrame, frame: pd.DataFrame, face: Look) -> None:
    visible = _LEAST_SHARE * rows["time_s"].max()
    named: set[str] = set()
    edge: Any = {"edgecolor": face.palette.background, "linewidth": 0.04 * face.size.points}
    for row in rows.to_dict("records"):
        left = 0.0
        for step in parts_of(frame, row).to_dict("records"):
            name, seconds = step["step"], step["time_s"]
            colour = face.palette.group(_COLOURS[STEPS.index(name)])
            shown = seconds >= visible and name not in named
            named |= {name} if shown else set()
            label = STEP_NAMES[name] if shown else None
            axes.barh(row["place"], seconds, 0.72, left=left, color=colour, label=label, **edge)
            left += seconds


def _write_figures(axes: Axes, rows: pd.DataFrame, frame: pd.DataFrame) -> None:
    """Beside each bar the attempts that fit into a minute, and what of one is not typing."""
    for row in rows.to_dict("records"):
        parts = parts_of(frame, row)
        rest = seconds_text(float(parts.loc[parts["step"] != "typing", "time_s"].sum()))
        axes.annotate(
            f"{row['per_minute']:.0f} a minute; {rest} without typing",
            (row["time_s"], row["place"]),
            xytext=(0.4, 0),
            textcoords="offset fontsize",
            va="center",
        )


def seconds_text(seconds: float) -> str:
    """A time as it is read: 2.5 ms, 320 ms, 1.6 s."""
    if seconds >= 1:
        return f"{seconds:.1f} s"
    return f"{1000 * seconds:.0f} ms" if seconds >= 0.01 else f"{1000 * seconds:.1f} ms"


def _row_name(row: dict[Any, Any]) -> str:
    return f"{plain(row['expression'])}  {_way_text(row)}"


def _way_text(row: dict[Any, Any]) -> str:
    return f"{WAY_NAMES.get(row['way'], plain(row['way']))}, {int(row['baud'])} baud"


def _title(rows: pd.DataFrame) -> str:
    prompt, sketch = (rows[rows["way"] == way]["per_minute"] for way in (FRIENDLY, ARDUINO))
    if prompt.empty or sketch.empty:
        return "How long it takes to try an expression"
    return f"Expressions a minute: {_range_text(prompt)} at the prompt, {_range_text(sketch)} in a sketch"


def _range_text(values: pd.Series) -> str:
    low, high = f"{values.min():.0f}", f"{values.max():.0f}"
    return low if low == high else f"{low} to {high}"


def _subtitle(frame: pd.DataFrame) -> str:
    text = f"typing at {TYPED_A_MINUTE} characters a minute is an assumption, thinking is left out"
    if frame.attrs["run"]["board"]["simulated"]:
        text += (
            "; line and flash are computed, builds measured on the host; not counted are esptool's start and "
            "what the simulated board takes; its images have some KB, a chip's some hundred, which take longer"
        )
    return text
