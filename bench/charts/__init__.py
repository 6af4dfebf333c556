"""Charts of a run: a data frame in, a figure or files out. Each chart is one function and useful alone.

A module a chart, with `figures` (the rows it draws; InputError where the run has none), `caption` and `alt_text`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from bench.charts import distribution, emitters, groups, memory, overhead, published, scaling
from bench.charts.distribution import distribution_chart
from bench.charts.emitters import emitter_chart
from bench.charts.groups import group_chart
from bench.charts.memory import memory_chart
from bench.charts.overhead import overhead_chart
from bench.charts.published import published_chart
from bench.charts.scaling import scaling_chart
from bench.charts.style import SIZES, STYLES, look
from bench.errors import InputError, ToolError

__all__ = [
    "CHARTS",
    "FORMATS",
    "SIZES",
    "STYLES",
    "alt_text",
    "available",
    "caption",
    "distribution_chart",
    "emitter_chart",
    "group_chart",
    "memory_chart",
    "overhead_chart",
    "published_chart",
    "save_charts",
    "save_figure",
    "scaling_chart",
]

CHARTS: Mapping[str, Callable[..., Figure]] = {
    "overhead": overhead_chart,
    "groups": group_chart,
    "scaling": scaling_chart,
    "distribution": distribution_chart,
    "emitters": emitter_chart,
    "memory": memory_chart,
    "published": published_chart,
}
FORMATS = ("png", "svg", "pdf")
_MODULES: Mapping[str, ModuleType] = {
    "overhead": overhead,
    "groups": groups,
    "scaling": scaling,
    "distribution": distribution,
    "emitters": emitters,
    "memory": memory,
    "published": published,
}


def available(frame: pd.DataFrame) -> list[str]:
    """The names of the charts that the run has figures for."""
    return [name for name in CHARTS if _has_figures(name, frame)]


def caption(name: str, frame: pd.DataFrame) -> str:
    """One paragraph to stand below the chart of that name."""
    return str(_MODULES[name].caption(frame))


def alt_text(name: str, frame: pd.DataFrame) -> str:
    """The chart of that name for who cannot see it: its figures in words."""
    return str(_MODULES[name].alt_text(frame))


def save_charts(
    frame: pd.DataFrame,
    folder: Path,
    formats: tuple[str, ...] = ("png", "svg"),
    size: str = "slide",
    style: str = "light",
) -> list[Path]:
    """Draw the charts that the run has figures for and write them. Gives the files; ToolError where one cannot be.

    InputError where the run has not even an overhead ratio, or a name of a format, size or style is unknown.
    """
    for name in formats:
        if name not in FORMATS:
            raise InputError(f"no format {name!r}; known: {', '.join(FORMATS)}")
    look(size, style)
    written = []
    for name, draw in CHARTS.items():
        try:
            figure = draw(frame, size=size, style=style)
        except InputError:
            if name == "overhead":
                raise
            continue  # a quick run has one n a workload, there may be no variants, no memory figures, nothing published
        written += [save_figure(figure, folder / f"{name}.{suffix}", size) for suffix in formats]
    return written


def _has_figures(name: str, frame: pd.DataFrame) -> bool:
    try:
        _MODULES[name].figures(frame)
    except InputError:
        return False
    return True


def save_figure(figure: Figure, path: Path, size: str = "slide") -> Path:
    """Write a chart. ToolError where it cannot be.

    The same figure gives the same bytes: it is not dated, and nothing in it is named at random.
    """
    metadata: dict[str, Any] = {
        ".svg": {"Date": None},
        ".png": {"Software": None},
        ".pdf": {"CreationDate": None},
    }[path.suffix]
    try:
        with matplotlib.rc_context({"svg.hashsalt": "bench", "svg.fonttype": "path"}):
            figure.savefig(path, dpi=SIZES[size].dpi, metadata=metadata)
    except OSError as error:
        raise ToolError(f"cannot write {path}: {error.strerror or error}; choose another --out") from error
    return path
