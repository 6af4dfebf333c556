"""Exported figures: read back equal by the programs they are for, and harmless whatever the run's names are."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pandas.testing import assert_frame_equal

from bench import paths
from bench.analysis import overhead_ratios
from bench.citation import bibtex, content_id
from bench.errors import InputError, ToolError
from bench.escape import latex_text, markdown_text, spreadsheet_text
from bench.export import FORMATS, TABLES, export, provenance, tables
from bench.frames import load_run
from bench.labels import printable
from bench.variants import LANGUAGES
from tests.conftest import Project
from tests.factories import linear_run, make_run, measurement, samples

# What samples.csv may hold as a name, and what run.json may hold besides.
HOSTILE_WORDS = (
    "=cmd|'/C~calc'!A0",
    "@sum",
    "+1",
    "-1",
    r"\input{/etc/passwd}",
    "a&b%c$d#e_f{g}h~i^j",
    "<b>|*_[x](y)`",
)
HOSTILE_TEXT = "<script>alert(1)</script>\n\\end{document}\r\t\"'`=1+1 µ×é中 {}"
HOSTILE_CHARACTERS = st.text(st.sampled_from("\\&%$#_{}~^<>|\"'`*[]()!=+-@:/.,;?\t\r\n aé中µ\u202e\x00"), max_size=20)
ANY_TEXT = HOSTILE_CHARACTERS | st.text(max_size=20)
with_pdflatex = pytest.mark.skipif(
    shutil.which("pdflatex") is None, reason="needs pdflatex with booktabs and siunitx (texlive-science)"
)


def run_of(path: Path, workloads: list[str], languages: tuple[str, ...] = LANGUAGES) -> pd.DataFrame:
    """A run with uneven costs at two n, so that figures have many digits."""
    cost = {
        (workload, language, n): 0.37 * n * (place + 1) * (1 if language == "arduino" else 41.3)
        for language in languages
        for place, workload in enumerate(workloads)
        for n in (10, 1000)
    }
    fixed, per_loop = {"arduino": 10, "micropython": 30}, {"arduino": 2, "micropython": 13}
    return linear_run(path, cost, fixed=fixed, per_loop=per_loop, jitter=(0, 7, 2), loops=lambda n: 3)


@pytest.fixture
def frame(tmp_path: Path) -> pd.DataFrame:
    """A run of two workloads."""
    return run_of(tmp_path / "run", ["fib", "crc32"])


@pytest.fixture
def hostile(tmp_path: Path) -> pd.DataFrame:
    """A run whose every name is an attack on some format."""
    run_of(tmp_path / "hostile", list(HOSTILE_WORDS))
    path = tmp_path / "hostile" / "run.json"
    run = json.loads(path.read_text())
    run |= {"run_id": HOSTILE_TEXT, "started": HOSTILE_TEXT, "harness": {"version": HOSTILE_TEXT, "commit": "=1"}}
    run["board"] |= {"name": HOSTILE_TEXT, "isa": HOSTILE_TEXT, "stands_for": HOSTILE_TEXT}
    for facts in run["languages"].values():
        facts |= {"compiler": HOSTILE_TEXT, "flags": "-Os --param=x"}
    for facts in run["workloads"].values():
        facts["group"] = HOSTILE_TEXT
    path.write_text(json.dumps(run))
    return load_run(tmp_path / "hostile")


def expected_cells(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables as untyped formats hold them: checksums marked as hexadecimal."""
    expected = tables(frame)
    expected["samples"] = expected["samples"].assign(checksum="0x" + expected["samples"]["checksum"])
    return expected


def test_csv_is_read_back_by_pandas_without_arguments(frame: pd.DataFrame, tmp_path: Path) -> None:
    assert [path.name for path in export(frame, tmp_path / "out", ["csv"])] == [f"{name}.csv" for name in TABLES]
    for name, table in expected_cells(frame).items():
        assert_frame_equal(pd.read_csv(tmp_path / "out" / f"{name}.csv"), table)
        assert json.loads((tmp_path / "out" / f"{name}.provenance.json").read_text()) == provenance(frame)


def test_parquet_is_the_run_itself_with_its_provenance(frame: pd.DataFrame, tmp_path: Path) -> None:
    export(frame, tmp_path, ["parquet"])
    for name, table in tables(frame).items():
        found = pd.read_parquet(tmp_path / f"{name}.parquet")
        assert_frame_equal(found, table)
        assert found.attrs == {"run": frame.attrs["run"], "provenance": provenance(frame)}
    loaded = pd.read_parquet(tmp_path / "samples.parquet")
    assert_frame_equal(overhead_ratios(loaded), overhead_ratios(frame))
    assert content_id(loaded) == content_id(frame)


