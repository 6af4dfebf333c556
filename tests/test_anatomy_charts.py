"""The charts of the anatomy: readable in every size, true to their frames, and never passed off as time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations, pairwise
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from bench.anatomy.help_estimates import help_estimates
from bench.charts import anatomy, anatomy_help, anatomy_opcodes, anatomy_shares, anatomy_variants
from bench.charts.anatomy_bars import columns_of, magnitudes
from bench.charts.anatomy_parts import CAUSES, COMPONENTS, colour
from bench.charts.style import SIZES
from bench.errors import InputError
from bench.plan import Measurement
from tests.factories import facts, measurement
from tests.test_charts import assert_readable, texts_of, words_of

FIVE = {"adc_read": 6.26, "fib": 53.3, "sieve": 81.4, "crc32": 269.1, "sha256": 655.8}
SIXTY = FIVE | {f"workload_{place:02}": round(7 * 1.08**place, 2) for place in range(55)}
GROUP_NAMES = ("control", "integer", "float", "data", "calls", "machine", "idiomatic")
CPP_INSTRUCTIONS = 10_000.0
# Shares of bytecode's instructions by component, the way the first look at the virtual board found them.
KINDS: Mapping[str, Mapping[str, float]] = {
    "adc_read": {"hardware": 62, "bytecode_loop": 14, "lookup": 13, "calls": 6, "small_int": 5},
    "fib": {"calls": 48, "bytecode_loop": 22, "lookup": 12, "small_int": 13, "allocation": 4, "runner": 1},
    "sieve": {"bytecode_loop": 34, "small_int": 33, "containers": 22, "iteration": 10, "other": 1},
    "crc32": {"big_int": 36, "allocation": 28, "memory_copy": 9, "bytecode_loop": 11, "small_int": 8, "collection": 8},
    "sha256": {"big_int": 41, "allocation": 22, "collection": 13, "bytecode_loop": 8, "small_int": 7, "memory_copy": 6,
               "containers": 3},
    "float": {"float": 31, "allocation": 29, "bytecode_loop": 17, "collection": 6, "containers": 10, "soft_float": 5,
              "library": 2},
    "calls": {"calls": 37, "lookup": 25, "bytecode_loop": 20, "exceptions": 8, "iteration": 6, "containers": 4},
}  # fmt: skip
CAUSE_OF = {"hardware": "library", "library": "library", "soft_float": "library", "big_int": "integer_width",
            "bytecode_loop": "interpreting", "calls": "interpreting", "lookup": "dynamic_typing", "float": "boxing",
            "small_int": "dynamic_typing", "containers": "dynamic_typing", "iteration": "interpreting",
            "exceptions": "interpreting", "collection": "memory_management", "machine_code": "work",
            "workload": "work", "other": "other", "runner": "other"}  # fmt: skip


def run_facts(workloads: Iterable[str]) -> dict[str, object]:
    """run.json of a run with these workloads, spread over all groups."""
    plan: list[Measurement] = [measurement(name, "micropython", 100) for name in workloads]
    run = facts(plan, 1)
    for place, each in enumerate(run["workloads"].values()):
        each["group"] = GROUP_NAMES[place % len(GROUP_NAMES)]
    return run


def parts_of(
    totals: Mapping[str, float], by: str = "component", variants: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """What `bench.anatomy.frames.parts` gives of workloads with these ratios; `variants` are so many times cheaper."""
    rows = []
    for place, (workload, total) in enumerate(totals.items()):
        kind = KINDS.get(workload) or list(KINDS.values())[place % len(KINDS)]
        rows.append((workload, "arduino", "Os", "workload" if by == "component" else "work", 1.0))
        for variant, gain in {"bytecode": 1.0, **(variants or {})}.items():
            shares = dict(kind) if variant in ("bytecode", "bytecode-nogc") else {**_compiled(kind)}
            if variant.endswith("-nogc"):
                shares.pop("collection", None)
            whole = sum(shares.values())
            merged: dict[str, float] = {}
            for component, share in shares.items():
                part = component if by == "component" else _cause(component, kind)
                merged[part] = merged.get(part, 0) + share / whole
            rows += [(workload, "micropython", variant, part, total / gain * share) for part, share in merged.items()]
    frame = pd.DataFrame(rows, columns=["workload", "language", "variant", "part", "times_cpp"]).assign(n=100)
    frame["instructions"] = frame["times_cpp"] * CPP_INSTRUCTIONS
    whole_of = frame.groupby(["workload", "language", "variant"])["times_cpp"].transform("sum")
    frame["share"] = frame["times_cpp"] / whole_of
    frame = frame[["workload", "language", "variant", "n", "part", "instructions", "share", "times_cpp"]]
    frame.attrs["run"] = run_facts(totals)
    return frame


def _compiled(kind: Mapping[str, float]) -> dict[str, float]:
    """The parts of a program in machine code: no bytecode loop."""
    return {name: share for name, share in kind.items() if name not in ("bytecode_loop", "runner")} | {
        "machine_code": 9
    }


def _cause(component: str, kind: Mapping[str, float]) -> str:
    if component in ("allocation", "memory_copy"):
        return "integer_width" if "big_int" in kind else "boxing" if "float" in kind else "memory_management"
    return CAUSE_OF[component]


def opcodes_of(workloads: Iterable[str]) -> pd.DataFrame:
    """What `bench anatomy` counts of opcodes, in every workload in other proportions."""
    names = ("LOAD_FAST n", "STORE_FAST n", "BINARY_OP add", "BINARY_OP xor", "LOAD_CONST_SMALL_INT n", "LOAD_GLOBAL",
             "LOAD_SUBSCR", "STORE_SUBSCR", "POP_JUMP_IF_FALSE", "JUMP", "CALL_FUNCTION", "CALL_METHOD", "LOAD_METHOD",
             "LOAD_ATTR", "STORE_ATTR", "FOR_ITER", "RETURN_VALUE", "DUP_TOP_TWO", "ROT_THREE")  # fmt: skip
    rows = []
    for place, workload in enumerate(workloads):
        for rank, opcode in enumerate(names):
            count, loop = 100_000 // (1 + (7 * place + rank) % len(names)), 9 + rank % 5
            rows.append((workload, opcode, count, count * (loop + (0, 0, 60, 8, 700)[rank % 5]), count * loop))
    columns = ["workload", "opcode", "executions", "instructions", "loop_instructions"]
    frame = pd.DataFrame(rows, columns=columns).assign(language="micropython", variant="bytecode", n=100, loops=8)
    frame.attrs["run"] = run_facts(frame["workload"].unique())
    return frame


def estimates_of(totals: Mapping[str, float]) -> pd.DataFrame:
    """What would help: not every workload has viper code, and sha256 has no figures without the collector."""
    components = parts_of(totals, "component", {"native": 2.3, "viper": 22, "bytecode-nogc": 1.1})
    missing = (components["variant"] == "viper") & components["workload"].str.endswith(("3", "4", "read"))
    missing |= (components["variant"] == "bytecode-nogc") & (components["workload"] == "sha256")
    return help_estimates(components[~missing], parts_of(totals, "cause"))


OTHERS = {"native": 2.3, "viper": 22.0}
CHARTS: Mapping[str, tuple[ModuleType, Callable[..., Figure], Callable[[Mapping[str, float]], pd.DataFrame]]] = {
    "anatomy": (anatomy, anatomy.anatomy_chart, lambda totals: parts_of(totals, "cause")),
    "shares": (anatomy_shares, anatomy_shares.shares_chart, lambda totals: parts_of(totals, "cause")),
    "components": (anatomy_shares, anatomy_shares.shares_chart, parts_of),
    "variants": (anatomy_variants, anatomy_variants.variants_chart, lambda t: parts_of(t, "component", OTHERS)),
    "opcodes": (anatomy_opcodes, anatomy_opcodes.opcode_chart, opcodes_of),
    "help": (anatomy_help, anatomy_help.help_chart, estimates_of),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", CHARTS)
def test_charts_are_readable_in_every_size(name: str, size: str) -> None:
    _, draw, frame_of = CHARTS[name]
    for totals in (FIVE, {"sha256": 655.8}):
        assert_readable(draw(frame_of(totals), size=size), size)
    assert_readable(draw(frame_of(SIXTY), size=size, style="dark"), size)


@pytest.mark.parametrize("name", CHARTS)
def test_charts_captions_and_alt_texts_say_that_instructions_were_simulated(name: str) -> None:
    module, draw, frame_of = CHARTS[name]
    frame = frame_of(FIVE)
    for words in (words_of(draw(frame)), module.caption(frame), module.alt_text(frame)):
        assert "instructions, simulated (QEMU)" in words
    assert "instructions, not time" in words_of(draw(frame)) and "instructions, not time" in module.caption(frame)
    if name != "opcodes":
        assert set(FIVE) <= {text.get_text().split()[0] for text in texts_of(draw(frame))}


@pytest.mark.parametrize("name", CHARTS)
def test_long_and_hostile_names_are_shown_as_they_are(name: str) -> None:
    _, draw, frame_of = CHARTS[name]
    assert_readable(draw(frame_of({"$" + r"\frac{" * 12 + "$": 30.0, "_" + "x" * 80: 40.0}), size="page"), "page")


def test_the_bars_have_the_length_of_the_ratio_on_a_linear_scale() -> None:
    figure = anatomy.anatomy_chart(parts_of(FIVE, "cause"))
    assert {"6.26×", "53.3×", "81.4×", "269×", "656×"} <= {text.get_text() for text in texts_of(figure)}
    outlines = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle) and not patch.get_fill()]
    lengths = [bar.get_width() for bar in outlines]
    assert lengths == pytest.approx([1, 269.1 / 655.8, 1, 53.3 / 81.4, 1])


def test_panels_hold_ratios_of_like_magnitude_and_all_of_them() -> None:
    totals = pd.Series(SIXTY)
    panels = magnitudes(totals)
    assert [name for panel in panels for name in panel.workloads] == list(totals.sort_values(ascending=False).index)
    assert all(panel.limit <= 6 * min(panel.totals) for panel in panels)
    assert [panel.finer for panel in panels[:-1]] == [panel.limit for panel in panels[1:]]
    columns = columns_of(panels)
    assert sorted(name for column in columns for panel in column for name in panel.workloads) == sorted(SIXTY)
    counts = [sum(len(panel.workloads) for panel in column) for column in columns]
    assert len(counts) == 2 and abs(counts[0] - counts[1]) <= 0.3 * len(SIXTY)


def test_the_largest_n_with_cpp_beside_it_is_drawn() -> None:
    small, large = parts_of({"fib": 50.0}), parts_of({"fib": 60.0}).assign(n=1000)
    lonely = parts_of({"fib": 70.0}).assign(n=9000, times_cpp=float("nan"))
    frame = pd.concat([small, large, lonely[lonely["language"] == "micropython"]], ignore_index=True)
    frame.attrs = dict(small.attrs)
    assert set(anatomy.figures(frame)["n"]) == {1000}
    assert "fib (n = 1000) 60.0×: calls and frames 48 %" in anatomy.alt_text(frame)


def test_parts_below_zero_and_unknown_ones_are_drawn_as_they_can_be() -> None:
    frame = parts_of(FIVE)
    frame.loc[frame["part"] == "runner", ["times_cpp", "share"]] *= -1
    frame["part"] = frame["part"].replace("iteration", "something_new")
    figure = anatomy_shares.shares_chart(frame)
    assert "something new" in words_of(figure)
    assert_readable(figure)


def test_variants_tell_what_they_keep() -> None:
    frame = parts_of(FIVE, "component", OTHERS)
    frame = frame[(frame["variant"] != "viper") | (frame["workload"] == "fib")]
    words = words_of(anatomy_variants.variants_chart(frame))
    assert "remain: native 43 %, viper 4.5 %" in words and "–" in words
    assert "fib (n = 100) bytecode 53.3× " in anatomy_variants.alt_text(frame)
    with pytest.raises(InputError, match="no workload in native or viper"):
        anatomy_variants.variants_chart(parts_of(FIVE))


def test_no_figures_are_answered() -> None:
    frame = parts_of(FIVE)
    only = frame[frame["language"] == "arduino"]
    for draw in (anatomy.anatomy_chart, anatomy_shares.shares_chart, anatomy_variants.variants_chart):
        with pytest.raises(InputError, match="no workload of MicroPython's bytecode"):
            draw(only)
    with pytest.raises(InputError, match="no figures of MicroPython's bytecode"):
        help_estimates(only, only)
    with pytest.raises(InputError, match="no opcodes of the workload 'fob'; known: fib"):
        anatomy_opcodes.opcode_chart(opcodes_of(["fib"]), "fob")
    nameless = parts_of(FIVE)
    nameless.attrs = {}
    with pytest.raises(InputError, match="which run"):
        anatomy.anatomy_chart(nameless)


def test_every_workload_has_the_same_weight_among_opcodes() -> None:
    frame = pd.DataFrame(
        [("long", "A", 900, 9000, 900), ("long", "B", 100, 1000, 100), ("s", "A", 1, 30, 2), ("s", "B", 9, 90, 9)],
        columns=["workload", "opcode", "executions", "instructions", "loop_instructions"],
    ).assign(language="micropython", variant="bytecode", n=1, loops=1)  # fmt: skip
    rows = anatomy_opcodes.figures(frame).set_index("opcode")
    # of 10 000 instructions of the one and 120 of the other: A takes 90 % and 25 %, with 900 and 1 executions
    assert rows["share"].to_dict() == pytest.approx({"A": 0.575, "B": 0.425})
    assert rows["each"]["A"] == pytest.approx((0.9 + 0.25) / (900 / 10_000 + 1 / 120))
    assert rows["each_loop"]["B"] == pytest.approx(1)
    assert rows["executed"].sum() == pytest.approx(1)
    assert anatomy_opcodes.figures(frame, "s").set_index("opcode")["executed"]["B"] == pytest.approx(0.9)


def test_short_forms_of_an_opcode_are_one() -> None:
    names = [
        "LOAD_FAST 0",
        "LOAD_FAST 11",
        "LOAD_FAST_N",
        "LOAD_CONST_SMALL_INT -1",
        "LOAD_CONST_SMALL_INT",
        "(outside)",
    ]
    frame = pd.DataFrame({"opcode": names}).assign(workload="a", language="micropython", variant="bytecode", n=1)
    frame = frame.assign(executions=10, instructions=100, loop_instructions=100, loops=1)
    rows = anatomy_opcodes.figures(frame).set_index("opcode")
    assert rows["executed"].to_dict() == pytest.approx({"LOAD_FAST": 0.6, "LOAD_CONST_SMALL_INT": 0.4})


def test_help_is_measured_where_a_variant_was_run_and_computed_where_not() -> None:
    rows = estimates_of(FIVE).set_index(["workload", "remedy"])
    assert rows["kind"]["crc32", "native"] == rows["kind"]["crc32", "no_collector"] == "measured"
    assert rows["saved_share"]["crc32", "native"] == pytest.approx(1 - 1 / 2.3)
    assert rows["instructions_saved"]["crc32", "viper"] == pytest.approx(269.1e4 * (1 - 1 / 22))
    assert rows["saved_share"]["crc32", "no_collector"] == pytest.approx(1 - 1 / 1.1)
    assert ("adc_read", "viper") not in rows.index
    assert rows["kind"]["sha256", "no_collector"] == rows["kind"]["crc32", "wide_int"] == "computed"
    assert rows["saved_share"]["sha256", "no_collector"] == pytest.approx(0.13)
    # big integers, their allocation and copying (36 + 28 + 9), and the collector (8), which then has nothing to do
    assert rows["saved_share"]["crc32", "wide_int"] == pytest.approx(0.81)
    assert rows["saved_share"]["fib", "wide_int"] == rows["saved_share"]["crc32", "unboxed_float"] == 0
    assert (rows["saved_share"] <= 1 + 1e-9).all()


def test_making_small_integers_is_no_boxing_of_floats() -> None:
    components, causes = (
        parts_of({"fib": 50.0, "matmul_f32": 60.0}),
        parts_of({"fib": 50.0, "matmul_f32": 60.0}, "cause"),
    )
    components.loc[components["workload"] == "matmul_f32", "part"] = "float"
    causes["part"] = causes["part"].replace("dynamic_typing", "boxing")
    rows = help_estimates(components, causes).set_index(["workload", "remedy"])["saved_share"]
    assert rows["fib", "unboxed_float"] == 0 and rows["matmul_f32", "unboxed_float"] > 0


def test_a_remedy_that_costs_more_is_told_so() -> None:
    frame = help_estimates(parts_of({"fib": 50.0}, "component", {"native": 0.8}), parts_of({"fib": 50.0}, "cause"))
    assert "native -25 % (measured)" in anatomy_help.alt_text(frame)
    assert_readable(anatomy_help.help_chart(frame))


def test_what_is_computed_is_labelled_everywhere() -> None:
    frame = estimates_of(FIVE)
    words = words_of(anatomy_help.help_chart(frame))
    assert "≤ 81 %" in words and "computed, at most" in words and "measured: a variant was run" in words
    assert "at most 81 % (computed)" in anatomy_help.alt_text(frame) and "57 % (measured)" in anatomy_help.alt_text(
        frame
    )
    assert "must not be added up" in anatomy_help.caption(frame)
    hatched = [patch for patch in anatomy_help.help_chart(frame).axes[0].patches if patch.get_hatch()]
    assert len(hatched) == 3 + 1  # crc32 and sha256, sha256's collector, and the legend's


@pytest.mark.parametrize(("table", "by", "apart"), [(CAUSES, "cause", 19), (COMPONENTS, "component", 12)])
def test_colours_are_told_apart_with_every_kind_of_colour_blindness(
    table: Mapping[str, object], by: str, apart: float
) -> None:
    names = [name for name in table if name not in ("lexer", "parser", "compiler", "emitter")]
    seen = {name: as_seen(colour(name, by=by)) for name in names}
    for one, other in combinations(names, 2):
        assert distance(seen[one], seen[other]) >= apart, (one, other)
    for one, other in pairwise(names):
        assert distance(seen[one], seen[other]) >= 24, (one, other)


# Machado, Oliveira and Fernandes 2009, severity 1: protanopia, deuteranopia, tritanopia.
BLINDNESS = (
    ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
)


def as_seen(shade: str) -> list[np.ndarray]:
    """A colour in CIELAB, as it is seen with full colour vision and with each blindness."""
    rgb = np.array(to_rgb(shade))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    found = []
    for matrix in BLINDNESS:
        seen = np.clip(np.array(matrix) @ linear, 0, 1)
        xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
        xyz = xyz / np.array([0.9505, 1.0, 1.089])
        f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
        found.append(np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]))
    return found


def distance(one: list[np.ndarray], other: list[np.ndarray]) -> float:
    """How far two colours are apart for who sees the least difference."""
    return min(float(np.linalg.norm(first - second)) for first, second in zip(one, other, strict=True))
