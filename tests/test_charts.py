"""The charts, looked at with the renderer's eyes: nothing lies over anything else, nothing is cut."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from bench.charts import overhead_chart, save_charts, scaling_chart
from bench.errors import InputError
from bench.frames import load_run
from tests.factories import make_run, measurement, samples


def run_with(path: Path, ratios: list[float], sizes: tuple[int, ...] = (100, 1000)) -> pd.DataFrame:
    """A run whose workloads have these ratios at every n."""
    ticks = {}
    for language in ("arduino", "micropython"):
        for n in (1, 10):
            ticks[measurement("empty", language, n)] = samples([10 + 7 * n], loops=n)
        for place, ratio in enumerate(ratios):
            for n in sizes:
                cost = 17 + 1000 * n * (ratio if language == "micropython" else 1)
                ticks[measurement(f"workload_{place:02}", language, n)] = samples([round(cost)])
    return load_run(make_run(path / "run", ticks))


def texts_of(figure: Figure) -> list[Text]:
    """All texts that are seen."""
    figure.canvas.draw()
    return [t for t in figure.findobj(Text) if isinstance(t, Text) and t.get_visible() and t.get_text().strip()]


def assert_readable(figure: Figure) -> None:
    """No text lies over another one or outside the figure, and none is smaller than a projector shows."""
    canvas = figure.bbox
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts_of(figure)]
    for words, box in boxes:
        inside = (
            canvas.x0 - 1 <= box.x0 and box.x1 <= canvas.x1 + 1 and canvas.y0 - 1 <= box.y0 and box.y1 <= canvas.y1 + 1
        )
        assert inside, f"{words!r} is cut: {box} in {canvas}"
    for (words, box), (others, other) in combinations(boxes, 2):
        assert not box.padded(-1).overlaps(other.padded(-1)), f"{words!r} lies over {others!r}"


@pytest.mark.parametrize(
    "ratios",
    [[1.0, 5000.0, 40.0], [2.0], [1.5, 2.5, 3.0, 7.0, 9.0], [round(1.15**k, 3) for k in range(60)]],
    ids=["1 to 5000", "one workload", "small ratios", "60 workloads"],
)
def test_the_overhead_chart_is_readable(tmp_path: Path, ratios: list[float]) -> None:
    assert_readable(overhead_chart(run_with(tmp_path, ratios)))


@pytest.mark.parametrize("count", [1, 2, 5, 9, 30])
def test_the_scaling_chart_is_readable(tmp_path: Path, count: int) -> None:
    assert_readable(scaling_chart(run_with(tmp_path, [30.0] * count, sizes=(16, 128, 1024))))


def test_charts_say_where_their_figures_come_from(tmp_path: Path) -> None:
    frame = run_with(tmp_path, [30.0, 40.0])
    for draw in (overhead_chart, scaling_chart):
        words = " ".join(text.get_text() for text in texts_of(draw(frame))).replace("\n", " ")
        assert "simulated on virtual-esp32" in words
        assert "instructions, not time" in words
        assert "GCC 12.2.0 -Os" in words
        assert frame["run_id"].iloc[0] in words


def test_every_bar_carries_its_value(tmp_path: Path) -> None:
    words = [text.get_text() for text in texts_of(overhead_chart(run_with(tmp_path, [53.25, 1890.0, 7.0])))]
    assert {"53.2×", "1890×", "7.00×"} <= set(words)


def test_the_same_run_gives_the_same_files(tmp_path: Path) -> None:
    frame = run_with(tmp_path, [30.0, 40.0])
    contents = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        contents.append([path.read_bytes() for path in save_charts(frame, tmp_path / name)])
    assert contents[0] == contents[1]
    assert all(data.startswith(b"\x89PNG") or ElementTree.fromstring(data) is not None for data in contents[0])


def test_a_run_without_anything_to_compare_is_answered(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no workload that both languages measured"):
        overhead_chart(run_with(tmp_path, []))


def test_a_quick_run_has_no_scaling_chart(tmp_path: Path) -> None:
    written = save_charts(run_with(tmp_path, [30.0], sizes=(100,)), tmp_path)
    assert [path.name for path in written] == ["overhead.png", "overhead.svg"]
