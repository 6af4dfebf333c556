"""Builds sketches with PlatformIO, and keeps every image under a hash of all that decides it.

An image that is in the cache costs a few hashes: PlatformIO is neither imported nor started. Builds need no network.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from filelock import FileLock

from bench import paths
from bench.build_log import describe_failure
from bench.errors import InputError, ToolError
from bench.sketch_sources import SketchSources
from bench.virtual_board.toolchain import c_library_version, compiler_version, tool_output

OPTIMISATIONS = ("Os", "O2", "O3")
TIMEOUT_S = 600
_IMAGE_HASH_DIGITS = 12
_FACTS = "image.json"

Log = Callable[[str], None]


@dataclass(frozen=True)
class SketchImage:
    """One built image: where it is, and everything a figure measured with it has to say about it."""

    elf: Path
    sha256: str  # of the ELF file
    image_hash: str  # hash of all inputs of the build; the image tells it in its `ready` line
    board: str
    sketch: str
    optimisation: str
    text_bytes: int
    data_bytes: int
    bss_bytes: int
    compiler: str
    c_library: str
    flags: str
    platformio: str
    scons: str


def build_sketch(
    board: str,
    sketch: str,
    *,
    optimisation: str = "Os",
    cache_dir: Path,
    log: Log | None = None,
    project: Path = paths.PROJECT,
    own: Path | None = None,
) -> SketchImage:
    """The image of arduino_sketches/`sketch` for the PlatformIO environment `board`, from the cache where it is there.

    `own` is a person's own catalogue: the suite then holds its workloads too, and its sketches can be built. `log` gets
    a line when a build starts. Raises InputError for an unknown sketch or optimisation, ToolError where a tool is
    missing or the sketch does not compile; then the cache stays as it was.
    """
    if optimisation not in OPTIMISATIONS:
        raise InputError(f"no optimisation {optimisation!r}; known: {', '.join(OPTIMISATIONS)}")
    own = own and own.resolve()
    sources = SketchSources(project, own, sketch)
    if not (sources.folder / f"{sketch}.ino").is_file():
        raise InputError(f"no sketch {sketch!r}: there is no arduino_sketches/{sketch}/{sketch}.ino")
    tools = _tool_versions()
    key = _key(sources, board, optimisation, tools)
    entry = cache_dir / "arduino" / key
    if image := _load(entry):
        return image
    workspace = project / ".pio" / "bench"
    workspace.mkdir(parents=True, exist_ok=True)
    # PlatformIO writes into the sketch's folder and into its workspace: one build at a time in a checkout.
    with FileLock(workspace / "lock"):
        if image := _load(entry):
            return image
        if log is not None:
            log(f"compiling {sketch} for {board} (-{optimisation})")
        build = _Build(project, own, board, sketch, optimisation, workspace, cache_dir, tools)
        build.run(image_hash=key[:_IMAGE_HASH_DIGITS])
        if _key(sources, board, optimisation, tools) != key:
            raise ToolError(f"the sources of {sketch} changed while they were compiled; build again")
        return _publish(build, entry, key)


# ---- What decides an image


def _key(sources: SketchSources, board: str, optimisation: str, tools: dict[str, str]) -> str:
    digest = hashlib.sha256()
    for fact in (board, sources.sketch, optimisation, json.dumps(tools, sort_keys=True)):
        digest.update(fact.encode() + b"\0")
    for name, file in sources.files():
        digest.update(name.encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    # Only the names of a catalogue count: a new reference checksum does not change the image.
    digest.update("\0".join(sources.workloads()).encode())
    return digest.hexdigest()


def _tool_versions() -> dict[str, str]:
    """Versions of everything outside the project that decides an image; ToolError where one of it is missing."""
    return {
        "compiler": compiler_version(),
        "c_library": c_library_version(),
        "platformio": _package_version("platformio"),
        "scons": _package_version("scons"),
    }


def _package_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        raise ToolError(f"the Python package {package} is not installed: run `make setup`") from None


# ---- Building


@dataclass(frozen=True)
class _Build:
    """One run of PlatformIO, in a workspace of its own below the checkout: what it installs there are links to it."""

    project: Path
    own: Path | None
    board: str
    sketch: str
    optimisation: str
    workspace: Path
    cache_dir: Path
    tools: dict[str, str]

    @property
    def folder(self) -> Path:
        """Where PlatformIO puts everything. SCons does not see a new compiler: it gets a new folder."""
        tools = hashlib.sha256(json.dumps(self.tools, sort_keys=True).encode()).hexdigest()[:8]
        kind = self.optimisation if self.own is None else f"{self.optimisation}-own"  # other flags: nothing in common
        return self.workspace / f"{tools}-{kind}" / self.board

    @property
    def elf(self) -> Path:
        return self.folder / f"{self.sketch}.elf"

    def run(self, image_hash: str) -> None:
        """Compile and link; ToolError with the first error where that fails."""
        log_file = self.cache_dir / "arduino" / "logs" / f"{self.sketch}-{self.board}-{self.optimisation}.log"
        log_file.parent.mkdir(parents=True, exist_ok=True)
        self.elf.unlink(missing_ok=True)
        with log_file.open("wb") as output:
            status = self._run_platformio(self._environment(image_hash), output.fileno())
        if status != 0 or not self.elf.is_file():
            text = log_file.read_text(encoding="utf-8", errors="replace")
            reason = describe_failure(text, self.project)
            raise ToolError(f"{self.sketch} does not build for {self.board}: {reason}; the full log is {log_file}")

    def _environment(self, image_hash: str) -> dict[str, str]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PLATFORMIO_", "BENCH_"))}
        own = {} if self.own is None else {"BENCH_CATALOGUE": str(self.own)}
        return (
            inherited
            | own
            | {
                "BENCH_SKETCH": self.sketch,
                "BENCH_IMAGE": image_hash,
                "BENCH_OPTIMISATION": self.optimisation,
                "PLATFORMIO_CORE_DIR": str(self.workspace / "core"),
                "PLATFORMIO_BUILD_DIR": str(self.folder.parent),
                "PLATFORMIO_SETTING_ENABLE_TELEMETRY": "no",
                "PLATFORMIO_DISABLE_UPGRADE_CHECK": "true",
                "PLATFORMIO_NO_ANSI": "true",
            }
        )

    def _run_platformio(self, environment: dict[str, str], output: int) -> int:
        command = [sys.executable, "-m", "platformio", "run", "-e", self.board, "-d", str(self.project)]
        setpriv = shutil.which("setpriv")
        if setpriv:  # when we are killed, so is it: it must not write after the next build began
            command = [setpriv, "--pdeathsig", "KILL", *command]
        process = subprocess.Popen(
            command,
            cwd=self.project,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return process.wait(TIMEOUT_S)
        except subprocess.TimeoutExpired:
            raise ToolError(f"PlatformIO did not finish {self.sketch} within {TIMEOUT_S} s") from None
        finally:
            if process.poll() is None:  # interrupted: its compilers must not go on behind our back
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


# ---- The cache


def _publish(build: _Build, entry: Path, key: str) -> SketchImage:
    """Put the image and its facts into the cache in one step: an entry is whole or absent."""
    entry.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=entry.parent, prefix=".new-", ignore_cleanup_errors=True) as temporary:
        new = Path(temporary) / key
        new.mkdir()
        elf = Path(shutil.copy2(build.elf, new))
        facts = json.loads((build.folder / f"{build.sketch}.json").read_text(encoding="utf-8"))
        text_bytes, data_bytes, bss_bytes = _section_sizes(elf)
        image = SketchImage(
            elf=Path(elf.name),
            sha256=hashlib.sha256(elf.read_bytes()).hexdigest(),
            image_hash=key[:_IMAGE_HASH_DIGITS],
            board=build.board,
            sketch=build.sketch,
            optimisation=build.optimisation,
            text_bytes=text_bytes,
            data_bytes=data_bytes,
            bss_bytes=bss_bytes,
            compiler=build.tools["compiler"],
            c_library=build.tools["c_library"],
            flags=" ".join(facts["compile_flags"]),
            platformio=build.tools["platformio"],
            scons=build.tools["scons"],
        )
        content = json.dumps(asdict(image) | {"elf": elf.name}, indent=1)
        (new / _FACTS).write_text(content, encoding="utf-8")
        _put_in_place(new, entry)
    return replace(image, elf=entry / elf.name)


def _put_in_place(new: Path, entry: Path) -> None:
    if _load(entry) is None:
        shutil.rmtree(entry, ignore_errors=True)  # damaged
    try:
        new.rename(entry)
    except OSError:
        if _load(entry) is None:  # otherwise another checkout has just published the same image
            raise


def _section_sizes(elf: Path) -> tuple[int, ...]:
    """Bytes of text, data and bss, as the compiler's `size` counts them."""
    return tuple(int(number) for number in tool_output("size", str(elf)).splitlines()[1].split()[:3])


def _load(entry: Path) -> SketchImage | None:
    """The image in that folder of the cache, if it is complete and intact."""
    try:
        facts = json.loads((entry / _FACTS).read_text(encoding="utf-8"))
        image = SketchImage(**facts | {"elf": entry / facts["elf"]})
        intact = hashlib.sha256(image.elf.read_bytes()).hexdigest() == image.sha256
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return image if intact else None
