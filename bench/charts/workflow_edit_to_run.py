"""From a saved change to the running program: the steps of each way as a stack, a panel a kind of change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bench.charts.style import Look, look, plain, sentence
from bench.errors import InputError
from bench.labels import origin_text

WAYS: Mapping[str, str] = {
    "platformio": "C++, PlatformIO",
    "raw_paste": "MicroPython, REPL",
    "file_copy": "MicroPython, file",
    "mpy": "MicroPython, .mpy",
}
SIZES = ("small", "medium", "large")
SCENARIOS: Mapping[str, str] = {
    "one_line": "one line changed",
    "shared_header": "shared header or module",
    "fresh_clone": "fresh clone: everything",
}
# In the order in which they happen: what each is called, and the colour of which group it has.
STEPS: Mapping[str, tuple[str, str]] = {
    "build_tool": ("PlatformIO and SCons: start, scan", "idiomatic"),
    "compile": ("compile", "control"),
    "link": ("link", "calls"),
    "tool_start": ("esptool or mpremote starts", "data"),
    "connect": ("connect to the bootloader", "data"),
    "transfer": ("transfer", "float"),
    "flash_write": ("erase and write flash", "machine"),
    "verify": ("compare the flash", "machine"),
    "reset_boot": ("reset, boot", "integer"),
    "first_output": ("to the first line", "integer"),
}
_GAP = 0.6  # between two sizes, in rows
_HATCH = "////"
_AROUND, _LABEL = 15, 10  # em for names beside the panels, and for the figures behind a bar
_FEW = 9  # rows up to which the text keeps its size


def edit_to_run_chart(frame: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
    """Seconds of each step that are in the total, stacked; computed ones hatched; beside it what the board executed.

    Where figures of several speeds of the line are there, those of the slowest. InputError where there is no figure.
    """
    rows = figures(frame)
    bars = _placed(rows)
    face = look(size, style)
    face = face if len(bars) <= _FEW else face.dense()
    scenarios = [name for name in SCENARIOS if name in set(rows["scenario"])]
    with face.applied():
        figure = face.figure(face.rows_height(float(bars["place"].max()) + 2.4, around=15))
        panels = figure.subplots(1, len(scenarios), squeeze=False, sharey=True, sharex=True)[0]
        for axes, scenario in zip(panels, scenarios, strict=True):
            _draw(axes, rows[rows["scenario"] == scenario], bars, face)
            axes.set_title(SCENARIOS[scenario])
        _finish_axes(panels[0], bars, float(rows["total_s"].max()), face)
        _explain(panels[0], rows, face)
        return face.finish(figure, frame, _title(rows), _subtitle(rows), panels[0])


def figures(frame: pd.DataFrame) -> pd.DataFrame:
    """A row a step with seconds in the total: scenario, size, way, step, how, time_s, total_s, board (instructions)."""
    baud = frame.groupby("way")["baud"].transform("min")
    rows = frame[frame["baud"].isna() | (frame["baud"] == baud).fillna(False)]
    keys = ["scenario", "size", "way"]
    totals = rows[rows["step"] == "total"].set_index(keys)[["time_s", "instructions", "baud"]]
    steps = rows[(rows["in_total"] == 1) & rows["step"].isin(list(STEPS))]
    if totals.empty or steps.empty:
        raise InputError(
            "nothing of the way from edit to run was measured to its end: measure it with `bench workflow`"
        )
    steps = steps[[*keys, "step", "how", "time_s"]].join(
        totals.rename(columns={"time_s": "total_s", "instructions": "board"}), on=keys
    )
    steps.attrs = dict(frame.attrs)
    return steps.reset_index(drop=True)


def caption(frame: pd.DataFrame) -> str:
    """One paragraph to stand below the chart."""
    rows = figures(frame)
    computed = (
        "Hatched steps are computed from the bytes that would be sent and written, the others measured on the "
        "computer; what the simulated board itself does is given in instructions, which are no time. "
        if _is_computed(rows)
        else "Every step was measured. "
    )
    return (
        "Seconds from a saved change to the first line of the new program, medians. "
        f"{computed}{sentence(_subtitle(rows))} {sentence(origin_text(frame.attrs['run']))}"
    )


def alt_text(frame: pd.DataFrame) -> str:
    """The figures of the chart in words."""
    rows = figures(frame)
    texts = []
    for (scenario, size, way), mine in rows.groupby(["scenario", "size", "way"], sort=False):
        parts = ", ".join(
            f"{STEPS[row['step']][0]} {seconds_text(row['time_s'])}"
            + (" (computed)" if row["how"] == "computed" else "")
            for row in mine.to_dict("records")
        )
        name = f"{SCENARIOS.get(str(scenario), scenario)}, {size}, {WAYS.get(str(way), way)}"
        texts.append(f"{name}: {seconds_text(mine['total_s'].iloc[0])} ({parts}){_board_text(mine['board'].iloc[0])}")
    return f"From a saved change to the running program: {'; '.join(texts)}."


def seconds_text(seconds: float) -> str:
    """Seconds as a person reads them: 83 ms, 0.37 s, 12.4 s."""
    if seconds < 0.0995:
        return f"{1000 * seconds:.0f} ms" if seconds >= 0.00095 else f"{1000 * seconds:.1f} ms"
    return f"{seconds:.{2 if seconds < 9.995 else 1 if seconds < 99.95 else 0}f} s"


def _placed(rows: pd.DataFrame) -> pd.DataFrame:
    """A row a bar: size, way, and its place from above."""
    bars = rows[["size", "way"]].drop_duplicates()
    known = {name: place for place, name in enumerate([*SIZES, *WAYS])}
    rank = lambda names: names.map(lambda name: known.get(name, len(known)))  # noqa: E731
    bars = bars.sort_values(["size", "way"], key=rank, ignore_index=True)
    starts = bars["size"].ne(bars["size"].shift())
    return bars.assign(place=[float(place) for place in range(len(bars))] + _GAP * (starts.cumsum() - 1))


def _draw(axes: Axes, rows: pd.DataFrame, bars: pd.DataFrame, face: Look) -> None:
    edge: Any = {"edgecolor": face.palette.background, "linewidth": 0.03 * face.size.points}
    for bar in bars.to_dict("records"):
        mine = rows[(rows["size"] == bar["size"]) & (rows["way"] == bar["way"])].set_index("step")
        left = 0.0
        for step in (name for name in STEPS if name in mine.index):
            length, how = float(mine.loc[step, "time_s"]), str(mine.loc[step, "how"])
            colour = face.palette.group(STEPS[step][1])
            axes.barh(
                bar["place"], length, 0.76, left, color=colour, hatch=_HATCH if how == "computed" else None, **edge
            )
            left += length
        if left:
            axes.annotate(
                seconds_text(mine["total_s"].iloc[0]) + _board_text(mine["board"].iloc[0]),
                (left, bar["place"]),
                xytext=(0.4, 0),
                textcoords="offset fontsize",
                va="center",
                fontsize=face.second,
            )


def _finish_axes(axes: Axes, bars: pd.DataFrame, longest: float, face: Look) -> None:
    """For all panels: they share both axes."""
    axes.set_yticks(bars["place"], [plain(WAYS.get(name, name)) for name in bars["way"]])
    axes.set_ylim(float(bars["place"].max()) + 0.7, -0.9)
    panels = len(axes.figure.axes)
    width = (face.size.width - _AROUND * face.em - (panels - 1) * 2 * face.em) / panels
    label = _LABEL * face.second / 72
    axes.set_xlim(0, longest / (1 - min(0.8, label / width)))
    for panel in axes.figure.axes:
        panel.tick_params(axis="y", length=0)
        panel.xaxis.set_major_locator(MaxNLocator(4, prune="upper"))
        panel.set_xlabel("seconds")
        panel.grid(axis="x")
    last = axes.figure.axes[-1]
    for size, members in bars.groupby("size", sort=False):
        last.annotate(
            plain(size),
            (1, members["place"].mean()),
            xycoords=("axes fraction", "data"),
            xytext=(0.7, 0),
            textcoords="offset fontsize",
            va="center",
            rotation=90,
            fontweight="bold",
            color=face.palette.quiet,
        )


def _explain(axes: Axes, rows: pd.DataFrame, face: Look) -> None:
    """Names for the legend: each colour once, with all steps that have it, and what the hatching means."""
    by_colour: dict[str, list[str]] = {}
    for step, (name, group) in STEPS.items():
        if (rows["step"] == step).any():
            by_colour.setdefault(group, []).append(name)
    edge: Any = {"edgecolor": face.palette.background, "linewidth": 0.03 * face.size.points}
    for group, names in by_colour.items():
        axes.barh(0, 0, color=face.palette.group(group), label=", ".join(names), **edge)
    if _is_computed(rows):
        axes.barh(0, 0, color=face.palette.quiet, hatch=_HATCH, label="computed", **edge)


def _is_computed(rows: pd.DataFrame) -> bool:
    return bool((rows["how"] == "computed").any())


def _board_text(instructions: object) -> str:
    if instructions is None or pd.isna(instructions):  # type: ignore[call-overload]
        return ""
    return f" + {float(str(instructions)) / 1e6:.1f} M"


def _title(rows: pd.DataFrame) -> str:
    lines = rows[rows["scenario"] == "one_line"].drop_duplicates(["size", "way"])
    cpp, mpy = lines[lines["way"] == "platformio"]["total_s"], lines[lines["way"] == "raw_paste"]["total_s"]
    if cpp.empty or mpy.empty:
        return "From a saved change to the running program"
    return f"A changed line runs after {_range(mpy)} in MicroPython, {_range(cpp)} in C++"


def _range(seconds: pd.Series) -> str:
    low, high = seconds_text(seconds.min()), seconds_text(seconds.max())
    if low.partition(" ")[2] == high.partition(" ")[2]:  # one unit for both
        low = low.partition(" ")[0] if low != high else low
    return low if low == high else f"{low} to {high}"


def _subtitle(rows: pd.DataFrame) -> str:
    speeds = sorted({int(baud) for baud in rows["baud"].dropna()})
    line = f"serial line at {' and '.join(map(str, speeds))} baud" if speeds else "no serial line"
    board = (
        "; seconds of the host and of the computed line and flash; + M: million instructions of the simulated board, "
        "no time"
        if rows["board"].notna().any()
        else ""
    )
    return f"steps in the order in which they happen, medians; {line}{board}"
