"""Charts of a run: a data frame in, a figure or files out. Each chart is one function and useful alone.

A module a chart, with `figures` (the rows it draws; InputError where the run has none), `caption` and `alt_text`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from bench.charts import (
    anatomy,
    anatomy_collecting,
    anatomy_compiling,
    anatomy_data,
    anatomy_help,
    anatomy_mix,
    anatomy_opcodes,
    anatomy_shares,
    anatomy_variants,
    distribution,
    emitters,
    groups,
    memory,
    overhead,
    published,
    scaling,
    workflow_compiling,
    workflow_edit_to_run,
    workflow_io,
    workflow_memory,
    workflow_repl,
    workflow_storage,
)
from bench.charts.anatomy import anatomy_chart
from bench.charts.anatomy_collecting import collecting_chart
from bench.charts.anatomy_compiling import compiling_chart
from bench.charts.anatomy_help import help_chart
from bench.charts.anatomy_mix import mix_chart
from bench.charts.anatomy_opcodes import opcode_chart
from bench.charts.anatomy_shares import shares_chart
from bench.charts.anatomy_variants import variants_chart
from bench.charts.distribution import distribution_chart
from bench.charts.emitters import emitter_chart
from bench.charts.groups import group_chart
from bench.charts.memory import memory_chart
from bench.charts.overhead import overhead_chart
from bench.charts.published import published_chart
from bench.charts.scaling import scaling_chart
from bench.charts.style import SIZES, STYLES, look
from bench.charts.workflow_compiling import loading_chart
from bench.charts.workflow_data import IoWithCosts, OfPart
from bench.charts.workflow_edit_to_run import edit_to_run_chart
from bench.charts.workflow_io import io_chart
from bench.charts.workflow_memory import memory_need_chart
from bench.charts.workflow_repl import repl_chart
from bench.charts.workflow_storage import storage_chart
from bench.errors import InputError, ToolError

__all__ = [
    "CHARTS",
    "FORMATS",
    "OF_ANATOMY",
    "OF_WORKFLOW",
    "SIZES",
    "STYLES",
    "alt_text",
    "anatomy_chart",
    "available",
    "caption",
    "collecting_chart",
    "compiling_chart",
    "distribution_chart",
    "edit_to_run_chart",
    "emitter_chart",
    "group_chart",
    "help_chart",
    "io_chart",
    "loading_chart",
    "memory_chart",
    "memory_need_chart",
    "mix_chart",
    "opcode_chart",
    "overhead_chart",
    "published_chart",
    "repl_chart",
    "save_charts",
    "save_figure",
    "scaling_chart",
    "shares_chart",
    "storage_chart",
    "variants_chart",
]


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


@dataclass(frozen=True)
class _Kind:
    """A kind of chart: its module, the function that draws it, and what of a run's frame it draws."""

    module: ModuleType
    function: Callable[..., Figure]
    data: Callable[[pd.DataFrame], pd.DataFrame] = _whole

    def draw(self, frame: pd.DataFrame, size: str = "slide", style: str = "light") -> Figure:
        return self.function(self.data(frame), size=size, style=style)


_KINDS: Mapping[str, _Kind] = {
    "overhead": _Kind(overhead, overhead_chart),
    "groups": _Kind(groups, group_chart),
    "scaling": _Kind(scaling, scaling_chart),
    "distribution": _Kind(distribution, distribution_chart),
    "emitters": _Kind(emitters, emitter_chart),
    "memory": _Kind(memory, memory_chart),
    "published": _Kind(published, published_chart),
    "anatomy": _Kind(anatomy, anatomy_chart, anatomy_data.by_cause),
    "anatomy_shares": _Kind(anatomy_shares, shares_chart, anatomy_data.by_cause),
    "anatomy_components": _Kind(anatomy_shares, shares_chart, anatomy_data.by_component),
    "anatomy_variants": _Kind(anatomy_variants, variants_chart, anatomy_data.by_component),
    "anatomy_opcodes": _Kind(anatomy_opcodes, opcode_chart, anatomy_data.opcodes),
    "anatomy_help": _Kind(anatomy_help, help_chart, anatomy_data.estimates),
    "mix": _Kind(anatomy_mix, mix_chart, anatomy_data.mix),
    "workflow_io": _Kind(workflow_io, io_chart, IoWithCosts("io")),
    "compiling": _Kind(anatomy_compiling, compiling_chart, anatomy_data.compiling),
    "collecting": _Kind(anatomy_collecting, collecting_chart, anatomy_data.collecting),
    "workflow_compiling": _Kind(workflow_compiling, loading_chart, OfPart("compiling")),
    "workflow_repl": _Kind(workflow_repl, repl_chart, OfPart("repl")),
    "workflow_edit_to_run": _Kind(workflow_edit_to_run, edit_to_run_chart, OfPart("edit_to_run")),
    "workflow_storage": _Kind(workflow_storage, storage_chart, OfPart("storage")),
    "workflow_memory": _Kind(workflow_memory, memory_need_chart, OfPart("memory")),
}
# What draws each chart from the frame of a run; the chart functions above take what they draw.
CHARTS: Mapping[str, Callable[..., Figure]] = {name: kind.draw for name, kind in _KINDS.items()}
# Those that need the run to have an anatomy.
OF_ANATOMY = tuple(
    name for name, kind in _KINDS.items() if kind.data is not _whole and not isinstance(kind.data, OfPart)
)
# Those that need it to have a part of the workflow: their data is OfPart("its name").
OF_WORKFLOW = tuple(name for name, kind in _KINDS.items() if isinstance(kind.data, OfPart))
FORMATS = ("png", "svg", "pdf")


def available(frame: pd.DataFrame) -> list[str]:
    """The names of the charts that the run has figures for."""
    return [name for name in CHARTS if _has_figures(name, frame)]


def caption(name: str, frame: pd.DataFrame) -> str:
    """One paragraph to stand below the chart of that name."""
    return str(_KINDS[name].module.caption(_KINDS[name].data(frame)))


def alt_text(name: str, frame: pd.DataFrame) -> str:
    """The chart of that name for who cannot see it: its figures in words."""
    return str(_KINDS[name].module.alt_text(_KINDS[name].data(frame)))


def save_charts(
    frame: pd.DataFrame,
    folder: Path,
    formats: tuple[str, ...] = ("png", "svg"),
    size: str = "slide",
    style: str = "light",
    names: Iterable[str] = tuple(CHARTS),
) -> list[Path]:
    """Draw the charts of these names that the run has figures for, and write them.

    Gives the files; ToolError where one cannot be written. InputError where the run has not even an overhead ratio, or
    a name of a format, size or style is unknown.
    """
    for name in formats:
        if name not in FORMATS:
            raise InputError(f"no format {name!r}; known: {', '.join(FORMATS)}")
    look(size, style)
    written = []
    for name in names:
        try:
            figure = CHARTS[name](frame, size=size, style=style)
        except InputError:
            if name == "overhead":
                raise
            continue  # a quick run has one n a workload, there may be no variants, no memory figures, nothing published
        written += [save_figure(figure, folder / f"{name}.{suffix}", size) for suffix in formats]
    return written


def _has_figures(name: str, frame: pd.DataFrame) -> bool:
    try:
        _KINDS[name].module.figures(_KINDS[name].data(frame))
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
