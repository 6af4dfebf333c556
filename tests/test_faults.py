"""What goes wrong in practice: each accident ends in one clear line, the right exit code, and no lost measurement."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.results import read_facts, read_rows
from tests.conftest import Project, guests_of

QUICK = (
    "run",
    "--board",
    "virtual-esp32",
    "--fresh",
    "--no-charts",
    "--samples",
    "2",
    "--workload",
    "fib",
    "--workload",
    "gpio_toggle",
    "--out",
    "results/r",
)


def error_line(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that says what went wrong."""
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith(("bench: ", "Error: ", "no figure: "))]
    assert lines, f"no error line in: {done.stderr}"
    return lines[0]


def wait_for(condition: Callable[[], object], what: str, timeout_s: float = 60) -> None:
    """Wait until something is so; fail with its name where it never is."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


def wait_for_no_guests(group: int) -> None:
    """See that no QEMU of a process group is left behind."""
    wait_for(lambda: not guests_of(group), "the guests to be gone", 10)


def ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Wait for a started bench, and see that it leaves no QEMU behind."""
    out, err = process.communicate(timeout=60)
    wait_for_no_guests(process.pid)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("run", "--workload", "siev"), "no workload 'siev'; known: empty"),
        (("run", "--group", "fast"), "no group 'fast'"),
        (("run", "--board", "uno"), "no board 'uno'; known: virtual-esp32"),
        (("run", "--workload", "fib", "--n", "11"), "fib has n = 10, 15, 20"),
        (("run", "--resume", "nowhere"), "is no run folder"),
        (("show", "nowhere"), "is no run folder"),
        (("charts", "nowhere"), "is no run folder"),
        (("list", "nothing"), "no workload 'nothing'"),
        (("reference", "nothing"), "no workload 'nothing'"),
        (("verify", "--board", "uno"), "no reference run of the board 'uno'"),
        (("repl", "--board", "uno"), "no board 'uno'"),
        (("run", "--samples", "0"), "Invalid value for '--samples'"),
        (("run", "--resume", "x", "--quick"), "leave out 'quick'"),
        (("walk",), "No such command 'walk'"),
    ],
)
def test_a_wrong_argument_is_answered_with_what_would_be_right(
    project: Project, arguments: tuple[str, ...], expected: str
) -> None:
    done = project.bench(*arguments)
    assert expected in error_line(done)
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("tool", "expected"),
    [("qemu-system-riscv32", "make setup"), ("riscv64-unknown-elf-gcc", "make setup")],
)
def test_a_missing_tool_is_named_with_the_command_that_installs_it(
    tmp_path: Path, without_tool: Callable[[str], None], tool: str, expected: str
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    without_tool(tool)
    project = Project(copy)
    for name in ("bench", "arduino_sketches", "mpy_scripts"):
        (copy / name).symlink_to(Path(__file__).parent.parent / name)
    shutil.copy2(Path(__file__).parent.parent / "platformio.ini", copy)
    project.environment |= {"BENCH_CACHE": str(tmp_path / "empty-cache"), "PATH": os.environ["PATH"]}
    done = project.bench("run", "--board", "virtual-esp32", "--quick", "--out", str(tmp_path / "r"))
    assert tool in error_line(done)
    assert expected in error_line(done)
    assert done.returncode == 3
    doctor = project.bench("doctor")
    assert doctor.returncode == 3
    assert "MISSING" in doctor.stdout
    assert "to mend it: make setup" in doctor.stdout


def test_a_broken_catalogue_is_named_with_table_and_field(project: Project) -> None:
    project.replace("bench/workloads.toml", 'group = "control"', 'group = "fast"')
    done = project.bench("list")
    assert "[workload.fib]: group is one of" in error_line(done)
    assert done.returncode == 2


def test_a_sketch_that_does_not_compile_is_named_with_its_line(project: Project) -> None:
    project.replace("arduino_sketches/fib/fib.h", "return", "retrun")
    done = project.bench(*QUICK)
    assert "arduino_sketches/fib/fib.h:" in error_line(done)
    assert done.returncode == 3
    assert not (project.results / "r").exists()


def test_a_script_that_raises_costs_its_own_figures_only(project: Project) -> None:
    project.replace(
        "mpy_scripts/fib.py", "def run() -> int:\n", 'def run() -> int:\n    raise ValueError("broken \\x1b[31m")\n'
    )
    done = project.bench(*QUICK)
    assert "ValueError: broken ?[31m" in error_line(done)
    assert "of fib.py" in error_line(done)
    assert done.returncode == 4
    run = project.results / "r"
    assert read_facts(run)["status"] == "incomplete"
    measured = {(row["workload"], row["language"]) for row in read_rows(run)}
    assert ("fib", "micropython") not in measured
    assert {("fib", "arduino"), ("gpio_toggle", "micropython")} <= measured


def test_a_script_with_a_syntax_error_is_named_with_its_line(project: Project) -> None:
    project.replace("mpy_scripts/fib.py", "def run()", "def run(")
    done = project.bench(*QUICK)
    assert "fib.py: SyntaxError" in error_line(done)
    assert "line " in error_line(done)
    assert done.returncode == 4


def test_a_wrong_answer_gives_no_figure(project: Project) -> None:
    project.replace(
        "mpy_scripts/fib.py",
        "def checksum(result: int) -> int:\n",
        "def checksum(result: int) -> int:\n    result += 1\n",
    )
    done = project.bench(*QUICK)
    assert "expected checksum" in error_line(done)
    assert "no figure is kept" in error_line(done)
    assert done.returncode == 4
    assert ("fib", "micropython") not in {(r["workload"], r["language"]) for r in read_rows(project.results / "r")}


def test_a_workload_that_never_ends_is_given_up(project: Project) -> None:
    project.replace("mpy_scripts/fib.py", "def run() -> int:\n", "def run() -> int:\n    while True:\n        pass\n")
    started = time.monotonic()
    done = project.bench(*QUICK, "--timeout", "2")
    assert "no end after 2 s" in error_line(done)
    assert done.returncode == 4
    assert time.monotonic() - started < 40


def test_a_killed_qemu_is_replaced_and_the_figures_are_the_same(project: Project) -> None:
    undisturbed = project.bench(*QUICK)
    assert undisturbed.returncode == 0, undisturbed.stderr
    process = project.start(*QUICK[:-1], "results/killed")
    for _ in range(2):
        wait_for(lambda: guests_of(process.pid), "a guest")
        for pid in guests_of(process.pid):
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)
    done = ended(process)
    assert done.returncode == 0, done.stderr
    assert read_rows(project.results / "killed") == read_rows(project.results / "r")
    assert read_facts(project.results / "killed")["retries"] > 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_keeps_what_is_finished_and_leaves_no_guest(project: Project, how: signal.Signals) -> None:
    samples = project.results / "r" / "samples.csv"
    process = project.start(*QUICK)
    wait_for(lambda: samples.exists() and samples.read_text().count("\n") > 2, "the first finished measurement")
    os.kill(process.pid, how)
    done = ended(process)
    assert done.returncode == 130
    assert error_line(done).startswith("bench: interrupted")
    assert "--resume" in error_line(done)
    facts = read_facts(project.results / "r")
    assert facts["status"] == "interrupted"
    assert read_rows(project.results / "r")


