"""Line settings and reset methods: how DTR and RTS reach a chip's pins, per kind of port."""

from __future__ import annotations

import time
from contextlib import suppress
from enum import Enum
from typing import Any

from bench.esp32.chips import ESPRESSIF_VID, USB_JTAG_PID
from bench.esp32.ports import PortChoice
from bench.serial_port import BAUD, explain, open_serial

HOLD_S = 0.1  # how long EN is held low; esptool's figure
HOLD_USB_S = 0.2  # the chip's own USB falls off the bus meanwhile


class ResetMethod(Enum):
    """What pulling the port's lines does to the chip."""

    CLASSIC = "classic"  # a bridge: RTS drives EN, DTR drives GPIO0
    USB_JTAG = "usb-jtag"  # the chip's own USB in hardware: the same lines, and the port vanishes
    USB_CDC = "usb-cdc"  # the chip's USB run by its program: lines go to that program, not to EN
    NONE = "none"  # a network socket: there are no lines


def reset_method(choice: PortChoice) -> ResetMethod:
    """The method for a port. rfc2217:// carries the lines of a bridge at its other end."""
    if choice.is_url:
        return ResetMethod.CLASSIC if choice.port.startswith("rfc2217://") else ResetMethod.NONE
    if choice.info is None or choice.info.vid != ESPRESSIF_VID:
        return ResetMethod.CLASSIC
    return ResetMethod.USB_JTAG if choice.info.pid == USB_JTAG_PID else ResetMethod.USB_CDC


def open_port(port: str, method: ResetMethod, baudrate: int = BAUD) -> Any:
    """An open pyserial object for this process alone, its lines set so that the chip runs; ToolError with the reason.

    Some drivers pull the lines at every open all the same: a reset then is an event, not an error.
    """

    def let_run(opened: Any) -> None:
        # Low level on neither line: GPIO0 high is a normal boot, EN high lets the chip run. A program that drives USB
        # itself takes DTR for "somebody listens" and drops what it prints without.
        opened.dtr = method is ResetMethod.USB_CDC
        opened.rts = method is ResetMethod.USB_CDC

    return open_serial(port, baudrate=baudrate, before_open=let_run)


def hard_reset(port: Any, method: ResetMethod) -> bool:
    """Restart the chip by its reset line; whether there is such a line. LinkLost where the port is gone.

    On USB_JTAG the port vanishes: close it and look for the board with `bench.esp32.ports.find_again`.
    """
    if method in (ResetMethod.NONE, ResetMethod.USB_CDC):
        return False
    try:
        port.dtr = False
        _set_rts(port, True)
        time.sleep(HOLD_USB_S if method is ResetMethod.USB_JTAG else HOLD_S)
        with suppress(OSError):  # the port may be gone already, and the chip with it: that is the reset
            _set_rts(port, False)
        if method is ResetMethod.USB_JTAG:
            time.sleep(HOLD_USB_S)  # else the port is still listed under the name that it is about to lose
    except OSError as error:
        if method is ResetMethod.USB_JTAG:
            return True
        reason = explain(error, str(port.port))
        raise type(reason)(f"cannot reset the board by its lines: {reason}") from error
    return True


def close_port(port: Any, method: ResetMethod) -> None:
    """Close a port without leaving the chip in reset or in its bootloader: RTS is let go before DTR."""
    with suppress(OSError, ValueError):  # a port that is gone or closed has nothing left to let go
        if port.is_open and method is not ResetMethod.NONE:
            port.rts = False
            port.dtr = False
    with suppress(OSError):
        port.close()


def _set_rts(port: Any, state: bool) -> None:
    port.rts = state
    port.dtr = port.dtr  # Windows' usbser.sys sends RTS only together with a DTR that follows
