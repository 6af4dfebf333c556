"""An emulated ESP32 under the real harness: detected, flashed, reset and measured, with esptool's own conversation."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.errors import LinkLost, LinkSilent, ToolError
from bench.esp32 import flasher
from bench.esp32.chips import CHIPS
from bench.esp32.ports import PortChoice, find_again
from bench.esp32.reset import ResetMethod, hard_reset, open_port, reset_method
from bench.link import Link, open_when_there
from bench.virtual_board.board import VirtualBoard
from tests.conftest import guests_of
from tests.emulated_esp32 import BOOTLOADER, HELD, EmulatedEsp32, unplugged_while_writing
from tests.esp32_rom import APP_OFFSET, NOTHING, make_files, make_image
from tests.faulty_line import BoardOnALine
from tests.faulty_runs import MIN_TICKS, PORT_BACK_S, SAMPLES, Trial, prepare_trials
from tests.line_faults import TO_HOST, Fault

MARKERS = {"arduino": b"BENCH-ARDUINO 0123456789ab", "micropython": b"MicroPython v1.29.0-preview on 2026-06-01"}
ARDUINO = MARKERS["arduino"].decode()
BOOT_TEXT = b"rst:0x1 (POWERON"


@pytest.fixture(scope="module")
def trial(board: VirtualBoard) -> Trial:
    """A measurement in each language with its figures, and the images that stand for the chip's."""
    return prepare_trials(board)


