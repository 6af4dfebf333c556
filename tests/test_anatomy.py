"""The profiler: exact, without influence on what it watches, and clear about what it cannot do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import paths
from bench.analysis import headline, overhead_ratios
from bench.anatomy.frames import Anatomy, load_anatomy, net, parts
from bench.anatomy.measure import Profiled, profile_measurement
from bench.anatomy.profile import parse_profile
from bench.anatomy.rows import COUNTS, OUTSIDE
from bench.anatomy.symbols import INTERPRETER, MACHINE_CODE, read_image, strip_suffix
from bench.catalogue import load_catalogue
from bench.errors import BenchError, ToolError
from bench.frames import load_run
from bench.plan import Measurement, make_plan
from bench.runners import make_runner
from bench.virtual_board.board import VirtualBoard
from bench.virtual_board.profiler import provide_plugin
from bench.virtual_board.qemu import QEMU, find_qemu
from tests.conftest import Project
from tests.test_faults import error_line

# Small integers; big ones and the collector; floats; exceptions; recursion in machine code.
WORKLOADS = ("sieve", "crc32", "iir_f32", "exception_or_error", "fib")


def quick(name: str, language: str, variant: str) -> Measurement:
    """A workload's measurement at its quick n."""
    plan = make_plan(load_catalogue(), names=[name], quick=True, variants=[variant])
    return next(m for m in plan if m.workload == name and m.language == language and m.variant == variant)


def profiled(board: VirtualBoard, measurement: Measurement) -> Profiled:
    """The measurement with the profiler beside it."""
    plugin = provide_plugin(paths.cache_dir(), print)
    image = board.prepare(measurement.program, print)
    return profile_measurement(board, plugin, image, load_catalogue(), measurement, 60)


@pytest.mark.parametrize("workload", WORKLOADS)
@pytest.mark.parametrize(
    ("language", "variant"), [("arduino", "Os"), ("micropython", "bytecode"), ("micropython", "native")]
)
def test_counts_are_those_of_a_run_without_the_profiler_and_add_up(
    any_board: VirtualBoard, workload: str, language: str, variant: str
) -> None:
    measurement = quick(workload, language, variant)
    image = any_board.prepare(measurement.program, print)
    with make_runner(measurement.program, any_board, image, load_catalogue(), 60).open() as channel:
        plain = channel.measure(measurement, 1).samples[0]
    mine = profiled(any_board, measurement)
    profile = mine.profile()
    assert mine.sample == plain
    assert (
        sum(executions * profile.blocks[block].instructions for _, block, executions, _ in profile.counts)
        == plain.ticks
    )
    assert all(sum(block.kinds) == block.instructions for block in profile.blocks.values())
    if language == "micropython":
        by_opcode = sum(executions * profile.blocks[block].instructions for _, block, executions in profile.opcodes)
        assert by_opcode == plain.ticks
    functions = set(profile.functions.values())
    assert (MACHINE_CODE in functions) == (variant == "native")
    assert (INTERPRETER in functions) == (language == "micropython")  # native too: it runs the runner's loop


def test_a_known_program_has_the_calls_and_bytecodes_that_it_must(board: VirtualBoard) -> None:
    """fib(15) is 1973 calls of itself, whatever the language; each ends with a RETURN_VALUE."""
    calls = 1973
    cpp = profiled(board, quick("fib", "arduino", "Os"))
    profile = cpp.profile()
    deepest = max(len(profile.path(node)) for node in profile.functions)
    assert deepest >= 15
    python = profiled(board, quick("fib", "micropython", "bytecode"))
    names = python.profile()
    loops = python.sample.loops
    assert names.executions[0x63] == (calls + 1) * loops  # and run() itself
    depth = max(names.path(node).count(INTERPRETER) for node in names.functions)
    assert depth == 15 + 2  # fib(15) down to fib(1), run(), and the runner's block


