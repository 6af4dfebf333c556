"""Flashing with esptool against a peer that speaks the chips' bootloader protocol, over TCP and a pty."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from esp32_mock_bootloader import protocol, server

from bench.errors import BenchError, InputError, LinkLost, ToolError
from bench.esp32 import flasher
from bench.esp32.chips import CHIPS
from bench.esp32.flasher import detect, write


class Peer(server.BootloaderConnection):  # type: ignore[misc]
    """The mock's own connection, which goes away once it has received so many bytes."""

    cut_after: float = float("inf")

    def recv(self, size: int) -> bytes:
        chunk: bytes = super().recv(size)
        self.cut_after -= len(chunk)
        return chunk if self.cut_after > 0 else b""


class WornFlash(server.FlashImage):  # type: ignore[misc]
    """Flash with one byte that cannot be written."""

    def write_defl_block(self, payload: bytes) -> None:
        super().write_defl_block(payload)
        self.data[0x10100] = 0xFF


@contextmanager
def board(
    chip: str, flash: server.FlashImage | None = None, cut_after: float = float("inf"), over: str = "pty"
) -> Iterator[str]:
    """A port with a chip's bootloader behind it."""
    stop = threading.Event()

    def serve(connection: Peer) -> None:
        connection.cut_after = cut_after
        server.handle_client(connection, stop, chip, flash=flash or server.FlashImage())
        if over == "pty":  # the device is gone, as when it is unplugged
            terminal.close()

    if over == "pty":
        terminal = server.PtyMasterTransport.create(track_disconnect=False)
        thread = threading.Thread(target=lambda: serve(Peer(pty=terminal)))
        port = terminal.client_path
    else:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(20)
        port = f"socket://127.0.0.1:{listener.getsockname()[1]}"

        def accept() -> None:
            with closing(listener), closing(listener.accept()[0]) as connection:
                serve(Peer(sock=connection))

        thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield port
    finally:
        stop.set()
        if over == "tcp":  # free a listener to which nobody came
            with socket.socket() as last:
                last.connect_ex(("127.0.0.1", int(port.rpartition(":")[2])))
        thread.join(5)


