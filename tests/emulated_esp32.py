"""An emulated ESP32: everything of a board but the chip's own instructions, on one port, through any number of resets.

Its bootloader speaks esptool's protocol to one flash, and what the flash then holds decides which program runs: a
virtual board's, in QEMU, in the place of the chip's. What is no hardware here, and so proves nothing about hardware:
the programs themselves, their speed, radio, pins, flash wear, USB, voltages.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.esp32.chips import ESPRESSIF_VID, USB_JTAG_PID
from bench.esp32.ports import PortInfo
from bench.virtual_board.profiles import DEFAULT_PROFILE, find_profile
from bench.virtual_board.qemu import Qemu
from tests import esp32_rom
from tests.board_ports import Port, make_port
from tests.esp32_bootloader import ROM_BAUD, Bootloader, ChipFlash
from tests.esp32_rom import NOTHING
from tests.line_faults import TO_BOARD, TO_HOST, Fault
from tests.serial_line import SerialLine, connect

BOOTLOADER, HELD, OFF = "bootloader", "held in reset", "off"
# 10 kOhm and 10 uF, the remedy for boards that do not enter their bootloader by themselves. esptool sets one line after
# the other, which over RFC 2217 takes 50 ms each: a board whose EN rises at once misses the moment (see `en_rise_s`).
EN_RISE_S = 0.13
_BLANK_AGAIN_S = 0.3
_SYNC = re.compile(rb"\xc0\x00\x08\x24\x00.{4}\x07\x07\x12\x20\x55{32}\xc0", re.DOTALL)
_SYNC_BYTES = 46


@dataclass
class History:
    """What has happened to a board. What was written: `EmulatedEsp32.flash`."""

    boots: list[str] = field(default_factory=list)  # of what: BOOTLOADER, NOTHING, or a program's marker
    resets: int = 0  # the first power-on is none


def unplugged_while_writing(after: int, seconds: float, times: int = 1) -> Fault:
    """The accident that the board loses its power so many bytes (packed) after the first data for the flash."""
    return Fault("vanish", "writing", TO_BOARD, after, 1, seconds, times, seed=1)


class EmulatedEsp32(SerialLine):
    """One board on one port. A context manager: entering it powers the board, leaving it ends every guest and thread.

    `programs`: a marker that an image in the flash may hold -> the virtual board's ELF that then runs. Images with a
    marker come from `esp32_rom.make_files`. A flash without one runs nothing.
    `contents`: what the flash holds from the factory, files by offset; it is blank elsewhere.

    Ports: "rfc2217" has lines, as a bridge has: RTS active pulls EN low, DTR active pulls GPIO0 low, both pull neither.
    The chip leaves reset `en_rise_s` after EN was let go, and GPIO0 then decides between bootloader and program. "pty"
    and "tcp" have no lines: esptool's first bytes are taken for somebody who holds BOOT and presses RESET, and the end
    of that conversation, or of the connection, for RESET.

    `usb_jtag_s`: the port is the chip's own USB, which at each reset into the program is gone for so many seconds and
    comes back under another name (into the bootloader it stays, else esptool could not follow).
    `keep_name`: a port that was unplugged comes back as what it was; not on a pty, whose name the system gives.
    `fault`: an accident, one of tests.line_faults; phases are those of the language that runs, or in the bootloader
    "boot" and "writing".
    """

    def __init__(
        self,
        chip: str,
        programs: Mapping[bytes, Path],
        port: str = "rfc2217",
        *,
        contents: Iterable[tuple[int, Path]] = (),
        flash_megabytes: int = 4,
        profile: str = DEFAULT_PROFILE,
        mac: bytes | None = None,
        fault: Fault | None = None,
        keep_name: bool = False,
        usb_jtag_s: float | None = None,
        en_rise_s: float = EN_RISE_S,
    ) -> None:
        if keep_name and port == "pty":
            raise ValueError("the system gives a pty its name")
        self.chip = chip
        self.flash = ChipFlash(flash_megabytes)
        for offset, path in contents:
            self.flash.put(offset, path.read_bytes())
        self.history = History()
        self.running = OFF
        self._programs = programs
        self._kind = port
        self._profile = find_profile(profile)
        self._mac = mac
        self._keep_name = keep_name
        self._number = 0
        self._usb_jtag_s = usb_jtag_s
        self._en_rise_s = en_rise_s
        self._rises_at: float | None = None
        self._gpio0_low = False
        self._guest: Qemu | None = None
        self._bootloader: Bootloader | None = None
        self._heard = b""
        self._again = b""
        self._again_at = 0.0
        super().__init__("nothing", self._new_port, fault)
        self._changed = threading.Condition(self._lock)

    def __enter__(self) -> EmulatedEsp32:
        with self._lock:
            self._start()
        return super().__enter__()

    def list_ports(self) -> list[PortInfo]:
        """What the computer's list of ports says of the board; empty while it is away."""
        name = self.port_name()
        if name is None:
            return []
        if self._usb_jtag_s is None:
            return [PortInfo(name, "CP2102N USB to UART Bridge", 0x10C4, 0xEA60, "0001")]
        number = ":".join(f"{byte:02X}" for byte in self._mac or b"\x24\x0a\xc4\0\0\1")
        return [PortInfo(name, "USB JTAG/serial debug unit", ESPRESSIF_VID, USB_JTAG_PID, number)]

    def press_reset(self) -> None:
        """The RESET button, or a chip that restarts by itself."""
        self.power_cycle()

    def unplug(self, seconds: float) -> None:
        """Pull the cable, with it the power, and put it back after so many seconds."""
        with self._lock:
            self._unplug(seconds, self._keep_name)
            self.power_cycle()

    def strike_with(self, fault: Fault | None) -> None:
        """From now on this accident; `struck` counts anew."""
        with self._lock:
            self._fault, self.struck = fault, 0
            self._struck_this_boot = False

    def wait_until_running(self, what: str, timeout_s: float = 20.0) -> None:
        """Wait until this runs: a program's marker, BOOTLOADER, NOTHING or HELD; AssertionError where it does not."""
        with self._changed:
            came = self._changed.wait_for(lambda: self.running == what, timeout_s)
            assert came, f"expected {what}, after {timeout_s:g} s still {self.running}; {self.history}"

    # ---- What runs

    def _start(self) -> None:
        """From reset into what the flash holds."""
        self._reset()
        if self._usb_jtag_s is not None and self.history.boots:
            self._unplug(self._usb_jtag_s, self._keep_name)
        boot = esp32_rom.boot(self.chip, self.flash.data, self._programs)
        self._emit(TO_HOST, boot.text)
        self._again, self._again_at = boot.again, time.monotonic() + _BLANK_AGAIN_S
        if boot.program is not None:
            self._guest = Qemu(self._profile, self._programs[boot.program])
            self._uart = connect(self._guest)
        self._runs(boot.program.decode() if boot.program else NOTHING)

    def _start_bootloader(self, text: bytes) -> None:
        self._begin()
        self._reset()
        self._emit(TO_HOST, text)
        self._bootloader = Bootloader(self.chip, self.flash, self._mac)
        self._uart = self._bootloader.uart
        self._runs(BOOTLOADER)

    def _reset(self) -> None:
        self._end()
        self._rises_at = None
        self._heard = self._again = b""
        self.history.resets += bool(self.history.boots)

    def _runs(self, what: str) -> None:
        is_program = what not in (BOOTLOADER, NOTHING, HELD)
        language = "micropython" if "MicroPython" in what else "arduino"
        self._conversation = language if is_program else NOTHING if what == HELD else what
        self.running = what
        if what != HELD:
            self.history.boots.append(what)
        self._changed.notify_all()

    def _end(self) -> None:
        super()._end()
        if self._guest is not None:
            self._guest.stop()
        if self._bootloader is not None:
            self._bootloader.stop()
        self._guest = self._bootloader = None

    def _board_ended(self) -> None:
        if self._bootloader is not None:  # it was told to leave
            self.power_cycle()
        else:
            self._end()

    def _restart_by_itself(self) -> None:
        self._restart()  # which prints

    # ---- The lines

    def _set_lines(self, dtr: bool, rts: bool) -> None:
        """As two transistors do it: each line pulls its pin only while the other line is not active."""
        en_low = rts and not dtr
        self._gpio0_low = dtr and not rts
        if en_low:
            self._rises_at = None
            if self.running != HELD:
                self._end()
                self._again = b""
                self._runs(HELD)
        elif self.running == HELD and self._rises_at is None:
            self._rises_at = time.monotonic() + self._en_rise_s

    def _tick(self) -> None:
        now = time.monotonic()
        if self._rises_at is not None and now >= self._rises_at:
            if self._gpio0_low:
                self._start_bootloader(esp32_rom.download_text(self.chip))
            else:
                self.power_cycle()
        if self._again and now >= self._again_at:
            self._again_at = now + _BLANK_AGAIN_S
            self._emit(TO_HOST, self._again)

    # ---- The port

    def _new_port(self) -> Port:
        port = make_port(self._kind, self._set_lines, self._number if self._keep_name else 0)
        self._number = getattr(port, "number", 0)
        return port

    def _unplug(self, seconds: float, keep_name: bool = False) -> None:
        super()._unplug(seconds, keep_name or self._keep_name)
        self._set_lines(False, False)  # nobody pulls them any more

    def _host_left(self) -> None:
        if self._kind != "rfc2217" and self.running == BOOTLOADER:
            self.power_cycle()

    def _send(self, direction: str, data: bytes) -> None:
        """On a port without lines, esptool's first bytes stand for the BOOT button."""
        if direction == TO_BOARD and self._kind != "rfc2217" and self.running != BOOTLOADER:
            self._heard = (self._heard + data)[-4096:]
            if sync := _SYNC.search(self._heard):
                data = self._heard[sync.start() :]
                self._start_bootloader(b"")
            else:
                self._heard = self._heard[-_SYNC_BYTES:]
        super()._send(direction, data)

    def _as_heard(self, data: bytes) -> bytes:
        """Garbage at the wrong speed: programs talk at 115200 baud, the bootloader as it is told."""
        speed = self._port.baudrate if self._port is not None else None
        understood = self._bootloader.bauds if self._bootloader is not None else {ROM_BAUD}
        return data if speed is None or speed in understood else bytes(byte ^ 0x5A for byte in data)
