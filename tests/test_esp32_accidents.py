"""Accidents between a person and a real board: each ends soon, in one clear line, with nothing lost or half written."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bench.board import Progress
from bench.errors import BenchError, InputError, LinkLost, LinkSilent, ToolError
from bench.esp32 import board as esp32_board
from bench.esp32 import flasher
from bench.esp32.attach import Wanted, attach
from bench.esp32.board import Esp32Board
from bench.esp32.checkup import examine_board
from bench.esp32.chips import CHIPS
from bench.esp32.claim import claimed
from bench.esp32.connection import Connection
from bench.esp32.identify import identify
from bench.esp32.ports import PortChoice
from bench.link import Link
from bench.platformio_run import wait_for
from bench.results import read_facts, read_rows
from bench.runners.exchange import Patience
from bench.runners.raw_repl import RawRepl
from bench.runs import Choices, Silent, new_run
from bench.serial_port import holders
from bench.side_by_side import GRACE_S, side_by_side
from bench.virtual_board.board import MIN_TICKS, VirtualBoard
from tests.conftest import Project
from tests.emulated_esp32 import BOOTLOADER, EmulatedEsp32
from tests.esp32_rom import make_files
from tests.merged_firmware import Merged
from tests.test_faults import error_line
from tests.test_faults import wait_for as wait_until
from tests.virtual_programs import VirtualPrograms

SHORT = Patience(silence_s=1.0, boot_s=0.5, answer_s=0.3, back_off_s=0.02)


@pytest.fixture
def programs(board: VirtualBoard, tmp_path: Path) -> VirtualPrograms:
    """The virtual board's, for an emulated chip's flash."""
    return VirtualPrograms(board, tmp_path)


def emulated(programs: VirtualPrograms, holds: str = "", port: str = "pty", **options: object) -> EmulatedEsp32:
    """A board whose flash holds a program, or is blank."""
    contents = programs.prepare(holds, lambda text: None).files if holds else ()
    return EmulatedEsp32("esp32", programs.elfs(), port, contents=contents, **options)  # type: ignore[arg-type]


def name_of(esp: EmulatedEsp32) -> str:
    """Its port."""
    name = esp.port_name()
    assert name is not None
    return name


# ---- No network


@pytest.fixture
def offline(project: Project, tmp_path: Path) -> Project:
    """A copy of the project without a network, and without what a network has brought before."""
    cache = tmp_path / "downloads"
    cache.mkdir()
    downloads = Path(project.environment["BENCH_CACHE"]) / "downloads"
    downloads.unlink()
    downloads.symlink_to(cache)
    project.environment |= {
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "PLATFORMIO_CORE_DIR": str(tmp_path / "core"),
    }
    return project


@contextmanager
def silent_proxy(project: Project) -> Iterator[None]:
    """A network that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        project.environment["HTTPS_PROXY"] = f"http://127.0.0.1:{server.getsockname()[1]}"
        yield


def left_behind(project: Project) -> list[str]:
    """What a run has left: folders of runs, files in the cache that are more than locks."""
    cached = Path(project.environment["BENCH_CACHE"]) / "downloads"
    files = [file.name for file in cached.rglob("*") if file.is_file() and file.suffix != ".lock"]
    return [folder.name for folder in project.results.glob("*")] + files


def timed(project: Project, *arguments: str) -> tuple[subprocess.CompletedProcess[str], float]:
    """A command and its seconds."""
    started = time.monotonic()
    return project.bench(*arguments), time.monotonic() - started


def test_without_a_network_both_downloads_say_so_within_seconds(offline: Project, programs: VirtualPrograms) -> None:
    with emulated(programs) as esp:
        done, seconds = timed(offline, "run", "--port", name_of(esp), "-w", "fib")
        assert done.returncode == 3 and seconds < 10 and error_line(done)
        assert "PlatformIO's registry cannot be reached: connect to the internet" in done.stderr
        assert "micropython.org" in done.stderr, "both are told at once"
        done, seconds = timed(offline, "run", "--port", name_of(esp), "-w", "fib", "--only", "micropython")
        assert "micropython.org" in error_line(done) and "--firmware FILE" in error_line(done)
        assert done.returncode == 3 and seconds < 10
        assert esp.flash.regions == [], "nothing was written"
    assert left_behind(offline) == []


@pytest.mark.slow
def test_a_network_that_is_silent_is_given_up_within_seconds(offline: Project, programs: VirtualPrograms) -> None:
    with emulated(programs) as esp, silent_proxy(offline):
        done, seconds = timed(offline, "run", "--port", name_of(esp), "-w", "fib")
    assert "PlatformIO's registry cannot be reached" in error_line(done) and done.returncode == 3
    assert seconds < 13, "the other download, which goes on for longer, is not waited for"
    assert left_behind(offline) == []


