"""The committed anatomies: of the reference runs, complete, and equal to what is profiled now, row by row."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import load_run, paths
from bench.anatomy.dissect import Wanted, dissect
from bench.anatomy.frames import Anatomy, anatomy_of
from bench.anatomy.measure import profile_measurement
from bench.anatomy.rows import COUNTS, FUNCTION_COLUMNS, function_rows
from bench.catalogue import load_catalogue
from bench.comparable import toolchain_differences
from bench.errors import InputError
from bench.plan import KEY_COLUMNS, make_plan
from bench.results import read_facts
from bench.run_facts import run_facts
from bench.runs import Silent
from bench.variants import ALL
from bench.verify import reference_runs
from bench.virtual_board.board import VirtualBoard
from bench.virtual_board.profiler import provide_plugin
from bench.virtual_board.profiles import PROFILES

AGAIN = (
    ("crc32", "bytecode"),
    ("fib", "Os"),
    ("mandelbrot", "native"),
    ("sieve", "viper"),
    ("exception_or_error", "bytecode"),
)


@pytest.fixture(scope="module", params=list(PROFILES))
def reference(request: pytest.FixtureRequest) -> Path:
    """The reference run of each board."""
    return reference_runs([request.param])[0]


@pytest.fixture(scope="module")
def anatomy(reference: Path) -> Anatomy:
    """Its anatomy, which `anatomy_of` has held against the run's samples."""
    return anatomy_of(load_run(reference))


def test_it_holds_every_workload_that_has_a_figure(reference: Path, anatomy: Anatomy) -> None:
    frame = load_run(reference)
    for variant in ("Os", "bytecode", "native", "viper"):
        wanted = set(frame.loc[frame["variant"] == variant, "workload"])
        assert set(anatomy.functions.loc[anatomy.functions["variant"] == variant, "workload"]) == wanted
    assert anatomy.facts["failures"] == []


def test_its_tables_add_up_to_the_samples(reference: Path, anatomy: Anatomy) -> None:
    keys = list(KEY_COLUMNS)
    ticks = load_run(reference).query("sample == 0").set_index(keys)["ticks"]
    for frame in (anatomy.functions, anatomy.stacks, anatomy.opcodes):
        totals = frame.groupby(keys)["instructions"].sum()
        assert (totals == ticks.reindex(totals.index)).all()


def test_hardly_anything_is_other(anatomy: Anatomy) -> None:
    total = anatomy.functions.groupby(list(KEY_COLUMNS))["instructions"].sum()
    other = (
        anatomy.functions[anatomy.functions["component"] == "other"].groupby(list(KEY_COLUMNS))["instructions"].sum()
    )
    assert ((other / total.reindex(other.index)) < 0.03).all()


def test_it_is_profiled_again_to_the_same_rows(reference: Path, anatomy: Anatomy) -> None:
    facts = read_facts(reference)
    board = VirtualBoard(facts["board"]["name"])
    catalogue = load_catalogue()
    plan = make_plan(catalogue, names=[name for name, _ in AGAIN], variants=[ALL])
    functions = anatomy.functions
    largest = functions.groupby("workload")["n"].max()
    chosen = [m for m in plan if (m.workload, m.variant) in AGAIN and m.n == largest[m.workload]]
    assert len(chosen) == len(AGAIN)
    images = {program: board.prepare(program, print) for program in {m.program for m in chosen}}
    today = run_facts(board, 1, 1, chosen, catalogue, images, "today")
    if differences := toolchain_differences(facts, today):
        pytest.skip("; ".join(differences))
    plugin = provide_plugin(paths.cache_dir(), print)
    for measurement in chosen:
        profiled = profile_measurement(board, plugin, images[measurement.program], catalogue, measurement, 60)
        loops = profiled.sample.loops
        now = [(*measurement.key, loops, *row) for row in function_rows(profiled.profile(), measurement.language)]
        mine = functions
        for column, value in zip(KEY_COLUMNS, measurement.key, strict=True):
            mine = mine[mine[column] == value]
        then = list(mine[list(FUNCTION_COLUMNS)].itertuples(index=False, name=None))
        assert now == then, measurement
        assert sum(row[FUNCTION_COLUMNS.index(COUNTS[0])] for row in then) == profiled.sample.ticks


def test_what_is_not_in_the_run_cannot_be_dissected(reference: Path) -> None:
    with pytest.raises(InputError, match="the run has no figure of fib, at n = 3"):
        dissect(reference, Wanted(workloads=("fib",), sizes=(3,)), Silent())
