"""Flame graphs and the formats of other tools."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pandas as pd
import pytest

from bench.anatomy.flames import MERGED, Frame, call_tree, collapsed, flame_svg, speedscope
from bench.charts import SIZES, STYLES
from bench.errors import InputError
from tests.test_anatomy_charts import run_facts

SVG = "{http://www.w3.org/2000/svg}"
COMPONENTS = {
    "mp_execute_bytecode": "bytecode_loop",
    "fun_bc_call": "calls",
    "mp_call_function_n_kw": "calls",
    "mp_call_method_n_kw": "calls",
    "mp_load_global": "lookup",
    "mp_map_lookup": "lookup",
    "mp_binary_op": "small_int",
    "mp_obj_new_int_from_ll": "big_int",
    "gc_alloc": "allocation",
    "gc_collect": "collection",
    "memset": "memory_copy",
    "time_block": "runner",
    "fib": "workload",
}
VM = "mp_execute_bytecode"
CALL = f"mp_call_function_n_kw;fun_bc_call;{VM}"


def component_of(function: str, language: str) -> str:
    assert language in ("arduino", "micropython")
    return COMPONENTS.get(function, "other")


def stacks_of(paths: dict[str, int], language: str = "micropython", variant: str = "bytecode") -> pd.DataFrame:
    rows = pd.DataFrame({"path": list(paths), "instructions": list(paths.values())})
    rows = rows.assign(workload="fib", language=language, variant=variant, n=20, loops=10)
    rows.attrs["run"] = run_facts(["fib"])
    return rows[["workload", "language", "variant", "n", "loops", "path", "instructions"]]


def recursive_fib(depth: int = 12) -> pd.DataFrame:
    """Bytecode's fib as the plugin sees it: a path for each depth of the recursion."""
    paths: dict[str, int] = {}
    for level in range(1, depth + 1):
        base = ";".join([VM] + [CALL] * level)
        weight = 1000 * level * (depth + 1 - level)
        paths |= {base: 30 * weight, f"{base};mp_binary_op": 17 * weight, f"{base};mp_load_global": 4 * weight}
        paths |= {f"{base};mp_load_global;mp_map_lookup": 9 * weight, f"{base};gc_alloc": 3 * weight}
        paths |= {f"{base};mp_call_function_n_kw;fun_bc_call": 14 * weight, f"{base};tiny_{level}": weight // 100}
        paths |= {f"{base};gc_alloc;gc_collect;memset": weight}
    return stacks_of(paths)


def frames_of(svg: str) -> dict[str, ElementTree.Element]:
    """The drawn frames by the first word of their titles; one of those of the same name."""
    groups = ElementTree.fromstring(svg).iter(f"{SVG}g")
    return {str(group.findtext(f"{SVG}title")).partition(":")[0]: group for group in groups}


def test_collapsed_stacks_are_lines_of_paths_and_counts() -> None:
    assert collapsed(stacks_of({"a;b": 3, "a": 2, "c": 0})) == "a 2\na;b 3\n"


def test_speedscope_holds_a_profile_a_measurement_with_shared_frames() -> None:
    frame = pd.concat([stacks_of({"a;b": 3, "a": 2}), stacks_of({"a;fib;fib": 4}, "arduino", "Os")])
    document = json.loads(speedscope(frame, "fib"))
    assert document["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    assert [each["name"] for each in document["shared"]["frames"]] == ["a", "b", "fib"]
    first, second = document["profiles"]
    assert first["type"] == "sampled" and first["unit"] == "none"
    assert first["samples"] == [[0, 1], [0]] and first["weights"] == [3, 2]
    assert (first["startValue"], first["endValue"]) == (0, 5)
    assert "MicroPython bytecode" in first["name"] and "instructions, simulated (QEMU)" in first["name"]
    assert second["samples"] == [[0, 2, 2]] and "Arduino C++ Os" in second["name"]


def test_recursion_is_put_together() -> None:
    tree = call_tree(stacks_of({"a": 1, "a;b": 2, "a;b;a": 4, "a;b;a;b": 8, "a;b;a;c": 16}), least=0)
    (a,) = tree.callees.values()
    assert (tree.instructions, a.instructions, a.own) == (31, 31, 5)
    assert {name: callee.instructions for name, callee in a.callees.items()} == {"c": 16, "b": 10}
    assert a.recursive and not a.callees["c"].recursive


def test_narrow_frames_are_put_together_and_nothing_is_lost() -> None:
    stacks = recursive_fib()
    tree = call_tree(stacks)
    assert tree.instructions == stacks["instructions"].sum() == total_own(tree)
    assert MERGED in names_below(tree) and not any(name.startswith("tiny") for name in names_below(tree))


def total_own(frame: Frame) -> int:
    return frame.own + sum(map(total_own, frame.callees.values()))


def names_below(frame: Frame) -> set[str]:
    return {frame.name}.union(*map(names_below, frame.callees.values()))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", SIZES)
def test_every_frame_lies_within_its_caller_and_the_page(size: str, style: str) -> None:
    root = ElementTree.fromstring(flame_svg(recursive_fib(), component_of, size, style))
    _, _, width, height = map(float, str(root.get("viewBox")).split())
    boxes = [[float(str(box.get(name))) for name in ("x", "y", "width", "height")]
             for group in root.iter(f"{SVG}g") for box in group.iter(f"{SVG}rect")]  # fmt: skip
    assert all(x >= 0 and x + wide <= width + 0.2 and y >= 0 and y + high <= height for x, y, wide, high in boxes)
    rows: dict[float, list[tuple[float, float]]] = {}
    for x, y, wide, _ in boxes:
        rows.setdefault(y, []).append((x, x + wide))
    for row in rows.values():
        row.sort()
        assert all(right <= left + 0.2 for (_, right), (left, _) in pairwise(row))


def test_the_svg_needs_no_script_and_says_what_it_shows() -> None:
    svg = flame_svg(recursive_fib(), component_of)
    words = " ".join(ElementTree.fromstring(svg).itertext())
    assert "<script" not in svg and "href" not in svg and "onclick" not in svg
    assert "instructions, simulated (QEMU)" in words and "instructions, not time" in words
    assert "fib (n = 20), MicroPython bytecode" in words
    assert "bytecode loop" in words and "mp_execute_bytecode ↻" in words
    assert "put together" in str(frames_of(svg)["mp_execute_bytecode"].findtext(f"{SVG}title"))


def test_a_shallow_profile_and_hostile_names_are_drawn_as_text() -> None:
    name = '</title><script>alert("1")</script>&\x00 operator<<'
    svg = flame_svg(stacks_of({"time_block": 5, f"time_block;{name}": 95}, "arduino", "Os"), component_of)
    assert "<script" not in svg and "\x00" not in svg
    assert "operator<<" in " ".join(ElementTree.fromstring(svg).itertext())


def test_only_one_measurement_is_drawn_at_a_time() -> None:
    both = pd.concat([stacks_of({"a": 1}), stacks_of({"a": 1}, "arduino", "Os")])
    for each in (collapsed, call_tree):
        with pytest.raises(InputError, match="of one measurement, got those of 2"):
            each(both)
    with pytest.raises(InputError, match="no instructions"):
        flame_svg(stacks_of({"a": 0}), component_of)
    with pytest.raises(InputError, match="no call paths"):
        speedscope(both.iloc[:0], "none")
