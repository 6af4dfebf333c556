"""`bench new` and `bench reference --write`: a pair that works, or nothing; and only the checksums change."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bench import new_workload as module
from bench.answers import reference_answer
from bench.catalogue import load_catalogue
from bench.catalogue_text import with_checksums, write_checksums
from bench.errors import InputError
from bench.new_workload import new_workload
from bench.sources import read_header, read_script
from tests.conftest import Project


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def make(own: Path, name: str = "mine", group: str = "integer", title: str = "Mine") -> list[Path]:
    return new_workload(name, group=group, title=title, own=own)


def test_a_new_workload_is_whole_and_has_the_right_answers(tmp_path: Path) -> None:
    own = tmp_path / "my own"
    written = make(own, title='A "title" \\ with é')
    assert [path.relative_to(own).as_posix() for path in written] == [
        "mpy_scripts/mine.py",
        "arduino_sketches/mine/mine.h",
        "arduino_sketches/mine/mine.ino",
        "workloads.toml",
    ]
    workload = load_catalogue(own=own)["mine"]
    assert workload.title == 'A "title" \\ with é'
    assert workload.checksums == {n: reference_answer(workload, n) for n in workload.sizes}
    assert read_script(workload.script).functions == read_header(workload.header).functions == workload.functions


def test_a_second_one_is_added_behind_what_a_person_wrote(tmp_path: Path) -> None:
    make(tmp_path, "first")
    catalogue = tmp_path / "workloads.toml"
    catalogue.write_text(catalogue.read_text() + "# the end, without a line break")
    before = catalogue.read_text()
    make(tmp_path, "second", "float")
    assert catalogue.read_text().startswith(before)
    assert list(load_catalogue(own=tmp_path))[-2:] == ["first", "second"]


@pytest.mark.parametrize(
    "name",
    ["class", "namespace", "list", "lambda", "match", "benchlib", "suite", "libraries", "uint8_t", "sin", "Upper",
     "1st", "two words", "../up", "a__b", "", "a" * 41, "crc32", "min"],
)  # fmt: skip
def test_a_name_that_cannot_be_used_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        make(tmp_path / "own", name)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "own").exists()


@pytest.mark.parametrize("title", ["", "two\nlines", "\x1b[31m", "x" * 101])
def test_a_title_that_is_no_line_is_refused(tmp_path: Path, title: str) -> None:
    with pytest.raises(InputError, match="--title: expected one line"):
        make(tmp_path / "own", title=title)


def test_files_that_are_there_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "arduino_sketches" / "mine").mkdir(parents=True)
    (tmp_path / "arduino_sketches" / "mine" / "mine.ino").write_text("somebody's own")
    before = files(tmp_path)
    with pytest.raises(InputError, match=r"mine\.ino is there already"):
        make(tmp_path)
    assert files(tmp_path) == before
    assert not (tmp_path / "mpy_scripts").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for own in (tmp_path / "file", tmp_path / "file" / "below", Path("/proc/self/nowhere")):
        with pytest.raises(InputError) as caught:
            make(own)
        assert "\n" not in str(caught.value)
    assert list(files(tmp_path)) == ["file"]


def test_nothing_stays_where_the_last_step_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "first")
    before = files(tmp_path)

    def interrupted(*arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "reference_answer", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make(tmp_path, "second")
    assert files(tmp_path) == before
    assert not (tmp_path / "arduino_sketches" / "second").exists()


def test_without_a_catalogue_it_becomes_the_projects(project: Project) -> None:
    done = project.bench("new", "mine", "--group", "data")
    assert done.returncode == 0, done.stderr
    assert "bench check mine" in done.stdout and "--catalogue" not in done.stdout
    listed = project.bench("list", "mine")
    assert "mpy_scripts/mine.py" in listed.stdout


# ---- bench reference --write ----

CATALOGUE = """schema = 2 # the schema

