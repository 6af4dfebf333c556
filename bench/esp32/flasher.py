"""Flashing with esptool as a library: what chip is there, and writing files to it, checked.

esptool prints through one logger of its own, which is replaced here, and raises errors of many kinds, which leave this
module as one line each. Its own reconnecting is turned off: it looks for the old port's name, which a board with native
USB may have lost, so that retrying is left to whoever can find the board again.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.board import Progress
from bench.errors import BenchError, InputError, LinkLost, LinkSilent, ToolError, Unusable
from bench.esp32.chips import Chip, chip_of_image, find_chip
from bench.esp32.reset import ResetMethod, close_port, hard_reset, open_port
from bench.serial_port import BAUD, explain, one_line

FAST_BAUD = 460800  # for writing over a bridge; ESP-IDF's own choice
CONNECT_S = 30.0  # esptool's seven tries with all its resets take 15 s
CONNECT_SLOWLY_S = 120.0  # over rfc2217://, where every change of a line or a time-out is a talk of its own
QUIET_S = 300.0  # the longest that writing may go on without a block: esptool allows a full erase 240 s
_LOOK_S = 0.002  # between two looks whether something came
_MAGIC = 0xE9
_HEADER_BYTES = 24
_SECTOR = 4096
_FLASH_MEGABYTES = {0: 1, 1: 2, 2: 4, 3: 8, 4: 16, 5: 32, 6: 64, 7: 128}  # by the high half of an image's byte 3
_BOOT_HINT = "check that this is the board's port; hold BOOT while pressing RESET (EN), let go, and try again"

_progress: ContextVar[Callable[[int, int], None] | None] = ContextVar("progress", default=None)


@dataclass(frozen=True)
class DetectedChip:
    """The board that answered."""

    chip: Chip
    description: str  # the part and its revision, in esptool's words
    revision: str  # v3.1
    flash_bytes: int  # 0 where the flash does not tell a size that esptool knows
    mac_hash: str  # tells two boards apart in stored runs without naming them


class _CallersError(Exception):
    """Carries what the caller's progress raised through esptool, so that it is not taken for the board's fault."""

    def __init__(self, error: Exception) -> None:
        self.error = error


@dataclass(frozen=True)
class _Part:
    offset: int
    path: Path
    data: bytes

    @property
    def end(self) -> int:
        return self.offset + len(self.data)


def detect(port: str) -> DetectedChip:
    """Ask the board's bootloader what it is, and restart the board. The port must be free.

    LinkSilent where no bootloader answers, LinkLost where the board goes away, Unusable where it can never be used,
    ToolError where the port cannot be opened.
    """
    with _connected(port, "detecting the chip") as (_, esp):
        return _describe(esp)


def write(
    port: str,
    files: Sequence[tuple[int, Path]],
    erase: bool = False,
    progress: Progress = lambda done, total: None,
    *,
    baudrate: int = FAST_BAUD,
    is_wanted: Callable[[], bool] = lambda: True,
) -> DetectedChip:
    """Write files to their offsets, compare all of them with what the flash then holds, and restart the board.

    Nothing is erased or written unless every file fits the chip and its flash. With `erase` the whole flash is erased
    first, else a file that the flash already holds is not written again. Raises as `detect` does, and Unusable for what
    does not fit. LinkLost is also what the line or the flash does wrong: the flash may then be half written, and
    writing again, more slowly, mends it. LinkLost also when `is_wanted` says no, soon after.
    """
    from esptool import cmds

    parts = _read_parts(files)
    total = sum(len(part.data) for part in parts)
    before = 0
    done = 0

    def report(written: int, of: int) -> None:  # esptool counts compressed bytes, file by file
        nonlocal done
        done = max(done, before + (written * len(part.data) // of if of else 0))
        deadline.renew(QUIET_S)
        try:
            progress(done, total)
        except Exception as error:
            raise _CallersError(error) from error

    def doing() -> str:
        return f"writing (after {done} of {total} bytes)"

    with _connected(port, doing, is_wanted) as (deadline, esp):
        found = _describe(esp)
        _check_fit(parts, found, esp, port)
        deadline.renew(QUIET_S)
        esp = cmds.run_stub(esp)
        esp.WRITE_FLASH_ATTEMPTS = 1
        if not port.startswith("socket://") and baudrate != BAUD:  # over a socket the far end's speed stays as it is
            esp.change_baud(baudrate)
        if erase:
            cmds.erase_flash(esp)
            deadline.renew(QUIET_S)
        token = _progress.set(report)
        try:
            for part in parts:
                cmds.write_flash(esp, [(part.offset, part.data)], skip_flashed=not erase)
                before += len(part.data)
                report(0, 1)
        finally:
            _progress.reset(token)
        cmds.verify_flash(esp, [(part.offset, part.data) for part in parts])
    return found


def _describe(esp: Any) -> DetectedChip:
    from esptool import cmds
    from esptool.util import flash_size_bytes

    chip = find_chip(esp.CHIP_NAME)
    if esp.secure_download_mode:
        raise Unusable("the board is locked (secure download mode) and can neither be read nor flashed: use another")
    description = one_line(esp.get_chip_description())
    revision = esp.get_chip_revision()
    cmds.attach_flash(esp)
    if esp.flash_id() in (0x000000, 0xFFFFFF):
        raise LinkLost(f"the {chip.esptool_name}'s flash does not answer: power the board off and on, and try again")
    size = cmds.detect_flash_size(esp)
    mac = ":".join(f"{byte:02x}" for byte in esp.read_mac("BASE_MAC"))
    return DetectedChip(
        chip,
        description,
        f"v{revision // 100}.{revision % 100}",
        flash_size_bytes(size) if size else 0,
        hashlib.sha256(f"bench board {mac}".encode()).hexdigest()[:12],
    )


def _read_parts(files: Sequence[tuple[int, Path]]) -> list[_Part]:
    """The files by offset; InputError for one that cannot be read, is empty or lies in another's flash sectors."""
    parts = []
    for offset, path in sorted(files):
        try:
            parts.append(_Part(offset, path, path.read_bytes()))
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror}") from error
        if not parts[-1].data:
            raise InputError(f"{path} is empty: build or fetch it anew")
    for one, other in itertools.pairwise(parts):
        if one.end > other.offset // _SECTOR * _SECTOR:
            raise InputError(f"{one.path.name} reaches to {one.end:#x}, into {other.path.name} at {other.offset:#x}")
    return parts


