"""The report as PDF, read back: all sections and ratios stand in it, it is tagged, and no text of a run is markup."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from bench import load_run, paths
from bench.analysis import headline, overhead_ratios
from bench.citation import content_id
from bench.errors import ToolError
from bench.labels import ratio_text
from bench.report import pdf
from bench.report.blocks import (
    Block,
    Bullets,
    Cell,
    Chart,
    Code,
    Facts,
    Link,
    Report,
    Section,
    SideBySide,
    Table,
    Text,
    Tiles,
)
from bench.report.model import build_report
from bench.report.paged import paged
from bench.report.write import write_report
from tests.conftest import Project
from tests.report_runs import everywhere_hostile, small_run, without_anatomy

MARKUP = '#panic("x") $x^2$ *b* _i_ `r` @label <label> \\u{41} // c /* c */ = h #read("x") https://evil.example'
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="30" height="10"/></svg>'
SOME = ("empty", "fib", "sieve", "crc32", "sha256", "fir_f32", "list_append", "gpio_toggle", "dict_count")
IMPRINT = pdf.Imprint("run", "simulated; instructions, not time", ("word",), datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
CHART = Chart(0, "flame", "What it shows.", "In words.", "fib", "Flame graph")
TABLE = Table(
    "Caption.", ("name", "ratio"), ((Cell("fib"), Cell("53.3×", 53.3, 0.5)),), (False, True), (Cell("mean"),) * 2
)
ONE_OF_EACH: tuple[Block, ...] = (
    *(TABLE, Chart(0, "overhead", "Caption.", "In words."), Text("A paragraph."), Link("doi:10.1/x", "https://doi.org/10.1/x")),
    *(Bullets(("one", "two")), Tiles((("6×", "least"), ("9×", "most")), "of all"), Code("bench run\n", "Commands")),
    *(Facts("Board", (("name", "x"),)), SideBySide("Sources of fib", (("fib.h", "int x;\n"), ("fib.py", "x = 1\n")))),
)  # fmt: skip


class Printed:
    """What the tests want to know of a PDF."""

    def __init__(self, data: bytes) -> None:
        self.reader = PdfReader(BytesIO(data), strict=True)
        self.headings = list(_headings(self.reader.outline))

    @cached_property
    def pages(self) -> list[str]:
        """The text of each page."""
        return [plain(page.extract_text()) for page in self.reader.pages]

    @cached_property
    def text(self) -> str:
        """The text of all pages."""
        return " ".join(self.pages)

    def tags(self, kind: str) -> list[DictionaryObject]:
        """The elements of this kind in the tree of tags."""
        objects = (_object(self.reader, number) for number in range(1, int(str(self.reader.trailer["/Size"]))))
        return [each for each in objects if isinstance(each, DictionaryObject) and each.get("/S") == f"/{kind}"]

    def addresses(self) -> set[str]:
        """Where links lead to outside the document; other actions than links fail at once."""
        found = set()
        for page in self.reader.pages:
            for reference in page.get("/Annots", ArrayObject()):
                annotation = reference.get_object()
                assert annotation["/Subtype"] == "/Link"
                action = annotation.get("/A", {"/S": "/GoTo"})
                assert action["/S"] in ("/GoTo", "/URI")
                found |= {str(action["/URI"])} if "/URI" in action else set()
        return found


def _object(reader: PdfReader, number: int) -> Any:
    return reader.get_object(IndirectObject(number, 0, reader))


def _headings(outline: Sequence[Any]) -> Iterator[str]:
    for entry in outline:
        if isinstance(entry, list):
            yield from _headings(entry)
        else:
            yield plain(entry.title)


def plain(text: str) -> str:
    """Text without what setting it changes: line breaks, ligatures."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def close(text: str) -> str:
    """Text without any space: a long word may break anywhere."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def report_of(*blocks: Block) -> Report:
    return Report("Title", "Subtitle", (Section("one", "First section", blocks),))


def rendered(*blocks: Block) -> Printed:
    charts = {block: SVG for block in blocks if isinstance(block, Chart)}
    return Printed(pdf.render_pdf(report_of(*blocks), charts, IMPRINT))


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Some workloads of the reference run, without its anatomy: the whole takes a test that is marked slow."""
    frame = load_run(without_anatomy("virtual-esp32", tmp_path_factory.mktemp("run")))
    run = frame.attrs["run"]
    run["workloads"] = {name: facts for name, facts in run["workloads"].items() if name in SOME}
    return frame[frame["workload"].isin(SOME)].reset_index(drop=True)


