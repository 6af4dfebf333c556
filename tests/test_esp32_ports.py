"""Finding the board's port, and saying who is in the way: against real ptys, processes and permissions."""

from __future__ import annotations

import errno
import os
import pty
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import serial

from bench.errors import InputError, LinkLost, ToolError
from bench.esp32.chips import CHIPS, find_chip
from bench.esp32.ports import ListPorts, PortChoice, PortInfo, choose_port, find_again
from bench.esp32.reset import ResetMethod, close_port, hard_reset, open_port, reset_method
from bench.serial_port import explain

BRIDGE = PortInfo("/dev/ttyUSB0", "CP2102N", 0x10C4, 0xEA60, "0001")
NATIVE = PortInfo("/dev/ttyACM0", "USB JTAG/serial", 0x303A, 0x1001, "34:85:18:AA:BB:CC")
MODEM = PortInfo("/dev/ttyACM7", "LTE modem", 0x1199, 0x9071, "99")


def listing(*found: PortInfo) -> ListPorts:
    return lambda: found


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    """A pty: what the program holds, and the name that a serial port has."""
    master, slave = pty.openpty()
    name = os.ttyname(slave)
    os.close(slave)
    yield master, name
    os.close(master)


def test_the_only_board_is_chosen_and_other_usb_devices_are_not_taken_for_one() -> None:
    assert choose_port(None, None, listing(MODEM, NATIVE)) == PortChoice("/dev/ttyACM0", NATIVE)


def test_without_a_board_the_virtual_one_is_named() -> None:
    with pytest.raises(InputError, match=r"virtual") as error:
        choose_port(None, None, listing(MODEM))
    assert "LTE modem" in str(error.value) and "\n" not in str(error.value)


def test_several_boards_are_listed_and_refused() -> None:
    with pytest.raises(InputError) as error:
        choose_port(None, None, listing(BRIDGE, NATIVE))
    message = str(error.value)
    assert all(word in message for word in ("2 ports", "/dev/ttyUSB0", "/dev/ttyACM0", "10c4:ea60", "--serial-number"))


@pytest.mark.parametrize("number", ["34:85:18:AA:BB:CC", "348518aabbcc"])
def test_a_serial_number_chooses_whatever_its_punctuation(number: str) -> None:
    assert choose_port(None, number, listing(BRIDGE, NATIVE)).port == "/dev/ttyACM0"
    with pytest.raises(InputError, match="has the serial number 0001"):
        choose_port("/dev/ttyUSB0", number, listing(BRIDGE, NATIVE))


def test_a_serial_number_that_two_boards_carry_is_refused() -> None:
    twin = PortInfo("/dev/ttyUSB1", "CP2102", 0x10C4, 0xEA60, "0001")
    with pytest.raises(InputError, match=r"ttyUSB0.*ttyUSB1"):
        choose_port(None, "0001", listing(BRIDGE, twin))


@pytest.mark.parametrize("url", ["socket://localhost:4000", "rfc2217://host:2217"])
def test_a_url_passes_through(url: str) -> None:
    choice = choose_port(url, None, listing())
    assert (choice.port, choice.info, choice.is_url) == (url, None, True)
    assert find_again(choice, 0, listing()) == choice
    with pytest.raises(InputError):
        choose_port(url, "0001", listing())


def test_a_name_that_the_system_does_not_list_passes_and_a_link_finds_its_device(tmp_path: Path) -> None:
    assert choose_port("COM3", None, listing()) == PortChoice("COM3")
    device = tmp_path / "ttyUSB0"
    device.touch()
    (tmp_path / "by-id").symlink_to(device)
    info = PortInfo(str(device), "CP2102N", 0x10C4, 0xEA60, "7")
    assert choose_port(str(tmp_path / "by-id"), None, listing(info)).info == info


