"""The whole path of a real board against an emulated one: found, asked, flashed, measured, cut off, found again.

What stands behind the port is a virtual board, so its facts are a virtual board's, and only here a virtual board's
programs are "flashed". All else is the code that a chip would meet.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bench.errors import InputError, ToolError, Unusable
from bench.esp32 import acceptance, attach
from bench.esp32 import board as esp32_board
from bench.esp32.attach import Wanted
from bench.esp32.board import KNOWN, Esp32Board
from bench.esp32.checkup import examine_board
from bench.esp32.connection import Connection
from bench.esp32.identify import identify
from bench.esp32.ports import PortChoice
from bench.esp32.reset import ResetMethod
from bench.frames import load_run
from bench.results import read_facts, read_rows
from bench.runs import Choices, FinishedRun, Silent, new_run, resume_run
from bench.variants import LANGUAGES
from bench.virtual_board.board import MIN_TICKS, VirtualBoard
from tests.conftest import Project
from tests.emulated_esp32 import EmulatedEsp32, unplugged_while_writing
from tests.virtual_programs import VirtualPrograms

WORKLOADS = ("fib", "crc32")


@dataclass
class Bench:
    """Makes emulated boards, and the harness's board for them."""

    programs: VirtualPrograms

    def esp(self, port: str = "pty", **options: object) -> EmulatedEsp32:
        """A board with blank flash."""
        return EmulatedEsp32("esp32", self.programs.elfs(), port, **options)  # type: ignore[arg-type]

    def loaded(self, name: str, port: str = "pty", **options: object) -> EmulatedEsp32:
        """A board that has a program already."""
        return self.esp(port, contents=self.programs.prepare(name, lambda text: None).files, **options)

    def connection(self, esp: EmulatedEsp32) -> Connection:
        """The way to it, as `attach` makes it from a port that a person names."""
        name = esp.port_name()
        assert name is not None
        if "://" in name:
            return Connection(PortChoice(name), back_s=3)
        return Connection(PortChoice(name, esp.list_ports()[0]), esp.list_ports, back_s=2)

    def board(self, esp: EmulatedEsp32) -> Esp32Board:
        """The harness's board, which may flash."""
        return Esp32Board(self.programs.board.facts, MIN_TICKS, self.connection(esp), self.programs)