def test_a_branch_is_counted_as_taken_where_it_was(board: VirtualBoard) -> None:
    """The runner's own loop in C++: `bnez` back to the call, taken once an execution, and once not."""
    plan = [m for m in make_plan(load_catalogue(), names=["empty"]) if m.language == "arduino"]
    measured = profiled(board, plan[-1])
    profile = measured.profile()
    taken = sum(t for node, _, _, t in profile.counts if profile.functions[node] == "bench::time_block")
    branches = sum(
        executions * profile.blocks[block].kinds[3]
        for node, block, executions, _ in profile.counts
        if profile.functions[node] == "bench::time_block"
    )
    assert branches == measured.sample.loops + 1
    assert taken in (1, measured.sample.loops)  # as the compiler has laid it out


@pytest.fixture(scope="module")
def dissected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with its anatomy, made by the command."""
    run = tmp_path_factory.mktemp("anatomy") / "run"
    arguments = [
        "anatomy",
        "-w",
        "crc32",
        "-w",
        "fib",
        "--variant",
        "native",
        "--variant",
        "bytecode",
        "--out",
        str(run),
    ]
    done = Project(paths.PROJECT).bench(*arguments)
    assert done.returncode == 0, done.stderr
    assert "crc32" in done.stdout and str(run / "anatomy" / "functions.csv") in done.stdout
    return run


@pytest.fixture(scope="module")
def anatomy(dissected: Path) -> Anatomy:
    """Its tables."""
    return load_anatomy(dissected)


@pytest.mark.parametrize("by", ["component", "cause", "function"])
def test_the_parts_of_a_measurement_add_up_to_the_figure_in_the_table(
    dissected: Path, anatomy: Anatomy, by: str
) -> None:
    frame = parts(anatomy.functions, by)
    run = load_run(dissected)
    first_samples = pd.DataFrame(run[run["sample"] == 0])
    first_samples.attrs = run.attrs
    for row in headline(overhead_ratios(first_samples)).to_dict("records"):
        mine = frame[(frame["workload"] == row["workload"]) & (frame["variant"] == "bytecode")]
        assert mine["instructions"].sum() == pytest.approx(row["micropython"], rel=1e-12)
        assert mine["times_cpp"].sum() == pytest.approx(row["ratio"], rel=1e-12)
        assert mine["share"].sum() == pytest.approx(1)


def test_tables_add_up_to_the_samples(dissected: Path, anatomy: Anatomy) -> None:
    samples = load_run(dissected).query("sample == 0")
    keys = ["workload", "language", "variant", "n"]
    ticks = samples.set_index(keys)["ticks"]
    for frame in (anatomy.functions, anatomy.stacks):
        totals = frame.groupby(keys)["instructions"].sum()
        assert (totals == ticks.reindex(totals.index)).all()
        assert len(totals) == len(ticks)
    totals = anatomy.opcodes.groupby(keys)["instructions"].sum()
    assert (totals == ticks.reindex(totals.index)).all()
    pairs = anatomy.opcode_pairs.groupby([*keys, "second"])["executions"].sum()
    begun = anatomy.opcodes[anatomy.opcodes["opcode"] != OUTSIDE].set_index([*keys, "opcode"])["executions"]
    assert (pairs == begun.reindex(pairs.index)).all()


def test_every_count_can_be_had_per_execution(anatomy: Anatomy) -> None:
    for count in COUNTS:
        frame = net(anatomy.functions, "component", count)
        assert (frame.groupby(["workload", "variant"])[count].sum() >= 0).all(), count


def test_a_second_time_nothing_is_profiled_again(dissected: Path) -> None:
    before = {path.name: path.read_bytes() for path in (dissected / "anatomy").iterdir() if path.name != "anatomy.json"}
    done = Project(paths.PROJECT).bench("anatomy", str(dissected))
    assert done.returncode == 0, done.stderr
    assert "profiling: 0 measurements" in done.stderr
    assert {name: (dissected / "anatomy" / name).read_bytes() for name in before} == before


@pytest.mark.parametrize(
    ("name", "shown"),
    [("f.part.0", "f"), ("f.isra.0.cold", "f"), ("a.b", "a.b"), ("g.constprop.0.isra.0", "g"), ("f.lto_priv.12", "f")],
)
def test_what_gcc_appends_to_a_name_is_taken_off(name: str, shown: str) -> None:
    assert strip_suffix(name) == shown


def test_functions_of_an_image_do_not_overlap(any_board: VirtualBoard) -> None:
    for language in ("arduino", "micropython"):
        functions = read_image(any_board.image(language), language).functions
        assert len(functions) > 300
        for before, after in pairwise(functions):
            assert before.start < before.end <= after.start, (before, after)


# ---- What can go wrong


def test_without_a_compiler_for_this_computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / QEMU).symlink_to(find_qemu())
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("CC", raising=False)
    with pytest.raises(ToolError, match=r"no C compiler for this computer .* install gcc"):
        provide_plugin(tmp_path, print)


def test_with_a_compiler_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "cc"
    broken.write_text("#!/bin/sh\necho 'x.c:1: fatal error: stdint.h: No such file' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CC", str(broken))
    with pytest.raises(ToolError, match=r"cannot build the profiler: .*stdint\.h.*install gcc and libc6-dev"):
        provide_plugin(tmp_path, print)
    assert not list((tmp_path / "plugin").glob("*.so"))


def test_with_a_qemu_that_takes_no_plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrapper = tmp_path / QEMU
    refuse = 'for a in "$@"; do [ "$a" = -plugin ] && { echo "qemu: -plugin: invalid option" >&2; exit 1; }; done'
    wrapper.write_text(f'#!/bin/sh\n{refuse}\nexec {find_qemu()} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(ToolError, match=r"does not load the profiler \(.*invalid option\).*everything but the anatomy"):
        provide_plugin(tmp_path, print)


def test_an_image_without_symbols(board: VirtualBoard, tmp_path: Path) -> None:
    for language in ("arduino", "micropython"):
        stripped = tmp_path / f"{language}.elf"
        subprocess.run(["riscv64-unknown-elf-strip", "-o", str(stripped), str(board.image(language))], check=True)
        with pytest.raises(ToolError, match="expected an image with symbols, this one was stripped"):
            read_image(stripped, language)


def test_symbols_that_do_not_fit_the_image(board: VirtualBoard, tmp_path: Path) -> None:
    """The code is moved by two bytes under its symbols: the places no longer hold what they must."""
    for language in ("arduino", "micropython"):
        data = bytearray(board.image(language).read_bytes())
        image = read_image(board.image(language), language)
        code = (image.start).to_bytes(4, "little")
        assert code
        word = b"\x73\x25\x20\xc0" if language == "micropython" else None
        if word is not None:
            place = data.index(word)
            data[place : place + 4] = b"\x13\x00\x00\x00"
            moved = tmp_path / f"{language}.elf"
            # all readings of the counter in time_ticks_cpu are gone
            while (place := bytes(data).find(word)) >= 0:
                data[place : place + 4] = b"\x13\x00\x00\x00"
            moved.write_bytes(bytes(data))
            with pytest.raises(ToolError, match="to read the counter once or twice, found 0 places"):
                read_image(moved, language)
    with pytest.raises(ToolError, match="expected a function bench::time_block, its symbols name none"):
        read_image(board.image("micropython"), "arduino")


def test_what_is_no_image(tmp_path: Path) -> None:
    (tmp_path / "x.elf").write_text("no image")
    with pytest.raises(ToolError, match="expected an image with symbols"):
        read_image(tmp_path / "x.elf", "arduino")


@given(st.data())
def test_a_cut_or_garbled_profile_is_never_taken_for_a_whole_one(data: st.DataObject) -> None:
    whole = (
        "region 1 exact 1 wrong_opcodes 0\nblock 0 2 3 0 4 1 0 1 1 0 0 0 0 0 0 0\nnode 1 0 2\n"
        "count 1 0 2 1\nopcode 100 0 2\npair 100 5 1\nend 6\n"
    )
    names = ["(machine code)", "(no function)", "f"]
    profile = parse_profile(whole, names)
    assert profile.instructions == 6 and profile.path(1) == ("f",)
    cut = data.draw(st.integers(0, len(whole) - 7))
    text = data.draw(st.sampled_from([whole[:cut], whole[:cut] + "\x7f" + whole[cut + 1 :]]))
    try:
        other = parse_profile(text, names)
    except ToolError:
        return
    assert text.rstrip("\n").splitlines()[-1].startswith("end")  # never from a file that was cut
    assert set(other.functions.values()) <= {*names}


def test_a_qemu_whose_blocks_do_not_end_at_the_clock_is_refused() -> None:
    with pytest.raises(ToolError, match="would not be exact"):
        parse_profile("region 1 exact 0 wrong_opcodes 0\nend 0\n", [])
    with pytest.raises(ToolError, match="lost track of the bytecodes"):
        parse_profile("region 1 exact 1 wrong_opcodes 7\nend 0\n", [])


def add_own(project: Project, name: str, old: str, new: str) -> None:
    """A workload of one's own whose script was changed."""
    assert project.bench("new", name, "--group", "integer", "--catalogue", "own").returncode == 0
    script = next((project.root / "own").rglob(f"{name}.py"))
    text = script.read_text()
    assert old in text
    script.write_text(text.replace(old, new, 1))


