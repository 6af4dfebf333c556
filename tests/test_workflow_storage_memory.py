"""Storage and memory, on the real virtual boards: exact, complete, and what other figures of the same say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pandas as pd
import pytest

from bench import paths
from bench.board import Image
from bench.catalogue import load_catalogue
from bench.charts import CHARTS, alt_text, available, caption, workflow_memory, workflow_storage
from bench.errors import BoardError, InputError, ToolError
from bench.frames import load_run
from bench.memory_file import read_rows
from bench.platformio_build import build_sketch
from bench.runners.raw_repl import RawRepl
from bench.virtual_board.board import VirtualBoard
from bench.workflow import image_bytes
from bench.workflow.board_repl import FreshRepl, fresh_repl
from bench.workflow.context import Context
from bench.workflow.image_bytes import BSS, DATA, FLASH, UNNAMED
from bench.workflow.memory import FIGURES, least_heap
from bench.workflow.parts import Row, find_part
from bench.workflow.storage import KINDS, c_library_names, has_files
from tests.test_charts import assert_readable, words_of
from tests.workflow_tables import memory_row, run_with_workflow, storage_row

NAMES = ("empty", "sieve", "crc32", "list_append")
CATALOGUE = load_catalogue()


def context(board: VirtualBoard) -> Context:
    """The board with both images prepared."""
    images: dict[str, Image] = {name: board.prepare(name, lambda text: None) for name in ("arduino", "micropython")}
    return Context(board, CATALOGUE, repetitions=1, images=images)


def measured(board: VirtualBoard, part: str, names: Sequence[str] = NAMES) -> list[Row]:
    return list(find_part(part).measure(context(board), names))


@pytest.fixture(scope="module")
def storage(board: VirtualBoard) -> list[Row]:
    return measured(board, "storage")


@pytest.fixture(scope="module")
def memory(board: VirtualBoard) -> list[Row]:
    return measured(board, "memory")


def sizes(rows: Sequence[Row], **where: object) -> dict[str, int]:
    """Bytes by name or figure of the rows that agree."""
    found = [row for row in rows if all(row[key] == value for key, value in where.items())]
    return {str(row.get("name", row.get("figure"))): cast(int, row["bytes"]) for row in found}


@pytest.mark.parametrize(
    "any_board", ["virtual-esp32", pytest.param("virtual-esp32c3", marks=pytest.mark.slow)], indirect=True
)
@pytest.mark.parametrize("part", ["storage", "memory"])
def test_a_second_measurement_gives_the_same_to_the_last_byte(any_board: VirtualBoard, part: str) -> None:
    names = ("sieve", "crc32")
    assert measured(any_board, part, names) == measured(any_board, part, names)
    assert find_part(part).is_exact


def test_every_flashed_byte_has_one_owner(board: VirtualBoard, storage: list[Row]) -> None:
    """As many as the compiler's own `size` counts, and as the files hold."""
    for language in ("arduino", "micropython"):
        whole = sizes(storage, language=language, kind="image")[""]
        parts = sizes(storage, language=language, kind="part")
        facts = board.prepare(language, lambda text: None).provenance
        assert sum(parts.values()) == whole == facts["text_bytes"] + facts["data_bytes"]
        assert whole == len(image_bytes.flashed_bytes(board.image(language)))
        assert parts[UNNAMED] < 0.1 * whole, "symbols name nearly everything"
        assert all(size > 0 for size in parts.values())


def test_static_memory_is_what_the_compiler_counts(board: VirtualBoard) -> None:
    names = c_library_names(board)
    pieces = image_bytes.arduino_pieces(board.image("arduino"), set(CATALOGUE), names)
    facts = board.prepare("arduino", lambda text: None).provenance
    irq_stack = 4096  # a section of the linker's script, not a variable
    thread_local = 8  # counted by `size`, and lies in .bss
    assert sum(image_bytes.sums(pieces, BSS).values()) == facts["bss_bytes"] - irq_stack - thread_local
    assert 0 <= facts["data_bytes"] - sum(image_bytes.sums(pieces, DATA).values()) < 16


