"""Notes when each command of a PlatformIO build began and ended. Run by SCons before all other scripts.

Every command of a build, be it a compiler, an archiver, a linker or esptool, is started by SCons through one function.
That one is wrapped here, so that a build is the one that everybody has, and needs no compiler of another name.
BENCH_BUILD_CLOCK names the file for the notes: a line of JSON a command.
"""

import json
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from SCons.Script import DefaultEnvironment

SOURCES = (".c", ".cc", ".cpp", ".S", ".s")

env = DefaultEnvironment()
spawn = env["SPAWN"]
notes = Path(os.environ["BENCH_BUILD_CLOCK"])
lock = threading.Lock()


def note(words: Sequence[str], began: float, ended: float) -> None:
    """Add a line. Several commands run at once, each in a thread of SCons."""
    sources = [Path(word.strip('"')).name for word in words if word.strip('"').endswith(SOURCES)]
    tool = Path(words[0].strip('"')).name.removesuffix(".exe")
    # Done for a source or a library, not once for the program; a sketch is preprocessed before it is compiled.
    is_compiling = "-c" in words or "-E" in words or tool.endswith(("-ar", "-ranlib"))
    compiled = sources[-1] if "-c" in words and sources else ""
    entry = {"compiles": compiled, "is_compiling": is_compiling, "began": began, "ended": ended}
    with lock, notes.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(entry) + "\n")


def timed_spawn(shell: str, escape: Any, command: str, words: Sequence[str], environment: Any) -> Any:
    """As SCons's own, with a note."""
    began = time.perf_counter()
    try:
        return spawn(shell, escape, command, words, environment)
    finally:
        note([str(word) for word in words], began, time.perf_counter())


env.Replace(SPAWN=timed_spawn, PROGNAME="edit_to_run")  # one name, whatever a platform calls its programs