def test_words_from_a_device_cannot_drive_the_terminal() -> None:
    with pytest.raises(InputError) as error:
        choose_port(None, None, listing(BRIDGE, PortInfo("/dev/x", "\x1b[2Jhi\n", 0x10C4, 1, "\x07" * 500)))
    assert str(error.value).isprintable() and len(str(error.value)) < 500


def test_a_native_port_that_returns_under_another_name_is_found() -> None:
    back = PortInfo("/dev/ttyACM3", "MicroPython", 0x303A, 0x4001, "348518AABBCC")
    seen: list[Sequence[PortInfo]] = [[BRIDGE], [BRIDGE], [BRIDGE, back]]
    assert find_again(PortChoice("/dev/ttyACM0", NATIVE), 5, lambda: seen.pop(0)) == PortChoice("/dev/ttyACM3", back)


def test_a_port_that_stays_away_is_lost_in_bounded_time() -> None:
    with pytest.raises(LinkLost, match=r"did not come back within 0\.2 s"):
        find_again(PortChoice("/dev/ttyACM0", NATIVE), 0.2, listing(BRIDGE))


def test_twins_are_told_apart_by_the_name_that_stayed() -> None:
    twin = PortInfo("/dev/ttyUSB1", "CP2102", 0x10C4, 0xEA60, "0001")
    assert find_again(PortChoice("/dev/ttyUSB0", BRIDGE), 0, listing(twin, BRIDGE)).port == "/dev/ttyUSB0"
    third = PortInfo("/dev/ttyUSB2", "CP2102", 0x10C4, 0xEA60, "0001")
    with pytest.raises(LinkLost, match="several"):
        find_again(PortChoice("/dev/ttyUSB0", BRIDGE), 0, listing(twin, third))


def test_a_busy_port_names_the_program_that_has_it(terminal: tuple[int, str]) -> None:
    hold = "import serial,sys; s=serial.Serial(sys.argv[1], exclusive=True); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, terminal[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "open\n"
        with pytest.raises(ToolError, match=rf"busy: python.*\(process {other.pid}\) has it open"):
            open_port(terminal[1], ResetMethod.CLASSIC)
        other.communicate("\n", timeout=5)
    close_port(open_port(terminal[1], ResetMethod.CLASSIC), ResetMethod.CLASSIC)


