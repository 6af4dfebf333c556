"""A report as one HTML file that holds its styles, script and charts, fetches nothing and is whole without script."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from bench.report.blocks import Chart, Report

Image = tuple[bytes, bytes]  # SVG for a light page, SVG for a dark one


def render_html(report: Report, images: Mapping[Chart, Image]) -> str:
    """The page. Every text of the report is escaped; `images` has the charts that the report shows."""
    environment = Environment(
        loader=PackageLoader("bench.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["kind"] = lambda block: type(block).__name__
    sources = {chart: tuple(_data_uri(svg) for svg in image) for chart, image in images.items()}
    return environment.get_template("report.html.j2").render(report=report, images=sources)


def _data_uri(svg: bytes) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii")
