"""The instruction mix: by hand-made anatomies, by arithmetic on the real board, and what its chart shows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from bench import paths
from bench.anatomy.measure import profile_measurement
from bench.anatomy.mix import (
    BYTES,
    CLASSES,
    KINDS,
    classes,
    headline_mix,
    instruction_mix,
    mean_shares,
    shares,
    times_cpp,
)
from bench.anatomy.rows import COUNTS, FUNCTION_COLUMNS, function_rows
from bench.catalogue import GROUPS, OVERHEAD_WORKLOAD, load_catalogue
from bench.charts import SIZES
from bench.charts.anatomy_mix import alt_text, caption, figures, mix_chart
from bench.errors import InputError
from bench.plan import Measurement
from bench.variants import HEADLINE_VARIANT
from bench.virtual_board.board import VirtualBoard
from bench.virtual_board.profiler import provide_plugin
from tests.test_charts import assert_readable, words_of

COST = {"instructions": 9, "loads": 2, "bytes_loaded": 8, "branches_taken": 1, "calls": 1, "returns": 1}


def run_facts(workloads: Mapping[str, str]) -> dict[str, Any]:
    """What a chart needs of run.json; `workloads` by their groups."""
    return {
        "run_id": "made-by-hand",
        "board": {"name": "virtual-esp32", "simulated": True, "isa": "rv32imfc", "simulator": "QEMU 7.2.0"},
        "languages": {"arduino": {"compiler": "GCC 12", "optimisation": "Os"}, "micropython": {"compiler": "GCC 12"}},
        "harness": {"commit": "0123456789"},
        "workloads": {name: {"group": group} for name, group in workloads.items()},
    }


def functions(costs: Mapping[tuple[str, str, int], Mapping[str, float]], loops: int = 4) -> pd.DataFrame:
    """The table of an anatomy whose measurements take these counts an execution, beside what measuring costs."""
    rows: list[tuple[Any, ...]] = []

    def add(key: tuple[str, str, int], loops: int, counts: Mapping[str, float]) -> None:
        workload, language, n = key
        total = [round(loops * (COST.get(name, 0) + counts.get(name, 0))) + (name == "instructions") for name in COUNTS]
        half = [count // 2 for count in total]  # of two functions, so that they have to be added up
        for name, part in (("first", half), ("second", [a - b for a, b in zip(total, half, strict=True)])):
            rows.append((workload, language, HEADLINE_VARIANT[language], n, loops, name, "other", "work", *part))

    for language in HEADLINE_VARIANT:
        for n in (1, 100):
            add((OVERHEAD_WORKLOAD, language, n), n, {})
    for key, counts in costs.items():
        add(key, loops, counts)
    return pd.DataFrame(rows, columns=list(FUNCTION_COLUMNS))


def test_the_mix_is_what_is_left_without_the_cost_of_measuring() -> None:
    cpp = {"instructions": 100, "loads": 20, "stores": 10, "bytes_loaded": 50, "bytes_stored": 40, "jumps": 5}
    mpy = {"instructions": 4000, "loads": 1000, "branches_taken": 100, "branches_not_taken": 300, "bytes_loaded": 4000}
    table = functions({("a", "arduino", 8): cpp, ("a", "arduino", 2): cpp, ("a", "micropython", 8): mpy})
    mix = instruction_mix(table, run_facts({"a": "integer"}))
    first = mix[(mix["language"] == "arduino") & (mix["n"] == 8)].iloc[0]
    assert {name: first[name] for name in cpp} == pytest.approx(cpp)
    assert first["integer"] == pytest.approx(100 - 20 - 10 - 5)
    assert (first["calls"], first["returns"], first["float_operations"]) == (0, 0, 0)
    assert first["group"] == "integer"
    assert mix[list(KINDS)].sum(axis=1).to_list() == pytest.approx(mix["instructions"].to_list())

    headline = headline_mix(mix)
    assert headline["n"].to_list() == [8, 8], "the largest n that both languages have"
    part = shares(headline)
    assert part[list(KINDS)].sum(axis=1).to_list() == pytest.approx([1, 1])
    assert part["bytes_per_instruction"].to_list() == pytest.approx([0.9, 1.0])
    ratios = times_cpp(headline).set_index("count")
    assert ratios.loc["loads", "ratio"] == pytest.approx(50)
    assert ratios.loc["stores", "workloads"] == 0 and ratios["ratio"].isna()["stores"]


def test_means_are_of_shares_and_leave_out_the_idiomatic() -> None:
    costs: dict[tuple[str, str, int], dict[str, float]] = {}
    for workload, loads in (("a", 10), ("b", 30), ("odd", 90)):
        for language in HEADLINE_VARIANT:
            costs[workload, language, 1] = {"instructions": 100, "loads": loads, "bytes_loaded": 4 * loads}
    mix = instruction_mix(functions(costs), run_facts({"a": "integer", "b": "float", "odd": "idiomatic"}))
    means = mean_shares(headline_mix(mix))
    assert means["loads"].to_list() == pytest.approx([0.2, 0.2])
    assert means["bytes_per_instruction"].to_list() == pytest.approx([0.8, 0.8])
    assert means["workloads"].to_list() == [2, 2]
    assert classes(means).sum(axis=1).to_list() == pytest.approx([1, 1])


def test_every_kind_and_byte_is_counted_once() -> None:
    assert {"instructions", *KINDS, *BYTES} - {"integer"} == set(COUNTS)
    assert [kind for kinds in CLASSES.values() for kind in kinds] == list(KINDS)


def test_one_language_alone_is_refused() -> None:
    mix = instruction_mix(functions({("a", "arduino", 8): {"instructions": 5}}), run_facts({"a": "integer"}))
    with pytest.raises(InputError, match="both languages"):
        headline_mix(mix)


def made_up(count: int) -> pd.DataFrame:
    """A mix of so many workloads in all groups, with names as long as they may be."""
    costs, groups = {}, {}
    for place in range(count):
        name = f"workload_{place:02}" + ("_of_long_name" if place % 7 == 3 else "")
        groups[name] = GROUPS[1:][place * len(GROUPS[1:]) // count]
        for language, times in (("arduino", 1), ("micropython", 300)):
            loads, whole = times * (place % 9) * 100, times * 1000
            costs[name, language, 1000] = {"instructions": whole, "loads": loads, "bytes_loaded": 4 * loads}
    return instruction_mix(functions(costs), run_facts(groups))


@pytest.mark.parametrize(("count", "sizes"), [(1, ["slide"]), (5, SIZES), (50, ["page"])])
def test_the_chart_is_readable(count: int, sizes: list[str]) -> None:
    mix = made_up(count)
    for size in sizes:
        assert_readable(mix_chart(mix, size=size, style="dark" if size == "page" else "light"), size)


def test_the_chart_says_what_it_shows() -> None:
    mix = made_up(7)
    rows = figures(mix)
    assert rows[list(CLASSES)].sum(axis=1).to_list() == pytest.approx([1.0] * len(rows))
    words = words_of(mix_chart(mix))
    assert "simulated" in words and "upper bars: C++ -Os" in words and "mean of" in words
    assert "instructions, simulated" in alt_text(mix) and "bytes per instruction" in alt_text(mix)
    assert "not time" in caption(mix) and "not in the means" in caption(mix)


def counted(board: VirtualBoard, workload: str, n: int) -> dict[str, dict[str, float]]:
    """What each function of a C++ workload counts per execution, on the real board."""
    catalogue = load_catalogue()
    contract = catalogue[workload]
    one = Measurement(workload, "arduino", HEADLINE_VARIANT["arduino"], n, contract.seed, 2, contract.checksums[n])
    plugin = provide_plugin(paths.cache_dir(), lambda text: None)
    image = board.prepare("arduino", lambda text: None)
    profiled = profile_measurement(board, plugin, image, catalogue, one, 30)
    rows = function_rows(profiled.profile(), "arduino")
    loops = profiled.sample.loops
    return {
        str(row[0]): {name: int(value) / loops for name, value in zip(COUNTS, row[-len(COUNTS) :], strict=True)}
        for row in rows
    }


def test_the_real_board_counts_what_arithmetic_says(board: VirtualBoard) -> None:
    """By what the algorithms must do, whatever the compiler makes of them."""
    n = 256
    crc = counted(board, "crc32", n)["crc32::crc32"]
    assert (crc["loads"], crc["bytes_loaded"]) == (2 * n, 5 * n), "a byte of data and a word of the table"
    assert sorted((crc["branches_taken"], crc["branches_not_taken"])) == [1, n], "one loop of n, left once"
    assert (crc["stores"], crc["calls"], crc["returns"]) == (0, 0, 1)

    fft = counted(board, "fft_i16", n)["fft_i16::fft"]
    butterflies = n // 2 * int(math.log2(n))
    assert fft["multiplications"] == 4 * butterflies
    # Two points of two int16 read and written by each; the rest is the twiddle factors and what calling saves.
    assert 8 * butterflies <= fft["bytes_stored"] < 8 * butterflies + 12 * n
    assert fft["bytes_loaded"] >= 12 * butterflies

    fir = counted(board, "fir_f32", 16)["fir_f32::fir"]
    assert 2 * 256 * 16 <= fir["float_operations"] <= 2 * 256 * 16 + 2 * 16, "a product and a sum for each tap"
    assert 2 * 4 * 256 * 16 <= fir["bytes_loaded"] < 1.02 * 2 * 4 * 256 * 16
