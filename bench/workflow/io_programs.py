"""The matched I/O programs: what a student writes for each device, as an Arduino sketch and as a MicroPython script.

They are programs to be read and counted, no workloads: endless, without the `Bench` library, none of them is timed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import paths
from bench.errors import InputError

_SCRIPTS = paths.SCRIPTS / "io"


@dataclass(frozen=True)
class Device:
    """A pair of programs for one device."""

    name: str
    title: str
    workload: str  # of the group machine, whose operation is the one that the programs repeat; empty: none
    operation: str  # what one of its n is, in words; empty where there is no workload
    on_virtual: bool  # whether the virtual board has what the programs call
    differences: tuple[str, ...] = ()  # what a reader of the two has to know
    hardware_only: str = ""  # what no simulation and no stand-in can show

    @property
    def sketch_name(self) -> str:
        """Its folder in arduino_sketches/."""
        return f"io_{self.name}"

    @property
    def sketch(self) -> Path:
        """The Arduino program."""
        return paths.SKETCHES / self.sketch_name / f"{self.sketch_name}.ino"

    @property
    def script(self) -> Path:
        """The MicroPython program."""
        return _SCRIPTS / f"{self.name}.py"

    def source(self, language: str) -> Path:
        """The program in `arduino` or `micropython`."""
        return self.sketch if language == "arduino" else self.script


DEVICES = (
    Device("blink", "Blink a LED", "gpio_toggle", "change of level, read back", True,
           ("sleep_ms() has to be imported, delay() is there.",),
           "that the LED is on pin 2 and lights at high; many boards have it elsewhere, or none"),
    Device("button", "Read a button", "gpio_read", "reading of a pin", True,
           ("The pull-up resistor is part of the mode in C++, an argument of its own in MicroPython.",),
           "how long the contacts of a button bounce"),
    Device("adc", "Read an analog input", "adc_read", "reading of the converter", True,
           ("analogRead() returns 12 bits, read_u16() 16: the script drops the lower four, which tell nothing.",
            "Arduino measures up to about 3 V by itself, MicroPython up to 1 V: the script asks for 11 dB."),
           "the values: both converters are read raw, without calibration"),
    Device("pwm", "Fade a LED", "pwm_duty", "change of duty", True,
           ("A sketch chooses channel and resolution, MicroPython does it itself.",
            "duty() is a share of 1023, ledcWrite() one of 1024: the brightness differs by a thousandth.",
            "arduino-esp32 3.x has ledcAttach() in place of ledcSetup() and ledcAttachPin()."),
           "that nothing flickers where the duty changes"),
    Device("i2c_scan", "Scan an I2C bus", "", "", False,
           ("MicroPython's scan() is part of the class, a sketch asks each address itself.",
            "The sketch leaves out the reserved addresses, as scan() does by itself."),
           "the bus: pull-up resistors, devices that hold it, what is answered to an empty write"),
    Device("uart_echo", "Echo on a UART", "uart_write", "byte", True,
           ("read() gives bytes in MicroPython, one number in C++.",),
           "that no byte is lost while others arrive"),
    Device("timer", "Call a function periodically", "scheduled_callback", "event", False,
           ("In C++ on_timer() runs inside the interrupt: what it changes must be volatile, its code lies in RAM, and "
            "it must not print. MicroPython runs it between two bytecodes, and it might print.",
            "The cost is that of a scheduled callback without an interrupt, see the workload.",
            "arduino-esp32 3.x has timerBegin(1000000) and timerAlarm() in place of four calls."),
           "when the function is called, and how late"),
)  # fmt: skip


def find_devices(names: Sequence[str]) -> list[Device]:
    """The devices of these names, all where none is named; InputError for a name that is none's."""
    known = {device.name: device for device in DEVICES}
    for name in names:
        if name not in known:
            raise InputError(f"no I/O program for {name!r}; known: {', '.join(known)}")
    return [device for device in DEVICES if not names or device.name in names]


def read_source(path: Path) -> str:
    """The text of a program; InputError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {error}; get it back with `git checkout`") from error