@pytest.fixture(autouse=True)
def _nothing_printed(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """esptool's own words reach neither stdout nor stderr, in any test."""
    yield
    assert capfd.readouterr() == ("", "")


def image(path: Path, chip: str, size: int = 60_000, megabytes: int = 4) -> Path:
    """A file that begins as an ESP image does; the rest can be packed to about half."""
    code = {1: 0, 2: 1, 4: 2, 8: 3}[megabytes]
    header = bytes([0xE9, 1, 2, code << 4]) + bytes(8) + CHIPS[chip].image_chip_id.to_bytes(2, "little") + bytes(10)
    noise = random.Random(3).randbytes(size)
    path.write_bytes((header + bytes(b & 0xF for b in noise))[:size])
    return path


@pytest.mark.parametrize("over", ["tcp", "pty"])
@pytest.mark.parametrize("chip", list(CHIPS))
def test_the_chip_and_its_flash_are_detected(chip: str, over: str) -> None:
    with board(chip, over=over) as port:
        found = detect(port)
    assert (found.chip, found.flash_bytes) == (CHIPS[chip], 4 * 2**20)
    assert found.description.startswith(found.chip.esptool_name) and found.revision.startswith("v")
    assert len(found.mac_hash) == 12


@pytest.mark.slow  # every change of a line or a time-out is a talk of its own: 10 s
def test_a_board_behind_esptools_own_network_server_is_flashed(tmp_path: Path) -> None:
    flash, app = server.FlashImage(), image(tmp_path / "app.bin", "esp32s3")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    with board("esp32s3", flash, over="tcp") as port:
        command = [sys.executable, "-m", "esp_rfc2217_server", "-p", str(number), port]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as redirector:
            assert redirector.stdout is not None
            try:
                while "Waiting for connection" not in redirector.stdout.readline():
                    assert redirector.poll() is None
                found = write(f"rfc2217://127.0.0.1:{number}?ign_set_control", [(0x10000, app)])
            finally:
                redirector.terminate()
    assert found.chip.name == "esp32s3"
    assert flash.data[0x10000 : 0x10000 + 60_000] == app.read_bytes()


def test_two_boards_have_two_hashes_and_no_address() -> None:
    with board("esp32") as one, board("esp32c3") as other:
        first, second = detect(one), detect(other)
    assert first.mac_hash != second.mac_hash and "24:0a:c4" not in repr(first)


@pytest.mark.parametrize("over", ["tcp", "pty"])
@pytest.mark.parametrize("chip", list(CHIPS))
def test_files_are_written_checked_and_their_progress_told(chip: str, over: str, tmp_path: Path) -> None:
    flash = server.FlashImage()
    boot, app = image(tmp_path / "boot.bin", chip, 20_000), image(tmp_path / "app.bin", chip, 90_001)
    told: list[tuple[int, int]] = []
    with board(chip, flash, over=over) as port:
        found = write(
            port, [(0x10000, app), (CHIPS[chip].image_offset, boot)], progress=lambda *step: told.append(step)
        )
    assert found.chip.name == chip
    for offset, path in ((CHIPS[chip].image_offset, boot), (0x10000, app)):
        assert flash.data[offset : offset + path.stat().st_size] == path.read_bytes()
    assert told[-1] == (110_001, 110_001) and len(told) > 4
    assert told == sorted(told) and {total for _, total in told} == {110_001}


def test_erase_clears_the_rest_and_without_it_what_is_there_stays(tmp_path: Path) -> None:
    for erase in (False, True):
        flash = server.FlashImage()
        flash.data[0x200000] = 7
        with board("esp32", flash) as port:
            write(port, [(0x10000, image(tmp_path / "app.bin", "esp32"))], erase)
        assert flash.data[0x200000] == (0xFF if erase else 7)


def test_what_the_flash_holds_already_is_not_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flash, path = server.FlashImage(), image(tmp_path / "app.bin", "esp32")
    with board("esp32", flash) as port:
        write(port, [(0x10000, path)])
    monkeypatch.setattr(flash, "begin_defl", lambda payload: pytest.fail("written again"))
    told: list[int] = []
    with board("esp32", flash) as port:
        write(port, [(0x10000, path)], progress=lambda done, total: told.append(done))
    assert told == [60_000]


@pytest.mark.parametrize("over", ["tcp", "pty"])
def test_a_board_that_goes_away_in_the_middle_is_a_lost_link(over: str, tmp_path: Path) -> None:
    started = time.monotonic()
    told: list[int] = []
    with (
        board("esp32", cut_after=100_000, over=over) as port,
        pytest.raises(LinkLost, match=r"went away while writing \(after \d+ of 300000 bytes\)") as error,
    ):
        write(port, [(0x10000, image(tmp_path / "app.bin", "esp32", 300_000))], progress=lambda d, t: told.append(d))
    assert 0 < told[-1] < 300_000 and "\n" not in str(error.value)
    assert time.monotonic() - started < 30  # esptool's own reconnecting would take longer


def test_a_board_that_answers_an_error_fails_with_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    is_valid = server.checksum_valid
    blocks = iter(range(100))

    def bad_line(command: int, checksum: int, data: bytes) -> bool:
        garbled = command == protocol.CMD["FLASH_DEFL_DATA"] and next(blocks) >= 2
        return bool(is_valid(command, checksum, data)) and not garbled

    monkeypatch.setattr(server, "checksum_valid", bad_line)
    with board("esp32s3") as port, pytest.raises(LinkLost, match=r"esptool failed.*result was 01C1"):
        write(port, [(0x10000, image(tmp_path / "app.bin", "esp32s3", 100_000))])


def test_flash_that_does_not_keep_what_was_written_is_found(tmp_path: Path) -> None:
    with board("esp32", WornFlash()) as port, pytest.raises(ToolError, match="does not hold what was written"):
        write(port, [(0x10000, image(tmp_path / "app.bin", "esp32"))])


@pytest.mark.parametrize("offset", [0x0, 0x10000])
def test_an_image_for_another_chip_is_refused_before_anything_is_erased(offset: int, tmp_path: Path) -> None:
    flash = server.FlashImage()
    flash.data[0x200000] = 7
    with board("esp32c3", flash) as port, pytest.raises(ToolError, match=r"app.bin is for ESP32-S3, the board .*C3"):
        write(port, [(offset, image(tmp_path / "app.bin", "esp32s3"))], erase=True)
    assert flash.data[0x200000] == 7


def test_an_image_that_does_not_fit_the_flash_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    large = image(tmp_path / "app.bin", "esp32", 3 * 2**20)
    with board("esp32") as port, pytest.raises(ToolError, match=r"flash too small: app.bin.* has 4 MB"):
        write(port, [(0x200000, large)])
    monkeypatch.setattr(protocol, "MOCK_FLASH_ID", 0x00154020)  # a chip of 2 MB
    with board("esp32") as port:
        assert detect(port).flash_bytes == 2 * 2**20
    with board("esp32") as port, pytest.raises(ToolError, match=r"made for 4 MB.* has 2 MB"):
        write(port, [(0x1000, image(tmp_path / "boot.bin", "esp32"))])


def test_flash_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MOCK_FLASH_ID", 0xFFFFFF)
    with board("esp32") as port, pytest.raises(ToolError, match="flash does not answer"):
        detect(port)


def test_a_chip_that_bench_does_not_know_is_refused() -> None:
    with board("esp32c6") as port, pytest.raises(InputError, match="ESP32-C6"):
        detect(port)


def test_files_that_cannot_be_meant_are_refused_without_a_board(tmp_path: Path) -> None:
    app, empty = image(tmp_path / "app.bin", "esp32"), tmp_path / "empty.bin"
    empty.touch()
    for files, words in (
        ([(0, tmp_path / "none.bin")], "cannot read"),
        ([(0, empty)], "empty"),
        ([(0x10000, app), (0x11000, app)], "reaches to"),
    ):
        with pytest.raises(InputError, match=words):
            write("socket://127.0.0.1:1", files)


def test_a_file_that_is_no_image_does_not_become_the_bootloader(tmp_path: Path) -> None:
    page = tmp_path / "firmware.bin"
    page.write_text("<html>not found</html>" * 50)
    with board("esp32s3") as port, pytest.raises(ToolError, match="no ESP image"):
        write(port, [(0x0, page)])


@contextmanager
def noise(data: bytes, pause_s: float) -> Iterator[str]:
    """A port on which something else talks for ever: another program, or the right one at another speed."""
    master, slave = os.openpty()
    stop = threading.Event()

    def talk() -> None:
        os.set_blocking(master, False)
        while not stop.wait(pause_s):
            with suppress(OSError):
                os.read(master, 4096)
            with suppress(OSError):
                os.write(master, data)

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        stop.set()
        thread.join()
        os.close(master)
        os.close(slave)


@pytest.mark.parametrize(
    ("data", "pause_s"),
    [
        (random.Random(1).randbytes(400), 0.01),  # the wrong speed
        (b"\xc0" + b"\x55" * 400, 0.01),  # frames that never end
        (b"\xc0\x01\x08\x02\x00\x07\x07\x12\x20\x00\x00\xc0" * 20, 0.01),  # answers to a question never asked
    ],
)
def test_garbage_ends_in_bounded_time_with_one_line(
    data: bytes, pause_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flasher, "CONNECT_S", 1.0)
    started = time.monotonic()
    with noise(data, pause_s) as port, pytest.raises(ToolError, match="ESP32") as error:
        detect(port)
    assert time.monotonic() - started < 20
    assert str(error.value).isprintable() and "http" not in str(error.value)


def test_a_silent_port_says_to_hold_boot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flasher, "CONNECT_S", 0.5)
    master, slave = os.openpty()
    with pytest.raises(ToolError, match="hold BOOT"):
        detect(os.ttyname(slave))
    os.close(master)
    os.close(slave)


def test_what_the_callers_progress_raises_is_the_callers(tmp_path: Path) -> None:
    def broken_pipe(done: int, total: int) -> None:
        raise BrokenPipeError

    with board("esp32") as port, pytest.raises(BrokenPipeError):
        write(port, [(0x10000, image(tmp_path / "app.bin", "esp32"))], progress=broken_pipe)


def test_every_error_is_one_of_ours() -> None:
    with pytest.raises(BenchError, match="not there"):
        detect("/dev/ttyNOSUCH")