def test_owners_are_told_apart_by_what_everybody_knows(board: VirtualBoard) -> None:
    names = c_library_names(board)
    arduino = image_bytes.arduino_pieces(board.image("arduino"), set(CATALOGUE), names)
    owner = {piece.name: piece.owner for piece in arduino}
    assert owner["_ZN5bench5serveEv"] == "bench library"
    assert owner["memcpy"] == owner["__udivdi3"] == "C library"
    assert owner["hal_init"] == owner["_ZN14HardwareSerial5writeEPKhj"] == "Arduino core"
    assert {piece.workload for piece in arduino if piece.memory == FLASH} >= set(CATALOGUE)
    firmware = image_bytes.micropython_pieces(board.image("micropython"), names)
    owner = {piece.name: piece.owner for piece in firmware}
    assert owner["mp_compile"] == owner["mp_lexer_to_next"] == owner["mp_parse"] == "compiler on the board"
    assert owner["mp_execute_bytecode"] == owner["gc_alloc"] == "runtime"
    assert owner["__kernel_rem_pio2f"] == "C library"


def test_a_sketch_alone_is_the_difference_of_two_builds(storage: list[Row]) -> None:
    board, cache = "virtual-esp32", paths.cache_dir()
    built = {name: build_sketch(board, name, cache_dir=cache) for name in ("empty", "sieve")}
    size = {name: image.text_bytes + image.data_bytes for name, image in built.items()}
    alone = sizes(storage, kind="alone")
    assert alone["sieve"] == size["sieve"] - size["empty"]
    assert "empty" not in alone
    in_suite = sizes(storage, kind="in_suite")
    assert all(alone[name] > in_suite[name] > 0 for name in alone), "alone it brings what it uses of the libraries"


def test_files_have_the_size_that_they_have_on_the_computer(storage: list[Row]) -> None:
    scripts = sizes(storage, kind="script")
    assert scripts["sieve"] == (paths.SCRIPTS / "sieve.py").stat().st_size
    assert {str(row["kind"]) for row in storage} <= set(KINDS)


def test_the_source_is_not_in_the_image_and_would_be_found_there(board: VirtualBoard, storage: list[Row]) -> None:
    (row,) = (row for row in storage if row["kind"] == "read_back" and row["language"] == "arduino")
    assert row["bytes"] == 0 and str(row["note"]).startswith("0 of ") and row["how"] == "measured"
    assert b"this image holds no workload of that name" in image_bytes.flashed_bytes(board.image("arduino"))


def test_a_board_without_files_says_that_nothing_was_read_back(storage: list[Row]) -> None:
    (row,) = (row for row in storage if row["kind"] == "read_back" and row["language"] == "micropython")
    assert (row["bytes"], row["how"]) == (None, "by construction")
    assert "no file system" in str(row["note"])


class _Answers(RawRepl):
    """A raw REPL that answers one text: no board here has a file system that could be full."""

    def __init__(self, traceback: str) -> None:
        self._traceback = traceback

    def run(self, code: str) -> tuple[str, str]:
        return "", self._traceback


@pytest.mark.parametrize(
    ("traceback", "expected"),
    [("OSError: [Errno 28] ENOSPC", "ENOSPC.*delete a file"), ("OSError: 30", "OSError: 30.*read-only")],
)
def test_a_full_or_read_only_file_system_is_an_error_and_not_a_missing_one(traceback: str, expected: str) -> None:
    with pytest.raises(BoardError, match=expected):
        has_files(FreshRepl(_Answers(f"Traceback:\n{traceback}\n"), line_may_fail=False))
    for none in ("NameError: name 'open' isn't defined", "OSError: [Errno 19] ENODEV", "OSError: [Errno 2] ENOENT"):
        assert not has_files(FreshRepl(_Answers(none), line_may_fail=False))
    assert has_files(FreshRepl(_Answers(""), line_may_fail=False))


def test_memory_of_workloads_is_what_a_run_says(memory: list[Row]) -> None:
    """The runs measure it in another way: in C++ by the same library, in MicroPython by the on-board runner."""
    known = {
        (row["workload"], row["language"], row["variant"], int(row["n"])): row
        for row in read_rows(paths.RESULTS / "reference-virtual-esp32")
    }
    for name in NAMES[1:]:
        n = CATALOGUE[name].quick
        mine = {language: sizes(memory, language=language, workload=name) for language in ("arduino", "micropython")}
        cpp, script = known[name, "arduino", "Os", n], known[name, "micropython", "bytecode", n]
        assert [mine["arduino"]["inputs"], mine["arduino"]["stack"]] == [int(cpp["held"]), int(cpp["stack"])]
        for figure, recorded in (("inputs", script["held"]), ("allocated", script["allocated"])):
            # A word that looks like an address keeps a block or two alive, here or there.
            assert abs(mine["micropython"][figure] - int(recorded)) <= 32, (name, figure)


