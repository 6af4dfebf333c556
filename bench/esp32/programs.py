"""What a board is loaded with: built and fetched, or what a person has put there. Knows no serial line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bench.board import Image, Log, Transfer
from bench.errors import InputError, Unusable
from bench.esp32.chips import Chip
from bench.esp32.identify import Found
from bench.labels import printable
from bench.variants import LANGUAGES, build_of

if TYPE_CHECKING:
    from bench.esp32.micropython_firmware import MicroPythonFirmware


@dataclass(frozen=True)
class Program:
    """One program for a board: the files that make up the flash, and how it is recognised when it runs."""

    image: Image
    language: str
    identity: str  # what the running program calls itself, see `bench.esp32.identify.Found`
    files: Sequence[tuple[int, Path]]  # offset in the flash; empty where nothing may be written
    machine: str = ""  # which of MicroPython's builds of one version and day it is; empty: not known
    elf: Path | None = None  # with symbols, where it was built here

    def runs_in(self, found: Found | None) -> bool:
        """Whether it is this program that was found on the board."""
        if found is None or (found.language, found.identity) != (self.language, self.identity):
            return False
        return not self.machine or found.says.get("machine") == self.machine


class Programs(Protocol):
    """Where a board's programs come from."""

    languages: Sequence[str]  # those of which there can be a program

    def prepare(self, name: str, log: Log) -> Program:
        """The program of that name, see `bench.plan.Measurement.program`."""


class BuiltPrograms:
    """The suite, built by PlatformIO, and MicroPython's firmware: a person's file, or the official one."""

    languages: Sequence[str] = LANGUAGES

    def __init__(
        self,
        chip: Chip,
        cache_dir: Path,
        *,
        own_catalogue: Path | None = None,
        own_usb: bool = False,
        firmware: Path | None = None,
        version: str | None = None,
        sha256: str | None = None,
        transfer: Transfer = lambda what, done, total: None,
    ) -> None:
        """`own_usb`: the board talks through the chip's own USB. `firmware` is a file to be used as it is, else
        `version` says which release; None: the newest stable one. `sha256` is what the firmware must have; `transfer`
        is told how a download goes on.
        """
        self._chip = chip
        self._cache_dir = cache_dir
        self._own_catalogue = own_catalogue
        self._environment = f"{chip.pio_env}-usb" if own_usb else chip.pio_env
        self._firmware = firmware
        self._version = version
        self._sha256 = sha256
        self._transfer = transfer

    def check(self) -> None:
        """InputError for a person's own firmware that cannot be used: before anything is built or fetched."""
        if self._firmware is not None:
            self._own_firmware(self._firmware)

    def prepare(self, name: str, log: Log) -> Program:
        """Build or fetch it, unless the cache has it. InputError, ToolError as the builder and the store raise them."""
        return self._micropython(log) if name == "micropython" else self._suite(name, log)

    def _suite(self, name: str, log: Log) -> Program:
        from bench.platformio_build import build_sketch

        optimisation, layout = build_of(name)
        built = build_sketch(
            self._environment,
            "suite",
            optimisation=optimisation,
            layout=layout,
            cache_dir=self._cache_dir,
            log=log,
            own=self._own_catalogue,
        )
        files = [(part.offset, part.path) for part in built.flash_files]
        return Program(Image(built.image_hash, built.provenance()), "arduino", built.image_hash, files, elf=built.elf)

    def _micropython(self, log: Log) -> Program:
        from bench.esp32.firmware_store import fetch_firmware

        if self._firmware is not None:
            firmware = self._own_firmware(self._firmware)
        else:
            firmware = fetch_firmware(
                self._chip,
                self._version,
                self._cache_dir,
                log,
                lambda done, total: self._transfer("fetching MicroPython", done, total),
                sha256=self._sha256,
            )
        facts: dict[str, Any] = asdict(firmware)
        facts["micropython_version"] = facts.pop("version")
        facts["size_bytes"] = firmware.path.stat().st_size
        del facts["path"]  # says something of this computer only
        image = Image(firmware.sha256[:12], facts)
        return Program(image, "micropython", firmware.banner, [(firmware.offset, firmware.path)], firmware.machine)

    def _own_firmware(self, path: Path) -> MicroPythonFirmware:
        from bench.esp32.micropython_firmware import read_firmware

        firmware = read_firmware(path, self._chip)
        _check_sha256(firmware, self._sha256)
        return firmware


class FoundPrograms:
    """The one program that is on the board already."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self.languages: Sequence[str] = (found.language,)

    def prepare(self, name: str, log: Log) -> Program:
        """That program; Unusable where another one is asked for."""
        found = self._found
        language = "micropython" if name == "micropython" else "arduino"
        if language != found.language:
            raise Unusable(
                f"{language} was asked for, the board runs {found}: leave out --no-flash, or put the other one on it"
            )
        facts: dict[str, Any] = {"found_on_board": True, **found.says}
        if language == "micropython":
            facts["micropython_version"] = found.identity.removeprefix("MicroPython ").partition(" ")[0]
        else:
            facts["optimisation"] = build_of(name)[0]
        return Program(Image(_as_word(found.identity), facts), language, found.identity, ())


def _check_sha256(firmware: MicroPythonFirmware, wanted: str | None) -> None:
    if wanted is not None and wanted.lower() != firmware.sha256:
        raise InputError(
            f"{firmware.path.name}: expected SHA-256 {printable(wanted, 64)}, the file has {firmware.sha256}: it is "
            "another file"
        )


def _as_word(identity: str) -> str:
    """An identity as samples.csv can hold it."""
    return "".join(c if c.isalnum() or c in "._-+" else "-" for c in identity)[:60] or "unknown"
