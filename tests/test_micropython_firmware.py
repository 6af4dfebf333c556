"""Fetching and building MicroPython: verified sources, one build for each content, messages a person can use."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bench import paths
from bench.errors import InputError, ToolError
from bench.virtual_board import firmware as firmware_module
from bench.virtual_board.firmware import build_micropython
from bench.virtual_board.micropython_source import ARCHIVE, fetch_archive, find_source, provide_tree
from bench.virtual_board.profiles import DEFAULT_PROFILE


def quiet(message: str) -> None:
    pass


@pytest.fixture(scope="module")
def good_archive() -> Path:
    return fetch_archive(paths.cache_dir() / "downloads", quiet)


@pytest.fixture
def offline_index(tmp_path: Path, good_archive: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from which pip, and nothing else, can fetch the archive."""
    index = tmp_path / "index"
    index.mkdir()
    shutil.copy(good_archive, index)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return index


def test_a_truncated_archive_is_fetched_anew(tmp_path: Path, offline_index: Path, good_archive: Path) -> None:
    downloads = tmp_path / "down loads"
    downloads.mkdir()
    (downloads / ARCHIVE).write_bytes(good_archive.read_bytes()[:1000])
    assert fetch_archive(downloads, quiet).read_bytes() == good_archive.read_bytes()


def test_an_archive_with_another_hash_is_refused(tmp_path: Path, offline_index: Path) -> None:
    with (offline_index / ARCHIVE).open("ab") as archive:
        archive.write(b"\0")
    with pytest.raises(ToolError, match="DO NOT MATCH THE HASHES"):
        fetch_archive(tmp_path / "downloads", quiet)
    assert not (tmp_path / "downloads" / ARCHIVE).exists()


def test_without_a_network_the_message_says_what_to_do(tmp_path: Path, offline_index: Path) -> None:
    (offline_index / ARCHIVE).unlink()
    with pytest.raises(ToolError, match="MICROPYTHON_DIR") as failure:
        fetch_archive(tmp_path / "downloads", quiet)
    assert "\n" not in str(failure.value)


def test_a_missing_compiler_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match="riscv64-unknown-elf-gcc is not installed"):
        build_micropython(DEFAULT_PROFILE, cache_dir=tmp_path)


def test_a_folder_that_is_no_source_tree_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROPYTHON_DIR", str(tmp_path))
    with pytest.raises(InputError, match=r"no py/mkenv\.mk"):
        build_micropython(DEFAULT_PROFILE, cache_dir=tmp_path)


def test_ones_own_checkout_is_described_by_version_and_content(tmp_path: Path, good_archive: Path) -> None:
    tree = tmp_path / "micropython"
    provide_tree(find_source(None), tree, cache_dir=good_archive.parent.parent, log=quiet)
    before = find_source(tree)
    assert before.git_tag == "v1.29.0-preview"
    (tree / "py" / "vm.c").open("a").write("\n")
    assert find_source(tree).content_hash != before.content_hash


def test_a_failed_build_names_the_first_error_and_the_log(tmp_path: Path, good_archive: Path) -> None:
    tree = tmp_path / "micropython"
    provide_tree(find_source(None), tree, cache_dir=good_archive.parent.parent, log=quiet)
    (tree / "py" / "mpstate.c").write_text("this is not C\n")
    with pytest.raises(ToolError, match=r"mpstate\.c:1:.*error:.*\.log") as failure:
        build_micropython(DEFAULT_PROFILE, cache_dir=tmp_path / "cache", micropython_dir=tree)
    assert "\n" not in str(failure.value)


def test_a_damaged_build_in_the_cache_is_not_used() -> None:
    built = build_micropython(DEFAULT_PROFILE, cache_dir=paths.cache_dir())
    assert firmware_module._load(built.elf.parent) == built
    damaged = built.elf.parent.with_name("damaged")
    shutil.copytree(built.elf.parent, damaged)
    try:
        with (damaged / "firmware.elf").open("r+b") as elf:
            elf.truncate(1000)
        assert firmware_module._load(damaged) is None
    finally:
        shutil.rmtree(damaged)


@pytest.mark.slow
def test_the_image_does_not_depend_on_where_it_is_built(
    tmp_path: Path, good_archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = build_micropython(DEFAULT_PROFILE, cache_dir=paths.cache_dir())
    elsewhere = tmp_path / "else where"
    shutil.copytree(firmware_module.PORT, elsewhere / firmware_module.PORT.name)
    shutil.copytree(firmware_module.HAL, elsewhere / firmware_module.HAL.name)
    monkeypatch.setattr(firmware_module, "HERE", elsewhere)
    monkeypatch.setattr(firmware_module, "PORT", elsewhere / firmware_module.PORT.name)
    monkeypatch.setattr(firmware_module, "HAL", elsewhere / firmware_module.HAL.name)
    shutil.copytree(good_archive.parent, tmp_path / "cache" / "downloads")
    there = build_micropython(DEFAULT_PROFILE, cache_dir=tmp_path / "cache")
    assert there == replace(here, elf=there.elf)