def test_figures_of_memory_fit_together(memory: list[Row]) -> None:
    assert {str(row["figure"]) for row in memory} <= set(FIGURES)
    whole = sizes(memory, language="micropython", workload="")
    assert whole["heap_at_boot"] < whole["largest_block_at_boot"] < whole["heap"]
    for name in NAMES[1:]:
        mine = sizes(memory, language="micropython", workload=name)
        assert 0 < mine["script"] < mine["heap_before"]
        assert mine["inputs"] <= mine["needed"] < whole["heap"]
    crc32 = sizes(memory, language="micropython", workload="crc32")
    assert crc32["allocated"] > 10 * crc32["needed"], "big integers come and go"
    assert sizes(memory, language="micropython", workload="empty")["needed"] == 0


@pytest.mark.parametrize("name", ["sieve", "crc32"])
def test_with_less_heap_than_needed_a_workload_fails_and_with_all_more_it_works(
    board: VirtualBoard, memory: list[Row], name: str
) -> None:
    """Tried on one boot in an order of its own: what was held before is forgotten."""
    workload = CATALOGUE[name]
    needed = sizes(memory, language="micropython", workload=name)["needed"]
    with fresh_repl(board) as repl:
        for file in ("benchlib.py", f"{name}.py", "workflow/heap_needed.py"):
            repl.run_file(file, (paths.SCRIPTS / file).read_text(encoding="utf-8"))
        for room in (40, 1, 12, 2, 3, 8, 0, 6, 4, 5, 200):
            words = repl.ask(f"_try_with({room}, {workload.quick}, {workload.seed})").split()
            assert words[2] == ("1" if int(words[1]) >= needed else "0"), f"room for {room} pieces: {words}"


def test_a_workload_that_no_heap_can_bear_has_no_figure(board: VirtualBoard) -> None:
    size, note = least_heap(context(board), CATALOGUE["bytearray_fill"], 500_000)
    assert size is None and note == "more than the board has"


def test_an_image_without_symbols_is_refused(board: VirtualBoard, tmp_path: Path) -> None:
    broken = tmp_path / "suite.elf"
    broken.write_bytes(board.image("arduino").read_bytes()[:2000])
    with pytest.raises(ToolError, match=r"suite\.elf: expected an image with symbols"):
        image_bytes.arduino_pieces(broken, set(CATALOGUE), frozenset())


def test_charts_without_rows_say_so() -> None:
    for module, part in ((workflow_storage, "storage"), (workflow_memory, "memory")):
        with pytest.raises(InputError, match="nothing to chart"):
            module.figures(pd.DataFrame(columns=list(find_part(part).columns)))


def charted(tmp_path: Path, workloads: int) -> pd.DataFrame:
    """The frame of a run whose workflow has rows of so many workloads."""
    owners = ("program", "bench library", "Arduino core", "C library", "unnamed")
    storage = [storage_row("arduino", "part", owner, 5000 - 900 * place) for place, owner in enumerate(owners)]
    storage += [storage_row("micropython", "part", name, size) for name, size in (("runtime", 130_000),
                ("compiler on the board", 68_000), ("C library", 900), ("unnamed", 17_000), ("<b>$x$", 3))]  # fmt: skip
    memory = [
        memory_row(
            "micropython", figure, 2 ** (4 + (place * factor) % 13), f"workload_{'x' * (place % 9)}_{place}", 100
        )
        for place in range(workloads)
        for factor, figure in enumerate(("needed", "inputs", "allocated"), start=3)
    ]
    return load_run(run_with_workflow(tmp_path / "run", {"storage": storage, "memory": memory}))


@pytest.mark.parametrize("workloads", [1, 5, 60])
@pytest.mark.parametrize("size", ["slide", "page"])
@pytest.mark.parametrize("name", ["workflow_storage", "workflow_memory"])
def test_the_charts_are_readable(tmp_path: Path, name: str, size: str, workloads: int) -> None:
    frame = charted(tmp_path, workloads)
    assert name in available(frame)
    figure = CHARTS[name](frame, size=size, style="dark")
    assert_readable(figure, size)
    assert "simulated on virtual-esp32" in words_of(figure)
    assert "imulated" in caption(name, frame) and len(alt_text(name, frame)) > 50
