"""What an I/O program does on the virtual board, as a list of events, in either language.

The program is the one that a person would run. The debugger watches the shadow registers that both languages drive, and
stands for what is connected: it presses the button, and it is at the other end of the second serial line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import paths
from bench.platformio_build import build_sketch
from bench.virtual_board.firmware import build_micropython
from bench.virtual_board.profiles import Profile
from bench.workflow.io_programs import Device
from tests.guest_debugger import ARGUMENT, Console, Debugger, debugged, symbols

Event = tuple[str, object]

_GPIO_OUT, _GPIO_IN = 0, 4  # offsets in struct hal_gpio
_PWM_BITS, _PWM_DUTY = 4, 20  # offsets in struct hal_pwm
_AVAILABLE, _READ = "_ZN14HardwareSerial9availableEv", "_ZN14HardwareSerial4readEv"


@dataclass
class Outside:
    """What is connected: the levels that a pin takes at each sleep, the bytes that arrive on the second line."""

    pin: int = 0
    levels: Sequence[int] = ()
    arriving: bytes = b""
    events: list[Event] = field(default_factory=list)


def trace(device: Device, language: str, profile: Profile, outside: Outside, events: int, last: bytes = b"") -> str:
    """Run the program until that many events are in `outside.events`; what it printed, up to `last`."""
    elf = _image(device, language, profile)
    with debugged(profile, elf) as (debugger, console):
        places = symbols(elf)
        debugger.run_to(places["main"])  # before it, memory is cleared, which is no event
        watcher = _Watcher(debugger, places, outside)
        debugger.go()
        if language == "micropython":
            start_script(console, device.script.read_text(encoding="utf-8"))
        while len(outside.events) < events:
            watcher.take(debugger)
            debugger.go()
        console.wait_for(last or (b"OK" if language == "micropython" else b""))
        text = console.text.decode()
        return text.rpartition("OK")[2] if language == "micropython" else text  # the raw REPL has taken the script


def start_script(console: Console, script: str) -> None:
    """Run a script in MicroPython's raw REPL, as soon as that is there."""
    console.wait_for(b">>> ")
    console.send(b"\x01" + script.encode() + b"\x04")


def _image(device: Device, language: str, profile: Profile) -> Path:
    if language == "arduino":
        return build_sketch(profile.name, device.sketch_name, cache_dir=paths.cache_dir()).elf
    return build_micropython(profile.name, cache_dir=paths.cache_dir()).elf


class _Watcher:
    """Turns stops of the guest into events, and acts for what is connected."""

    def __init__(self, debugger: Debugger, places: dict[str, int], outside: Outside) -> None:
        self._places = places
        self._outside = outside
        self._levels = iter(outside.levels)
        self._arriving = list(outside.arriving)
        # What a sketch does not use is not in its image.
        self._registers = {places["hal_gpio"] + _GPIO_OUT: self._pins_set} if "hal_gpio" in places else {}
        if "hal_pwm" in places:
            self._registers[places["hal_pwm"] + _PWM_DUTY] = self._duty_set
        for address in self._registers:
            debugger.stop_after_write(address)
        wanted = {"hal_sleep_us": self._slept, "hal_serial1_write": self._sent, _AVAILABLE: self._asked,
                  "uart_any": self._asked_by_script, _READ: self._read,
                  "uart_read": self._read_by_script}  # fmt: skip
        self._functions = {places[name]: action for name, action in wanted.items() if name in places}
        for address in self._functions:
            debugger.stop_at(address)

    def take(self, debugger: Debugger) -> None:
        """Wait for the next stop, and do what belongs to it."""
        stop = debugger.wait()
        actions = self._registers if stop.written else self._functions
        actions[stop.at](debugger)

    def _note(self, what: str, value: object) -> None:
        self._outside.events.append((what, value))

    def _pins_set(self, debugger: Debugger) -> None:
        self._note("pins", debugger.word(self._places["hal_gpio"] + _GPIO_OUT))

    def _duty_set(self, debugger: Debugger) -> None:
        channel = self._places["hal_pwm"]
        self._note("duty", debugger.word(channel + _PWM_DUTY) / 2 ** debugger.word(channel + _PWM_BITS))

    def _slept(self, debugger: Debugger) -> None:
        self._note("sleep_us", debugger.register(ARGUMENT) + (debugger.register(ARGUMENT + 1) << 32))
        level = next(self._levels, None)
        if level is not None:
            address, mask = self._places["hal_gpio"] + _GPIO_IN, 1 << self._outside.pin
            others = debugger.word(address) & ~mask
            debugger.set_word(address, others | (mask if level else 0))

    def _sent(self, debugger: Debugger) -> None:
        self._note("sent", debugger.memory(debugger.register(ARGUMENT), debugger.register(ARGUMENT + 1)))

    def _asked(self, debugger: Debugger) -> None:
        debugger.return_from_function(len(self._arriving))

    def _asked_by_script(self, debugger: Debugger) -> None:
        debugger.return_from_function(len(self._arriving) << 1 | 1)  # a small integer of MicroPython

    def _read(self, debugger: Debugger) -> None:
        debugger.return_from_function(self._arriving.pop(0))

    def _read_by_script(self, debugger: Debugger) -> None:
        """uart_read(self, bytes, count, error) in the port: gives how many bytes it has put there."""
        assert debugger.register(ARGUMENT + 2) == 1
        debugger.set_memory(debugger.register(ARGUMENT + 1), bytes([self._arriving.pop(0)]))
        debugger.return_from_function(1)
