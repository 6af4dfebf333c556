"""The charts, looked at with the renderer's eyes: nothing lies over anything else, nothing is cut."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise, product
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text

from bench import paths
from bench.catalogue import GROUPS
from bench.charts import (
    CHARTS,
    OF_ANATOMY,
    OF_WORKFLOW,
    SIZES,
    STYLES,
    alt_text,
    available,
    caption,
    distribution_chart,
    emitter_chart,
    overhead_chart,
    published_chart,
    save_charts,
    scaling_chart,
)
from bench.charts.names import spread
from bench.errors import InputError
from bench.frames import load_run
from tests.conftest import Project
from tests.factories import make_run, measurement, samples

LEAST_POINTS = {"slide": 9, "page": 6, "poster": 18}  # a projector, paper in the hand, paper on a wall
PUBLISHED = ("crc32", "sha256", "fft_i16", "fir_f32", "iir_f32")
FIVE = {f"workload_{place}": ratio for place, ratio in enumerate((1.0, 5000.0, 40.0, 2.5, 300.0))}
SIXTY = {f"workload_{place:02}": round(1.15**place, 3) for place in range(60)}


def run_with(
    path: Path,
    ratios: dict[str, float],
    sizes: Sequence[int] = (100, 1000),
    jitter: Sequence[float] = (0, 0, 0),
    variants: dict[str, float] | None = None,
) -> pd.DataFrame:
    """A run whose workloads have these ratios at every n; MicroPython's samples differ from each other by the jitter.

    `variants` are further ones of MicroPython, each so many times cheaper than bytecode.
    """
    ticks = {}
    for language in ("arduino", "micropython"):
        for n in (1, 10):
            empty = measurement("empty", language, n)
            for each in [empty, *(replace(empty, variant=name) for name in variants or {} if language != "arduino")]:
                ticks[each] = samples([10 + 7 * n] * len(jitter), loops=n)
        for workload, ratio in ratios.items():
            for n in sizes:
                cost = 17 + 1000 * n * (ratio if language == "micropython" else 1)
                noise = jitter if language == "micropython" else [0] * len(jitter)
                ticks[measurement(workload, language, n)] = samples([round(cost * (1 + each)) for each in noise])
                for variant, gain in (variants or {}).items() if language == "micropython" else ():
                    other = replace(measurement(workload, language, n), variant=variant)
                    ticks[other] = samples([round(cost / gain)] * len(jitter))
    return load_run(make_run(path / "run", ticks))


def memory_of(frame: pd.DataFrame, allocated: Sequence[str] = ("0", "48", "5000", "")) -> tuple[dict[str, str], ...]:
    """What memory.csv would hold: MicroPython's workloads take these bytes in turn, "" is more than the board has."""
    keys = frame.loc[frame["language"] == "micropython", ["workload", "language", "variant", "n"]].drop_duplicates()
    keys = keys[keys["workload"] != "empty"]
    taken = {name: allocated[place % len(allocated)] for place, name in enumerate(keys["workload"].unique())}
    rows = keys.assign(n=keys["n"].astype(str), held="64", allocated=keys["workload"].map(taken), stack="")
    return tuple(rows.to_dict("records"))  # type: ignore[arg-type]


def in_groups(frame: pd.DataFrame) -> pd.DataFrame:
    """The run with its workloads spread over all groups."""
    places = {name: place for place, name in enumerate(frame["workload"].unique()) if name != "empty"}
    return frame.assign(group=[GROUPS[1:][places[name] % 7] if name in places else "overhead"
                               for name in frame["workload"]])  # fmt: skip


def texts_of(figure: Figure) -> list[Text]:
    """All texts that are seen."""
    figure.draw_without_rendering()
    return [t for t in figure.findobj(Text) if isinstance(t, Text) and t.get_visible() and t.get_text().strip()]


def words_of(figure: Figure) -> str:
    return " ".join(text.get_text() for text in texts_of(figure)).replace("\n", " ")