def test_an_interrupt_while_the_network_is_waited_for_ends_at_once(offline: Project, programs: VirtualPrograms) -> None:
    with emulated(programs) as esp, silent_proxy(offline):
        process = offline.start("run", "--port", name_of(esp), "-w", "fib")
        esp.wait_until_running(BOOTLOADER)
        time.sleep(1.0)
        os.kill(process.pid, signal.SIGINT)
        started = time.monotonic()
        _, words = process.communicate(timeout=30)
    assert time.monotonic() - started < 3
    assert process.returncode == 130 and "bench: interrupted" in words and "Traceback" not in words
    assert left_behind(offline) == []


def test_what_fails_beside_other_work_ends_that_and_is_told_at_once() -> None:
    also: list[str] = []

    def fails() -> int:
        raise ToolError("first")

    def waits() -> int:
        with subprocess.Popen(["sleep", "60"]) as process:
            try:
                return wait_for(process, 60)
            finally:
                process.kill()

    started = time.monotonic()
    with pytest.raises(ToolError, match="first"):
        side_by_side({"one": waits, "other": fails}, also.append)
    assert time.monotonic() - started < 2 + GRACE_S and also == []
    assert side_by_side({"one": lambda: 1, "other": lambda: 2}, also.append) == {"one": 1, "other": 2}


# ---- Firmware that cannot be used


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda whole: b"", "is empty"),
        (lambda whole: b"<!doctype html>" * 100, "is a web page"),
        (lambda whole: random.Random(1).randbytes(50_000), "is no ESP image"),
        (lambda whole: whole[: len(whole) // 2], ""),
        (lambda whole: whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:], ""),
        (lambda whole: Merged(CHIPS["esp32s3"]).content, "ESP32-S3"),
    ],
    ids=["empty", "a web page", "noise", "cut", "one bit changed", "for another chip"],
)
def test_a_firmware_that_cannot_be_used_is_refused_before_anything_is_fetched_or_written(
    programs: VirtualPrograms, tmp_path: Path, made: Callable[[bytes], bytes], words: str
) -> None:
    file = tmp_path / "firmware.bin"
    file.write_bytes(made(Merged(CHIPS["esp32"]).content))
    with emulated(programs) as esp:
        with pytest.raises(InputError, match=words) as error:
            attach(Wanted(port=name_of(esp), firmware=file))
        assert "firmware.bin" in str(error.value) and "\n" not in str(error.value)
        assert esp.flash.regions == []


def test_a_firmware_with_another_hash_than_the_one_given_is_refused(programs: VirtualPrograms, tmp_path: Path) -> None:
    file = tmp_path / "firmware.bin"
    file.write_bytes(Merged(CHIPS["esp32"]).content)
    with emulated(programs) as esp, pytest.raises(InputError, match=f"expected SHA-256 {'0' * 64}, the file has"):
        attach(Wanted(port=name_of(esp), firmware=file, firmware_sha256="0" * 64))


# ---- Interrupted


def interrupted(project: Project, esp: EmulatedEsp32) -> str:
    """What a run says that is interrupted after its first measurements; it keeps them."""
    samples = project.results / "r" / "samples.csv"
    process = project.start("run", "--port", name_of(esp), "--no-flash", "--fresh", "--out", "results/r")
    wait_until(lambda: samples.exists() and samples.read_text().count("\n") > 2, "the first finished measurement")
    os.kill(process.pid, signal.SIGINT)
    started = time.monotonic()
    _, words = process.communicate(timeout=30)
    assert time.monotonic() - started < 3
    assert process.returncode == 130 and "Traceback" not in words
    assert read_facts(project.results / "r")["status"] == "interrupted" and read_rows(project.results / "r")
    return words


@pytest.mark.parametrize("language", ["micropython", pytest.param("arduino", marks=pytest.mark.slow)])
def test_an_interrupt_while_measuring_keeps_what_is_finished(
    project: Project, programs: VirtualPrograms, language: str
) -> None:
    with emulated(programs, language) as esp:
        assert "bench run --resume results/r" in interrupted(project, esp)


def test_an_interrupt_restarts_a_board_that_has_a_line_for_it(project: Project, programs: VirtualPrograms) -> None:
    with emulated(programs, "arduino", "rfc2217") as esp:
        interrupted(project, esp)
        resets = esp.history.resets
        esp.wait_until_running(programs.marker("arduino").decode())
    assert resets >= 3, "one to ask, one to measure, one at the end"