def test_json_holds_every_digit(frame: pd.DataFrame, tmp_path: Path) -> None:
    document = json.loads(export(frame, tmp_path, ["json"])[0].read_text())
    assert document["provenance"] == provenance(frame)
    for name, table in tables(frame).items():
        assert_frame_equal(pd.DataFrame(document[name]), table)


def test_xlsx_has_a_sheet_a_table_and_one_for_provenance(frame: pd.DataFrame, tmp_path: Path) -> None:
    (path,) = export(frame, tmp_path, ["xlsx"])
    sheets = pd.read_excel(path, sheet_name=None, dtype={"value": "str"})
    assert list(sheets) == [*TABLES, "provenance"]
    for name, table in expected_cells(frame).items():
        assert_frame_equal(sheets[name], table, check_dtype=False)  # a whole float comes back as an integer
    assert set(sheets["provenance"]["fact"]) == set(provenance(frame))


def test_a_ratio_that_is_not_known_is_an_empty_cell(tmp_path: Path) -> None:
    cost = {("fib", "arduino", 10): 0.0, ("fib", "micropython", 10): 50.0}
    frame = linear_run(tmp_path / "run", cost, fixed=dict.fromkeys(LANGUAGES, 9), per_loop=dict.fromkeys(LANGUAGES, 2))
    export(frame, tmp_path, list(FORMATS), "ratios")
    assert json.loads((tmp_path / "ratios.json").read_text())["ratios"][0]["ratio"] is None
    assert pd.read_csv(tmp_path / "ratios.csv")["ratio"].isna().all()
    assert "{too short to tell}" in (tmp_path / "ratios.tex").read_text()


def test_provenance_names_run_board_unit_versions_and_origin(frame: pd.DataFrame) -> None:
    facts = provenance(frame)
    assert facts["run_id"] == "20240101-000000-virtual-esp32"
    assert facts["board.simulated"] == "True"
    assert "instructions, not time" in facts["origin"]
    assert facts["unit"].startswith("retired instructions")
    assert facts["languages.micropython.micropython_version"] == "v1.28.0"
    assert facts["content_id"] == content_id(frame)


def test_every_row_of_every_table_names_its_run_board_and_unit(frame: pd.DataFrame) -> None:
    for table in tables(frame).values():
        assert set(table["run_id"]) == {"20240101-000000-virtual-esp32"}
        assert set(table["simulated"]) == {True}
        assert set(table["tick_unit"]) == {"instruction"}


