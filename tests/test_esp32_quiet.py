"""mpy_scripts/esp32_quiet.py: on the virtual board's MicroPython, and with stand-ins for the radios, which it lacks."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from bench import paths
from bench.link import Link
from bench.runners.raw_repl import RawRepl
from bench.virtual_board.firmware import build_micropython
from bench.virtual_board.profiles import PROFILES
from bench.virtual_board.qemu import Qemu
from bench.wire import Event, parse_line

BENCHLIB = (paths.SCRIPTS / "benchlib.py").read_text(encoding="utf-8")
QUIET = (paths.SCRIPTS / "esp32_quiet.py").read_text(encoding="utf-8")
NOTHING_ON = {"wifi": "unused", "bluetooth": "unused", "boot_py": "absent", "main_py": "absent"}
STOCK_BOOT = "# This file is executed on every boot\n\n#import webrepl\n  #webrepl.start()\n"


@pytest.mark.parametrize("board", PROFILES)
def test_it_runs_on_micropython_and_leaves_only_its_imports(board: str) -> None:
    firmware = build_micropython(board, cache_dir=paths.cache_dir())
    with Qemu(PROFILES[board], firmware.elf) as guest:
        link = Link.open(guest.url, is_alive=guest.is_alive)
        try:
            link.read_until(b">>> ", 20)
            repl = RawRepl(link)
            repl.enter()
            repl.run_file("benchlib.py", BENCHLIB)
            names, _ = repl.run("print(sorted(globals()))")
            output, traceback = repl.run(QUIET)
            assert not traceback
            assert repl.run("print(sorted(globals()))")[0] == names
        finally:
            link.close()
    (event,) = filter(None, map(parse_line, output.encode().splitlines(keepends=True)))
    assert event.name == "quiet"
    assert {key: event.fields[key] for key in NOTHING_ON} == NOTHING_ON
    assert event.fields["native"] == "11"


class Radio:
    """A radio that is on, and can be turned off, unless it is stuck."""

    def __init__(self, on: bool, stuck: bool = False) -> None:
        self.on = on
        self.stuck = stuck

    def active(self, *state: bool) -> bool:
        if state and not self.stuck:
            (self.on,) = state
        return self.on


class Board:
    """What the script sees on a board, in CPython."""

    def __init__(self, files: Path, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        patch.chdir(files)
        for module in ("network", "bluetooth"):
            patch.setitem(sys.modules, module, None)  # importing it raises ImportError
        self.hide("network", "bluetooth")
        self.version("3.4.0; MicroPython v1.26.1 on 2025-09-11")

    def hide(self, *modules: str) -> None:
        """sys.modules as MicroPython has it after a reset; the import system goes on to look into the real one."""
        self._modules = {name: module for name, module in sys.modules.items() if name not in modules}

    def version(self, text: str) -> None:
        self._version = text

    def put(self, module: str, content: Any, imported: bool) -> None:
        self._patch.setitem(sys.modules, module, content)
        if imported:
            self._modules[module] = content

    def run(self, capsys: pytest.CaptureFixture[str]) -> Event:
        seen = SimpleNamespace(
            modules=self._modules,
            version=self._version,
            implementation=SimpleNamespace(_mpy=0x2B06, _build="ESP32_GENERIC_C3"),
        )
        scope: dict[str, Any] = {"__name__": "board"}
        exec(compile(BENCHLIB, "benchlib.py", "exec"), scope)
        exec(compile(QUIET.replace("import sys\n", "", 1), "esp32_quiet.py", "exec"), scope | {"sys": seen})
        event = parse_line(capsys.readouterr().out.encode())
        assert event is not None and event.name == "quiet"
        return event


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Board:
    return Board(tmp_path, monkeypatch)


def network(*radios: Radio) -> ModuleType:
    module: Any = ModuleType("network")
    module.STA_IF, module.AP_IF = 0, 1
    module.WLAN = lambda interface: radios[interface]
    return module  # type: ignore[no-any-return]


def untouchable(name: str) -> ModuleType:
    """A module that fails the test when anything in it is used."""
    return ModuleType(name)


def test_radios_that_nobody_asked_for_are_not_touched(board: Board, capsys: pytest.CaptureFixture[str]) -> None:
    board.put("network", untouchable("network"), imported=False)
    board.put("bluetooth", untouchable("bluetooth"), imported=False)
    told = board.run(capsys).fields
    assert told == {**NOTHING_ON, "release": "1", "board_build": "ESP32_GENERIC_C3", "native": "10"}


def test_what_boot_py_turned_on_is_turned_off(board: Board, capsys: pytest.CaptureFixture[str]) -> None:
    station, access_point, ble = Radio(True), Radio(True), Radio(True)
    bluetooth: Any = ModuleType("bluetooth")
    bluetooth.BLE = lambda: ble
    board.put("network", network(station, access_point), imported=True)
    board.put("bluetooth", bluetooth, imported=True)
    told = board.run(capsys).fields
    assert (told["wifi"], told["bluetooth"]) == ("stopped", "stopped")
    assert not (station.on or access_point.on or ble.on)


def test_what_was_imported_and_is_off_stays_so(board: Board, capsys: pytest.CaptureFixture[str]) -> None:
    board.put("network", network(Radio(False), Radio(False)), imported=True)
    assert board.run(capsys).fields["wifi"] == "off"


def test_a_main_py_is_reason_enough_to_look(board: Board, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "boot.py").write_text(STOCK_BOOT)
    (tmp_path / "main.py").write_text("import wlan_at_home\n")
    station = Radio(True)
    board.put("network", network(station, Radio(False)), imported=False)
    told = board.run(capsys).fields
    assert (told["boot_py"], told["main_py"], told["wifi"]) == ("idle", "busy", "stopped")
    assert told["bluetooth"] == "none"
    assert not station.on


def test_a_radio_that_stays_on_is_an_error(board: Board, capsys: pytest.CaptureFixture[str]) -> None:
    board.put("network", network(Radio(True, stuck=True), Radio(False)), imported=True)
    with pytest.raises(RuntimeError, match="stays on"):
        board.run(capsys)


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("3.4.0; MicroPython v1.20.0 on 2023-04-26", "1"),
        ("3.4.0; MicroPython v1.27.0-preview.12.gabcdef012 on 2025-10-01", "0"),
        ("3.4.0; MicroPython v1.26.1-dirty on 2025-09-11", "0"),
        ("3.4.0; CircuitPython 9.2.1 on 2024-11-20", "0"),
    ],
)
def test_a_release_is_told_from_other_builds(
    board: Board, capsys: pytest.CaptureFixture[str], version: str, release: str
) -> None:
    board.version(version)
    assert board.run(capsys).fields["release"] == release
