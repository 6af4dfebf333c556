"""The anatomy of a garbage collection: exact, repeatable, understood as a sum; and what goes wrong, in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from bench import paths
from bench.anatomy.collecting import (
    BLOCK_BYTES,
    COLUMNS,
    Collected,
    fits,
    load_collecting,
    marked_again,
    measure_collecting,
    totals,
    walked_blocks,
    wide,
    write_collecting,
)
from bench.anatomy.probes import Prober
from bench.charts import SIZES, STYLES
from bench.charts.anatomy_collecting import alt_text, caption, collecting_chart
from bench.errors import BoardError, InputError, ToolError
from bench.virtual_board.board import VirtualBoard
from tests.conftest import Project
from tests.factories import facts, make_run, measurement, samples

LIVE = (0, 50, 200)
FILLED = (0, 48 * 1024, 96 * 1024)
HEAP_MAP = """GC: total: 3072, used: 48, free: 3024
GC memory layout; from 8003ee40:
00000000: h=.....................................h========================
00000400: ..T.............................................................
       (2 lines all free)
GC memory layout; from 8004cec0:
00000000: ................................................................
       (7 lines all free)
"""


@pytest.fixture(scope="module")
def prober(board: VirtualBoard) -> Prober:
    """The board with the profiler."""
    return Prober(board, lambda text: None)


@pytest.fixture(scope="module")
def nodes(prober: Prober) -> Collected:
    """Collections among linked instances, measured anew."""
    return measure_collecting(prober, ("nodes",), LIVE, FILLED, fresh=True)


def cell(table: pd.DataFrame, column: str, **keys: object) -> int:
    """The number in the only row that has these values."""
    for key, value in keys.items():
        table = table[table[key] == value]
    assert len(table) == 1
    return int(table[column].iloc[0])


def made_up(fixed: int = 1000, walked: int = 2, heap: int = 3, live: int = 50) -> pd.DataFrame:
    """A frame as it is measured, in which each collection costs exactly such a sum."""
    rows: list[tuple[str | int, ...]] = []
    for size in (4096, 8192, 16384):
        for total in (32768, 65536):
            for count in (0, 10, 20):
                cost = fixed + walked * size + heap * total + live * count
                sizes = (BLOCK_BYTES * count, total, size, cost)
                rows += [("nodes", count, size + total, *sizes, "mark", 400)]
                rows += [("nodes", count, size + total, *sizes, "sweep", cost - 400)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame.attrs["run"] = facts([], 1)
    return frame


def test_the_parts_add_up_and_a_second_time_gives_the_same(prober: Prober, nodes: Collected) -> None:
    assert not nodes.failures
    frame = nodes.frame
    assert len(totals(frame)) == len(LIVE) * len(FILLED)
    for _, rows in frame.groupby(["shape", "live_objects", "filled_bytes"]):
        assert rows["part_instructions"].sum() == rows["instructions"].iloc[0]
    again = measure_collecting(prober, ("nodes",), (0, 200), FILLED[:2], fresh=True).frame
    pd.testing.assert_frame_equal(again.merge(frame, on=list(COLUMNS)), again)


def test_a_sparsely_used_heap_costs_also_where_nothing_is_alive(nodes: Collected) -> None:
    rows = wide(nodes.frame)
    bare = rows[rows["live_objects"] == 0]
    walked = [cell(bare, "walked_bytes", filled_bytes=filled) for filled in FILLED]
    swept = [cell(bare, "sweep", filled_bytes=filled) for filled in FILLED]
    assert cell(bare, "live_bytes", filled_bytes=FILLED[2]) < 4096
    assert FILLED[2] - 4096 < walked[2] <= cell(bare, "heap_bytes", filled_bytes=FILLED[2])
    assert swept[2] - swept[0] == pytest.approx(0.96 * (walked[2] - walked[0]), rel=0.1)
    assert cell(rows, "mark", live_objects=200, filled_bytes=0) > 5 * cell(bare, "mark", filled_bytes=0)


def test_a_list_of_many_objects_makes_the_collector_mark_again(prober: Prober, nodes: Collected) -> None:
    assert not marked_again(nodes.frame)["marks_again"].any()
    rows = marked_again(measure_collecting(prober, ("floats",), (50, 200), FILLED[1:]).frame)
    assert list(rows["marks_again"]) == list(rows["live_objects"] == 200)


def test_what_a_collection_costs_is_a_sum(nodes: Collected) -> None:
    (fit,) = fits(nodes.frame)
    assert (fit.shape, fit.points, fit.marks_again) == ("nodes", 9, False)
    assert fit.r2 > 0.9999
    assert fit.largest_share < 0.01
    assert 900 < fit.per_walked_kb < 1100
    assert 80 < fit.per_live_block < 110


def test_a_fit_finds_the_sum_that_made_the_figures() -> None:
    (fit,) = fits(made_up())
    factors = (fit.fixed, fit.per_walked_byte, fit.per_heap_byte, fit.per_live_block)
    assert factors == pytest.approx((1000, 2, 3, 50))
    assert fit.r2 == pytest.approx(1)
    assert fit.largest_error == pytest.approx(0, abs=1e-6)
    one_size = made_up()
    assert fits(one_size[one_size["heap_bytes"] == 32768]) == []


def test_the_map_of_the_heap_says_how_far_a_sweep_goes() -> None:
    assert walked_blocks(HEAP_MAP) == 64 + 3 + 1
    with pytest.raises(ToolError, match="mem_info"):
        walked_blocks("stack: 704 out of 15360\n")


def test_what_does_not_fit_the_board_is_named(prober: Prober) -> None:
    (error,) = measure_collecting(prober, ("ints",), (0,), (1 << 20,)).failures.values()
    assert isinstance(error, BoardError)
    assert str(error) == "the board has not enough memory for 0 ints in a heap filled up to 1048576 bytes"
    with pytest.raises(InputError, match=r"no shape 'sets'; known: ints, nodes"):
        measure_collecting(prober, ("sets",))


def test_a_table_beside_a_run_comes_back_as_it_was(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", {measurement("empty", "micropython", 1): samples([1])})
    frame = made_up()
    path = write_collecting(run, frame)
    assert path == run / "anatomy" / "collecting.csv"
    pd.testing.assert_frame_equal(load_collecting(run), frame)
    path.write_text(path.read_text().replace("walked_bytes", "walked"))
    with pytest.raises(InputError, match="bench anatomy-of gc"):
        load_collecting(run)


def test_the_chart_says_what_it_shows() -> None:
    frame = made_up()
    for size in SIZES:
        for style in STYLES:
            collecting_chart(frame, size, style)
    assert "linked instances, used up to 36 KB: 107 496 with 0 objects, 108 496 with 20" in alt_text(frame)
    assert "per 16 bytes alive: 50 (nodes)" in caption(frame)
    with pytest.raises(InputError, match="several numbers of live objects"):
        collecting_chart(frame[frame["live_objects"] == 0])


def test_the_command_gives_rows_and_fits(nodes: Collected) -> None:
    live = [word for count in LIVE for word in ("--live", str(count))]
    filled = [word for until in FILLED for word in ("--filled", str(until // 1024))]
    done = Project(paths.PROJECT).bench("anatomy-of", "gc", "--shape", "nodes", *live, *filled, "--format", "json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["rows"] == nodes.frame.to_dict("records")
    assert told["fits"][0]["r2"] > 0.9999
    assert told["simulated"] is True