@pytest.fixture
def bench(board: VirtualBoard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A maker of boards, without files of their own."""
    monkeypatch.setattr(esp32_board, "FORMATTING_S", 0.0)
    return Bench(VirtualPrograms(board, tmp_path))


def run(board: Esp32Board, out: Path, **choices: object) -> FinishedRun:
    """A short run in both languages."""
    wanted = Choices(workloads=WORKLOADS, quick=True, fresh=True, samples=2)
    return new_run(board, replace(wanted, **choices), Silent(), out)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "port", ["pty", pytest.param("tcp", marks=pytest.mark.slow), pytest.param("rfc2217", marks=pytest.mark.slow)]
)
def test_a_run_flashes_each_language_once_and_measures_what_the_virtual_board_measures(
    bench: Bench, tmp_path: Path, port: str
) -> None:
    with bench.esp(port) as esp:
        board = bench.board(esp)
        finished = run(board, tmp_path / "run")
        assert finished.exit_code == 0, finished.outcome.failures
        assert board.flashed == ["arduino", "micropython"]
    frame = load_run(finished.path)
    assert set(frame["language"]) == set(LANGUAGES) and set(frame["workload"]) == {"empty", *WORKLOADS}
    direct = new_run(
        VirtualBoard("virtual-esp32"), Choices(workloads=("fib",), quick=True, samples=2), Silent(), tmp_path / "direct"
    )
    fib = ["workload", "language", "n", "loops", "ticks", "checksum"]
    mine, its = (rows[rows["workload"] == "fib"][fib].values.tolist() for rows in (frame, load_run(direct.path)))
    assert mine == its, "what does no work on the heap costs the same over a line that is checked"
    said = read_facts(finished.path)["said"]
    assert said["arduino"]["clock_hz"] == said["micropython"]["clock_hz"] == "1000000000"


def test_a_board_that_runs_the_wanted_program_is_not_flashed_again(bench: Bench, tmp_path: Path) -> None:
    with bench.loaded("micropython") as esp:
        board = bench.board(esp)
        assert run(board, tmp_path / "one", only="micropython", workloads=("fib",)).exit_code == 0
        assert board.flashed == [] and "bootloader" not in esp.history.boots


@pytest.mark.slow
def test_one_language_after_the_other_makes_one_run(bench: Bench, tmp_path: Path) -> None:
    with bench.loaded("arduino") as esp:
        first = run(bench.board(esp), tmp_path / "run", only="arduino")
        assert first.exit_code == 0 and first.left > 0
        assert read_facts(first.path)["status"] == "incomplete"
        assert set(read_facts(first.path)["languages"]) == {"arduino"}
        again = resume_run(first.path, bench.board(esp), 60, Silent(), only="micropython")
    assert again.exit_code == 0 and again.left == 0
    facts = read_facts(first.path)
    assert facts["status"] == "complete" and set(facts["languages"]) == set(LANGUAGES)
    assert set(load_run(first.path)["language"]) == set(LANGUAGES)


def test_a_board_that_is_unplugged_while_it_is_written_is_written_again(bench: Bench, tmp_path: Path) -> None:
    with bench.esp("tcp", keep_name=True, fault=unplugged_while_writing(3000, seconds=0.3)) as esp:
        board = bench.board(esp)
        finished = run(board, tmp_path / "run", only="arduino", workloads=("fib",))
        assert finished.exit_code == 0, finished.outcome.failures
        assert finished.outcome.retries >= 1 and board.flashed == ["arduino"]


def test_a_board_that_never_comes_back_stops_the_run_and_keeps_what_is_measured(bench: Bench, tmp_path: Path) -> None:
    with bench.loaded("arduino", "tcp") as esp:
        board = bench.board(esp)
        assert run(board, tmp_path / "run", only="arduino", workloads=("fib",)).exit_code == 0
        kept = len(read_rows(tmp_path / "run"))
        away = bench.board(esp)
        esp.unplug(3600)
        with pytest.raises(ToolError, match=r"finished measurements are kept for --resume"):
            resume_run(tmp_path / "run", away, 5, Silent(), only="micropython")
    assert len(read_rows(tmp_path / "run")) == kept > 0
    assert read_facts(tmp_path / "run")["status"] == "interrupted"


def test_a_program_that_cannot_be_put_on_the_board_ends_the_run_at_once(bench: Bench, tmp_path: Path) -> None:
    bench.programs.chip = "esp32c3"
    with bench.esp() as esp, pytest.raises(Unusable, match=r"is for ESP32-C3, the board on .* is ESP32.*nothing was"):
        run(bench.board(esp), tmp_path / "run")
    assert read_rows(tmp_path / "run") == []


def test_a_flash_that_is_too_small_ends_the_run_at_once(bench: Bench, tmp_path: Path) -> None:
    with bench.esp(flash_megabytes=1) as esp, pytest.raises(Unusable, match="flash too small"):
        run(bench.board(esp), tmp_path / "run")


def test_a_board_that_does_not_run_what_was_written_is_said_to(bench: Bench, tmp_path: Path) -> None:
    prepare = bench.programs.prepare
    bench.programs.prepare = lambda name, log: replace(prepare(name, log), identity="another")  # type: ignore[method-assign]
    with bench.esp() as esp, pytest.raises(Unusable, match="the flash holds it, yet the board then runs the C"):
        run(bench.board(esp), tmp_path / "run")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_board_runs_is_told_apart(bench: Bench, language: str) -> None:
    with bench.loaded(language, "rfc2217") as esp:
        found = identify(bench.connection(esp), KNOWN)
    assert found is not None and found.language == language and found.virtual_profile == "virtual-esp32"
    assert bench.programs.prepare(language, lambda text: None).runs_in(found)
    assert str(found)


def test_a_suite_that_runs_already_is_asked_where_nothing_restarts_it(bench: Bench) -> None:
    with bench.loaded("arduino", "tcp") as esp:
        esp.wait_until_running(bench.programs.marker("arduino").decode())
        with bench.connection(esp).open() as link:
            link.discard(0.2, 1.0)
        assert (found := identify(bench.connection(esp), KNOWN)) is not None
        assert found.language == "arduino"


def test_a_blank_board_runs_neither_program(bench: Bench) -> None:
    with bench.esp("rfc2217") as esp:
        assert identify(bench.connection(esp), replace(KNOWN, answer_s=0.3, boot_s=0.5, back_off_s=0.01)) is None


def own_usb(esp: EmulatedEsp32) -> Connection:
    """The way to a board whose port is the chip's own USB."""
    name = esp.port_name()
    assert name is not None
    return Connection(PortChoice(name, esp.list_ports()[0]), esp.list_ports, 5, ResetMethod.USB_JTAG)


def test_a_board_on_its_own_usb_is_found_again_after_a_restart(bench: Bench) -> None:
    with bench.loaded("micropython", "rfc2217", usb_jtag_s=0.2) as esp:
        name = esp.port_name()
        connection = own_usb(esp)
        assert (found := identify(connection, KNOWN)) is not None and found.language == "micropython"
        assert connection.choice.port != name


@pytest.mark.slow
def test_a_run_on_a_board_on_its_own_usb_finds_it_again_after_each_restart(bench: Bench, tmp_path: Path) -> None:
    with bench.loaded("micropython", "rfc2217", usb_jtag_s=0.2) as esp:
        name = esp.port_name()
        connection = own_usb(esp)
        board = Esp32Board(bench.programs.board.facts, MIN_TICKS, connection, bench.programs)
        finished = run(board, tmp_path / "run", only="micropython", workloads=("fib",))
        assert finished.exit_code == 0, finished.outcome.failures
        assert connection.choice.port != name


# ---- What a chip's facts demand


def test_a_real_chips_radios_are_turned_off_before_each_script(bench: Bench, tmp_path: Path) -> None:
    with bench.loaded("micropython") as esp:
        facts = replace(bench.programs.board.facts, simulated=False)
        board = Esp32Board(facts, MIN_TICKS, bench.connection(esp), bench.programs)
        finished = run(board, tmp_path / "run", only="micropython", workloads=("fib",))
        assert finished.exit_code == 0, finished.outcome.failures
    said = read_facts(finished.path)["said"]["micropython"]
    assert (said["wifi"], said["bluetooth"], said["boot_py"]) == ("unused", "unused", "absent")


def test_a_program_at_another_clock_than_the_chips_is_refused(bench: Bench, tmp_path: Path) -> None:
    with bench.loaded("arduino") as esp:
        name = esp.port_name()
        assert name is not None
        attached = attach.attach(Wanted(port=name))
        assert attached.board.facts.name == "esp32" and attached.board.facts.hardware["flash_bytes"] == 4 * 2**20
        board = Esp32Board(attached.board.facts, 100_000, bench.connection(esp), bench.programs)
        with pytest.raises(Unusable, match=r"expected clock_hz 240000000, the board says '1000000000'.*--erase"):
            run(board, tmp_path / "run", only="arduino", workloads=("fib",), samples=1)
    assert read_rows(tmp_path / "run") == []


def test_another_chip_than_the_one_asked_for_is_refused(bench: Bench) -> None:
    with (
        bench.esp() as esp,
        pytest.raises(InputError, match=r"--board esp32c3 was asked for, the board on .* is ESP32"),
    ):
        attach.attach(Wanted(port=esp.port_name(), chip="esp32c3"))


# ---- The commands


def start(project: Project, esp: EmulatedEsp32, *arguments: str) -> str:
    name = esp.port_name()
    assert name is not None
    done = project.bench(*arguments, "--port", name)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_the_command_measures_what_is_on_the_board_and_a_second_one_adds_the_other_language(
    bench: Bench, project: Project
) -> None:
    choices = ("run", "-w", "fib", "--quick", "--samples", "1", "--no-flash", "--out", "results/r")
    with bench.loaded("arduino") as esp:
        text = start(project, esp, *choices)
    assert "only arduino is measured now" in text and "bench run --resume results/r" in text
    with bench.loaded("micropython") as esp:
        text = start(project, esp, "run", "--resume", "results/r", "--no-flash")
    assert "MicroPython against Arduino C++" in text and "overhead.png" in text
    assert read_facts(project.results / "r")["status"] == "complete"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--no-flash", "--only", "arduino"), "--only arduino was asked for, the board runs MicroPython"),
        (("--no-flash", "--layouts", "2"), "--layouts writes to the board, which --no-flash forbids"),
        (("--no-flash", "--erase"), "--erase writes to the board"),
        (("--firmware", "x.bin", "--micropython", "1.26.1"), "give one of them"),
        (("--serial-number", "1234"), "--serial-number names a USB board"),
        (("--board", "uno"), "no board 'uno'; known: virtual-esp32, virtual-esp32c3, esp32"),
        (("--acceptance", "--quick"), "--acceptance makes its own choices: leave out 'quick'"),
    ],
)
def test_arguments_that_do_not_fit_are_one_line(
    bench: Bench, project: Project, arguments: tuple[str, ...], words: str
) -> None:
    with bench.loaded("micropython", "tcp") as esp:
        name = esp.port_name()
        assert name is not None
        done = project.bench("run", "--port", name, *arguments)
    assert done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("port", "words"),
    [
        ("socket://127.0.0.1:1", "nothing listens at"),
        ("/dev/no-such-port", "is not there"),
        ("pigeon://coop", "protocol 'pigeon' not known"),
    ],
)
def test_a_dead_port_is_one_line(project: Project, port: str, words: str) -> None:
    for command in (("run", "-w", "fib"), ("run", "-w", "fib", "--no-flash")):
        done = project.bench(*command, "--port", port)
        assert done.returncode == 3 and words in done.stderr and "Traceback" not in done.stderr, done.stderr
        assert not list(project.root.glob("results/*"))
    done = project.bench("doctor", "--port", port)
    assert done.returncode == 3 and words in done.stdout and "Traceback" not in done.stdout + done.stderr


