"""From a port to a board that can measure: what chip is there, or what program answers, and so what a figure means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench import paths
from bench.board import BoardFacts, Log, Transfer
from bench.errors import InputError, ToolError
from bench.esp32 import flasher
from bench.esp32.board import KNOWN, Esp32Board
from bench.esp32.chips import CHIPS, Chip, find_chip
from bench.esp32.connection import Connection
from bench.esp32.flasher import DetectedChip
from bench.esp32.identify import Found, identify
from bench.esp32.ports import ListPorts, PortChoice, choose_port, list_ports
from bench.esp32.programs import BuiltPrograms, FoundPrograms
from bench.esp32.reset import ResetMethod
from bench.labels import printable
from bench.virtual_board.profiles import find_profile

# 10 ms, and a little more: a block that was just long enough while the board warmed up must not be too short then.
MIN_SAMPLE_S = 0.0105


@dataclass(frozen=True)
class Wanted:
    """What a person says about a real board."""

    port: str | None = None  # None: the one board that is plugged in
    serial_number: str | None = None
    chip: str | None = None  # refused where another one is found
    flash: bool = True  # False: nothing is written, what is on the board is used
    erase: bool = False  # clear the whole flash first
    firmware: Path | None = None
    micropython: str | None = None  # a release; None: the newest stable one
    firmware_sha256: str | None = None  # what either of them must have
    own_catalogue: Path | None = None


@dataclass(frozen=True)
class Attached:
    """A board that can measure, and the languages that it can measure in without being written to."""

    board: Esp32Board
    choice: PortChoice
    found: Found | None  # the program, where it was asked for


def attach(
    wanted: Wanted,
    log: Log = lambda text: None,
    transfer: Transfer = lambda what, done, total: None,
    list_ports: ListPorts = list_ports,
) -> Attached:
    """Find the board and ask what it is. InputError where it is none or several, ToolError where it does not answer."""
    choice = choose_port(wanted.port, wanted.serial_number, list_ports)
    connection = Connection(choice, list_ports)
    log(f"asking the board on {printable(choice.port, 100)} what it is")
    if wanted.flash:
        detected = flasher.detect(connection.find())
        _check_wanted(wanted, detected.chip, detected.description, choice)
        facts = chip_facts(detected.chip, detected.description, _hardware(detected))
        programs = BuiltPrograms(
            detected.chip,
            paths.cache_dir(),
            own_catalogue=wanted.own_catalogue,
            own_usb=connection.method is ResetMethod.USB_JTAG,
            firmware=wanted.firmware,
            version=wanted.micropython,
            sha256=wanted.firmware_sha256,
            transfer=transfer,
        )
        programs.check()
        log(f"{detected.description}, {detected.flash_bytes // 2**20} MB of flash; its program may be replaced")
        board = Esp32Board(facts, min_ticks(facts), connection, programs, transfer, erase=wanted.erase, log=log)
        return Attached(board, choice, None)
    found = identify(connection, KNOWN)
    if found is None:
        raise ToolError(
            f"the board on {printable(choice.port, 100)} runs neither the C++ suite nor MicroPython "
            f"({connection.last_words}): leave out --no-flash to have both written, or put one of them on it"
        )
    log(f"it runs {found}")
    facts = _facts_by_program(found, wanted, choice)
    board = Esp32Board(facts, min_ticks(facts), connection, FoundPrograms(found), transfer, log=log)
    return Attached(board, choice, found)


def chip_facts(chip: Chip, description: str, hardware: dict[str, object]) -> BoardFacts:
    """What a figure measured on this chip has to say about it."""
    return BoardFacts(
        name=chip.name,
        stands_for=description,
        isa=chip.isa,
        fpu=chip.fpu,
        simulated=False,
        tick_unit="cycle",
        clock_hz=chip.clock_hz,
        simulator="",
        hardware=hardware,
    )


def min_ticks(facts: BoardFacts) -> int:
    """The least that a timed block lasts; on a virtual board that somebody else runs, as long as on one's own."""
    from bench.virtual_board.board import MIN_TICKS

    return MIN_TICKS if facts.simulated else round(facts.clock_hz * MIN_SAMPLE_S)


def _hardware(detected: DetectedChip) -> dict[str, object]:
    return {"revision": detected.revision, "flash_bytes": detected.flash_bytes, "board_id": detected.mac_hash}


def _check_wanted(wanted: Wanted, chip: Chip, description: str, choice: PortChoice) -> None:
    if wanted.chip is not None and wanted.chip != chip.name:
        raise InputError(
            f"--board {wanted.chip} was asked for, the board on {printable(choice.port, 100)} is "
            f"{printable(description, 80)}: leave out --board, or plug in the other board"
        )


def _facts_by_program(found: Found, wanted: Wanted, choice: PortChoice) -> BoardFacts:
    """The board's facts as its program tells them, where nobody asked the chip itself."""
    if found.virtual_profile:
        from bench.virtual_board.board import CLOCK_HZ

        profile = find_profile(found.virtual_profile)
        return BoardFacts(
            name=profile.name,
            stands_for=profile.stands_for,
            isa=profile.isa,
            fpu=profile.fpu,
            simulated=True,
            tick_unit="instruction",
            clock_hz=CLOCK_HZ,
            simulator="QEMU behind a serial port, version not known",
        )
    words = [found.says.get("chip", ""), found.says.get("machine", "").rpartition(" with ")[2]]
    known = [word for word in words if word]
    if not known:
        raise ToolError(
            f"the program on the board does not say which chip it runs on; bench knows {', '.join(CHIPS)}: leave out "
            "--no-flash, so that the chip itself is asked"
        )
    chip = find_chip(known[0])
    _check_wanted(wanted, chip, known[0], choice)
    return chip_facts(chip, printable(known[0], 80), {"chip_told_by": found.language})