@pytest.fixture(scope="module")
def printed(frame: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Printed:
    """The report of these."""
    folder = tmp_path_factory.mktemp("pdf")
    (path,) = write_report([frame], folder, ["pdf"])
    assert path == folder / "report.pdf"
    return Printed(path.read_bytes())


def test_every_section_and_every_ratio_is_in_it(frame: pd.DataFrame, printed: Printed) -> None:
    expected = list(titles(build_report([frame]).sections))
    assert [heading for heading in printed.headings if heading in expected] == expected
    for heading in printed.headings:
        assert close(heading) in close(printed.text)
    assert_ratios(frame, printed)


def titles(sections: Sequence[Section]) -> Iterator[str]:
    for section in sections:
        yield plain(section.title)
        yield from titles(section.sections)


def assert_ratios(frame: pd.DataFrame, printed: Printed) -> None:
    """That each workload stands beside its ratio."""
    for row in headline(overhead_ratios(frame)).to_dict("records"):
        assert f"{row['workload']} {ratio_text(row['ratio'])} " in printed.text


def test_each_page_says_what_it_belongs_to(printed: Printed) -> None:
    pages = printed.pages
    for number, page in enumerate(pages, start=1):
        assert "instructions, not time" in page and "reference-virtual-esp32" in page
        assert f"{number} / {len(pages)}" in page


def test_the_file_tells_what_it_is(frame: pd.DataFrame, printed: Printed) -> None:
    about = printed.reader.metadata
    assert about is not None and about.creation_date is not None
    assert about.title and about.title.startswith("MicroPython against Arduino C++")
    assert about.author == "The bench contributors"
    assert f"content id {content_id(frame)}" in str(about["/Keywords"])
    assert about.creation_date == datetime.fromisoformat(frame.attrs["run"]["started"])
    assert "/tmp" not in str(about) and str(paths.PROJECT) not in printed.text


def test_a_screen_reader_finds_tags_and_words_for_every_chart(frame: pd.DataFrame, printed: Printed) -> None:
    root: Any = printed.reader.root_object
    assert root["/Lang"] == "en" and root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    charts = [b for s in build_report([frame]).sections for b in s.blocks if isinstance(b, Chart)]
    assert {chart.alt for chart in charts} <= {str(tag.get("/Alt")) for tag in printed.tags("Figure")}
    assert len(printed.tags("Table")) > 5 and printed.tags("TH") and printed.tags("H1")


def test_long_tables_and_sources_stand_behind_and_their_heads_repeat(printed: Printed) -> None:
    first = next(n for n, page in enumerate(printed.pages) if "Appendix A: Tables in full Table of" in page)
    assert all("Appendix" not in page for page in printed.pages[2:first])
    head = "workload language variant n median IQR min samples outliers"
    assert len([page for page in printed.pages[first:] if head in page]) > 1
    assert not [page for page in printed.pages[:first] if head in page]
    assert "Both sources of fib, side by side, page " in printed.text
    assert printed.headings.index("Both sources of fib, side by side") > printed.headings.index("How to cite")
    assert "def fib(" in printed.text and printed.addresses() == {"https://doi.org/10.3390/electronics12010143"}


def test_what_is_copied_from_it_is_whole(frame: pd.DataFrame, printed: Printed) -> None:
    assert f"git checkout {frame.attrs['run']['harness']['commit']} make setup" in printed.text
    assert "\u200b" not in printed.text


def test_no_text_of_a_run_is_markup(tmp_path: Path) -> None:
    def hostile(facts: dict[str, Any]) -> None:
        everywhere_hostile(facts)
        facts["board"]["isa"] = facts["workloads"]["fib"]["group"] = MARKUP
        facts["failures"][0]["message"] = f"{MARKUP} in /srv/secret/place/file.py"
        facts["started"] = "#datetime.today()"

    (path,) = write_report([small_run(tmp_path / "run", hostile)], tmp_path, ["pdf"])
    printed = Printed(path.read_bytes())
    assert close(printed.text).count(close(MARKUP)) > 3
    assert "<script>alert(1)</script>" in printed.text
    assert "/srv/secret" not in printed.text
    assert not [address for address in printed.addresses() if not address.startswith("https://doi.org/10.")]


def test_long_words_break_within_the_page() -> None:
    word = "a1b2" * 60
    printed = rendered(Table("C.", ("name", "hash"), ((Cell("x" * 90), Cell(word)),), (False, False)), Text(word))
    lines = printed.reader.pages[0].extract_text().split()
    assert all(len(line) < len(word) / 2 for line in lines) and close(printed.text).count(word) == 2


def test_every_block_has_a_form() -> None:
    assert {type(block) for block in ONE_OF_EACH} == set(get_args(Block))
    printed = rendered(*ONE_OF_EACH)
    for words in ("53.3×", "A paragraph.", "doi:10.1/x", "two", "most", "bench run", "int x;", "x = 1", "In words."):
        assert words in printed.text or words in {str(tag.get("/Alt")) for tag in printed.tags("Figure")}
    assert printed.addresses() == {"https://doi.org/10.1/x"}


def test_a_block_without_a_form_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "paged", lambda report, files: {**paged(report, files), "sections": [
        {"anchor": "a", "title": "t", "blocks": [{"kind": "Film"}], "sections": []}]})  # fmt: skip
    with pytest.raises(ToolError, match=r"typst cannot set the report: .*no PDF for Film; choose --format html"):
        rendered(Text("x"))