def test_a_workload_that_crashes_or_reads_the_clock_in_its_timed_part(project: Project) -> None:
    """It is named; what the others tell is there all the same."""
    run = ("anatomy", "-w", "reads", "-w", "good", "--catalogue", "own", "--out", "results/r")
    add_own(project, "good", "    total = 0\n", "    total = 0\n")
    add_own(project, "reads", "    total = 0\n", "    total = 0\n    __import__('time').ticks_us()\n")
    done = project.bench(*run)
    assert done.returncode == 3
    assert "reads" in error_line(done) and "read the clock itself" in error_line(done)
    facts = json.loads((project.results / "r" / "anatomy" / "anatomy.json").read_text())
    assert {m["workload"] for m in facts["measurements"] if m["language"] == "micropython"} == {"empty", "good"}
    assert [f["workload"] for f in facts["failures"]] == ["reads"]

    script = next((project.root / "own").rglob("reads.py"))
    script.write_text(script.read_text().replace("__import__('time').ticks_us()", "raise ValueError"))
    done = project.bench(*run[:-1], "results/crashed")
    assert done.returncode == 4
    assert "ValueError" in error_line(done)


def test_a_run_of_other_programs_than_stand_here(project: Project) -> None:
    first = project.bench(
        "run", "--board", "virtual-esp32", "--no-charts", "-w", "fib", "--quick", "--out", "results/r"
    )
    assert first.returncode == 0, first.stderr
    project.replace("mpy_scripts/fib.py", "def fib", "# another\ndef fib")
    done = project.bench("anatomy", "r")
    assert done.returncode == 2
    assert "sources of fib changed" in error_line(done)
    assert not (project.results / "r" / "anatomy").exists()