@contextmanager
def without_root() -> Iterator[None]:
    """Root may open everything: be nobody for a moment."""
    if os.geteuid():
        yield
        return
    os.setegid(65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def test_a_port_without_permission_names_the_group_to_join(terminal: tuple[int, str]) -> None:
    Path(terminal[1]).chmod(0)
    if os.geteuid() == 0:
        os.chown(terminal[1], 0, 20)  # dialout on Debian; whatever it is called, it must be named
    import grp

    group = grp.getgrgid(Path(terminal[1]).stat().st_gid).gr_name
    with without_root(), pytest.raises(ToolError, match=f"no permission.*group {group}") as error:
        open_port(terminal[1], ResetMethod.CLASSIC)
    if os.geteuid() == 0:
        assert f"usermod -aG {group}" in str(error.value)


def test_a_port_that_is_not_there_and_a_server_that_does_not_listen() -> None:
    with pytest.raises(LinkLost, match="not there"):
        open_port("/dev/ttyNOSUCH", ResetMethod.CLASSIC)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(ToolError, match="nothing listens"):
            open_port(f"socket://127.0.0.1:{closed.getsockname()[1]}", ResetMethod.NONE)


def test_windows_access_denied_means_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    error = serial.SerialException("could not open port 'COM3': PermissionError(13, 'Access is denied.', None, 5)")
    assert "no permission" in str(explain(error, "COM3"))
    monkeypatch.setattr(sys, "platform", "win32")
    assert "COM3 is busy: another program has it" in str(explain(error, "COM3"))


def test_a_board_pulled_out_is_a_lost_link() -> None:
    assert isinstance(explain(OSError(errno.EIO, "Input/output error"), "/dev/ttyUSB0"), LinkLost)


@pytest.mark.parametrize(
    ("choice", "method"),
    [
        (PortChoice("/dev/ttyUSB0", BRIDGE), ResetMethod.CLASSIC),
        (PortChoice("/dev/ttyACM0", NATIVE), ResetMethod.USB_JTAG),
        (PortChoice("/dev/ttyACM0", PortInfo("/dev/ttyACM0", "", 0x303A, 0x4001, "1")), ResetMethod.USB_CDC),
        (PortChoice("COM3"), ResetMethod.CLASSIC),
        (PortChoice("rfc2217://h:1"), ResetMethod.CLASSIC),
        (PortChoice("socket://h:1"), ResetMethod.NONE),
    ],
)
def test_the_reset_method_of_a_port(choice: PortChoice, method: ResetMethod) -> None:
    assert reset_method(choice) is method


class Lines:
    """A port that writes down what its lines do."""

    port, is_open = "/dev/ttyUSB0", True

    def __init__(self) -> None:
        object.__setattr__(self, "moves", [])

    def __setattr__(self, name: str, value: bool) -> None:
        self.__dict__[name] = value
        self.__dict__["moves"].append((name, value))

    def close(self) -> None:
        self.__dict__["moves"].append(("close", True))


def test_a_reset_pulls_en_with_gpio0_high_and_close_lets_rts_go_first() -> None:
    port = Lines()
    assert hard_reset(port, ResetMethod.CLASSIC)
    assert port.__dict__["moves"] == [
        ("dtr", False), ("rts", True), ("dtr", False), ("rts", False), ("dtr", False)
    ]  # fmt: skip
    port.__dict__["moves"].clear()
    close_port(port, ResetMethod.CLASSIC)
    assert port.__dict__["moves"] == [("rts", False), ("dtr", False), ("close", True)]
    assert not hard_reset(port, ResetMethod.NONE)


def test_a_terminal_has_no_lines_and_cannot_be_reset_by_them(terminal: tuple[int, str]) -> None:
    opened = open_port(terminal[1], ResetMethod.CLASSIC)
    assert not hard_reset(opened, ResetMethod.CLASSIC)
    close_port(opened, ResetMethod.CLASSIC)


@pytest.mark.parametrize(
    ("description", "name"),
    [
        ("ESP32", "esp32"), ("ESP32-D0WD-V3 (revision v3.1)", "esp32"), ("ESP32-S0WD (revision v1.0)", "esp32"),
        ("ESP32-PICO-V3-02 (revision v3.0)", "esp32"), ("Unknown ESP32 (revision v3.0)", "esp32"),
        ("ESP32-S3 (QFN56) (revision v0.2)", "esp32s3"), ("ESP32-S3-PICO-1 (LGA56) (revision v0.2)", "esp32s3"),
        ("ESP32-C3", "esp32c3"), ("ESP8685 (QFN28) (revision v0.4)", "esp32c3"),
    ],
)  # fmt: skip
def test_the_chip_by_what_esptool_calls_it(description: str, name: str) -> None:
    assert find_chip(description).name == name


@pytest.mark.parametrize("description", ["ESP32-S2", "ESP32-C6 (QFN40) (revision v0.0)", "ESP8266EX", "ESP32-S31", ""])
def test_a_chip_that_bench_does_not_know_is_refused(description: str) -> None:
    with pytest.raises(InputError, match="bench knows ESP32, ESP32-S3, ESP32-C3"):
        find_chip(description)


def test_the_table_agrees_with_esptool() -> None:
    from esptool.targets import CHIP_DEFS

    for name, chip in CHIPS.items():
        target = CHIP_DEFS[name]
        assert (chip.esptool_name, chip.image_chip_id) == (target.CHIP_NAME, target.IMAGE_CHIP_ID)
        assert chip.image_offset == target.BOOTLOADER_FLASH_OFFSET
