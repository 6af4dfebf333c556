"""The C++ compiler with the flags that PlatformIO gives it, on one sketch alone: what an edit costs at least."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from bench import paths
from bench.build_log import describe_failure
from bench.catalogue import OVERHEAD_WORKLOAD, Workload
from bench.errors import ToolError
from bench.labels import printable
from bench.platformio_project import find_environment
from bench.platformio_run import isolated_environment, run_platformio

TIMEOUT_S = 120.0
_SKETCH = OVERHEAD_WORKLOAD  # whose flags are asked for: those of all single sketches but for their own folder
_SHAPE = ("cxx_path", "cxx_flags", "defines", "includes")


@dataclass(frozen=True)
class Compiled:
    """What one start of the compiler took and made."""

    seconds: float  # on the host
    code_bytes: int  # of the object file's text and read-only data


@dataclass(frozen=True)
class CppCompiler:
    """The compiler for a board."""

    path: Path
    size_tool: Path
    options: tuple[str, ...]  # flags, macros, folders of headers that all sketches share

    @contextmanager
    def on(self, workload: Workload) -> Iterator[CompilerRun]:
        """The compiler set up for the sketch of a workload."""
        with tempfile.TemporaryDirectory(prefix="bench-cpp-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            response = folder / "options"  # so many folders of headers may not fit into a command line
            options = [*self.options, f"-I{workload.header.parent}", "-include", "Arduino.h"]
            response.write_text("\n".join(map(_quoted, options)) + "\n", encoding="utf-8")
            sketch = workload.header.with_suffix(".ino")
            yield CompilerRun(
                self, [f"@{response}", "-x", "c++", "-c", str(sketch)], folder / "sketch.o", workload.name
            )


@dataclass(frozen=True)
class CompilerRun:
    """The compiler, ready to be started on a sketch, as often as wanted."""

    compiler: CppCompiler
    arguments: list[str]
    target: Path
    name: str

    def once(self) -> Compiled:
        """Compile. ToolError with the first error where the sketch does not compile."""
        self.target.unlink(missing_ok=True)
        command = [str(self.compiler.path), *self.arguments, "-o", str(self.target)]
        start = time.perf_counter()
        done = _run(command)
        seconds = time.perf_counter() - start
        if done.returncode != 0 or not self.target.is_file():
            raise ToolError(f"{self.name}.ino does not compile: {describe_failure(done.stderr, paths.PROJECT)}")
        text = _run([str(self.compiler.size_tool), str(self.target)]).stdout.splitlines()
        return Compiled(seconds, int(text[1].split()[0]))


def find_cpp_compiler(board: str, cache_dir: Path) -> CppCompiler:
    """The compiler and the flags of a board in platformio.ini, as PlatformIO tells them.

    ToolError where PlatformIO does not: what it needs is to be installed, which building the suite has done.
    """
    facts = _metadata(board, cache_dir)
    own = paths.SKETCHES / _SKETCH
    folders = [folder for group in facts["includes"].values() for folder in group if Path(folder) != own]
    options = [*facts["cxx_flags"], *(f"-D{define}" for define in facts["defines"])]
    options += [f"-I{folder}" for folder in dict.fromkeys(folders)]
    path = Path(facts["cxx_path"])
    return CppCompiler(path, path.with_name(path.name.replace("g++", "size")), tuple(options))


def _metadata(board: str, cache_dir: Path) -> Mapping[str, Any]:
    environment = find_environment(paths.PROJECT, board)
    workspace = paths.PROJECT / ".pio" / "bench"
    workspace.mkdir(parents=True, exist_ok=True)
    variables = {"BENCH_SKETCH": _SKETCH, "PLATFORMIO_BUILD_DIR": str(workspace / "metadata")}
    if not environment.is_hardware:
        variables["PLATFORMIO_CORE_DIR"] = str(workspace / "core")
    log_file = cache_dir / "arduino" / "logs" / f"metadata-{board}.log"
    with tempfile.TemporaryDirectory(prefix="bench-cpp-") as folder, FileLock(workspace / "lock"):
        answer = Path(folder) / "metadata.json"
        status = run_platformio(
            ["project", "metadata", "-d", str(paths.PROJECT), "-e", board, "--json-output-path", str(answer)],
            project=paths.PROJECT,
            environment=isolated_environment(keep_person=environment.is_hardware) | variables,
            log_file=log_file,
            limit_s=TIMEOUT_S,
        )
        try:
            facts: Mapping[str, Any] = json.loads(answer.read_text(encoding="utf-8"))[board]
        except (OSError, ValueError, KeyError):
            facts = {}
    if status != 0 or any(name not in facts for name in _SHAPE):
        reason = describe_failure(log_file.read_text(encoding="utf-8", errors="replace"), paths.PROJECT)
        raise ToolError(f"PlatformIO does not tell the compiler's flags for {board}: {printable(reason)}")
    return facts


def _quoted(option: str) -> str:
    """An option as a response file holds it."""
    escaped = option.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise ToolError(f"{Path(command[0]).name} did not end within {TIMEOUT_S:g} s") from None
    except OSError as error:
        raise ToolError(f"cannot run {Path(command[0]).name}: {error.strerror}; run `make setup`") from error
