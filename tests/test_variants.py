"""Variants: which there are in a plan, what is sent to the board for them, and what they find there."""

from __future__ import annotations

import ast
import json
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench import paths
from bench.catalogue import load_catalogue
from bench.errors import BoardError, InputError, NotAvailable
from bench.frames import load_memory, load_run
from bench.mpy_program import program, with_native_emitter
from bench.plan import Figures, Measurement, make_plan
from bench.recovery import collector_shares, variant_gains
from bench.runners import make_runner
from bench.runners.exchange import check_answers
from bench.table import left_out_lines
from bench.variants import HEADLINE_VARIANT, NO_GC, VARIANTS
from bench.virtual_board.board import VirtualBoard
from tests.conftest import Project

CATALOGUE = load_catalogue()
WITH_VIPER = [name for name, workload in CATALOGUE.items() if workload.viper_overlay.is_file()]


def variants_of(plan: list[Measurement], workload: str) -> set[str]:
    return {m.variant for m in plan if m.workload == workload}


def measure(board: VirtualBoard, workload: str, variant: str, n: int) -> Figures:
    """One measurement, without the session around it; its answers are checked."""
    plan = make_plan(CATALOGUE, names=[workload], sizes=[n], variants=[variant])
    measurement = next(m for m in plan if m.workload == workload and m.variant == variant)
    runner = make_runner(measurement.program, board, board.prepare(measurement.program, print), CATALOGUE, timeout_s=60)
    with runner.open() as channel:
        figures = channel.measure(measurement, samples=2)
    check_answers(figures.samples, measurement)
    return figures


def by_workload_and_variant(frame: pd.DataFrame) -> dict[tuple[str, str], dict[Hashable, Any]]:
    """The rows of a frame that has one for each of them."""
    return {(row["workload"], row["variant"]): row for row in frame.to_dict("records")}


def ticks(figures: Figures) -> float:
    return figures.samples[-1].ticks / figures.samples[-1].loops


# ---- which there are


def test_a_plan_has_headline_variants_unless_others_are_named() -> None:
    assert variants_of(make_plan(CATALOGUE, quick=True), "crc32") == set(HEADLINE_VARIANT.values())
    assert variants_of(make_plan(CATALOGUE, quick=True, variants=["native"]), "crc32") == {"Os", "native"}
    assert variants_of(make_plan(CATALOGUE, quick=True, variants=["O2", "Os"]), "crc32") == {"O2", "Os", "bytecode"}
    everything = make_plan(CATALOGUE, quick=True, variants=["all"])
    assert variants_of(everything, "crc32") == {v for names in VARIANTS.values() for v in names}
    assert variants_of(everything, "sha256") == variants_of(everything, "crc32") - {"viper", f"viper{NO_GC}"}
    assert variants_of(everything, "empty") == variants_of(everything, "crc32")


def test_a_variant_that_nothing_has_is_an_error() -> None:
    with pytest.raises(InputError, match="no variant 'O4'; known: Os, O2, bytecode"):
        make_plan(CATALOGUE, variants=["O4"])
    with pytest.raises(InputError, match="none of the workloads asked for has a variant viper"):
        make_plan(CATALOGUE, names=["sha256"], variants=["viper"])


def test_ten_workloads_or_more_have_a_viper_version() -> None:
    assert len(WITH_VIPER) >= 10


# ---- what is sent


def test_the_native_emitter_is_put_before_timed_functions_and_methods_only() -> None:
    script = '''"""Two functions that look alike."""
class Counter:
    def __init__(self):
        def inner():
            pass
    @staticmethod
    def make():
        pass
def run():
    return "def nothing(): pass"
def setup(n, seed):
    pass
def checksum(result):
    pass
'''
    changed = with_native_emitter(script, "x.py")
    without = "".join(line for line in changed.splitlines(keepends=True) if "micropython.native" not in line)
    assert without == script
    decorated = {
        node.name
        for node in ast.walk(ast.parse(changed))
        if isinstance(node, ast.FunctionDef) and "micropython.native" in map(ast.unparse, node.decorator_list)
    }
    assert decorated == {"__init__", "make", "run"}


def test_a_script_that_is_no_python_is_named_with_its_line() -> None:
    with pytest.raises(InputError, match=r"x\.py line 2: invalid syntax"):
        with_native_emitter("a = 1\nb = = 2\n", "x.py")