def test_a_board_that_talks_on_and_on_is_let_go_of_at_once() -> None:
    with talking(random.Random(1).randbytes) as port:
        link = Link.open(port)
        threading.Timer(0.3, link.stop).start()
        started = time.monotonic()
        with pytest.raises(LinkLost, match="told to stop"):
            link.read_until(b"never", 20)
        link.close()
    assert time.monotonic() - started < 2


def test_an_interrupt_while_flashing_ends_it_and_the_next_run_writes_again(
    programs: VirtualPrograms, tmp_path: Path
) -> None:
    programs.size = 400_000
    choices = Choices(workloads=("fib",), quick=True, samples=1, only="arduino", fresh=True)
    with emulated(programs, port="tcp", keep_name=True) as esp:
        ended = threading.Event()
        connection = Connection(PortChoice(name_of(esp)), back_s=5)
        board: Esp32Board

        def stop_in_the_middle(what: str, done: int, total: int) -> None:
            if done > 50_000:
                board.abort()

        def run() -> None:
            with suppress(BenchError):
                new_run(board, choices, Silent(), tmp_path / "one")
            ended.set()

        board = Esp32Board(programs.board.facts, MIN_TICKS, connection, programs, stop_in_the_middle)
        threading.Thread(target=run, daemon=True).start()
        assert ended.wait(20) and board.flashed == []
        assert read_rows(tmp_path / "one") == []
        wait_until(lambda: esp.running != BOOTLOADER, "the restart")
        again = Esp32Board(programs.board.facts, MIN_TICKS, connection, programs)
        assert new_run(again, choices, Silent(), tmp_path / "two").exit_code == 0
        assert again.flashed == ["arduino"]


