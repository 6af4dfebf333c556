"""Writes reports: draws the charts that the report names, renders, and puts the files into a folder."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from bench.anatomy import flames
from bench.anatomy.attribution import component_of
from bench.anatomy.frames import anatomy_of
from bench.charts import STYLES, save_charts
from bench.errors import InputError, ToolError
from bench.files import write_atomically
from bench.report.anatomy import FLAME
from bench.report.blocks import Chart, Report, Section
from bench.report.markdown import render_markdown
from bench.report.model import build_report
from bench.report.render import render_html

FORMATS = ("html", "markdown")


def write_report(frames: Sequence[pd.DataFrame], folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write report.html, report.md with its charts, or both, into a folder that is there. Gives the files.

    The same runs give the same bytes. InputError for an unknown format, ToolError where a file cannot be written.
    """
    for name in formats:
        if name not in FORMATS:
            raise InputError(f"no report format {name!r}; known: {', '.join(FORMATS)}")
    report = build_report(frames)
    files: dict[str, bytes] = {}
    if "html" in formats:
        files["report.html"] = _html(report, frames)
    if "markdown" in formats:
        files |= _markdown(report, frames)
    written = []
    for name, data in files.items():
        try:
            write_atomically(folder / name, data)
        except OSError as error:
            raise ToolError(f"cannot write {folder / name}: {error.strerror or error}; choose another --out") from error
        written.append(folder / name)
    return written


def _html(report: Report, frames: Sequence[pd.DataFrame]) -> bytes:
    drawn = _drawn(report, frames, "svg")
    images = {chart: (svg, darkened(svg)) for chart, svg in drawn.items()}
    return render_html(report, images | _flames(report, frames)).encode()


def _flames(report: Report, frames: Sequence[pd.DataFrame]) -> dict[Chart, tuple[bytes, bytes]]:
    """The flame graphs that the report names, in the light and the dark style."""
    images = {}
    for chart in _charts(report):
        if chart.name == FLAME:
            stacks = flames.bytecode_of(anatomy_of(frames[chart.run]).stacks, chart.workload)
            light, dark = (flames.flame_svg(stacks, component_of, style=style).encode() for style in STYLES)
            images[chart] = (light, dark)
    return images


def darkened(svg: bytes) -> bytes:
    """A chart of the light style in the colours of the dark one: drawing it again would take as long as the rest."""
    light, dark = (STYLES[name].colours for name in ("light", "dark"))
    colours = {old.lower().encode(): new.lower().encode() for old, new in zip(light, dark, strict=True)}
    return re.sub(rb"#[0-9a-f]{6}\b", lambda found: colours.get(found.group(), found.group()), svg)


def _markdown(report: Report, frames: Sequence[pd.DataFrame]) -> dict[str, bytes]:
    images = _drawn(report, frames, "png")
    run = {chart: f"run-{chart.run + 1}-" if len(frames) > 1 else "" for chart in images}
    names = {chart: f"report-{run[chart]}{chart.name}.png" for chart in images}
    return {"report.md": render_markdown(report, names).encode()} | {names[c]: data for c, data in images.items()}


def _drawn(report: Report, frames: Sequence[pd.DataFrame], suffix: str) -> dict[Chart, bytes]:
    """The files of the charts that the report names, in the report's order."""
    charts = [chart for chart in _charts(report) if chart.name != FLAME]
    drawn: dict[Chart, bytes] = {}
    for run in dict.fromkeys(chart.run for chart in charts):
        with tempfile.TemporaryDirectory(prefix="bench-report-") as folder:
            names = [chart.name for chart in charts if chart.run == run]
            save_charts(frames[run], Path(folder), formats=(suffix,), names=names)
            files = {path.stem: path.read_bytes() for path in Path(folder).iterdir()}
        drawn |= {chart: files[chart.name] for chart in charts if chart.run == run}
    return drawn


def _charts(report: Report) -> list[Chart]:
    blocks = (block for section in _all_sections(report.sections) for block in section.blocks)
    return [block for block in blocks if isinstance(block, Chart)]


def _all_sections(sections: Sequence[Section]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from _all_sections(section.sections)