def test_the_same_run_gives_the_same_bytes(frame: pd.DataFrame, tmp_path: Path) -> None:
    first, second = (export(frame, tmp_path / name, list(FORMATS)) for name in ("one", "two"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_workbook_says_nothing_of_when_it_was_written(frame: pd.DataFrame, tmp_path: Path) -> None:
    (path,) = export(frame, tmp_path, ["xlsx"])
    with zipfile.ZipFile(path) as workbook:
        assert {entry.date_time[0] for entry in workbook.infolist()} == {1980}
        dates = re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", workbook.read("docProps/core.xml").decode())
    assert dates == ["2000-01-01T00:00:00Z"] * 2


def test_no_name_is_a_formula_and_no_number_is_text(hostile: pd.DataFrame, tmp_path: Path) -> None:
    export(hostile, tmp_path, ["csv", "xlsx"])
    names = {f"'{word}" for word in HOSTILE_WORDS[:4]} | set(HOSTILE_WORDS[4:])
    for name in TABLES:
        table = pd.read_csv(tmp_path / f"{name}.csv")
        assert names == set(table["workload"]) - {"empty"}
        assert len(table) == len(tables(hostile)[name])
        assert all(
            pd.api.types.is_numeric_dtype(table[column]) for column in table if column in ("n", "ticks", "ratio")
        )
    cells = [cell for sheet in openpyxl.load_workbook(tmp_path / "tables.xlsx") for row in sheet for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert not [cell for cell in cells if isinstance(cell.value, str) and cell.value.startswith(tuple("=+-@"))]


def test_a_negative_number_stays_a_number(tmp_path: Path) -> None:
    cost = {("fib", language, 10): -5.0 for language in LANGUAGES}
    frame = linear_run(tmp_path / "run", cost, fixed=dict.fromkeys(LANGUAGES, 90), per_loop=dict.fromkeys(LANGUAGES, 9))
    export(frame, tmp_path, ["csv", "xlsx"], "summary")
    assert (pd.read_csv(tmp_path / "summary.csv")["median"] == -5).all()
    assert (pd.read_excel(tmp_path / "summary.xlsx", sheet_name="summary")["median"] == -5).all()


@given(ANY_TEXT)
def test_a_cell_is_one_line_of_text_that_no_spreadsheet_runs(text: str) -> None:
    cell = spreadsheet_text(text)
    assert cell.isprintable()
    assert not cell.startswith(tuple("=+-@＝＋－＠\t\r"))
    assert cell.removeprefix("'") == printable(text).removeprefix("'")


LATEX_TOKEN = re.compile(
    r"\\[&%$#_]|\\(?:text[a-z]+|char34|char96)\{\}|\\ensuremath\{\\[a-z]+\}|\\[`'^~\"rc]\{[A-Za-z]\}|-\{\}"
    r"|[A-Za-z0-9 !'()*+,./:;=?@\[\]-]"
)


@given(ANY_TEXT)
def test_latex_text_is_made_of_harmless_tokens_only(text: str) -> None:
    escaped = latex_text(text)
    assert LATEX_TOKEN.sub("", escaped) == ""
    assert "--" not in escaped
    assert escaped.count("{") == escaped.count("}")


class TextOf(HTMLParser):
    """The texts of a page, and the names of its tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.tags = "", set[str]()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Note the tag."""
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += data


@given(ANY_TEXT)
def test_a_markdown_cell_reads_as_the_text_that_was_put_in(text: str) -> None:
    page = MarkdownIt("commonmark").enable("table").render(f"| x |\n|---|\n| a{markdown_text(text)}z |\n")
    shown = TextOf(page)
    assert shown.tags == {"table", "thead", "tbody", "tr", "th", "td"}
    assert shown.text.split("a", 1)[1].rstrip() == f"{printable(text)}z"


def test_the_markdown_table_keeps_its_shape_with_hostile_names(hostile: pd.DataFrame, tmp_path: Path) -> None:
    (path,) = export(hostile, tmp_path, ["markdown"])
    page = MarkdownIt("commonmark").enable("table").render(path.read_text())
    shown = TextOf(page)
    assert shown.tags == {"h3", "p", "table", "thead", "tbody", "tr", "th", "td"}
    assert page.count("<tr>") == 1 + len(HOSTILE_WORDS)
    assert all(word in shown.text for word in HOSTILE_WORDS)


def compiled(folder: Path, document: str, *, bibliography: str = "") -> str:
    """What LaTeX says of a document; it must compile, and nothing may stick out of the page."""
    (folder / "paper.tex").write_text(document)
    (folder / "paper.bib").write_text(bibliography)
    pdflatex = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "-no-shell-escape", "paper"]
    commands = [pdflatex, ["bibtex", "paper"], pdflatex] if bibliography else [pdflatex, pdflatex]
    for command in commands:
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout[-2000:].decode(errors="replace")
    return done.stdout.decode(errors="replace")


@with_pdflatex
@pytest.mark.parametrize("count", [1, 60])
def test_the_latex_table_compiles_and_fits_the_page(tmp_path: Path, count: int) -> None:
    frame = run_of(tmp_path / "run", [f"workload_{place:02}" for place in range(count)])
    (path,) = export(frame, tmp_path / "out.tex", ["latex"], standalone=True)
    assert "Overfull" not in compiled(tmp_path, path.read_text())


@with_pdflatex
def test_latex_and_bibtex_compile_with_hostile_names(hostile: pd.DataFrame, tmp_path: Path) -> None:
    (path,) = export(hostile, tmp_path / "table.tex", ["latex"])
    punctuation = [chr(code) for code in range(0x20, 0x7F) if not chr(code).isalnum()]
    pairs = " ".join(latex_text(a + b) for a in punctuation for b in punctuation)
    letters = latex_text("".join(chr(code) for code in range(0xA0, 0x250)))
    document = (
        "\\documentclass{article}\\usepackage{booktabs,longtable,siunitx}\\begin{document}\\nocite{*}\n"
        f"{path.read_text()}\n{pairs}\n\n{letters}\\bibliographystyle{{plain}}\\bibliography{{paper}}\\end{{document}}\n"
    )
    compiled(tmp_path, document, bibliography=bibtex(hostile))


def test_the_latex_table_has_columns_that_line_up_and_a_note(frame: pd.DataFrame, tmp_path: Path) -> None:
    table = export(frame, tmp_path, ["latex"])[0].read_text()
    assert "llS[table-format=4.0]S[table-format=3.0]S[table-format=5.0]S[table-format=2.1]r" in table
    assert r"control & fib & 1000 & 371 & 15282 & 41.2 & " in table
    assert "Geometric mean of 2: 41.2" in table
    assert "instructions, not time" in table
    assert f"content id {content_id(frame)}" in table


def test_an_unfinished_run_gives_what_is_finished_and_says_so(tmp_path: Path) -> None:
    blocks = {measurement("empty", "arduino", 1): samples([5, 6, 7]), measurement("fib", "arduino", 9): samples([1, 2])}
    frame = load_run(make_run(tmp_path / "run", blocks, finish=False))
    export(frame, tmp_path, ["json"], "samples")
    document = json.loads((tmp_path / "samples.json").read_text())
    assert [row["ticks"] for row in document["samples"]] == [5, 6, 7]
    assert document["provenance"]["status"] == "running"
    with pytest.raises(InputError, match="bench run --resume"):
        export(frame, tmp_path, ["json"])


def test_a_run_without_samples_is_answered(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", {measurement("empty", "arduino", 1): samples([5])}, finish=False)
    (run / "samples.csv").write_text((run / "samples.csv").read_text().splitlines()[0] + "\n")
    for name in FORMATS:
        with pytest.raises(InputError, match="no finished measurement yet"):
            export(load_run(run), tmp_path / "out", [name], "samples")
    assert not (tmp_path / "out").exists()


def test_a_run_in_one_language_has_samples_and_no_ratio_table(tmp_path: Path) -> None:
    frame = run_of(tmp_path / "run", ["fib"], languages=("arduino",))
    export(frame, tmp_path, ["csv"])
    assert pd.read_csv(tmp_path / "ratios.csv").empty
    with pytest.raises(InputError, match="no workload that both languages measured"):
        export(frame, tmp_path, ["latex"])


@pytest.mark.parametrize(
    ("formats", "what", "target", "message"),
    [
        (["pdf"], "all", "out", "no format 'pdf'; there are: csv, parquet, json, latex, markdown, xlsx"),
        ([""], "all", "out", "no format ''"),
        (["csv"], "everything", "out", "no table 'everything'; there are: samples, summary, ratios, all"),
        (["latex"], "samples", "out", "latex and markdown hold the headline ratios, not samples"),
        (["csv"], "all", "out.csv", "is one file, to be written are samples.csv, summary.csv, ratios.csv"),
        (["csv"], "ratios", "out.xlsx", "is one file, to be written are ratios.csv"),
        (["csv"], "samples", "run", "is the run's own file: choose another --out"),
        (["csv"], "ratios", "run/samples.csv", "is the run's own file"),
        (["json"], "ratios", "run/run.json", "is the run's own file"),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_is_written(
    frame: pd.DataFrame, tmp_path: Path, formats: list[str], what: str, target: str, message: str
) -> None:
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match=re.escape(message)):
        export(frame, tmp_path / target, formats, what)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("target", ["run/run.json/out", "/proc/no-such-folder", "x" * 300])
def test_a_target_that_cannot_be_written_is_a_tool_error(frame: pd.DataFrame, tmp_path: Path, target: str) -> None:
    with pytest.raises(ToolError, match=r"cannot write .*choose another --out"):
        export(frame, tmp_path / target, ["csv"])


@pytest.mark.parametrize(("name", "package"), [(n, each.package) for n, each in FORMATS.items() if each.package])
def test_a_missing_package_is_named(
    frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # which makes Python say that there is none
    with pytest.raises(ToolError, match=f"{name} needs the Python package {package}.*: pip install {package}$"):
        export(frame, tmp_path / "out", ["csv", name])
    assert not (tmp_path / "out").exists()


def test_the_command_exports_several_formats_and_names_the_files(tmp_path: Path) -> None:
    project = Project(paths.PROJECT)
    done = project.bench("export", "reference-virtual-esp32", "--format", "csv, latex", "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    names = [Path(line).name for line in done.stdout.splitlines()]
    assert names == ["samples.csv", "summary.csv", "ratios.csv", "ratios.tex"]
    assert pd.read_csv(io.BytesIO((tmp_path / "out" / "samples.csv").read_bytes()))["ticks"].gt(0).all()
    refused = project.bench("export", "reference-virtual-esp32", "--format", "pdf")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


def test_help_names_every_format() -> None:
    words = Project(paths.PROJECT).bench("export", "--help").stdout
    assert all(name in words for name in FORMATS)
