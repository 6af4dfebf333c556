"""`bench check`: the project's workloads pass, and a workload that breaks its contract fails the proof of that."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import paths
from bench.catalogue import load_catalogue
from bench.check import FAILED, OK, SKIPPED, Proof, check
from bench.new_workload import new_workload
from bench.trials import TrialBoard
from tests.conftest import Project

BOARD = "virtual-esp32"
OVERLAY = '''"""Words of the machine."""


@micropython.viper
def {name}(data, length: int) -> int:
    return 0
'''


COUNTS = "    total = weighted_sum(data, length)\n    data[0] = data[0] ^ 1\n    return total"


class Own:
    """A catalogue of workloads from `bench new`, each broken in its own way."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, name: str, *, every: bool = False, **changes: tuple[str, str]) -> Path:
        """A new workload with (old, new) text in its `script`, `header` or `table`, once or `every` time."""
        script, header, _, table = new_workload(name, group="integer", title=name, own=self.root)
        for part, path in {"script": script, "header": header, "table": table}.items():
            if part in changes:
                old, new = changes[part]
                before, found, after = path.read_text().rpartition(old)  # the newest table is the last
                assert found, f"the template no longer holds {old!r}: adapt the test"
                path.write_text((before.replace(old, new) if every else before) + new + after)
        return script

    def add_overlay(self, name: str, function: str) -> None:
        overlay = self.add(name).parent / "viper" / f"{name}.py"
        overlay.parent.mkdir(exist_ok=True)
        overlay.write_text(OVERLAY.format(name=function))


def make_broken(own: Own) -> None:
    on_board = "return result + (__import__('sys').implementation.name == 'micropython')"
    own.add("good")
    own.add("wrong_cpp", header=("return total;", "return total + 1;"))
    own.add("wrong_mpy", script=("return result", on_board))
    own.add("fails_mpy", script=("return result", "return result // (__import__('sys').platform != 'virtual-esp32')"))
    own.add("stale", table=('4000 = "0x0000', '4000 = "0x1000'))
    own.add("folded", header=("return weighted_sum(data, length);", "return 64266;"))
    own.add("inlined", header=("BENCH_NOINLINE ", ""))
    own.add("renamed", header=("weighted_sum", "sum_up"), every=True)
    own.add("more", script=("def setup", "def more() -> int:\n    return 1\n\n\ndef setup"))
    own.add("takes", script=("    total = 0\n", "    total = 0\n    copy = bytearray(1)\n"))
    own.add("takes_cpp", header=("uint32_t total = 0;", "uint32_t total = bench::Lcg(1).next() * 0;"))
    own.add("may_take", script=("    total = 0\n", "    total = 0\n    copy = bytearray(1)\n"),
            table=("allocates = false", "allocates = true"))  # fmt: skip
    own.add("counts", script=("    return weighted_sum(data, length)", COUNTS))
    own.add("elsewhere", table=("boards = []", 'boards = ["virtual-esp32c3"]'))
    own.add("needy", script=("from benchlib", "import binascii\n\nfrom benchlib"),
            table=("needs = []", 'needs = ["binascii"]'))  # fmt: skip
    own.add_overlay("fast", "weighted_sum")
    own.add_overlay("odd_overlay", "helper")
    own.add_overlay("late_overlay", "setup")


@pytest.fixture(scope="module")
def proofs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Proof]:
    """The proof of a workload by its name, of all the broken workloads, in one image."""
    own = Own(tmp_path_factory.mktemp("own") / "my own")
    make_broken(own)
    workloads = [workload for workload in load_catalogue(own=own.root).values() if workload.root == own.root.resolve()]
    log: list[str] = []
    made = check(workloads, lambda: TrialBoard(BOARD, own.root, log.append), log.append)
    found = {(proof.workload, proof.name): proof for proof in made}
    return lambda workload, name: found[workload, name]


def test_what_bench_new_makes_passes(proofs: Callable[[str, str], Proof]) -> None:
    for name in ("structure", "set-up", "functions", "answers", "growth"):
        assert proofs("good", name).status == OK, proofs("good", name)


