"""Tips: each pair does the same on the real board and saves what tips.toml claims; the page shows what was measured."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

from bench import paths
from bench.answers import reference_answer
from bench.cli.tips import command, show
from bench.errors import InputError
from bench.runs import Silent
from bench.tips import (
    AFTER,
    BEFORE,
    CAUSES,
    MeasuredTips,
    Tip,
    component_that_shrank,
    load_tips,
    measure_tips,
    select_tips,
)
from bench.tips_page import COLUMNS, tips_page
from bench.virtual_board.board import VirtualBoard
from tests.conftest import Project, prepared

TIPS = list(load_tips().values())
PAGE = paths.PROJECT / "docs" / "tips.md"


@pytest.fixture(scope="module")
def measured(board: VirtualBoard) -> MeasuredTips:
    return measure_tips(TIPS, board, Silent(), fresh=True, anatomy=True)


# ---- What the tips say


def test_there_is_help_for_every_cause_and_some_folklore() -> None:
    assert 12 <= len(TIPS) <= 16
    spared = set(CAUSES) - {"library"}  # what any language would call: another script spares the way to it
    assert {tip.cause for tip in TIPS if tip.helps} == spared
    assert any(not tip.helps for tip in TIPS)


def test_every_pair_gives_the_reference_s_answer_and_saves_what_is_claimed(measured: MeasuredTips) -> None:
    assert measured.failures == [] and measured.exit_code == 0
    assert [figures.tip for figures in measured.figures] == TIPS
    assert measured.surprises == []


def test_the_pairs_give_equal_answers_to_other_inputs_too(board: VirtualBoard) -> None:
    others = [replace(tip, n=tip.n // 3 + 2, seed=tip.seed + 6) for tip in TIPS]
    assert measure_tips(others, board, Silent()).failures == []


@pytest.mark.parametrize("tip", TIPS, ids=lambda tip: tip.name)
def test_the_answer_depends_on_the_input(tip: Tip) -> None:
    before = tip.workload(BEFORE)
    assert reference_answer(before, 4) != reference_answer(before, tip.n)


@pytest.mark.slow
def test_the_claims_hold_on_the_other_board_too() -> None:
    measured = measure_tips(TIPS, prepared(VirtualBoard("virtual-esp32c3")), Silent())
    assert measured.exit_code == 0 and measured.surprises == []


# ---- The page


def without_figures(page: str) -> str:
    """The page with every number replaced in the lines that hold figures."""
    lines = [
        re.sub(r"-?\d[\d .]*", "0", line) if line.startswith(("| [", "- **Measured:**", "Figures: ")) else line
        for line in page.splitlines()
    ]
    return re.sub(r"image [0-9a-f]+", "image", "\n".join(lines))


def test_the_page_is_fresh(measured: MeasuredTips) -> None:
    written, now = PAGE.read_text(encoding="utf-8"), tips_page(measured)
    image = measured.run["languages"]["micropython"]["image"]
    if f"image {image}." in written and measured.run["board"]["simulator"].split(" -")[0] in written:
        assert written == now, "run make docs"
    else:  # another compiler's image: its figures differ by a little, and nothing else
        assert without_figures(written) == without_figures(now), "run make docs"


def test_the_page_shows_both_scripts_whole(measured: MeasuredTips) -> None:
    fences = [token.content for token in MarkdownIt("commonmark").parse(tips_page(measured)) if token.type == "fence"]
    for tip, diff in zip(TIPS, fences, strict=True):
        for part, sign in ((BEFORE, "-"), (AFTER, "+")):
            lines = [line[1:] for line in diff.splitlines() if line[0] in f" {sign}"]
            assert "\n".join(lines) + "\n" == tip.workload(part).script.read_text(encoding="utf-8")


# ---- The command


def printed(*arguments: str) -> tuple[str, str]:
    """What `bench tips` prints to standard output and standard error."""
    done = CliRunner().invoke(command, list(arguments), standalone_mode=False)
    assert done.exception is None and done.return_value == 0, done.output
    return done.stdout, done.stderr


def test_the_command_prints_tables_for_people_and_programs() -> None:
    names = ("range_loop", "local_names")
    shown = " ".join(printed(*names)[0].split())
    assert "retired instructions per execution" in shown and "Simulated on virtual-esp32" in shown
    assert shown.index("local_names ") < shown.index("folklore") < shown.index("range_loop ")
    assert "Watch out:" in shown and "mpy_scripts/tips/local_names/before.py" in shown
    as_json, progress = printed(*names, "--format", "json")
    assert "0 measurements" in progress, "nothing changed, so nothing is measured again"
    rows = json.loads(as_json)
    assert [row["tip"] for row in rows] == list(names)  # the order of tips.toml
    assert all(tuple(row) == COLUMNS and row["simulated"] and row["tick_unit"] == "instruction" for row in rows)
    for row in rows:
        assert row["factor"] == pytest.approx(row["before"] / row["after"], rel=1e-5)
        assert row["saved"] == pytest.approx(1 - row["after"] / row["before"], abs=1e-5)
    as_csv = csv.DictReader(io.StringIO(printed(*names, "--format", "csv")[0]))
    assert [row["before"] for row in as_csv] == [str(row["before"]) for row in rows]


def test_help_does_not_import_pandas() -> None:
    script = (
        "import sys\nfrom bench.cli import cli\n"
        "cli.main(['tips', '--help'], standalone_mode=False)\n"
        "assert not {'pandas', 'numpy', 'rich', 'serial'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=paths.PROJECT, capture_output=True, check=True)


# ---- What can be wrong


def test_a_pair_that_fails_has_no_figures_and_the_others_have(project: Project) -> None:
    project.replace("mpy_scripts/tips/local_names/after.py", "changes += 1", "changes += 2")
    project.replace("mpy_scripts/tips/const_names/after.py", "    score = 0\n", "    raise ValueError('odd')\n")
    done = project.bench("tips", "local_names", "const_names", "each_item", "--format", "json")
    assert done.returncode == 4
    assert [row["tip"] for row in json.loads(done.stdout)] == ["each_item"]
    messages = " ".join(done.stderr.split())
    assert "no figure: tips/local_names/after n=256" in messages and "(CPython reference)" in messages
    assert "ValueError: odd (line 14 of tips/const_names/after.py)" in messages
    assert "2 of 3 tips have no figures" in messages


def test_no_tip_measured_is_no_table_and_no_traceback(
    tmp_path: Path, board: VirtualBoard, capsys: pytest.CaptureFixture[str]
) -> None:
    source = own_tips(tmp_path, TABLE)
    scripts = tmp_path / "mpy_scripts" / "tips" / "mine"
    shutil.copytree(paths.SCRIPTS / "tips" / "each_item", scripts)
    after = (scripts / "after.py").read_text(encoding="utf-8")
    (scripts / "after.py").write_text(after.replace("step = reading", "step = 1 + reading"), encoding="utf-8")
    measured = measure_tips(list(load_tips(source).values()), board, Silent())
    assert (measured.figures, measured.exit_code) == ([], 4)
    assert "tips/mine/after n=10" in measured.failures[0]
    show(measured, "table", explain=True)
    assert capsys.readouterr().out == ""


def test_a_script_that_cpython_cannot_execute_is_named_with_its_line(project: Project) -> None:
    project.replace(
        "mpy_scripts/tips/local_names/before.py", "    changes = 0\n    for", "    changes = 1 // 0\n    for"
    )
    done = project.bench("tips")
    assert done.returncode == 2 and done.stdout == ""
    assert re.search(r"tips/local_names/before\.py:20: ZeroDivisionError", done.stderr), done.stderr


def test_an_unknown_tip_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="no tip 'local_name'; known: each_item, "):
        select_tips(load_tips(), ["each_item", "local_name"])


def test_tips_come_in_the_order_of_the_file() -> None:
    assert [tip.name for tip in select_tips(load_tips(), ["range_loop", "each_item"])] == ["each_item", "range_loop"]


TABLE = """schema = 1
[tip.mine]
title = "Do less"
cause = "boxing"
helps = true
explains = "Less is less."
watch_out = "Nothing."
n = 10
seed = 1
"""


def own_tips(folder: Path, text: str) -> Path:
    """A file of tips in a project of its own."""
    (folder / "bench").mkdir()
    source = folder / "bench" / "tips.toml"
    source.write_text(text, encoding="utf-8")
    return source


def changed(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (changed("schema = 1", "schema = 2"), "expected schema = 1, got 2"),
        (changed("[tip.mine]", "[tip.mine"), "not valid TOML"),
        (changed("[tip.mine]", "[tips.mine]"), "expected schema and tables"),
        (changed("[tip.mine]", "[tip.Mine]"), "a name is lower-case"),
        (changed("n = 10", ""), r"\[tip.mine\]: the field 'n' is missing"),
        (changed("n = 10", "n = 10\nm = 1"), "the field 'm' is unknown"),
        (changed("n = 10", "n = 0"), "n must lie in"),
        (changed("n = 10", "n = true"), "n: expected int, got True"),
        (changed('"Do less"', '""'), "title: expected str, got ''"),
        (changed("boxing", "wrestling"), "no cause 'wrestling'; known: interpreting, "),
        (lambda text: text, "there is no mpy_scripts/tips/mine/before.py"),
    ],
)
def test_a_table_that_is_wrong_is_told_in_one_line(tmp_path: Path, change: Callable[[str], str], message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        load_tips(own_tips(tmp_path, change(TABLE)))
    assert "\n" not in str(error.value).split("not valid TOML")[0]


def test_a_missing_file_of_tips_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        load_tips(tmp_path / "tips.toml")


# ---- For the anatomy


def parts(**instructions: float) -> pd.DataFrame:
    return pd.DataFrame({"part": list(instructions), "instructions": list(instructions.values())})


def test_the_component_that_shrank_most_is_named() -> None:
    before = parts(lookup=500.0, bytecode_loop=900.0, float=20.0)
    assert component_that_shrank(before, parts(lookup=100.0, bytecode_loop=800.0, float=90.0)) == ("lookup", 400.0)
    assert component_that_shrank(before, parts(lookup=500.0, bytecode_loop=900.0)) == ("float", 20.0)
    assert component_that_shrank(parts(lookup=1.0), parts(lookup=1.0, calls=5.0)) == ("", 0.0)
    assert component_that_shrank(parts(), parts()) == ("", 0.0)