def _check_fit(parts: Sequence[_Part], found: DetectedChip, esp: Any, port: str) -> None:
    """Refuse what is for another chip or another size of flash, before anything is erased."""
    for part in parts:
        name, at = part.path.name, f"the board on {port} has {found.flash_bytes / 2**20:g} MB of flash"
        is_image = part.data[0] == _MAGIC and len(part.data) >= _HEADER_BYTES
        if is_image and (chip_id := int.from_bytes(part.data[12:14], "little")) != found.chip.image_chip_id:
            raise Unusable(
                f"{name} is for {chip_of_image(chip_id)}, the board on {port} is {found.description}: nothing was "
                "written; take the image for this chip"
            )
        if part.offset == esp.BOOTLOADER_FLASH_OFFSET and not is_image:
            raise Unusable(f"{name} is no ESP image (it does not begin with 0xe9): nothing was written; fetch it anew")
        if not found.flash_bytes:
            continue
        if part.end > found.flash_bytes:
            raise Unusable(f"flash too small: {name} reaches to {part.end / 2**20:.2f} MB, {at}; nothing was written")
        wanted = _FLASH_MEGABYTES.get(part.data[3] >> 4, 0) if is_image else 0
        if part.offset == esp.BOOTLOADER_FLASH_OFFSET and wanted * 2**20 > found.flash_bytes:
            raise Unusable(f"flash too small: {name} is made for {wanted} MB, {at}; nothing was written")


