"""Finds in the output of a build the one line that says why it failed."""

from __future__ import annotations

import re
from pathlib import Path

_COMPILER_ERROR = re.compile(
    r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+)(?::\d+)?: (?:fatal )?error: (?P<message>.+)$", re.M
)
_LINKER_ERROR = re.compile(
    r"^.*?(?P<message>undefined reference to .+|region .+ overflowed by .+|multiple definition of .+)$", re.M
)
_TOOL_ERROR = re.compile(r"^(?:Error:|\w*(?:Error|Exception):) (?P<message>.+)$", re.M)


def describe_failure(log: str, project: Path) -> str:
    """The first compiler error as ``file:line: message``, the file as seen from `project`; else what the linker or
    PlatformIO complained about, else the last line.
    """
    if match := _COMPILER_ERROR.search(log):
        return f"{_relative(match['file'], project)}:{match['line']}: {match['message']}"
    for pattern in (_LINKER_ERROR, _TOOL_ERROR):
        if match := pattern.search(log):
            return match["message"].strip()
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return lines[-1] if lines else "PlatformIO printed nothing"


def _relative(file: str, project: Path) -> str:
    path = (project / file).resolve()
    return path.relative_to(project.resolve()).as_posix() if path.is_relative_to(project.resolve()) else file