def kill_after(process: subprocess.Popen[str], seconds: float, file: Path) -> None:
    """Kill a bench some time after it has begun to write a file."""
    wait_for(lambda: file.exists() or process.poll() is not None, f"{file.name}")
    time.sleep(seconds)
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    wait_for_no_guests(process.pid)


def test_a_run_killed_at_random_points_resumes_to_the_figures_of_an_undisturbed_one(project: Project) -> None:
    undisturbed = project.bench(*QUICK[:-1], "results/undisturbed")
    assert undisturbed.returncode == 0, undisturbed.stderr
    chance = random.Random(20221121)
    process = project.start(*QUICK)
    samples = project.results / "r" / "samples.csv"
    for _ in range(4):
        kill_after(process, chance.uniform(0.1, 1.5), samples)
        with samples.open("a") as stream:
            stream.write("fib,arduino,Os,1")  # what a crash in the middle of a write leaves behind
        process = project.start("run", "--fresh", "--resume", "results/r", "--no-charts")
    done = ended(process)
    assert done.returncode == 0, done.stderr
    assert (project.results / "r" / "samples.csv").read_bytes() == (
        project.results / "undisturbed" / "samples.csv"
    ).read_bytes()
    assert read_facts(project.results / "r")["status"] == "complete"


def test_resuming_after_a_script_changed_is_refused(project: Project) -> None:
    project.replace("mpy_scripts/fib.py", "def run() -> int:\n", "def run() -> int:\n    raise ValueError\n")
    assert project.bench(*QUICK).returncode == 4
    project.replace("mpy_scripts/fib.py", "    raise ValueError\n", "")
    done = project.bench("run", "--fresh", "--resume", "results/r")
    assert "the sources of fib changed since the run began" in error_line(done)
    assert done.returncode == 2


def test_a_cut_samples_file_is_refused_and_mended_by_resume(project: Project) -> None:
    assert project.bench(*QUICK).returncode == 0
    samples = project.results / "r" / "samples.csv"
    whole = samples.read_bytes()
    samples.write_bytes(whole[: len(whole) // 2])
    done = project.bench("show", "results/r")
    assert "bench run --resume" in error_line(done)
    assert done.returncode == 2
    assert project.bench("run", "--fresh", "--resume", "results/r", "--no-charts").returncode == 0
    assert samples.read_bytes() == whole


def test_a_full_disk_stops_the_run_with_what_is_finished(project: Project) -> None:
    limit = 600  # bytes a file may have: the header and a few measurements
    process = subprocess.run(
        ["prlimit", f"--fsize={limit}", *project.command(*QUICK)],
        cwd=project.root,
        env={**project.environment, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "cannot write" in error_line(process)
    assert process.returncode == 3


def test_a_folder_that_cannot_be_written_is_refused_at_once(project: Project) -> None:
    started = time.monotonic()
    done = project.bench("run", "--board", "virtual-esp32", "--quick", "--out", "/proc/bench-run")
    assert "cannot write to /proc/bench-run" in error_line(done)
    assert done.returncode == 3
    assert time.monotonic() - started < 5


def test_a_folder_with_a_run_is_not_overwritten(project: Project) -> None:
    assert project.bench(*QUICK).returncode == 0
    done = project.bench(*QUICK)
    assert "holds a run already" in error_line(done)
    assert done.returncode == 2
