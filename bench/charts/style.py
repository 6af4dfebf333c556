"""What all charts share: sizes, palettes, the title and subtitle above, and where the figures come from below."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from bench.errors import InputError
from bench.labels import printable, provenance_text

NO_BREAK = "\N{NO-BREAK SPACE}"
LANGUAGE_MARKERS = {"arduino": "o", "micropython": "s"}
_NAME_LIMIT = 26  # characters of a name from a run that a chart has room for
_LONG_N = 100_000  # a panel has room for two such numbers
_EDGE = 0.012  # empty share of the width at both sides
_TICKS = {"width": 0.06, "size": 0.25, "pad": 0.25}  # of the size of the text
_DENSE = 0.68  # of the usual text, where there is much to show
_PLAIN_WIDTH, _BOLD_WIDTH = 0.56, 0.64  # of a character of the font, as a share of its size, on the safe side


@dataclass(frozen=True)
class Size:
    """A kind of page: inches (the height is the least one), points of text, small text and title, pixels per inch."""

    width: float
    height: float
    points: float
    small: float
    title: float
    dpi: int


SIZES = {
    "slide": Size(12.0, 6.75, 14, 9, 18, 160),  # 16:9, 1920 pixels wide
    "page": Size(6.5, 4.4, 8, 6, 10, 300),  # the text width of A4 and Letter
    "poster": Size(24.0, 16.0, 28, 18, 38, 100),
}


@dataclass(frozen=True)
class Palette:
    """Colours after Okabe and Ito, told apart with every common kind of colour blindness.

    They are darkened (light) or lightened (dark) to a contrast of 4.5 with the background: some of them colour text.
    """

    background: str
    text: str
    quiet: str  # second to the text: subtitle, signature, reference lines
    grid: str
    languages: Mapping[str, str]
    groups: Mapping[str, str]

    @property
    def colours(self) -> tuple[str, ...]:
        """All colours, in the same order in every palette."""
        single = (self.background, self.text, self.quiet, self.grid)
        return (*single, *self.languages.values(), *self.groups.values())

    def group(self, name: str) -> str:
        """The colour of a group of workloads, known or not."""
        return self.groups.get(name, self.quiet)


STYLES = {
    "light": Palette(
        background="#ffffff",
        text="#1a1a1a",
        quiet="#555555",
        grid="#dddddd",
        languages={"arduino": "#0072B2", "micropython": "#C24F00"},
        groups={
            "control": "#0072B2",
            "integer": "#007F5C",
            "float": "#C24F00",
            "data": "#8C6A00",
            "calls": "#5D54A4",
            "machine": "#A9467F",
            "idiomatic": "#5F6B73",
        },
    ),
    "dark": Palette(
        background="#15191e",
        text="#f0f0f0",
        quiet="#b4bac1",
        grid="#3a4149",
        languages={"arduino": "#56B4E9", "micropython": "#F28C4B"},
        groups={
            "control": "#56B4E9",
            "integer": "#2FC79A",
            "float": "#F28C4B",
            "data": "#E3C34B",
            "calls": "#A79BEA",
            "machine": "#E29CC5",
            "idiomatic": "#A9B4BC",
        },
    ),
}


@dataclass(frozen=True)
class Look:
    """A size and a palette: makes figures and writes on them."""

    size: Size
    palette: Palette

    @property
    def em(self) -> float:
        """The size of the text, in inches: the measure of all distances."""
        return self.size.points / 72

    @property
    def second(self) -> float:
        """The size of text that stands back, in points."""
        return max(self.size.small, 0.86 * self.size.points)

    @property
    def rc(self) -> Any:
        """Settings of matplotlib while a figure is drawn."""
        return {
            "font.size": self.size.points,
            "axes.titlesize": self.size.points,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.axisbelow": True,
            "axes.linewidth": 0.06 * self.size.points,
            "grid.linewidth": 0.06 * self.size.points,
            **{f"{axis}tick.major.{part}": share * self.size.points for axis in "xy" for part, share in _TICKS.items()},
            "lines.linewidth": 0.14 * self.size.points,
            "lines.markersize": 0.4 * self.size.points,
            "figure.facecolor": self.palette.background,
            "axes.facecolor": self.palette.background,
            "text.color": self.palette.text,
            "axes.labelcolor": self.palette.text,
            "axes.edgecolor": self.palette.quiet,
            "xtick.color": self.palette.quiet,
            "ytick.color": self.palette.quiet,
            "xtick.labelcolor": self.palette.text,
            "ytick.labelcolor": self.palette.text,
            "grid.color": self.palette.grid,
            "legend.frameon": False,
        }

    def dense(self) -> Look:
        """The same look with text as small as can be read, for charts of many rows or panels."""
        return replace(self, size=replace(self.size, points=max(self.size.small, _DENSE * self.size.points)))

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Everything made inside has this look."""
        with matplotlib.rc_context(self.rc):
            yield

    def figure(self, height: float | None = None) -> Figure:
        """An empty figure, at least as high as the size says; `height` in inches. It needs no pyplot and no display."""
        figure = Figure(figsize=(self.size.width, max(self.size.height, height or 0)))
        FigureCanvasAgg(figure)
        return figure

    def rows_height(self, rows: float, around: float) -> float:
        """The figure height, in inches, for rows of text with `around` em beside them.

        Rows move closer together before the figure grows beyond its size.
        """
        nearest, widest = 1.45 * self.em * rows, 2.2 * self.em * rows
        room = self.size.height - around * self.em
        return around * self.em + min(max(nearest, room), widest)

    def finish(
        self, figure: Figure, frame: pd.DataFrame, title: str, subtitle: str, legend: Axes | None = None
    ) -> Figure:
        """Write title, subtitle, the legend of some axes and provenance, and fit all axes between them."""
        height = figure.get_figheight()
        top = 0.5 * self.em
        top = self._write(figure, top, title, points=self.size.title, weight="bold", color=self.palette.text)
        top = self._write(figure, top, subtitle, points=self.second, color=self.palette.quiet)
        if legend is not None:
            top = self._explain(figure, top + 0.3 * self.em, legend)
        lines = self._wrapped(_broken_between_parts(provenance_text(frame.attrs["run"])), self.size.small)
        line = 1.3 * self.size.small / 72
        style: Any = {"fontsize": self.size.small, "color": self.palette.quiet, "va": "bottom"}
        figure.text(_EDGE, 0.5 * line / height, "\n".join(lines).replace(NO_BREAK, " "), **style)
        figure.tight_layout(rect=(0, (1 + len(lines)) * line / height, 1, 1 - (top + 0.4 * self.em) / height))
        return figure

    def _write(self, figure: Figure, top: float, text: str, points: float, **style: Any) -> float:
        """Write wrapped lines `top` inches below the upper edge; gives where they end."""
        lines = self._wrapped(text, points, _BOLD_WIDTH if "weight" in style else _PLAIN_WIDTH)
        height = 1 - top / figure.get_figheight()
        figure.text(_EDGE, height, "\n".join(lines), fontsize=points, va="top", **style)
        return top + 1.32 * len(lines) * points / 72

    def _explain(self, figure: Figure, top: float, axes: Axes) -> float:
        """Put the legend of some axes `top` inches below the upper edge; gives where it ends."""
        handles, labels = axes.get_legend_handles_labels()
        longest = max(len(label) for label in labels) * _PLAIN_WIDTH + 4
        columns = max(1, int(self.size.width / self.em / longest))
        figure.legend(
            handles,
            labels,
            loc="upper left",
            bbox_to_anchor=(_EDGE, 1 - top / figure.get_figheight()),
            ncols=columns,
            borderpad=0,
            borderaxespad=0,
            handlelength=1.8,
        )
        return top + 1.6 * self.em * -(-len(labels) // columns)

    def _wrapped(self, text: str, points: float, character: float = _PLAIN_WIDTH) -> list[str]:
        room = self.size.width * (1 - 2 * _EDGE) * 72
        return textwrap.wrap(text.replace("$", r"\$"), width=int(room / (character * points)))


def sentence(text: str) -> str:
    """The text with a capital letter and a full stop."""
    return f"{text[0].upper()}{text[1:]}."


def _broken_between_parts(text: str) -> str:
    """Provenance with spaces that do not break, but for those after the dots between its parts."""
    return text.replace(" ", NO_BREAK).replace(f"{NO_BREAK}·{NO_BREAK}", f"{NO_BREAK}· ")


def look(size: str = "slide", style: str = "light") -> Look:
    """The look of that name: InputError, which lists the known ones, where there is none."""
    if size not in SIZES:
        raise InputError(f"no size {size!r}; known: {', '.join(SIZES)}")
    if style not in STYLES:
        raise InputError(f"no style {style!r}; known: {', '.join(STYLES)}")
    return Look(SIZES[size], STYLES[style])


def plain(text: object, limit: int = _NAME_LIMIT) -> str:
    """Text from a run as matplotlib shows it literally: shortened, and no formula between dollar signs."""
    whole = printable(text, limit + 1)
    shown = whole if len(whole) <= limit else whole[: limit - 1] + "…"
    return shown.replace("$", r"\$")


def log_marks(low: float, high: float, room: int = 8) -> list[float]:
    """Round values from `low` to `high` for a logarithmic axis: 1, 2, 5 a decade, or fewer where they are too many.

    Where less than two of them lie in so narrow a range, round values at equal distances.
    """
    decades = range(-12, 19)
    for steps, every in (((1, 2, 5), 1), ((1,), 1), ((1,), 2), ((1,), 3), ((1,), 6)):
        marks = [s * 10.0**d for d in decades if d % every == 0 for s in steps if low <= s * 10.0**d <= high]
        if len(marks) <= room:
            break
    if len(marks) < 2:
        marks = [float(mark) for mark in MaxNLocator(room).tick_values(low, high) if low <= mark <= high]
    return marks


def ratio_axis(axes: Axes, low: float, high: float, which: str = "x", room: int = 8) -> None:
    """A logarithmic axis of ratios from `low` to `high`, marked 1×, 10×, 100×."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    set_scale, set_limits = (axes.set_xscale, axes.set_xlim) if which == "x" else (axes.set_yscale, axes.set_ylim)
    set_scale("log")
    set_limits(low, high)
    marks = log_marks(low, high, room)
    axis.set_ticks(marks, [f"{mark:g}×" if mark < 1e5 else f"{mark:.0e}×" for mark in marks])
    axis.set_minor_locator(NullLocator())
    axes.grid(axis="x" if which == "x" else "y")


def size_axis(axes: Axes, sizes: pd.Series) -> None:
    """A logarithmic axis of n, marked at the smallest, the largest, and one in the middle where there is room."""
    known = sorted(int(n) for n in sizes.unique())
    first, last = known[0], known[-1]
    middle = [n for n in known if first**0.65 * last**0.35 <= n <= first**0.35 * last**0.65 and last < _LONG_N]
    shown = sorted({first, *middle[len(middle) // 2 :][:1], last})
    axes.set_xscale("log")
    axes.set_xticks(shown, [str(n) for n in shown])
    axes.xaxis.set_minor_locator(NullLocator())