@pytest.mark.parametrize("name", CATALOGUE)
def test_native_programs_are_the_script_and_nothing_but_decorators(name: str) -> None:
    runner, script = program(CATALOGUE[name], "native")
    assert runner.text == (paths.SCRIPTS / "benchlib.py").read_text(encoding="utf-8")
    lines = [line for line in script.text.splitlines() if line.strip() != "@micropython.native"]
    assert lines == CATALOGUE[name].script.read_text(encoding="utf-8").splitlines()
    assert "@micropython.native" in script.text


def test_a_viper_program_sends_its_functions_last() -> None:
    names = [source.name for source in program(CATALOGUE["crc32"], f"viper{NO_GC}")]
    assert names == ["benchlib.py", "crc32.py", "viper/crc32.py"]


# ---- what they find on the board


@pytest.mark.parametrize("name", WITH_VIPER)
def test_viper_gives_the_right_answers_for_fewer_instructions(board: VirtualBoard, name: str) -> None:
    n = CATALOGUE[name].quick
    reference = load_run(paths.RESULTS / "reference-virtual-esp32")
    native = reference[(reference["workload"] == name) & (reference["variant"] == "native") & (reference["n"] == n)]
    assert ticks(measure(board, name, "viper", n)) < (native["ticks"] / native["loops"]).min()


def test_o2_is_another_image_with_the_same_answers(board: VirtualBoard) -> None:
    figures = measure(board, "matmul_i32", "O2", 8)
    assert board.image("arduino-O2") != board.image("arduino")
    assert ticks(figures) < ticks(measure(board, "matmul_i32", "Os", 8))
    assert figures.memory.held is not None and figures.memory.held >= 3 * 4 * 8 * 8
    assert figures.memory.stack is not None and 0 < figures.memory.stack < 4096


def test_without_the_collector_only_its_work_is_missing(board: VirtualBoard) -> None:
    on, off = (measure(board, "crc32", variant, 256) for variant in ("bytecode", f"bytecode{NO_GC}"))
    assert 0.8 < ticks(off) / ticks(on) < 1
    assert on.memory == off.memory
    assert on.memory.allocated is not None and on.memory.allocated > 256 * 64  # big ints, several for each byte
    assert on.memory.held is not None and 256 + 4 * 256 <= on.memory.held < 256 + 4 * 256 + 200
    silent = measure(board, "fib", "bytecode", 10)
    assert silent.memory.allocated == 0


def test_blocks_are_shortened_to_what_the_heap_bears_without_its_collector(board: VirtualBoard) -> None:
    on, off = (measure(board, "crc32", variant, 1024) for variant in ("bytecode", f"bytecode{NO_GC}"))
    assert off.samples[0].loops == 1
    assert off.samples[0].ticks < on.samples[0].ticks / on.samples[0].loops


def test_what_does_not_fit_without_the_collector_is_left_out_not_wrong(board: VirtualBoard) -> None:
    with pytest.raises(NotAvailable, match="more memory than the board has without its collector"):
        measure(board, "sha256", f"native{NO_GC}", 1024)


def test_a_module_that_the_contract_names_may_be_missing_another_may_not(board: VirtualBoard) -> None:
    with pytest.raises(NotAvailable, match="no module hashlib"):
        measure(board, "hashlib_sha256", "bytecode", 64)
    plan = make_plan(CATALOGUE, names=["binascii_crc32"], quick=True)
    measurement = next(m for m in plan if m.workload == "binascii_crc32" and m.language == "micropython")
    undeclared = {**CATALOGUE, "binascii_crc32": CATALOGUE["hashlib_sha256"].__class__(
        **{**CATALOGUE["binascii_crc32"].__dict__, "needs": ()})}  # fmt: skip
    runner = make_runner("micropython", board, board.prepare("micropython", print), undeclared, timeout_s=60)
    with runner.open() as channel, pytest.raises(BoardError, match="no module named 'binascii'"):
        channel.measure(measurement, samples=2)


# ---- whole runs


