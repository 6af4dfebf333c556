"""Reports: the figures of the table stand in them, nothing is fetched, and no text of a run becomes markup."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench import load_run, paths
from bench.analysis import headline, overall_mean, overhead_ratios
from bench.catalogue import load_catalogue
from bench.charts import save_charts
from bench.errors import InputError
from bench.labels import ratio_text
from bench.plan import Measurement, Sample, make_plan
from bench.provenance import source_hashes
from bench.report.blocks import Bullets, Chart, SideBySide, Table, Text, clean
from bench.report.contracts import contract_facts, workload_section
from bench.report.figures import RunFigures
from bench.report.markdown import escape, fenced
from bench.report.model import build_report
from bench.report.write import darkened, write_report
from tests.conftest import Project
from tests.factories import make_run, measurement, samples
from tests.report_runs import HOSTILE, everywhere_hostile, small_run, without_anatomy

REFERENCE = paths.RESULTS / "reference-virtual-esp32"
VOID = {"meta", "img", "source", "input", "br"}


class Page(HTMLParser):
    """What the tests want to know of a page; an element that is closed wrongly fails at once."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.words += data + " "

    def values(self, attribute: str, *tags: str) -> list[str]:
        """The values of an attribute, of these elements or of all."""
        return [str(found[attribute]) for tag, found in self.tags if attribute in found and (not tags or tag in tags)]


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the reference run in both formats."""
    folder = tmp_path_factory.mktemp("report")
    write_report([load_run(REFERENCE)], folder)
    return folder


@pytest.fixture(scope="session")
def page(written: Path) -> Page:
    return Page((written / "report.html").read_text(encoding="utf-8"))


def test_every_headline_figure_stands_in_both_formats(written: Path, page: Page) -> None:
    rows = headline(overhead_ratios(load_run(REFERENCE)))
    document = (written / "report.md").read_text(encoding="utf-8")
    for row in rows.to_dict("records"):
        assert f"| {escape(row['workload'])} | {ratio_text(row['ratio'])} |" in document
        assert re.search(rf"{row['workload']}\s+{re.escape(ratio_text(row['ratio']))}\s", page.words)
    mean = overall_mean(rows)
    for words in (document, page.words):
        assert ratio_text(mean.value) in words and f"{mean.spread:.2f}" in words


def test_the_summary_is_short_and_comes_from_the_run(tmp_path: Path) -> None:
    summary = build_report([small_run(tmp_path / "run")]).sections[0]
    said = summary.blocks[-1]
    assert isinstance(said, Bullets)
    sentences = said.items
    assert 3 <= len(sentences) <= 6
    assert "43.2× (fib) to 43.2× (crc32)" in sentences[0] or "43.2× (crc32) to 43.2× (fib)" in sentences[0]
    assert "not time" in sentences[-1] and "simulated" in sentences[-1]


def test_the_page_fetches_nothing_and_names_no_folder(page: Page, written: Path) -> None:
    for value in page.values("src") + page.values("srcset"):
        assert value.startswith("data:image/svg+xml;base64,")
    for value in page.values("href"):
        assert value.startswith(("#", "https://doi.org/10."))
    assert not [tag for tag, _ in page.tags if tag in ("link", "iframe", "object", "form")]
    for name in ("report.html", "report.md"):
        text = re.sub(r"data:[^\"]*", "", (written / name).read_text(encoding="utf-8"))
        assert str(paths.PROJECT) not in text and str(Path.home()) + "/" not in text
    style = (paths.PROJECT / "bench/report/templates/report.css").read_text()
    assert "url(" not in style and "@import" not in style


def test_the_page_can_be_used_without_eyes_or_mouse(page: Page) -> None:
    assert ("html", {"lang": "en"}) in page.tags
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    anchors = page.values("id")
    assert len(anchors) == len(set(anchors))
    assert {href[1:] for href in page.values("href") if href.startswith("#")} <= set(anchors)
    for alt in page.values("alt"):
        assert re.search(r"[0-9]", alt), "the figures stand in it"
        assert re.search(r"×|instructions|identical|bytes|seconds|[0-9] m?s\b", alt, re.IGNORECASE), "with their unit"
    assert len(page.values("alt", "img")) == len([tag for tag, _ in page.tags if tag == "img"]) >= 2
    for tag, attributes in page.tags:
        if "scroll" in str(attributes.get("class")) or tag == "pre":
            assert attributes["tabindex"] == "0" and attributes["aria-label"], "scrolled by keyboard, and named"
        if tag == "th":
            assert attributes["scope"] in ("col", "row")


def test_every_table_and_chart_says_that_it_is_simulated(page: Page) -> None:
    text = " ".join(page.words.split())
    assert text.count("not time") >= len([tag for tag, _ in page.tags if tag == "img"]) + 2


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    frame = small_run(tmp_path / "run")
    contents = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        contents.append({path.name: path.read_bytes() for path in write_report([frame], tmp_path / name)})
    assert contents[0] == contents[1]
    assert {"report.html", "report.md", "report-overhead.png"} <= set(contents[0])


def test_sources_are_shown_only_as_they_were_measured() -> None:
    frame = load_run(REFERENCE)
    section = workload_section([RunFigures(0, frame)])
    assert section is not None
    shown = {
        tuple(text for _, text in block.sources)
        for each in section.sections
        for block in each.blocks
        if isinstance(block, SideBySide)
    }
    run = frame.attrs["run"]["workloads"]
    for workload in (w for w in load_catalogue().values() if w.name in run and w.name != "empty"):
        recorded, here = run[workload.name]["source_sha256"], source_hashes(workload)
        same = all(here[name] == digest for name, digest in recorded.items())
        assert ((workload.header.read_text(), workload.script.read_text()) in shown) == same
        assert (workload.viper_overlay.is_file() and (workload.viper_overlay.read_text(),) in shown) == (
            same and workload.viper_overlay.is_file()
        )
    frame.attrs["run"]["workloads"]["fib"]["source_sha256"]["micropython"] = "0" * 64
    changed = workload_section([RunFigures(0, frame)])
    assert changed is not None
    fib = next(each for each in changed.sections if each.title.startswith("fib"))
    assert not any(isinstance(block, SideBySide) for block in fib.blocks)
    assert "has changed since run reference-virtual-esp32" in str(fib.blocks[-1])


def test_hostile_text_of_a_run_stays_text(tmp_path: Path) -> None:
    write_report([small_run(tmp_path / "run", everywhere_hostile)], tmp_path)
    page = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert page.words.count("<script>alert(1)</script>") > 5
    assert len([tag for tag, _ in page.tags if tag == "script"]) == 1
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert "x" not in page.values("src")
    document = (tmp_path / "report.md").read_text(encoding="utf-8")
    outside = re.sub(r"(?ms)^(`{3,}).*?^\1$", "", document)  # code stands as it is
    assert "<script" not in outside and "<img" not in outside
    assert not re.search(r"(?<!\\)\](?!\(<https://doi.org/10|\(report-)\(", outside) and "http://evil" not in outside
    assert "\n# heading" not in document and "\x1b" not in document and "/srv/secret" not in document
    for table in re.findall(r"(?m)(?:^\|.*\n)+", outside):
        assert len({line.count("|") for line in table.splitlines()}) == 1, "a cell broke out of its table"


def test_commands_to_reproduce_are_quoted(tmp_path: Path) -> None:
    write_report([small_run(tmp_path / "run", lambda facts: facts["board"].update(name="a; rm -rf ~"))], tmp_path)
    document = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "bench run --board 'a; rm -rf ~'" in document


def test_the_commands_of_the_reference_run_are_those_that_made_it(written: Path) -> None:
    run = load_run(REFERENCE).attrs["run"]
    document = (written / "report.md").read_text(encoding="utf-8")
    assert f"git checkout {run['harness']['commit']}\n" in document
    assert re.search(r"bench run --board virtual-esp32( .*)? --samples 3 --out results/again\n", document)
    assert "no choice that this version's bench run offers" not in document
    assert "bench verify --board virtual-esp32\n" in document


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a|b", "a&#124;b"),
        ("<b>", "&lt;b&gt;"),
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("53.3×", "53.3×"),
        ("www.evil.example", "www&#46;evil.example"),
    ],
)
def test_markdown_is_escaped_where_it_would_be_markup(text: str, escaped: str) -> None:
    assert escape(text) == escaped


def test_a_fence_is_longer_than_the_backticks_in_it() -> None:
    assert fenced("````\nx").startswith("`````text\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("in /home/me/project/x.py line 3", "in …/x.py line 3"),
        ("C:\\Users\\me\\x.py", "…/x.py"),
        ("https://example.org/a/b", "https://example.org/a/b"),
        ("MicroPython / Arduino", "MicroPython / Arduino"),
        ("-Os results/run", "-Os results/run"),
    ],
)
def test_folders_of_a_computer_are_left_out(text: str, shown: str) -> None:
    assert clean(text) == shown


def titles(frames: Sequence[pd.DataFrame]) -> str:
    return json.dumps([[s.title, [inner.title for inner in s.sections]] for s in build_report(frames).sections])


def test_a_section_without_figures_is_not_there(tmp_path: Path) -> None:
    blocks = {
        measurement("empty", lang, n): samples([7 * n], loops=n) for lang in ("arduino", "micropython") for n in (1, 9)
    }
    nothing = load_run(make_run(tmp_path / "nothing", blocks))
    assert "Overhead" not in titles([nothing]) and "Scaling" not in titles([nothing])
    write_report([nothing], tmp_path)
    assert "says nothing of the overhead" in (tmp_path / "report.html").read_text(encoding="utf-8")
    whole = titles([load_run(without_anatomy("virtual-esp32", tmp_path))])
    assert "Scaling" in whole and "without a figure" not in whole
    assert "Emitters" not in titles([small_run(tmp_path / "small")])


def test_other_variants_are_set_against_the_usual_one(tmp_path: Path) -> None:
    blocks: dict[Measurement, list[Sample]] = {}
    for language, cost in (("arduino", 100), ("micropython", 6000)):
        blocks |= {measurement("empty", language, n): samples([7 * n, 7 * n], loops=n) for n in (1, 9)}
        blocks[measurement("fib", language, 20)] = samples([cost + 7] * 2)
    for workload, n, block in (("empty", 1, [7, 7]), ("empty", 9, [63, 63]), ("fib", 20, [1507, 1507])):
        native = replace(measurement(workload, "micropython", n), variant="native")
        blocks[native] = samples(block, loops=n if workload == "empty" else 1)
    sections = build_report([load_run(make_run(tmp_path / "run", blocks))]).sections
    variants = next(section for section in sections if section.title == "Emitters, compiler flags, garbage collection")
    table = variants.blocks[-1]
    assert isinstance(table, Table)
    assert ["fib", "MicroPython", "native", "20", "1 500", "4.00×", "76 %"] in [
        [cell.text for cell in row] for row in table.rows
    ]
    overhead = next(section for section in sections if section.title.startswith("Overhead"))
    assert [[cell.text for cell in row][:2] for row in overhead.blocks[1].rows] == [["fib", "60.0×"]]  # type: ignore[union-attr]


def test_what_was_left_out_is_told_by_its_reason(tmp_path: Path) -> None:
    def leave_out(facts: dict[str, Any]) -> None:
        keys = [("crc32", "native", 10), ("crc32", "native", 20), ("crc32", "viper", 10), ("crc32", "viper", 20)]
        facts["skipped"] = [
            {"workload": w, "language": "micropython", "variant": v, "n": n, "message": "no module x"}
            for w, v, n in keys
        ]
        facts["skipped"].append({**facts["skipped"][0], "workload": "fib", "message": f"waits for ever {HOSTILE}"})

    frame = small_run(tmp_path / "run", leave_out)
    section = next(each for each in build_report([frame]).sections if each.title == "Measurements left out")
    texts = [block.text if isinstance(block, Text) else block.items for block in section.blocks[1:]]  # type: ignore[union-attr]
    assert texts[:2] == ["No module x:", ("crc32: MicroPython native, MicroPython viper (n = 10, 20)",)]
    assert texts[2].startswith("Waits for ever") and texts[3] == ("fib: MicroPython native (n = 10)",)  # type: ignore[union-attr]
    assert "Measurements left out" not in titles([small_run(tmp_path / "whole")])


def test_a_contract_tells_what_explains_its_ratio_and_what_bars_an_emitter(tmp_path: Path) -> None:
    section = workload_section([RunFigures(0, small_run(tmp_path / "run"))])
    assert section is not None
    catalogue = load_catalogue()
    crc32 = next(each for each in section.sections if each.title.startswith("crc32"))
    assert (Text(f"What its ratio comes from: {catalogue['crc32'].explains}") in crc32.blocks) == bool(
        catalogue["crc32"].explains
    )
    barred = next(w for w in catalogue.values() if w.barred)
    emitter, reason = next(iter(barred.barred.items()))
    assert (f"not with {emitter}", reason) in contract_facts(barred)
    needing = next(w for w in catalogue.values() if w.needs)
    assert any(name == "needs" and needing.needs[0] in value for name, value in contract_facts(needing))
    assert not {"needs", "only on"} & {name for name, _ in contract_facts(catalogue["fib"])}


def test_memory_stands_in_a_table_and_a_chart(tmp_path: Path) -> None:
    frame = small_run(tmp_path / "run")
    key = {"workload": "fib", "n": "20", "held": "64"}
    frame.attrs["run"].memory = (
        {**key, "language": "micropython", "variant": "bytecode", "allocated": "4096", "stack": ""},
        {**key, "language": "arduino", "variant": "Os", "allocated": "", "stack": "32"},
    )
    section = next(each for each in build_report([frame]).sections if each.title == "Memory and allocation")
    chart, table = section.blocks
    assert isinstance(chart, Chart) and chart.name == "memory"
    assert isinstance(table, Table)
    assert ["fib", "MicroPython", "20", "64", "4 096", "-"] in [[cell.text for cell in row] for row in table.rows]


def test_the_commands_name_the_variants_of_the_run(tmp_path: Path) -> None:
    catalogue = load_catalogue()

    def with_all(facts: dict[str, Any]) -> None:
        plan = make_plan(catalogue, names=["crc32"], variants=["all"])
        facts["plan"] = [m.key_facts for m in plan]

    write_report([small_run(tmp_path / "run", with_all)], tmp_path, ["markdown"])
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "bench run --board virtual-esp32 --workload crc32 --variant all --samples 3" in text


@pytest.mark.parametrize(
    ("micropython", "expected"),
    [
        (
            {"source": "https://micropython.org/x.bin", "micropython_version": "v1.26.1", "sha256": "ab" * 32},
            f" --layouts 3 --micropython 1.26.1 --firmware-sha256 {'ab' * 32} --out results/again",
        ),
        ({"source": "file own.bin", "sha256": "cd" * 32}, f"a file of the person's own ({'cd' * 32}): give it with"),
    ],
)
def test_the_commands_of_a_real_board_name_layouts_and_firmware(
    tmp_path: Path, micropython: dict[str, str], expected: str
) -> None:
    def on_a_chip(facts: dict[str, Any]) -> None:
        facts["board"].update(name="esp32", simulated=False, tick_unit="cycle")
        facts["settings"]["layouts"] = 3
        facts["languages"]["micropython"].update(micropython)

    write_report([small_run(tmp_path / "run", on_a_chip)], tmp_path, ["markdown"])
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert expected in text
    assert "bench verify" not in text


def test_the_dark_charts_have_the_colours_of_the_dark_style(tmp_path: Path) -> None:
    frame = small_run(tmp_path / "run")
    save_charts(frame, tmp_path, ("svg",))
    light = (tmp_path / "overhead.svg").read_bytes()
    save_charts(frame, tmp_path, ("svg",), style="dark")
    dark = (tmp_path / "overhead.svg").read_bytes()
    colours = re.compile(rb"#[0-9a-f]{6}\b")
    assert colours.findall(darkened(light)) == colours.findall(dark) != colours.findall(light)


def test_runs_stand_side_by_side_with_a_caution_about_the_fpu(tmp_path: Path) -> None:
    runs = [load_run(without_anatomy(board, tmp_path)) for board in ("virtual-esp32", "virtual-esp32c3")]
    caution, table = build_report(runs).sections[0].blocks
    assert "floating-point hardware" in str(caution)
    assert isinstance(table, Table)
    assert table.columns == ("workload", "n", "reference-virtual-esp32", "reference-virtual-esp32c3")
    for place, run in enumerate(runs):
        for row in headline(overhead_ratios(run)).to_dict("records"):
            cells = next(cells for cells in table.rows if cells[0].text == row["workload"])
            assert cells[2 + place].text == ratio_text(row["ratio"])
    assert "Run reference-virtual-esp32c3" in titles(runs)


def test_the_command_writes_into_the_folder_asked_for(tmp_path: Path) -> None:
    run = without_anatomy("virtual-esp32", tmp_path)
    done = Project(paths.PROJECT).bench("report", str(run), "--format", "markdown", "--out", str(tmp_path / "a"))
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.split()[0]).name == "report.md"
    assert all(Path(line).is_file() for line in done.stdout.split())


def test_mistakes_are_answered(tmp_path: Path) -> None:
    several = Project(paths.PROJECT).bench("report", str(REFERENCE), str(REFERENCE))
    assert several.returncode == 2 and "--out" in several.stderr
    with pytest.raises(InputError, match="no report format 'docx'; known: html, markdown, pdf"):
        write_report([load_run(REFERENCE)], tmp_path, ["docx"])
    with pytest.raises(InputError, match="at least one run"):
        write_report([], tmp_path)
