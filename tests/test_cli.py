"""The command line as a person meets it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench import paths
from bench.catalogue import load_catalogue
from bench.cli import COMMANDS
from tests.conftest import Project

HEAVY = ("pandas", "matplotlib", "numpy", "platformio", "rich", "mpremote", "serial", "SCons")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    done = Project(paths.PROJECT).bench(name, "--help")
    assert done.returncode == 0, done.stderr
    assert "Example: " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (("--help",), []),
        (("list",), []),
        (("boards",), ["serial"]),  # which lists the ports
        (("run", "--help"), []),
        (("workflow", "--help"), []),
        (("--version",), []),
    ],
)
def test_help_and_lists_import_nothing_heavy(arguments: tuple[str, ...], needed: list[str]) -> None:
    script = (
        "import sys, contextlib, io\n"
        "from bench.cli import cli\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        f"    cli.main({list(arguments)!r}, standalone_mode=False)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=paths.PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(needed)


def test_list_names_every_workload_and_prints_a_contract() -> None:
    project = Project(paths.PROJECT)
    listed = project.bench("list")
    assert all(name in listed.stdout for name in ("empty", "fib", "sieve", "crc32", "sha256", "gpio_toggle"))
    contract = project.bench("list", "crc32")
    assert "does not show:" in contract.stdout
    assert "mpy_scripts/crc32.py" in contract.stdout
    assert "viper:           mpy_scripts/viper/crc32.py" in contract.stdout
    assert "checked at:      these and 100" in contract.stdout
    assert "module hashlib" in project.bench("list", "hashlib_sha256").stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_for_the_command_bench(shell: str) -> None:
    done = Project(paths.PROJECT).bench("completion", shell)
    assert done.returncode == 0
    assert "_BENCH_COMPLETE" in done.stdout


def test_completion_offers_workloads() -> None:
    environment = {
        **os.environ,
        "_BENCH_COMPLETE": "bash_complete",
        "COMP_WORDS": "bench run --workload s",
        "COMP_CWORD": "3",
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench"], cwd=paths.PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    offered = {line.partition(",")[2] for line in done.stdout.split()}
    assert offered == {name for name in load_catalogue() if name.startswith("s")}


def test_doctor_finds_everything_here() -> None:
    done = Project(paths.PROJECT).bench("doctor")
    assert done.returncode == 0, done.stdout
    assert "MISSING" not in done.stdout


def test_a_closed_pipe_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "bench", "list"], cwd=paths.PROJECT, stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert b"Traceback" not in done.stderr