# about a
[workload.a]
title = "a" # a title
sizes = [1, 2]

  [workload.a.checksums] # of a
  # odd ones
  1 = "0x00000000" # old
  '3' = "0x00000000"

# about b
[workload.b]
title = '''
[workload.a.checksums]
'''
"""


def test_only_the_checksums_change(tmp_path: Path) -> None:
    changed = with_checksums(CATALOGUE, "a", {1: 17, 2: 255}, "workloads.toml")
    expected = CATALOGUE.replace('  1 = "0x00000000" # old\n  \'3\' = "0x00000000"\n', "")
    assert changed == expected.replace("# odd ones\n", '# odd ones\n1 = "0x00000011"\n2 = "0x000000ff"\n')
    assert with_checksums(changed, "a", {1: 17, 2: 255}, "workloads.toml") == changed


def test_a_missing_table_of_checksums_is_added(tmp_path: Path) -> None:
    inside = with_checksums('[workload.a]\ntitle = ""\n\n# b\n[workload.b]\n', "a", {5: 1}, "workloads.toml")
    assert tomllib.loads(inside)["workload"]["a"]["checksums"] == {"5": "0x00000001"}
    assert inside.endswith("\n# b\n[workload.b]\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('workload.a = {checksums = {1 = "0x00000000"}}\n', "expected the checksums of a as a table"),
        ("[workload.a]\nchecksums = {}\n", "expected the checksums of a as a table"),
        ("[workload.b]\n", r"there is no table \[workload.a\]"),
        ("[workload.a\n", "is not valid TOML"),
        ("[workload.a]\nt = '''\n[workload.a.checksums]\n'''\n", "expected the checksums of a as a table"),
    ],
)
def test_another_form_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        with_checksums(text, "a", {1: 17}, "workloads.toml")


def test_sizes_and_checksums_that_do_not_fit_are_mended(tmp_path: Path) -> None:
    make(tmp_path)
    catalogue = tmp_path / "workloads.toml"
    text = catalogue.read_text()
    catalogue.write_text(text.replace("[100, 1000, 4000]", "[100, 1000, 2000]").replace('"0x0000fb0a"', '"0xfb0a"'))
    with pytest.raises(InputError, match="expected eight hexadecimal digits"):
        load_catalogue(own=tmp_path)
    assert write_checksums("mine", tmp_path) == [100, 2000]
    assert list(load_catalogue(own=tmp_path)["mine"].checksums) == [100, 1000, 2000]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("sizes = [100", 'sizes = ["100"', "sizes: expected a list of int"),
        ("seed = 1", "seed = -1", "seed must lie in"),
        ('title = "Mine"', "title = 3", "title: expected str"),
    ],
)
def test_what_else_is_wrong_is_told_and_the_file_stays(tmp_path: Path, old: str, new: str, message: str) -> None:
    make(tmp_path)
    catalogue = tmp_path / "workloads.toml"
    broken = catalogue.read_text().replace(old, new)
    catalogue.write_text(broken)
    with pytest.raises(InputError, match=message):
        write_checksums("mine", tmp_path)
    assert catalogue.read_text() == broken


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("% 65521", "% 0", r"mine\.py:13: ZeroDivisionError at n=100"),
        ("return result", "return -1", r"mine\.py: expected a number from 0 to 2\^32-1 from checksum\(\) at n=100"),
        ("return result", "return 1.5", "expected a number"),
        ("def run", "def go", r"the function run\(\) is missing"),
        ("def run", "def run(", r"mine\.py:2\d: "),
        ("from benchlib import", "import nowhere #", r"mine\.py:3: ModuleNotFoundError"),
        ("    global data, length", "    raise SystemExit(3)", "SystemExit"),
    ],
)
def test_a_script_that_fails_is_told_in_one_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    make(tmp_path)
    script = tmp_path / "mpy_scripts" / "mine.py"
    script.write_text(script.read_text().replace(old, new))
    with pytest.raises(InputError, match=message) as caught:
        write_checksums("mine", tmp_path)
    assert "\n" not in str(caught.value)