@pytest.fixture(autouse=True)
def _nothing_left_and_nothing_printed(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """No test leaves a guest or a thread behind, and nothing prints: neither esptool nor the mock."""
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before
    assert [pid for pid in guests_of(os.getpgrp()) if parent_of(pid) == os.getpid()] == []
    assert capfd.readouterr() == ("", "")


def parent_of(pid: int) -> int:
    """The process that started another one."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@dataclass(frozen=True)
class Boards:
    """Makes emulated boards."""

    trial: Trial
    folder: Path

    def make(self, chip: str = "esp32", port: str = "tcp", **options: object) -> EmulatedEsp32:
        """A board with blank flash."""
        programs = {MARKERS[language]: self.trial.board.image(language) for language in MARKERS}
        return EmulatedEsp32(chip, programs, port, **options)  # type: ignore[arg-type]

    def files(self, chip: str, language: str = "arduino", size: int = 60_000) -> list[tuple[int, Path]]:
        """What a build gives for the chip."""
        return make_files(self.folder, chip, MARKERS[language], size)


@pytest.fixture
def boards(trial: Trial, tmp_path: Path) -> Boards:
    """A maker of boards."""
    return Boards(trial, tmp_path)


def name_of(esp: EmulatedEsp32) -> str:
    """The port of a board that is there."""
    name = esp.port_name()
    assert name is not None
    return name


class Esp32Board(BoardOnALine):
    """A board behind a port with lines, booted through these alone."""

    @contextmanager
    def boot(self, program: str) -> Iterator[Link]:
        """Reset the chip through the port."""
        find = self._line.port_name
        with closing(
            open_when_there(find, self._wait_s, open_port=lambda port: Link(open_port(port, ResetMethod.CLASSIC)))
        ) as link:
            assert hard_reset(link.port, ResetMethod.CLASSIC)
            yield link


@pytest.mark.parametrize(
    ("chip", "port"), [("esp32", "tcp"), ("esp32s3", "pty"), ("esp32c3", "tcp"), ("esp32c3", "rfc2217")]
)
def test_a_board_is_detected_while_its_program_runs_which_then_runs_again(chip: str, port: str, boards: Boards) -> None:
    with boards.make(chip, port, contents=boards.files(chip)) as esp:
        esp.wait_until_running(ARDUINO)
        found = flasher.detect(name_of(esp))
        assert (found.chip, found.flash_bytes) == (CHIPS[chip], 4 * 2**20)
        esp.wait_until_running(ARDUINO)
        assert esp.history.boots == [ARDUINO, BOOTLOADER, ARDUINO]
        assert esp.flash.regions == []


@pytest.mark.parametrize(("chip", "port"), [("esp32", "pty"), ("esp32s3", "tcp"), ("esp32", "rfc2217")])
def test_what_is_written_runs_and_is_not_written_again(chip: str, port: str, boards: Boards) -> None:
    files = boards.files(chip, "micropython")
    with boards.make(chip, port) as esp:
        flasher.write(name_of(esp), files)
        esp.wait_until_running(MARKERS["micropython"].decode())
        for offset, path in files:
            assert esp.flash.data[offset : offset + path.stat().st_size] == path.read_bytes()
        assert [(region.offset, region.written) for region in esp.flash.regions] == [
            (offset, path.stat().st_size) for offset, path in files
        ]
        told: list[tuple[int, int]] = []
        flasher.write(name_of(esp), files, progress=lambda *step: told.append(step))
        assert len(esp.flash.regions) == 2 and told[-1][0] == told[-1][1]


@pytest.mark.parametrize("port", ["tcp", "pty", "rfc2217"])
def test_both_languages_are_flashed_and_measured(port: str, boards: Boards, trial: Trial) -> None:
    make_board = Esp32Board if port == "rfc2217" else BoardOnALine
    with boards.make("esp32", port) as esp:
        for language, marker in MARKERS.items():
            flasher.write(name_of(esp), boards.files("esp32", language))
            esp.wait_until_running(marker.decode())
            runner = trial.runner(make_board(trial.board, esp, MIN_TICKS, PORT_BACK_S), language)
            with runner.open() as channel:
                assert channel.measure(trial.measurements[language], SAMPLES) == trial.right[language]


def test_without_the_dance_of_the_lines_the_bootloader_is_not_entered(
    boards: Boards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flasher, "CONNECT_SLOWLY_S", 1.5)
    monkeypatch.setattr("esptool.reset.classic_bootloader_reset", lambda *_, **__: None)
    with boards.make("esp32", "rfc2217", contents=boards.files("esp32")) as esp:
        with pytest.raises(ToolError, match="hold BOOT"):
            flasher.detect(name_of(esp))
        assert esp.history.boots == [ARDUINO]


def test_a_board_whose_reset_rises_at_once_is_too_quick_for_a_network(
    boards: Boards, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a real one behind a plain server of RFC 2217: one line after the other is too slow."""
    monkeypatch.setattr(flasher, "CONNECT_SLOWLY_S", 2.0)
    with boards.make("esp32", "rfc2217", en_rise_s=0.0) as esp:
        with pytest.raises(ToolError, match="hold BOOT"):
            flasher.detect(name_of(esp))
        assert BOOTLOADER not in esp.history.boots and esp.history.resets


def test_both_lines_together_pull_nothing(boards: Boards) -> None:
    with (
        boards.make("esp32", "rfc2217", contents=boards.files("esp32")) as esp,
        closing(open_port(name_of(esp), ResetMethod.CLASSIC)) as port,
    ):
        port.dtr = True
        port.rts = True
        assert esp.running == ARDUINO
        port.dtr = False
        assert esp.running == HELD
        port.rts = False
        esp.wait_until_running(ARDUINO)


@pytest.mark.parametrize("chip", ["esp32", "esp32c3"])
def test_a_reset_by_the_lines_restarts_the_program(chip: str, boards: Boards) -> None:
    with boards.make(chip, "rfc2217", contents=boards.files(chip)) as esp:
        with closing(Link(open_port(name_of(esp), ResetMethod.CLASSIC))) as link:
            assert hard_reset(link.port, reset_method(PortChoice(name_of(esp))))
            assert link.read_until(b"entry 0x", 5).count(BOOT_TEXT) == 1
            assert b"@B1 ready" in link.read_until(b"@B1 ready", 5)
        assert esp.history.resets == 1
        with closing(Link.open(name_of(esp))) as link:
            link.write(b"what is there?\n")
            link.read_until(b"crc32", 5)
        assert esp.history.resets == 1


def test_a_blank_board_complains_for_ever(boards: Boards) -> None:
    with boards.make("esp32") as esp, closing(Link.open(name_of(esp))) as link:
        for _ in range(2):
            text = link.read_until(b"invalid header: 0xffffffff\r\n" * 8, 5)
            assert b"rst:0x10 (RTCWDT_RTC_RESET),boot:0x13" in text
        assert esp.running == NOTHING


def test_an_image_for_another_chip_leaves_the_flash_as_it_was(boards: Boards) -> None:
    with boards.make("esp32c3", contents=boards.files("esp32c3")) as esp:
        before = bytes(esp.flash.data)
        with pytest.raises(ToolError, match=r"is for ESP32-S3, the board .*C3"):
            flasher.write(name_of(esp), boards.files("esp32s3"), erase=True)
        assert esp.flash.data == before and not esp.flash.erases
        esp.wait_until_running(ARDUINO)


@pytest.mark.parametrize("megabytes", [1, 2])
def test_a_small_flash_is_told_and_kept_to(megabytes: int, boards: Boards) -> None:
    with boards.make("esp32", flash_megabytes=megabytes) as esp:
        assert flasher.detect(name_of(esp)).flash_bytes == megabytes * 2**20
        with pytest.raises(ToolError, match=f"made for 4 MB.* has {megabytes} MB"):
            flasher.write(name_of(esp), boards.files("esp32"))
        fitting = [(0x1000, make_image(boards.folder / "b", "esp32", megabytes=1)), boards.files("esp32")[1]]
        flasher.write(name_of(esp), fitting)
        esp.wait_until_running(ARDUINO)


@pytest.mark.parametrize(("port", "keep_name"), [("pty", False), ("tcp", False), ("tcp", True)])
def test_a_board_unplugged_while_it_is_written_is_mended_by_writing_again(
    port: str, keep_name: bool, boards: Boards
) -> None:
    accident = unplugged_while_writing(20_000, seconds=0.1)
    before = boards.files("esp32", "micropython")
    with boards.make("esp32", port, contents=before, fault=accident, keep_name=keep_name) as esp:
        old, files = name_of(esp), boards.files("esp32", size=100_000)
        with pytest.raises(LinkLost, match="went away while writing"):
            flasher.write(old, files)
        esp.wait_until_running(NOTHING)
        assert 0 < esp.flash.regions[-1].written < 100_000
        with closing(open_when_there(esp.port_name, 5)):
            assert (name_of(esp) == old) == keep_name
        flasher.write(name_of(esp), files)
        esp.wait_until_running(ARDUINO)


@pytest.mark.parametrize("accident", ["vanish", "reset"])
def test_a_board_that_fails_while_it_measures_is_measured_again(accident: str, boards: Boards, trial: Trial) -> None:
    with boards.make("esp32", contents=boards.files("esp32")) as esp:
        esp.strike_with(Fault(accident, "samples", TO_HOST, after=3, size=1, seconds=0.1, times=1, seed=1))
        figures, outcome = trial.measure("arduino", esp)
        assert (outcome.retries, esp.struck, figures) == (1, 1, [trial.right["arduino"]])


def test_a_chip_with_its_own_usb_comes_back_under_another_name(boards: Boards) -> None:
    with boards.make("esp32c3", "pty", usb_jtag_s=0.2, contents=boards.files("esp32c3")) as esp:
        [info] = esp.list_ports()
        choice = PortChoice(info.device, info)
        assert reset_method(choice) is ResetMethod.USB_JTAG
        esp.press_reset()
        assert esp.list_ports() == []
        again = find_again(choice, 5, esp.list_ports)
        assert again.port != choice.port and again.port == esp.port_name()


def test_boards_are_told_apart_and_erased(boards: Boards) -> None:
    with boards.make("esp32", mac=b"\x24\x6f\x28\1\2\3") as one, boards.make("esp32", mac=b"\x24\x6f\x28\1\2\4") as two:
        assert flasher.detect(name_of(one)).mac_hash != flasher.detect(name_of(two)).mac_hash
        one.flash.data[0x200000] = 7
        flasher.write(name_of(one), boards.files("esp32"), erase=True)
        assert one.flash.data[0x200000] == 0xFF and one.flash.erases == 1
        region = one.flash.regions[-1]
        assert (region.offset, region.size) == (APP_OFFSET, region.written)


def test_the_wrong_speed_is_garbage(boards: Boards) -> None:
    with (
        boards.make("esp32", "pty", contents=boards.files("esp32")) as esp,
        closing(Link.open(name_of(esp), baudrate=460800)) as link,
        pytest.raises(LinkSilent, match="got b"),
    ):
        esp.press_reset()
        link.read_until(b"@B1", 0.5)