def test_erasing_is_not_waited_for_when_nobody_wants_it_any_more(
    programs: VirtualPrograms, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = threading.Event()
    wanted.set()
    with emulated(programs) as esp:
        monkeypatch.setattr(esp.flash, "erase_all", lambda: time.sleep(4))
        threading.Timer(1.0, wanted.clear).start()
        started = time.monotonic()
        with pytest.raises(LinkLost, match="given up"):
            files = programs.prepare("arduino", lambda text: None).files
            flasher.write(name_of(esp), files, erase=True, is_wanted=wanted.is_set)
        assert time.monotonic() - started < 3


# ---- Ports with something else behind them, or somebody else before them


@contextmanager
def talking(say: Callable[[int], bytes] | None = None, echo: bool = False) -> Iterator[str]:
    """The name of a port behind which nobody is who understands: silent, talking without an end, or a loopback."""
    inner, outer = os.openpty()
    tty.setraw(outer)
    os.set_blocking(inner, False)
    is_over = threading.Event()

    def serve() -> None:
        while not is_over.wait(0.002):
            with suppress(BlockingIOError):
                heard = os.read(inner, 4096)
                if echo:
                    os.write(inner, heard)
            if say is not None:
                with suppress(BlockingIOError):
                    os.write(inner, say(200))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield os.ttyname(outer)
    finally:
        is_over.set()
        thread.join()
        os.close(inner)
        os.close(outer)


STRANGERS = {
    "silent": ({}, "it says nothing"),
    "garbage": ({"say": random.Random(2).randbytes}, "the last it said: "),
    "echo": ({"echo": True}, "the last it said: "),
}


@pytest.mark.parametrize(
    "kind", ["silent", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("garbage", "echo"))]
)
def test_a_port_without_a_board_is_said_to_be_one(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.esp32.attach.KNOWN", SHORT)
    monkeypatch.setattr("bench.esp32.checkup.KNOWN", SHORT)
    options, words = STRANGERS[kind]
    with talking(**options) as port:  # type: ignore[arg-type]
        with pytest.raises(ToolError, match=r"runs neither the C\+\+ suite nor MicroPython") as error:
            attach(Wanted(port=port, flash=False))
        assert words in str(error.value) and "\n" not in str(error.value)
        with pytest.raises(LinkSilent, match="no ESP32 bootloader"):
            attach(Wanted(port=port))


@pytest.mark.slow
@pytest.mark.parametrize("kind", STRANGERS)
def test_the_doctor_does_not_take_a_port_without_a_board_for_well(kind: str) -> None:
    options, _ = STRANGERS[kind]
    with talking(**options) as port:  # type: ignore[arg-type]
        findings = list(examine_board(Wanted(port=port, flash=False)))
    assert findings[-1].mend and "no ESP32 bootloader" in findings[-1].found


@pytest.mark.parametrize("port", ["pty", pytest.param("tcp", marks=pytest.mark.slow)])
def test_a_second_bench_on_one_board_is_refused_and_the_first_goes_on(
    project: Project, programs: VirtualPrograms, port: str
) -> None:
    with emulated(programs, "micropython", port) as esp:
        samples = project.results / "first" / "samples.csv"
        choices = ("-w", "fib", "-w", "sieve", "-w", "crc32", "--fresh", "--out", "results/first")
        first = project.start("run", "--port", name_of(esp), "--no-flash", *choices)
        wait_until(lambda: samples.exists() and samples.read_text().count("\n") > 1, "the first measurement")
        second = project.bench("run", "--port", name_of(esp), "--out", "results/second")
        doctor = project.bench("doctor", "--port", name_of(esp))
        assert first.poll() is None, "else nothing was tried"
        os.kill(first.pid, signal.SIGINT)
        first.communicate(timeout=60)
    assert "another bench uses the board on" in error_line(second) and second.returncode == 3
    assert "another bench uses the board on" in doctor.stdout and doctor.returncode == 3
    assert not (project.results / "second").exists()
    assert read_rows(project.results / "first") and read_facts(project.results / "first")["retries"] == 0


def test_a_port_that_another_program_reads_along_is_busy(tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()
    with subprocess.Popen(["tail", "-f", str(port)], stdout=subprocess.DEVNULL) as reader:
        wait_until(lambda: holders(str(port)), "tail to have it open")
        words = rf"is busy: tail \(process {reader.pid}\) has it open; close that"
        with pytest.raises(ToolError, match=words), claimed(PortChoice(str(port))):
            pass
        reader.kill()


# ---- A board that goes away or has a will of its own


def test_a_board_that_is_away_for_a_moment_is_waited_for(programs: VirtualPrograms) -> None:
    with emulated(programs, "micropython", "tcp", keep_name=True) as esp:
        connection = Connection(PortChoice(name_of(esp)), back_s=5)
        assert identify(connection, esp32_board.KNOWN) is not None
        esp.unplug(0.5)
        assert identify(connection, esp32_board.KNOWN) is not None


def test_a_program_that_fails_to_arrive_is_written_again_at_the_speed_that_every_cable_bears(
    programs: VirtualPrograms, monkeypatch: pytest.MonkeyPatch
) -> None:
    speeds: list[int] = []
    write = flasher.write

    def fails_at_first(port: str, files: object, erase: bool, progress: Progress, **options: int) -> object:
        speeds.append(options["baudrate"])
        if len(speeds) == 1:
            raise LinkLost("garbled")
        return write(port, files, erase, progress, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(flasher, "write", fails_at_first)
    with emulated(programs) as esp:
        connection = Connection(PortChoice(name_of(esp), esp.list_ports()[0]), esp.list_ports)
        board = Esp32Board(programs.board.facts, MIN_TICKS, connection, programs)
        board.prepare("arduino", lambda text: None)
        with pytest.raises(LinkLost, match="garbled"), board.boot("arduino"):
            pass
        with board.boot("arduino"):
            assert board.flashed == ["arduino"]
    assert speeds == [460800, 115200]


def test_a_boot_py_that_never_ends_is_ended() -> None:
    banner = b"raw REPL; CTRL-B to exit\r\n"
    answers = {
        b"\x01": b"\r\n>>> \r\n" + banner + b">",
        b"\x04": b"OK\r\nMPY: soft reboot\r\nwaiting for the network\r\n",
    }
    inner, outer = os.openpty()
    tty.setraw(outer)
    is_rebooted = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            while heard := os.read(inner, 1):
                if heard == b"\x03" and is_rebooted.is_set():
                    os.write(inner, b"KeyboardInterrupt: \r\n" + banner + b">")
                if heard == b"\x04":
                    is_rebooted.set()
                os.write(inner, answers.get(heard, b""))

    threading.Thread(target=serve, daemon=True).start()
    link = Link.open(os.ttyname(outer))
    RawRepl(link, 5.0).enter_from_anything(0.1)
    link.close()
    assert is_rebooted.is_set()


def test_a_chip_of_another_kind_than_the_image_is_left_as_it_is(programs: VirtualPrograms, tmp_path: Path) -> None:
    with emulated(programs, "arduino") as esp:
        before = bytes(esp.flash.data)
        with pytest.raises(ToolError, match=r"is for ESP32-C3.*nothing was written"):
            flasher.write(name_of(esp), make_files(tmp_path, "esp32c3", b"other"))
        assert bytes(esp.flash.data) == before
