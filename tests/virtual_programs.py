"""A virtual board's programs as those of an emulated ESP32: all else is the code that a chip would meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.board import Log
from bench.esp32.programs import Program
from bench.variants import LANGUAGES
from bench.virtual_board.board import VirtualBoard
from tests.esp32_rom import make_files


@dataclass
class VirtualPrograms:
    """The virtual board's programs as files for a chip's flash, each with its identity as the marker."""

    board: VirtualBoard
    folder: Path
    chip: str = "esp32"
    names: Sequence[str] = LANGUAGES
    languages: Sequence[str] = LANGUAGES
    size: int = 60_000  # of a program's file

    def elfs(self) -> dict[bytes, Path]:
        """What an emulated chip runs where its flash holds a marker."""
        return {self.marker(name): self.board.image(name) for name in self.names}

    def marker(self, name: str) -> bytes:
        """What the program calls itself, as the board will say it."""
        image = self.board.prepare(name, lambda text: None)
        if name != "micropython":
            return f"BENCH-ARDUINO {image.identity}".encode()
        return b"MicroPython " + str(image.provenance["micropython_version"]).encode()

    def prepare(self, name: str, log: Log) -> Program:
        """As `bench.esp32.programs.BuiltPrograms` does."""
        image = self.board.prepare(name, log)
        files = make_files(self.folder, self.chip, self.marker(name), self.size)
        if name != "micropython":
            return Program(image, "arduino", image.identity, files)
        return Program(image, "micropython", banner(self.board), files)


@cache
def banner(board: VirtualBoard) -> str:
    """What this firmware says of itself."""
    with board.boot("micropython") as link:
        said = link.read_until(b"; ", 10).decode()
    return said.strip().removesuffix(";").splitlines()[-1]
