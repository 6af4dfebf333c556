"""The notebook: executed anew, it says what is committed."""

from __future__ import annotations

import re
from typing import Any

import nbformat
import pytest

from bench import paths
from bench.charts import CHARTS, OF_ANATOMY, OF_WORKFLOW, available
from bench.frames import load_run
from tools.notebook import NOTEBOOK, executed


def texts(notebook: Any) -> list[list[str]]:
    """What each code cell printed or showed, as text; of pictures that they are there."""
    return [
        [output.get("text") or "".join(f"{kind}: {_text(kind, data)}" for kind, data in sorted(output["data"].items()))
         for output in cell.outputs]
        for cell in notebook.cells if cell.cell_type == "code"
    ]  # fmt: skip


def _text(kind: str, data: str) -> str:
    return "a picture" if kind.startswith("image/") else data


@pytest.fixture(scope="module")
def committed() -> Any:
    return nbformat.read(NOTEBOOK, as_version=4)


def test_it_says_what_is_committed(committed: Any) -> None:
    assert texts(executed(paths.PROJECT)) == texts(committed), "run `make notebook` and look at what changed"


def test_it_shows_every_chart_of_the_reference_run(committed: Any) -> None:
    frame = load_run(paths.RESULTS / "reference-virtual-esp32")
    sources = " ".join(cell.source for cell in committed.cells)
    assert all(f'CHARTS["{name}"](frame)' in sources for name in CHARTS if name not in (*OF_ANATOMY, *OF_WORKFLOW))
    shown = [name for name in available(frame) if f'"{name}"' in sources]
    assert {"anatomy", "anatomy_help"} <= set(shown)
    pictures = [data for outputs in texts(committed) for data in outputs if "image/png: a picture" in data]
    assert len(pictures) == len(shown)


def test_it_is_small_valid_and_not_of_this_computer(committed: Any) -> None:
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert len(text) < 2_500_000
    nbformat.validate(committed)
    assert not re.search(r"/(home|root|tmp|work|usr|Users)/", text)
    assert all(len(cell.source.splitlines()) <= 12 for cell in committed.cells if cell.cell_type == "code")