def test_wrong_arguments_and_damaged_files(dissected: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(dissected, run)
    bench = Project(paths.PROJECT).bench
    for arguments, message in [
        (("no-such-run",), "no-such-run"),
        ((str(run), "-w", "sieve"), "no figure of sieve"),
        ((str(run), "-w", "sief"), "no workload 'sief'"),
        ((str(run), "--variant", "viper"), "no figure of viper"),
        ((str(run), "--n", "3"), "no figure at n = 3"),
        ((str(run), "--board", "virtual-esp32"), "RUN brings its board"),
    ]:
        done = bench("anatomy", *arguments)
        assert done.returncode == 2, done.stderr
        assert message in error_line(done)
    table = run / "anatomy" / "functions.csv"
    table.write_bytes(table.read_bytes()[:-20])
    with pytest.raises(BenchError, match=r"functions\.csv: not the file that anatomy\.json vouches for"):
        load_anatomy(run)
    (run / "anatomy" / "anatomy.json").unlink()
    with pytest.raises(BenchError, match="has no anatomy: make it with `bench anatomy run`"):
        load_anatomy(run)


def test_a_run_of_a_real_board_is_refused(dissected: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(dissected, run)
    facts = json.loads((run / "run.json").read_text())
    facts["board"] |= {"name": "esp32", "simulated": False}
    (run / "run.json").write_text(json.dumps(facts))
    done = Project(paths.PROJECT).bench("anatomy", str(run))
    assert done.returncode == 2
    assert "only a simulator shows every instruction" in error_line(done)