def test_without_a_board_the_virtual_one_is_named(project: Project) -> None:
    done = project.bench("run", "--quick")
    assert done.returncode == 2
    assert "bench run --board virtual-esp32" in done.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_doctor_goes_up_to_a_trial_in_the_language_that_is_there(
    bench: Bench, project: Project, language: str
) -> None:
    with bench.loaded(language) as esp:
        text = start(project, esp, "doctor")
    assert "1000 MHz, read back by" in text and "right answer, 100 samples" in text
    assert text.count("not tried: --flash puts it on the board") == 1
    assert "The board is ready" in text


def test_the_doctor_finds_the_chip_of_a_blank_board(bench: Bench) -> None:
    with bench.esp() as esp:
        findings = list(examine_board(Wanted(port=esp.port_name(), flash=False)))
    text = "\n".join(f"{finding.what}: {finding.found}" for finding in findings)
    assert "program: neither the C++ suite nor MicroPython" in text
    assert "chip: ESP32" in text and "flash: 4 MB" in text
    assert "trial: none: the board has neither program" in text


# ---- The acceptance


@pytest.mark.slow
def test_the_acceptance_judges_every_check_and_writes_it_down(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[acceptance.Result] = []
    monkeypatch.setattr(acceptance, "WORKLOADS", ("fib",))
    monkeypatch.setattr(acceptance, "RESTARTS", 2)
    monkeypatch.setattr(acceptance, "LAYOUTS", 2)
    monkeypatch.setattr(acceptance, "LONG_S", {"arduino": 0.3, "micropython": 0.3})
    bench.programs.names = (*LANGUAGES, "arduino-Os-1")
    with bench.esp() as esp:
        done = acceptance.accept(bench.board(esp), Silent(), tmp_path / "run", said.append)
    assert [result.check.name for result in said] == list(acceptance.CHECKS)
    verdicts = {result.check.name: result.verdict for result in said}
    left_out = {name for name, verdict in verdicts.items() if verdict == acceptance.LEFT_OUT}
    assert left_out == {"clock, Arduino C++", "clock, MicroPython"}, "a simulated clock is nominal"
    assert done.failed == 0, [(result.check.name, result.came) for result in said]
    document = json.loads((tmp_path / "run" / acceptance.FILE).read_text())
    assert [check["name"] for check in document["checks"]] == list(acceptance.CHECKS)


def test_what_fails_on_a_board_is_a_failed_check_and_not_the_end(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acceptance, "WORKLOADS", ("fib",))
    monkeypatch.setattr(acceptance, "LAYOUTS", 1)
    monkeypatch.setattr(acceptance, "REPEAT_TOLERANCE", -1.0)
    monkeypatch.setattr(acceptance, "RESTARTS", 1)
    monkeypatch.setattr(acceptance, "LONG_S", {"arduino": 0.3, "micropython": 0.3})
    bench.programs.languages = ("arduino",)
    with bench.esp() as esp:
        done = acceptance.accept(bench.board(esp), Silent(), tmp_path / "run", lambda result: None)
    failed = {result.check.name for result in done.results if result.verdict == acceptance.FAILED}
    assert failed == {"long block, Arduino C++", "repeats"}


def test_the_checklist_names_every_check() -> None:
    page = (Path(__file__).parent.parent / "docs" / "hardware-checklist.md").read_text(encoding="utf-8")
    assert acceptance.checklist() in page, "write the table anew: python -c 'from bench.esp32.acceptance import ...'"