def test_what_a_screen_folds_away_goes_into_appendices_of_its_kind() -> None:
    folded = Table("C.", tuple("abcdefghijkl"), (), (False,) * 12, folded="Table of all")
    sections = tuple(Section(f"s{n}", f"Run {n}", (folded, CHART, Text("x"))) for n in (1, 2))
    content = paged(Report("T", "S", sections), {CHART: "chart.svg"})
    assert [each["title"] for each in content["appendices"]] == [
        *("Appendix A: Tables in full", "Appendix B: Charts of single workloads"),
    ]
    tables, charts = (each["groups"][0] for each in content["appendices"])
    assert tables["wide"] and charts["wide"]
    assert [entry["title"] for entry in tables["entries"]] == ["Table of all (Run 1)", "Table of all (Run 2)"]
    assert [entry["block"]["file"] for entry in charts["entries"]] == ["chart.svg", "chart.svg"]
    places = [block["target"] for section in content["sections"] for block in section["blocks"] if "target" in block]
    anchors = [e["anchor"] for each in content["appendices"] for group in each["groups"] for e in group["entries"]]
    assert sorted(places) == sorted(anchors) and len(set(anchors)) == 4


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    frame = small_run(tmp_path / "run")
    first, second = (write_report([frame], tmp_path, ["pdf"])[0].read_bytes() for _ in range(2))
    assert first == second


def test_characters_of_other_scripts_do_not_stop_it() -> None:
    printed = rendered(Text("Ελληνικά, ↻ and 漢字"))
    assert "Ελληνικά, ↻ and" in printed.text
    root: Any = printed.reader.root_object
    assert b"pdfuaid" not in root["/Metadata"].get_data()


def test_several_runs_stand_side_by_side(tmp_path: Path) -> None:
    runs = [small_run(tmp_path / name, lambda facts, name=name: facts.update(run_id=name)) for name in ("one", "two")]  # type: ignore[misc]
    html, path = write_report(runs, tmp_path, ["html", "pdf"])
    assert (html.name, path.name) == ("report.html", "report.pdf")
    printed = Printed(path.read_bytes())
    assert {"Run one", "Run two", "Origin of run two"} <= set(printed.headings)
    assert all("one, two" in page for page in printed.pages)
    assert "workload n one two fib 20 43.2× 43.2×" in printed.text
    every = "Table of every measurement: median, IQR, minimum, samples, outliers"
    assert {f"{every} (Run one)", f"{every} (Run two)"} <= set(printed.headings)


def test_without_the_package_it_says_what_to_install_and_draws_nothing(tmp_path: Path) -> None:
    small_run(tmp_path / "run")
    command = "import sys; sys.modules['typst'] = None; from bench.cli import main; main()"
    asked = ["report", str(tmp_path / "run"), "--format", "html,pdf", "--out", str(tmp_path / "out")]
    done = subprocess.run([sys.executable, "-c", command, *asked], capture_output=True, text=True, cwd=paths.PROJECT)
    assert done.returncode == 3 and done.stdout == "" and not list((tmp_path / "out").iterdir())
    (line,) = done.stderr.splitlines()
    assert f"needs the Python package typst, which is not installed: pip install '{pdf.REQUIREMENT}'" in line


def test_the_package_asked_for_is_the_one_tested_with() -> None:
    extras = tomllib.loads((paths.PROJECT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert extras["pdf"] == [pdf.REQUIREMENT] and pdf.REQUIREMENT in extras["dev"]


def test_the_command_tells_what_it_does_and_where_the_file_is(tmp_path: Path) -> None:
    small_run(tmp_path / "run")
    done = Project(paths.PROJECT).bench("report", str(tmp_path / "run"), "--format", "pdf")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(tmp_path / "run" / "report.pdf")]
    assert "drawing the charts" in done.stderr and "setting the pages" in done.stderr


def test_a_place_that_cannot_be_written_is_told_in_a_line(tmp_path: Path) -> None:
    small_run(tmp_path / "run")
    (tmp_path / "file").write_text("")
    (tmp_path / "taken" / "report.pdf").mkdir(parents=True)
    for out, message in ((tmp_path / "file" / "deep", "cannot create"), (tmp_path / "taken", "cannot write")):
        done = Project(paths.PROJECT).bench("report", str(tmp_path / "run"), "--format", "pdf", "--out", str(out))
        assert done.returncode == 3 and message in done.stderr.splitlines()[-1] and "--out" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_whole_reference_run_is_in_it_with_its_anatomy(tmp_path: Path) -> None:
    frame = load_run(paths.RESULTS / "reference-virtual-esp32")
    (path,) = write_report([frame], tmp_path, ["pdf"])
    printed = Printed(path.read_bytes())
    assert_ratios(frame, printed)
    assert "Anatomy: where the instructions go" in printed.headings
    assert "fib: flame graph: which functions of MicroPython its instructions go to" in printed.headings
    assert "mp_execute_bytecode" in printed.text
