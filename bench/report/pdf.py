"""A report as PDF on A4: contents, numbered charts and tables, and in appendices what the page folds away.

Typst sets it, from templates/report.typ and the report as JSON, so no text of a run is ever read as markup.
"""

from __future__ import annotations

import importlib.util
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from bench.citation import AUTHOR, content_id
from bench.errors import ToolError
from bench.labels import origin_text, printable
from bench.report.blocks import Chart, Report, clean
from bench.report.paged import paged

_PACKAGE = "typst"
REQUIREMENT = f"{_PACKAGE}>=0.15,<0.16"  # as in pyproject.toml; the language of the template changes from 0.x to 0.x
_TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
_HEADER, _LINE = 60, 100  # characters that there is room for beside the title above, and beside the page's number below


@dataclass(frozen=True)
class Imprint:
    """What stands on every page and in the file's properties."""

    header: str
    note: str
    keywords: tuple[str, ...]
    date: datetime | None
    author: str = AUTHOR


def imprint(frames: Sequence[pd.DataFrame]) -> Imprint:
    """The imprint of a report of these runs. Its date is that of the newest run, None where no run tells."""
    runs = [frame.attrs["run"] for frame in frames]
    names = [clean(run["run_id"]) for run in runs]
    header = ", ".join(names)
    if len(header) > _HEADER:
        header = f"{len(names)} runs" if len(names) > 1 else f"{header[:_HEADER]}…"
    identities = tuple(f"content id {content_id(frame)}" for frame in frames)
    dates = [date for run in runs if (date := _date(run.get("started")))]
    return Imprint(
        header=header,
        note=_note(runs),
        keywords=("MicroPython", "Arduino C++", "ESP32", *(f"run {name}" for name in names), *identities),
        date=max(dates, default=None),
    )


def check_installed() -> None:
    """ToolError where the package that sets the PDF is missing."""
    if importlib.util.find_spec(_PACKAGE) is None:
        raise ToolError(
            f"a report as PDF needs the Python package {_PACKAGE}, which is not installed: pip install '{REQUIREMENT}'"
        )


def render_pdf(report: Report, images: Mapping[Chart, bytes], facts: Imprint) -> bytes:
    """The document; `images` has the SVG of each chart that the report names. The same report gives the same bytes."""
    check_installed()
    files = {chart: f"chart-{place}.svg" for place, chart in enumerate(images)}
    content = {"title": report.title, "subtitle": report.subtitle, **paged(report, files), **asdict(facts)}
    content["date"] = _date_fields(facts.date)
    with tempfile.TemporaryDirectory(prefix="bench-report-") as name:
        folder = Path(name)
        for chart, file in files.items():
            (folder / file).write_bytes(images[chart])
        text = json.dumps(content, ensure_ascii=False)
        (folder / "report.json").write_text(text, encoding="utf-8")
        (folder / _TEMPLATE.name).write_bytes(_TEMPLATE.read_bytes())
        return _typeset(folder, unusual=not _in_own_fonts(text))


def _typeset(folder: Path, *, unusual: bool) -> bytes:
    """Typst's PDF of the template in the folder. `unusual` characters are looked for in the computer's fonts.

    PDF/UA promises readers with a screen reader that every character can be told, so only what is sure says it is so.
    """
    import typst

    fonts = typst.Fonts(include_system_fonts=unusual, font_paths=[str(_own_fonts())])
    standards: list[typst.PDFStandard] = [] if unusual else ["ua-1"]
    try:
        return typst.compile(
            str(folder / _TEMPLATE.name), root=str(folder), font_paths=fonts, pdf_standards=standards, timestamp=0
        )
    except typst.TypstError as error:
        raise ToolError(f"{_PACKAGE} cannot set the report: {printable(error)}; choose --format html") from error


def _own_fonts() -> Path:
    """The folder of the fonts that come with Matplotlib, which draws the charts with them."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def _in_own_fonts(text: str) -> bool:
    from matplotlib.ft2font import FT2Font

    return {ord(character) for character in text} <= set(FT2Font(str(_own_fonts() / "DejaVuSans.ttf")).get_charmap())


def _date(started: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(started))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _date_fields(date: datetime | None) -> dict[str, int] | None:
    names = ("year", "month", "day", "hour", "minute", "second")
    return {name: getattr(date, name) for name in names} if date else None


def _note(runs: Sequence[Mapping[str, Any]]) -> str:
    """Whether the figures are simulated, in a line."""
    origins = list(dict.fromkeys(clean(origin_text(run)) for run in runs))
    if len(origins) == 1 and len(origins[0]) <= _LINE:
        return origins[0]
    kinds = {bool(run["board"]["simulated"]) for run in runs}
    if len(kinds) > 1:
        return "simulated and measured runs: instructions are not time"
    return "simulated; instructions, not time" if kinds == {True} else "measured on the boards that the captions name"