@pytest.mark.parametrize(
    ("workload", "proof", "reason"),
    [
        ("wrong_cpp", "answers", "arduino answers 0000fb0b at n=100, the reference 0000fb0a"),
        ("wrong_mpy", "answers", "micropython answers 0000fb0b at n=100, the reference 0000fb0a"),
        ("fails_mpy", "answers", "micropython: .*ZeroDivisionError"),
        ("stale", "answers", "the catalogue says .* for n=4000, the reference"),
        ("counts", "answers", r"executing run\(\) twice gives"),
        ("folded", "functions", "no function folded::weighted_sum: inlined, folded or never called"),
        ("folded", "growth", "arduino takes"),
        ("inlined", "functions", "no function marked BENCH_NOINLINE"),
        ("renamed", "structure", r"renamed\.h: function 1 is sum_up, the contract says weighted_sum"),
        ("more", "structure", r"more\.py: function 2 is more, the contract says setup"),
        ("takes", "set-up", r"takes\.py: weighted_sum\(\) uses bytearray in the timed part"),
        ("takes_cpp", "set-up", r"takes_cpp\.h: weighted_sum\(\) uses bench::Lcg in the timed part"),
        ("odd_overlay", "viper", "defines helper, which is no timed function"),
        ("late_overlay", "viper", "defines setup, which is no timed function"),
    ],
)
def test_a_broken_contract_fails_its_proof(
    proofs: Callable[[str, str], Proof], workload: str, proof: str, reason: str
) -> None:
    came = proofs(workload, proof)
    assert came.status == FAILED
    assert re.search(reason, came.reason), came


@pytest.mark.parametrize(
    ("workload", "proof", "status", "reason"),
    [
        ("may_take", "set-up", OK, ""),
        ("fast", "viper", OK, ""),
        ("needy", "answers", OK, "arduino only: this board's MicroPython has no module binascii"),
        ("elsewhere", "answers", OK, "the reference only: runs on virtual-esp32c3 only"),
        ("elsewhere", "growth", SKIPPED, "runs on virtual-esp32c3 only"),
    ],
)
def test_what_a_contract_allows_or_a_board_lacks_is_no_failure(
    proofs: Callable[[str, str], Proof], workload: str, proof: str, status: str, reason: str
) -> None:
    assert proofs(workload, proof) == Proof(workload, proof, status, reason)


def test_the_projects_workloads_are_what_their_contracts_say() -> None:
    done = Project(paths.PROJECT).bench("check")
    failed = [line for line in done.stdout.splitlines() if FAILED in line]
    assert (done.returncode, failed) == (0, []), done.stderr


# ---- bad input, in one line ----


def one_line(*arguments: str) -> tuple[int, str]:
    """Exit code and message of `bench ...`, which must be one line."""
    done = Project(paths.PROJECT).bench(*arguments)
    told = [line for line in done.stderr.splitlines() if not line.startswith("compiling ")]
    assert len(told) == 1, done.stderr
    return done.returncode, told[0]


def test_failed_proofs_give_exit_code_1(tmp_path: Path) -> None:
    Own(tmp_path).add("stale", table=('4000 = "0x0000', '4000 = "0x1000'))
    done = Project(paths.PROJECT).bench("check", "--catalogue", str(tmp_path))
    assert done.returncode == 1
    assert "stale: answers: FAILED: the catalogue says" in done.stdout


def test_a_folder_that_is_no_catalogue_is_named(tmp_path: Path) -> None:
    for folder in (tmp_path / "none", tmp_path):
        for command in ("check", "list", "reference"):
            code, message = one_line(command, "--catalogue", str(folder))
            assert (code, "workloads.toml: No such file" in message) == (2, True), message


@pytest.mark.parametrize("part", ["script", "header", "sketch"])
def test_a_table_without_its_files_is_named(tmp_path: Path, part: str) -> None:
    Own(tmp_path).add("mine")
    getattr(load_catalogue(own=tmp_path)["mine"], part).unlink()
    code, message = one_line("check", "--catalogue", str(tmp_path))
    assert code == 2 and "[workload.mine]: there is no " in message


def test_two_workloads_of_one_name_are_refused(tmp_path: Path) -> None:
    Own(tmp_path).add("mine")
    catalogue = tmp_path / "workloads.toml"
    text = catalogue.read_text()
    catalogue.write_text(text.replace("workload.mine", "workload.crc32"))
    code, message = one_line("list", "--catalogue", str(tmp_path))
    assert code == 2 and "the project has a workload 'crc32' already" in message
    catalogue.write_text(text + text.replace("schema = 2", ""))
    code, message = one_line("list", "--catalogue", str(tmp_path))
    assert code == 2 and "is not valid TOML" in message


def test_a_sketch_that_does_not_compile_is_named_with_its_line(tmp_path: Path) -> None:
    own = tmp_path / "my own"
    Own(own).add("mine", header=("uint32_t total = 0;", "uint32_t total = nothing;"))
    code, message = one_line("check", "--catalogue", str(own))
    assert code == 3
    assert f"{own}/arduino_sketches/mine/mine.h:13: 'nothing' was not declared" in message


def test_a_script_that_does_not_parse_is_named_with_its_line(tmp_path: Path) -> None:
    Own(tmp_path).add("mine", script=("total = 0", "total = ("))
    for command in ("check", "reference"):
        code, message = one_line(command, "mine", "--catalogue", str(tmp_path))
        assert code == 2 and "mpy_scripts/mine.py:11: '(' was never closed" in message
