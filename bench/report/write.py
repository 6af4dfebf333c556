"""Writes reports: draws the charts that the report names, renders, and puts the files into a folder."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
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
from bench.report.pdf import check_installed, imprint, render_pdf
from bench.report.render import render_html

Files = dict[str, bytes]


def write_report(
    frames: Sequence[pd.DataFrame],
    folder: Path,
    formats: Sequence[str] = ("html", "markdown"),
    say: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Write report.html, report.md with its charts, report.pdf into a folder that is there. Gives the files.

    The same runs give the same bytes. `say` is told what takes seconds. InputError for an unknown format, ToolError
    where a file cannot be written, or the package that sets the PDF is missing.
    """
    for name in formats:
        if name not in FORMATS:
            raise InputError(f"no report format {name!r}; known: {', '.join(FORMATS)}")
    if "pdf" in formats:
        check_installed()
    say("computing the figures of the report")
    content = _Content(build_report(frames), frames, say)
    files: Files = {}
    for name in dict.fromkeys(formats):
        files |= FORMATS[name](content)
    written = []
    for name, data in files.items():
        try:
            write_atomically(folder / name, data)
        except OSError as error:
            raise ToolError(f"cannot write {folder / name}: {error.strerror or error}; choose another --out") from error
        written.append(folder / name)
    return written


@dataclass(frozen=True)
class _Content:
    """What the formats are made of."""

    report: Report
    frames: Sequence[pd.DataFrame]
    say: Callable[[str], None]

    @cached_property
    def charts(self) -> dict[Chart, bytes]:
        """The charts of whole runs as SVG in the light style, which are drawn once for all formats."""
        return self.drawn("svg")

    def drawn(self, suffix: str) -> dict[Chart, bytes]:
        """The files of the charts that the report names, in the report's order, but for those of a single workload."""
        self.say(f"drawing the charts of the report ({suffix})")
        charts = [chart for chart in _charts(self.report) if chart.name != FLAME]
        drawn: dict[Chart, bytes] = {}
        for run in dict.fromkeys(chart.run for chart in charts):
            with tempfile.TemporaryDirectory(prefix="bench-report-") as folder:
                names = [chart.name for chart in charts if chart.run == run]
                save_charts(self.frames[run], Path(folder), formats=(suffix,), names=names)
                files = {path.stem: path.read_bytes() for path in Path(folder).iterdir()}
            drawn |= {chart: files[chart.name] for chart in charts if chart.run == run}
        return drawn

    def flames(self, style: str) -> dict[Chart, bytes]:
        """The flame graphs that the report names, as SVG."""
        images = {}
        for chart in _charts(self.report):
            if chart.name == FLAME:
                stacks = flames.bytecode_of(anatomy_of(self.frames[chart.run]).stacks, chart.workload)
                images[chart] = flames.flame_svg(stacks, component_of, style=style).encode()
        return images


def _html(content: _Content) -> Files:
    images = {chart: (svg, darkened(svg)) for chart, svg in content.charts.items()}
    light, dark = (content.flames(style) for style in STYLES)
    graphs = {chart: (svg, dark[chart]) for chart, svg in light.items()}
    return {"report.html": render_html(content.report, images | graphs).encode()}


def _pdf(content: _Content) -> Files:
    images = content.charts | content.flames("light")
    content.say("setting the pages of the report")
    return {"report.pdf": render_pdf(content.report, images, imprint(content.frames))}


def darkened(svg: bytes) -> bytes:
    """A chart of the light style in the colours of the dark one: drawing it again would take as long as the rest."""
    light, dark = (STYLES[name].colours for name in ("light", "dark"))
    colours = {old.lower().encode(): new.lower().encode() for old, new in zip(light, dark, strict=True)}
    return re.sub(rb"#[0-9a-f]{6}\b", lambda found: colours.get(found.group(), found.group()), svg)


def _markdown(content: _Content) -> Files:
    images = content.drawn("png")
    run = {chart: f"run-{chart.run + 1}-" if len(content.frames) > 1 else "" for chart in images}
    names = {chart: f"report-{run[chart]}{chart.name}.png" for chart in images}
    document = render_markdown(content.report, names).encode()
    return {"report.md": document} | {names[chart]: data for chart, data in images.items()}


FORMATS: Mapping[str, Callable[[_Content], Files]] = {"html": _html, "markdown": _markdown, "pdf": _pdf}


def _charts(report: Report) -> list[Chart]:
    blocks = (block for section in _all_sections(report.sections) for block in section.blocks)
    return [block for block in blocks if isinstance(block, Chart)]


def _all_sections(sections: Sequence[Section]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from _all_sections(section.sections)