def test_a_run_of_all_variants_leaves_out_what_cannot_be_and_says_why(project: Project) -> None:
    names = ("-w", "scheduled_callback", "-w", "hashlib_sha256", "-w", "lcg_32")
    done = project.bench(
        "run", "--board", "virtual-esp32", *names, "--quick", "--variant", "all", "--no-charts", "--out", "results/x"
    )
    assert done.returncode == 0, done.stderr
    assert "left out, this board's MicroPython has no module hashlib: hashlib_sha256" in done.stdout
    assert "scheduled_callback (native, native-nogc)" in done.stdout
    table_rows = [line.split() for line in done.stdout.splitlines()]
    assert ["idiomatic", "hashlib_sha256", "-", "left", "out", "-", "-", "-"] in table_rows
    frame = load_run(project.results / "x")
    assert frame.attrs["run"]["status"] == "complete"
    gains = by_workload_and_variant(variant_gains(frame))
    assert gains["lcg_32", "viper"]["gain"] > 20
    assert 0.9 < gains["lcg_32", "viper"]["closed"] < 1
    shares = collector_shares(variant_gains(frame)).to_dict("records")
    assert [row["share"] > 0 for row in shares if row["workload"] == "lcg_32"] == [True]
    memory = by_workload_and_variant(load_memory(frame))
    assert memory["lcg_32", "bytecode"]["allocated"] > 0
    assert memory["hashlib_sha256", "Os"]["stack"] > 0
    assert len(left_out_lines(frame.attrs["run"])) == 2
    for option, word in (("--variants", "median closed"), ("--memory", "allocated")):
        shown = project.bench("show", "results/x", option)
        assert shown.returncode == 0 and word in shown.stdout and "lcg_32" in shown.stdout


def test_what_has_not_changed_is_not_measured_again(project: Project) -> None:
    run = ("run", "--board", "virtual-esp32", "-w", "fib", "-w", "hashlib_sha256", "--quick", "--no-charts")
    first = project.bench(*run, "--out", "results/first")
    again = project.bench(*run, "--out", "results/again")
    assert first.returncode == again.returncode == 0, first.stderr + again.stderr
    assert "taken from an earlier run" not in first.stderr
    samples = [(project.results / name / "samples.csv").read_bytes() for name in ("first", "again")]
    memories = [(project.results / name / "memory.csv").read_bytes() for name in ("first", "again")]
    assert samples[0] == samples[1] and memories[0] == memories[1]
    facts = json.loads((project.results / "again" / "run.json").read_text())
    assert facts["reused"] == len({tuple(entry.values()) for entry in facts["plan"]}) - 1  # all but what is left out
    assert [entry["workload"] for entry in facts["skipped"]] == ["hashlib_sha256"]
    assert "reused" in facts and f"{facts['reused']} measurements taken from an earlier run" in again.stderr
    assert "taken" not in project.bench(*run, "--fresh", "--out", "results/fresh").stderr
    project.replace("mpy_scripts/fib.py", '"""', '"""One word more. ')
    changed = project.bench(*run, "--out", "results/changed")
    assert f"{facts['reused'] - 1} measurements taken" in changed.stderr


@pytest.mark.parametrize("damage", [b"{}", b'{"samples": [[0, 1, 5, 611]], "memory": [0, 0, 0]}'])
def test_damaged_or_wrong_figures_are_measured_again(project: Project, damage: bytes) -> None:
    run = ("run", "--board", "virtual-esp32", "-w", "fib", "--n", "15", "--no-charts", "--samples", "1")
    assert project.bench(*run, "--out", "results/first").returncode == 0
    cache = Path(project.environment["BENCH_CACHE"]) / "measured"
    entries = [path for path in cache.rglob("*.json") if "fib n=15 in micropython" in path.read_text()]
    entries[0].write_bytes(damage)  # one of them whole, but with a wrong answer
    again = project.bench(*run, "--out", "results/again")
    assert again.returncode == 0, again.stderr
    samples = [(project.results / name / "samples.csv").read_bytes() for name in ("first", "again")]
    assert samples[0] == samples[1]


def test_a_full_run_may_be_resumed_with_its_variants(project: Project) -> None:
    choices = ("-w", "crc32", "--quick", "--variant", "O2", "--variant", "Os", "--variant", "viper", "--no-charts")
    assert project.bench("run", "--board", "virtual-esp32", *choices, "--out", "results/whole").returncode == 0
    run = project.results / "whole"
    whole = (run / "samples.csv").read_bytes(), (run / "memory.csv").read_bytes()
    for name in ("samples.csv", "memory.csv"):  # as a crash leaves them
        (run / name).write_bytes((run / name).read_bytes()[:-5])
    done = project.bench("run", "--resume", "results/whole", "--no-charts", "--fresh")
    assert done.returncode == 0, done.stderr
    assert whole == ((run / "samples.csv").read_bytes(), (run / "memory.csv").read_bytes())