def assert_readable(figure: Figure, size: str = "slide") -> None:
    """No text or legend lies over another one or outside the figure, and none is too small for where it is read."""
    canvas = figure.bbox
    texts = texts_of(figure)
    assert min(float(text.get_fontsize()) for text in texts) >= LEAST_POINTS[size]
    boxes = [(text.get_text(), Text.get_window_extent(text)) for text in texts]  # without the lines of annotations
    in_legends = [text for legend in figure.legends for text in legend.findobj(Text)]
    for words, box in boxes + [("the legend", legend.get_window_extent()) for legend in figure.legends]:
        inside = (
            canvas.x0 - 1 <= box.x0 and box.x1 <= canvas.x1 + 1 and canvas.y0 - 1 <= box.y0 and box.y1 <= canvas.y1 + 1
        )
        assert inside, f"{words!r} is cut: {box} in {canvas}"
    for (words, box), (others, other) in combinations(boxes, 2):
        assert not box.padded(-1).overlaps(other.padded(-1)), f"{words!r} lies over {others!r}"
    legends = [legend for legend in figure.legends if isinstance(legend, Legend)]
    for text, (words, box) in zip(texts, boxes, strict=True):
        if text not in in_legends:
            covered = [legend for legend in legends if legend.get_window_extent().padded(-1).overlaps(box.padded(-1))]
            assert not covered, f"{words!r} lies over the legend"