class _Deadline:
    """An end to reading. esptool's own time-outs each wait for silence, which endless garbage never gives.

    Where writing is no longer wanted, reading ends too, although esptool would wait for minutes while flash is erased.
    """

    def __init__(self, opened: Any, seconds: float, is_wanted: Callable[[], bool]) -> None:
        from serial import rfc2217

        self.renew(seconds)
        read = opened.read
        can_be_looked_at = not isinstance(opened, rfc2217.Serial)  # which does not tell there that it was cut

        def bounded_read(size: int = 1) -> Any:
            quiet_until = time.monotonic() + (opened.timeout or 0.0)
            while size and can_be_looked_at and is_wanted() and not opened.in_waiting:
                if time.monotonic() > quiet_until:
                    return b""
                time.sleep(_LOOK_S)
            if not is_wanted():
                raise _CallersError(LinkLost("writing was given up"))
            if time.monotonic() > self._end:
                raise TimeoutError("no sense in what came")
            return read(size)

        opened.read = bounded_read

    def renew(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds


@contextmanager
def _connected(
    port: str, doing: str | Callable[[], str], is_wanted: Callable[[], bool] = lambda: True
) -> Iterator[tuple[_Deadline, Any]]:
    """esptool's object for the board in its bootloader. Ends with the board restarted and the port closed."""
    from esptool import cmds
    from esptool.loader import DEFAULT_TIMEOUT

    _silence()
    patience = CONNECT_SLOWLY_S if port.startswith("rfc2217://") else CONNECT_S
    # esptool moves the lines itself; until then they are as for a bridge: the chip runs.
    opened = open_port(port, ResetMethod.CLASSIC, BAUD)
    connected = False
    try:
        opened.timeout = DEFAULT_TIMEOUT  # else esptool changes it for each command: over rfc2217:// 28 s, not 4
        deadline = _Deadline(opened, patience, is_wanted)
        esp = cmds.detect_chip(opened, BAUD)
        connected = True
        deadline.renew(patience)
        yield deadline, esp
    except BenchError:
        raise
    except _CallersError as error:
        raise error.error from None
    except Exception as error:  # esptool raises many kinds, struct.error and AttributeError on garbage among them
        raise _explained(error, port, doing if isinstance(doing, str) else doing(), connected) from error
    finally:
        if connected and not port.startswith("socket://"):
            _restart(esp, opened)
        close_port(opened, ResetMethod.NONE)  # the lines stay as esptool left them: the chip runs


def _restart(esp: Any, opened: Any) -> None:
    from esptool import cmds

    try:
        cmds.reset_chip(esp, "hard-reset")
    except Exception:  # the board is gone, or does not listen: it has had its error
        with suppress(Exception):
            hard_reset(opened, ResetMethod.CLASSIC)


def _explained(error: Exception, port: str, doing: str, connected: bool) -> ToolError:
    from serial import SerialException

    words = one_line(error)
    if isinstance(error, TimeoutError) and not connected:
        return LinkSilent(f"no ESP32 bootloader on {port}: what comes makes no sense ({words}); {_BOOT_HINT}")
    if not connected and not isinstance(error, OSError):
        return LinkSilent(f"no ESP32 bootloader answers on {port} ({words}); {_BOOT_HINT}")
    if "requires chip revision" in words:
        return Unusable(f"{words.partition(' Use --force')[0]}: nothing was written; build or fetch an image for it")
    if "MD5 of file does not match" in words or "Verification failed" in words or "flash region is empty" in words:
        return LinkLost(
            f"the flash on {port} does not hold what was written ({words}): try again; if it stays so, the "
            "flash is worn or the cable is bad"
        )
    if isinstance(error, (SerialException, OSError)) or "data stream stopped" in words or "No serial data" in words:
        is_the_ports = isinstance(error, OSError) and not isinstance(error, TimeoutError)
        reason = str(explain(error, port)) if is_the_ports else words
        return LinkLost(f"the board on {port} went away while {doing}: {reason}; plug it in and run the command again")
    return LinkLost(f"esptool failed on {port} while {doing}: {words}; try again, with a shorter cable if it stays so")


@functools.cache
def _silence() -> None:
    """Give esptool, once and for the whole process, a logger that prints nothing and passes its progress on."""
    from esptool.logger import TemplateLogger, log

    class Quiet(TemplateLogger):  # type: ignore[misc]  # esptool has no types
        def print(self, *args: Any, **kwargs: Any) -> None: ...
        def note(self, message: str) -> None: ...
        def warning(self, message: str) -> None: ...
        def error(self, message: str) -> None: ...
        def stage(self, finish: bool = False) -> None: ...
        def set_verbosity(self, verbosity: str) -> None: ...

        def progress_bar(self, cur_iter: int, total_iters: int, *args: Any, **kwargs: Any) -> None:
            if (report := _progress.get()) is not None:
                report(cur_iter, total_iters)

    log.set_verbosity("silent")  # parts of esptool have bound the first logger at their import
    log.set_logger(Quiet())
