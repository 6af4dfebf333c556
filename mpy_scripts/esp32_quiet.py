"""Turns off the radios of a real ESP32, and tells what was found there that can disturb a measurement.

To be sent to real boards only, after every soft reset: after benchlib.py, whose globals it shares, and before the
workload's script. It prints one framed line:

    quiet wifi= bluetooth= boot_py= main_py= release= board_build= native=

wifi, bluetooth: `unused` (nobody has asked for it), `off`, `stopped` (it was on, and is off now) or `none` (this build
has none). boot_py, main_py: the board's file is `absent`, `idle` (comments only, as MicroPython writes boot.py) or
`busy`. release: 1 where the version is that of a release, as official builds have it. board_build: the build's own name,
such as ESP32_GENERIC, since MicroPython 1.25. native: the machine code that @micropython.native makes (10: Xtensa with
windows, 11: RISC-V with 32 bits), 0 where the build has no emitter.
"""

import sys


def _work_in(path: str) -> str:
    """Tell whether a file on the board is there, and whether it does anything."""
    try:
        with open(path) as file:
            for line in file:
                if line.strip() and not line.strip().startswith("#"):
                    return "busy"
        return "idle"
    except (OSError, NameError):  # no such file, or a board without files
        return "absent"


def _is_in_use(module: str) -> bool:
    """Tell whether anybody may have turned a radio on.

    Using a module takes memory from MicroPython's heap even to ask whether it is active, so a module that nobody has
    imported is left alone. A soft reset forgets imports and leaves Wi-Fi on: hence main.py, which has run at power-on.
    """
    return module in sys.modules or _work_in("main.py") == "busy"


def _stop(radios) -> str:
    """Turn radios off, and tell whether one was on; RuntimeError where it stays on."""
    state = "off"
    for radio in radios:
        if radio.active():
            state = "stopped"
            radio.active(False)
            if radio.active():
                raise RuntimeError("a radio of the board stays on: take boot.py and main.py off it")
    return state


def _stop_wifi() -> str:
    if not _is_in_use("network"):
        return "unused"
    try:
        import network
    except ImportError:
        return "none"
    return _stop([network.WLAN(interface) for interface in (network.STA_IF, network.AP_IF)])


def _stop_bluetooth() -> str:
    if not _is_in_use("bluetooth"):
        return "unused"
    try:
        import bluetooth
    except ImportError:
        return "none"
    return _stop([bluetooth.BLE()])


def _is_release() -> bool:
    """Tell whether sys.version ends as in `MicroPython v1.26.1 on 2025-09-11`: neither commits later nor changed."""
    words = sys.version.split("; ")[-1].split(" ")
    return len(words) == 4 and words[0] == "MicroPython" and not words[1].strip("v.0123456789")


_send(
    "quiet",
    ("wifi", _stop_wifi()),
    ("bluetooth", _stop_bluetooth()),
    ("boot_py", _work_in("boot.py")),
    ("main_py", _work_in("main.py")),
    ("release", 1 if _is_release() else 0),
    ("board_build", getattr(sys.implementation, "_build", "")),
    ("native", getattr(sys.implementation, "_mpy", 0) >> 10 & 15),
)
del _work_in, _is_in_use, _stop, _stop_wifi, _stop_bluetooth, _is_release
