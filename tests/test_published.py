"""Published figures: how they are read, set beside ours, and explained."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bench import paths
from bench.catalogue import load_catalogue
from bench.errors import InputError
from bench.frames import load_run
from bench.published import beside, findings, load_published, load_sources, scatter
from tests.conftest import Project
from tests.factories import linear_run

HEADER = "workload,n,language,median_us,q25_us,q75_us,samples\n"
PAIR = "crc32,16,arduino,2.0,1.9,2.1,9\ncrc32,16,micropython,400.0,399.0,401.0,8\n"
TOML = """
schema = 1
citation = "A. Author, Title, 2024"
doi = "10.1000/1"
label = "Author 2024"
board = "a board"
clock_mhz = 160
fpu = true
compiler = "a compiler"
micropython_version = "1.20"
figures = "medians"
caveats = ["One caveat for all."]
[workload.crc32]
caveats = ["One for CRC."]
"""


def published_set(folder: Path, csv: str = HEADER + PAIR, toml: str = TOML) -> Path:
    """A folder with one published set."""
    (folder / "author2024.csv").write_text(csv, encoding="utf-8")
    (folder / "author2024.toml").write_text(toml, encoding="utf-8")
    return folder


def run_of(path: Path, ratio: float, n: int = 16, workload: str = "crc32") -> pd.DataFrame:
    """A run in which this workload has this ratio."""
    cost = {(workload, "arduino", n): 1000.0, (workload, "micropython", n): 1000.0 * ratio}
    nothing = {"arduino": 10, "micropython": 10}
    return linear_run(path / "run", cost, fixed=nothing, per_loop=nothing)


def test_a_set_gives_a_ratio_for_every_workload_and_n(tmp_path: Path) -> None:
    row = load_published(published_set(tmp_path)).iloc[0]
    assert (row["source"], row["label"], row["workload"], row["n"]) == ("author2024", "Author 2024", "crc32", 16)
    assert (row["arduino"], row["micropython"], row["ratio"], row["samples"]) == (2.0, 400.0, 200.0, 8)


def test_a_set_may_call_workloads_otherwise(tmp_path: Path) -> None:
    toml = TOML.replace('caveats = ["One for CRC."]', 'caveats = []\nname = "CRC 32"')
    folder = published_set(tmp_path, (HEADER + PAIR).replace("crc32", "CRC 32"), toml)
    assert list(load_published(folder)["workload"]) == ["crc32"]


def test_the_quotient_is_published_over_ours(tmp_path: Path) -> None:
    row = beside(run_of(tmp_path, 50.0), published_set(tmp_path)).iloc[0]
    assert row["ours"] == pytest.approx(50.0)
    assert row["quotient"] == pytest.approx(4.0)


def test_scatter_is_geometric_and_the_rank_correlation_ignores_scale() -> None:
    ours = pd.Series([10.0, 100.0, 1000.0, 20.0])
    rows = pd.DataFrame({"source": "s", "workload": list("abcc"), "n": [1, 1, 2, 1], "ours": ours})
    whole = scatter(rows.assign(published=ours * [2, 4, 4, 2], quotient=[2.0, 4.0, 4.0, 2.0], comparable=True))
    assert whole.quotient == pytest.approx(math.sqrt(8))
    assert whole.spread == pytest.approx(math.exp(math.log(2) / math.sqrt(3)))
    assert whole.rank_correlation == pytest.approx(1)
    assert whole.rank_correlation_largest == pytest.approx(1)
    assert (whole.count, whole.workloads) == (4, 3)


def test_two_pairs_have_no_rank_correlation(tmp_path: Path) -> None:
    assert math.isnan(scatter(beside(run_of(tmp_path, 50.0), published_set(tmp_path))).rank_correlation)


def test_findings_say_what_is_compared_and_what_explains_it(tmp_path: Path) -> None:
    words = " ".join(findings(run_of(tmp_path, 50.0), published_set(tmp_path)))
    assert "retired instructions, simulated; the published ones are ratios of time" in words
    assert "crc32: published / ours 4.00. One for CRC." in words
    assert "Author 2024: One caveat for all." in words
    assert "floating-point hardware" not in words


def test_floats_of_boards_with_and_without_an_fpu_are_not_passed_off_as_comparable() -> None:
    frame = load_run(paths.RESULTS / "reference-virtual-esp32c3")
    assert "fir_f32, iir_f32 must not be compared" in " ".join(findings(frame))
    rows = beside(frame)
    assert set(rows.loc[~rows["comparable"], "workload"]) == {"fir_f32", "iir_f32"}
    assert scatter(rows).workloads == 3


@pytest.mark.parametrize(
    ("csv", "message"),
    [
        (PAIR, "expected the header workload,n"),
        (HEADER + PAIR.replace("2.0,1.9", "zero,1.9"), "line 2 has a number that is not positive"),
        (HEADER + PAIR.replace("400.0", "-400.0"), "line 3 has a number that is not positive"),
        (HEADER + PAIR.replace("400.0", "nan"), "line 3 has a number that is not positive"),
        (HEADER + PAIR.replace("400.0", "inf"), "line 3 has a number that is not positive"),
        (HEADER + PAIR.replace("32,16", "32,1.5"), "line 2 has n or samples that is not whole"),
        (HEADER + PAIR.replace("1.9", "2.05"), "line 2 has quartiles that do not enclose"),
        (HEADER + PAIR.replace("arduino", "rust"), "line 2 has a language other than arduino and micropython"),
        (HEADER + PAIR.replace("crc32", "md5"), "line 2 has a workload that author2024.toml has no table for"),
        (HEADER + PAIR + PAIR, "line 4 has a workload, n and language that stand there twice"),
        (HEADER + PAIR.splitlines(keepends=True)[0], "crc32 n=16 has one language only"),
        (HEADER + "a,b\n" + PAIR + "c,d,e,f,g,h,i,j,k\n", "author2024.csv"),
        ("", "is not CSV"),
    ],
)
def test_wrong_figures_are_named_with_their_line(tmp_path: Path, csv: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_published(published_set(tmp_path, csv))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda toml: toml.replace('doi = "10.1000/1"', ""), "'doi' is missing"),
        (lambda toml: toml.replace("clock_mhz = 160", 'clock_mhz = "160"'), "clock_mhz: expected int"),
        (lambda toml: toml.replace("schema = 1", "schema = 2"), "expected schema = 1, got 2"),
        (lambda toml: toml.replace("workload.crc32", "workload.md5"), r"\[workload.md5\] is no workload of ours"),
        (lambda toml: toml + "]", "is not valid TOML"),
    ],
)
def test_a_wrong_description_is_named(tmp_path: Path, change: Callable[[str], str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_sources(published_set(tmp_path, toml=change(TOML)))


def test_figures_without_a_description_are_refused(tmp_path: Path) -> None:
    (published_set(tmp_path) / "stray.csv").write_text(HEADER, encoding="utf-8")
    with pytest.raises(InputError, match=r"stray.csv has no stray.toml"):
        load_published(tmp_path)


def test_a_run_with_nothing_in_common_is_answered(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no workload at an n that was published"):
        beside(run_of(tmp_path, 50.0, n=17), published_set(tmp_path))


def test_the_catalogue_marks_exactly_the_workloads_that_were_published() -> None:
    marked = {workload.name for workload in load_catalogue().values() if workload.published}
    published = load_published()
    assert set(published["workload"]) == marked
    for name, rows in published.groupby("workload"):
        assert set(rows["n"]) == set(load_catalogue()[str(name)].sizes)


def test_every_wide_gap_of_the_reference_run_is_explained() -> None:
    frame = load_run(paths.RESULTS / "reference-virtual-esp32")
    words = findings(frame)
    for workload, rows in beside(frame).groupby("workload"):
        if rows["quotient"].min() > 2:
            assert not any(text.startswith(f"{workload}: ") and "Nothing is recorded" in text for text in words)


def test_the_command_shows_the_reference_run_without_being_told(tmp_path: Path) -> None:
    done = Project(paths.PROJECT).bench("published", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.rstrip().endswith("Plauska et al. 2023")]
    assert len(rows) == 35
    assert "doi:10.3390/electronics12010143" in done.stdout
    assert "simulated" in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"published.png", "published.svg"}
