"""What platformio.ini says of the boards, read without PlatformIO: an image in the cache must not cost its start."""

from __future__ import annotations

import configparser
from dataclasses import dataclass
from pathlib import Path

from bench.errors import InputError

_SECTION = "env:"
_OWN = "symlink://"


@dataclass(frozen=True)
class Environment:
    """One board of platformio.ini."""

    name: str
    platform: str  # as PlatformIO is told it: espressif32@6.13.0

    @property
    def is_hardware(self) -> bool:
        """Whether it is a real board, whose platform PlatformIO fetches; a virtual one's is part of this project."""
        return not self.platform.startswith(_OWN)


def find_environment(project: Path, board: str) -> Environment:
    """The board of that name in the project's platformio.ini; InputError naming the known ones."""
    file = project / "platformio.ini"
    parser = configparser.ConfigParser(interpolation=None, inline_comment_prefixes=("#", ";"))
    try:
        parser.read_string(file.read_text(encoding="utf-8"), source=str(file))
    except (OSError, ValueError, configparser.Error) as error:
        raise InputError(f"cannot read {file}: {str(error).splitlines()[0]}") from error
    section = _SECTION + board
    if not parser.has_section(section):
        known = [name.removeprefix(_SECTION) for name in parser.sections() if name.startswith(_SECTION)]
        raise InputError(f"no board {board!r} in platformio.ini; known: {', '.join(known)}")
    return Environment(board, _platform(parser, section, file))


def _platform(parser: configparser.ConfigParser, section: str, file: Path) -> str:
    seen = [section]
    while "platform" not in parser[seen[-1]]:
        parent = parser[seen[-1]].get("extends", "")
        if not parser.has_section(parent) or parent in seen:
            raise InputError(f"{file}: [{section}] names no platform")
        seen.append(parent)
    return parser[seen[-1]]["platform"]