@pytest.mark.parametrize(
    "ratios",
    [FIVE, pytest.param(SIXTY, marks=pytest.mark.slow), {"only_one": 2.0}],
    ids=["5", "60", "1"],  # the next test has sixty in every size too
)
def test_bars_and_rows_are_readable_in_every_size(tmp_path: Path, ratios: dict[str, float]) -> None:
    frame = run_with(tmp_path, ratios, sizes=(1000,), jitter=(0, 0.001, -0.002), variants={"native": 2, "viper": 9.5})
    frame.attrs["run"].memory = memory_of(frame)
    assert available(frame) == ["overhead", "groups", "distribution", "emitters", "memory"]
    for name, size in product(available(frame), SIZES):
        assert_readable(CHARTS[name](frame, size=size), size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ratios", [FIVE, SIXTY], ids=["5", "60"])
def test_rows_of_several_groups_are_readable(tmp_path: Path, ratios: dict[str, float], size: str) -> None:
    frame = in_groups(run_with(tmp_path, ratios, sizes=(10, 1000), jitter=(0, 0.1, 0.2), variants={"native": 2}))
    frame.attrs["run"].memory = memory_of(frame)
    for name in available(frame):
        assert_readable(CHARTS[name](frame, size=size), size)


@pytest.mark.parametrize(("count", "size"), [(1, "page"), (2, "slide"), (5, "poster"), (9, "page"), (60, "slide")])
def test_the_scaling_chart_is_readable(tmp_path: Path, count: int, size: str) -> None:
    ratios = {f"workload_{place:02}": 30.0 for place in range(count)}
    assert_readable(scaling_chart(run_with(tmp_path, ratios, sizes=(16, 128, 1024)), size=size), size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ratios", [(1.0, 5000.0, 40.0, 2.5, 300.0), (300.0,)], ids=["all five", "one"])
def test_the_published_chart_is_readable(tmp_path: Path, ratios: tuple[float, ...], size: str) -> None:
    frame = run_with(tmp_path, dict(zip(PUBLISHED, ratios, strict=False)), sizes=(16, 128, 1024))
    assert_readable(published_chart(frame, size=size, others=[frame]), size)


@pytest.mark.parametrize("anatomy", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_all_charts_of_the_reference_run_are_readable_in_the_dark_style_too(anatomy: bool) -> None:
    frame = load_run(paths.RESULTS / "reference-virtual-esp32")
    for name in available(frame):
        if (name in OF_ANATOMY) == anatomy:
            assert_readable(CHARTS[name](frame, style="dark"))


def test_long_and_hostile_names_are_shortened_and_shown_as_they_are(tmp_path: Path) -> None:
    frame = run_with(tmp_path, {"$" + r"\frac{" * 12 + "$": 30.0, "_" + "x" * 80: 40.0}, variants={"$v$": 2.0})
    frame["group"] = "<b>$group$" + "\N{RIGHT-TO-LEFT OVERRIDE}" * 50
    for name in available(frame):
        assert_readable(CHARTS[name](frame, size="page"), "page")


@pytest.mark.parametrize("style", STYLES)
def test_text_stands_out_from_the_background(style: str) -> None:
    palette = STYLES[style]
    for colour in (palette.text, palette.quiet, *palette.languages.values(), *palette.groups.values()):
        lights = sorted((luminance(colour), luminance(palette.background)))
        assert (lights[1] + 0.05) / (lights[0] + 0.05) >= 4.5, colour


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.1."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_charts_say_where_their_figures_come_from(tmp_path: Path) -> None:
    frame = run_with(tmp_path, {"crc32": 30.0, "sha256": 40.0}, sizes=(16, 128), variants={"viper": 9.5})
    frame.attrs["run"].memory = memory_of(frame)
    assert available(frame) == [name for name in CHARTS if name not in (*OF_ANATOMY, *OF_WORKFLOW)]
    reference = load_run(paths.RESULTS / "reference-virtual-esp32")
    for name in (name for name in CHARTS if name not in OF_WORKFLOW):
        draw = CHARTS[name]
        frame = reference if name in OF_ANATOMY else frame
        words = words_of(draw(frame))
        assert "simulated on virtual-esp32" in words
        assert "instructions, not time" in words
        assert "GCC 12.2.0 -Os" in words
        assert frame["run_id"].iloc[0] in words


def test_captions_say_what_is_simulated_and_alt_texts_tell_the_figures(tmp_path: Path) -> None:
    frame = run_with(tmp_path, {"crc32": 53.25}, sizes=(16, 128), variants={"viper": 9.5})
    frame.attrs["run"].memory = memory_of(frame, ["48"])
    for name in available(frame):
        assert "simulated" in caption(name, frame).lower()
        assert alt_text(name, frame)
    assert "53.2×" in alt_text("overhead", frame)
    assert "9.50×" in alt_text("emitters", frame)
    assert "crc32 (n = 128) 48 bytes, 53.2×" in alt_text("memory", frame)
    assert "crc32 in MicroPython identical" in alt_text("distribution", frame)


def test_every_bar_carries_its_value(tmp_path: Path) -> None:
    chart = overhead_chart(run_with(tmp_path, {"a": 53.25, "b": 1890.0, "c": 7.0}))
    assert {"53.2×", "1890×", "7.00×"} <= {text.get_text() for text in texts_of(chart)}


def test_intervals_are_drawn_where_they_can_be_seen(tmp_path: Path) -> None:
    noise = (-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3)
    wide, narrow = run_with(tmp_path / "wide", {"a": 50.0}, jitter=noise), run_with(tmp_path / "narrow", {"a": 50.0})
    assert "intervals" in words_of(overhead_chart(wide))
    assert "intervals" not in words_of(overhead_chart(narrow))
    assert_readable(overhead_chart(wide))


def test_identical_samples_are_called_so(tmp_path: Path) -> None:
    figure = distribution_chart(run_with(tmp_path, FIVE))
    assert "All samples identical" in words_of(figure)
    assert words_of(figure).count(" identical") >= 2 * len(FIVE)
    assert_readable(figure)


def test_a_far_outlier_does_not_hide_the_other_samples(tmp_path: Path) -> None:
    noise = [0.0001 * (place % 11 - 5) for place in range(99)] + [0.8]
    figure = distribution_chart(run_with(tmp_path, {"steady": 30.0, "other": 40.0}, jitter=noise))
    assert figure.axes[0].get_xlim()[1] < 1  # per cent
    assert "80 %" in words_of(figure)
    assert_readable(figure)


def test_one_sample_each_has_no_distribution(tmp_path: Path) -> None:
    frame = run_with(tmp_path, FIVE, jitter=(0,))
    assert "distribution" not in available(frame)
    with pytest.raises(InputError, match="two samples"):
        distribution_chart(frame)


def test_other_variants_stay_out_of_the_overhead(tmp_path: Path) -> None:
    frame = run_with(tmp_path, {"a": 50.0}, variants={"viper": 10.0})
    assert {"50.0×"} <= {text.get_text() for text in texts_of(overhead_chart(frame))}
    assert "10.0×" in words_of(emitter_chart(frame))


def test_idiomatic_workloads_stand_apart(tmp_path: Path) -> None:
    frame = run_with(tmp_path, {"a": 10.0, "b": 40.0, "loose": 2.0}, sizes=(100,))
    frame["group"] = frame["workload"].map({"empty": "overhead", "a": "control", "b": "data", "loose": "idiomatic"})
    chart = overhead_chart(frame)
    assert "20.0× the" in words_of(chart) and "not in the mean" in words_of(chart)
    labels = [label.get_text().split()[0] for label in chart.axes[0].get_yticklabels()]
    assert labels == ["b", "a", "loose"]
    words = words_of(CHARTS["groups"](frame))
    assert "From 10.0× (control) to 40.0× (data)" in words and "idiomatic, hollow" in words
    assert "idiomatic" in caption("groups", frame) and "not in the mean" in caption("overhead", frame)


def test_the_emitter_chart_tells_how_much_of_the_distance_is_closed(tmp_path: Path) -> None:
    # 60× with bytecode, 6× with viper: 54 of 59 units of distance.
    frame = run_with(tmp_path, {"a": 60.0}, sizes=(1000,), variants={"viper": 10.0})
    assert "92 %" in words_of(emitter_chart(frame))
    assert "closes 92 %" in alt_text("emitters", frame)
    only = frame[(frame["language"] == "micropython")]
    with pytest.raises(InputError, match="figure of C\\+\\+"):
        emitter_chart(only)


def test_memory_has_a_place_for_nothing_and_for_too_much(tmp_path: Path) -> None:
    frame = run_with(tmp_path, {"a": 10.0, "b": 40.0, "c": 90.0}, sizes=(10, 100))
    with pytest.raises(InputError, match="no figures on the heap"):
        CHARTS["memory"](frame)
    frame.attrs["run"].memory = memory_of(frame, ["0", "48", ""])
    chart = CHARTS["memory"](frame)
    assert [axes.get_title(loc="left") for axes in chart.axes] == ["nothing", "bytes", "too much"]
    assert {"a", "b", "c"} <= {text.get_text() for text in texts_of(chart)}
    assert "c (n = 100) more than the board has" in alt_text("memory", frame)
    assert_readable(chart)


def test_memory_is_shown_at_the_largest_n_at_which_it_is_known(tmp_path: Path) -> None:
    frame = run_with(tmp_path, {"a": 10.0}, sizes=(10, 100))
    frame.attrs["run"].memory = tuple(
        {**row, "allocated": "" if row["n"] == "100" else "80"} for row in memory_of(frame)
    )
    assert "a (n = 10) 80 bytes" in alt_text("memory", frame)


@pytest.mark.parametrize("wanted", [[5.0, 5.0, 5.0], [0.0, 9.0, 1.0], [10.0, 10.0], [3.0]])
def test_names_are_moved_apart_and_no_farther(wanted: list[float]) -> None:
    places = spread(wanted, 2.0, 0.0, 10.0)
    ordered = sorted(places)
    assert all(after - before >= 2 - 1e-9 for before, after in pairwise(ordered))
    assert min(places) >= 0 and max(places) <= 10
    assert sorted(range(len(wanted)), key=lambda i: (wanted[i], i)) == sorted(
        range(len(wanted)), key=places.__getitem__
    )
    assert spread([3.0], 2.0, 0.0, 10.0) == [3.0]


def test_of_many_workloads_those_that_repeat_exactly_have_no_row(tmp_path: Path) -> None:
    frame = run_with(tmp_path, SIXTY, sizes=(1000,))
    scattered = (frame["workload"] == "workload_07") & (frame["sample"] == 1)
    frame["ticks"] += 1000 * scattered
    words = words_of(distribution_chart(frame))
    assert "workload_07" in words and "workload_08" not in words
    assert "59 workloads without any difference are not drawn" in words


def test_many_workloads_have_a_panel_a_group_against_n(tmp_path: Path) -> None:
    chart = scaling_chart(in_groups(run_with(tmp_path, SIXTY, sizes=(10, 1000))))
    assert [axes.get_title(loc="left") for axes in chart.axes if axes.get_visible()] == list(GROUPS[1:])
    assert set(SIXTY) <= {text.get_text() for text in texts_of(chart)}


def test_a_workload_of_one_language_alone_breaks_nothing(tmp_path: Path) -> None:
    frame = run_with(tmp_path, FIVE, sizes=(10, 100), jitter=(0, 0.1, 0.2), variants={"native": 2})
    frame.attrs["run"].memory = memory_of(frame)
    frame = frame[(frame["workload"] != "workload_3") | (frame["language"] == "arduino")]
    for name in available(frame):
        assert_readable(CHARTS[name](frame))


def test_the_same_run_gives_the_same_files(tmp_path: Path) -> None:
    frame = run_with(tmp_path, {"a": 30.0, "b": 40.0}, sizes=(100,), jitter=(0,))
    contents = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        written = save_charts(frame, tmp_path / name, ("png", "svg", "pdf"), size="page", style="dark")
        contents.append([path.read_bytes() for path in written])
    assert contents[0] == contents[1]
    kinds = (b"\x89PNG", b"<?xml", b"%PDF")
    assert all(data.startswith(kinds) for data in contents[0])
    assert all(ElementTree.fromstring(data) is not None for data in contents[0] if data.startswith(b"<?xml"))


def test_a_run_without_anything_to_compare_is_answered(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no workload that both languages measured"):
        overhead_chart(run_with(tmp_path, {}))


def test_a_quick_run_has_no_scaling_chart(tmp_path: Path) -> None:
    written = save_charts(run_with(tmp_path, {"a": 30.0}, sizes=(100,)), tmp_path, ("svg",))
    assert [path.name for path in written] == ["overhead.svg", "groups.svg", "distribution.svg"]


@pytest.mark.parametrize(
    ("choice", "message"),
    [({"size": "wall"}, "slide, page, poster"), ({"style": "red"}, "light, dark"), ({"formats": ("gif",)}, "png, svg")],
)
def test_unknown_choices_are_answered_with_the_known_ones(tmp_path: Path, choice: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        save_charts(run_with(tmp_path, {"a": 30.0}), tmp_path, **choice)  # type: ignore[arg-type]


def test_the_command_writes_what_was_asked_for(tmp_path: Path) -> None:
    arguments = ("--format", "svg", "--size", "page", "--style", "dark", "--out", str(tmp_path / "slides"))
    frame = run_with(tmp_path / "run", {"crc32": 30.0, "sha256": 40.0}, sizes=(16, 128))
    done = Project(paths.PROJECT).bench("charts", str(frame.attrs["run"].folder), *arguments)
    assert done.returncode == 0, done.stderr
    names = {Path(line).name for line in done.stdout.split()}
    assert names == {f"{name}.svg" for name in available(frame)} >= {"overhead.svg", "scaling.svg", "published.svg"}
    assert "#15191e" in (tmp_path / "slides" / "overhead.svg").read_text(encoding="utf-8")
