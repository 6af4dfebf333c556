"""Builds sketches with PlatformIO, and keeps every image under a hash of all that decides it.

An image that is in the cache costs a few hashes: PlatformIO is neither imported nor started. Builds for virtual boards
need no network; the first one for a real board lets PlatformIO fetch what it needs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from filelock import FileLock

from bench import paths
from bench.build_log import describe_failure
from bench.errors import InputError, ToolError
from bench.platformio_packages import ensure_packages
from bench.platformio_project import Environment, find_environment
from bench.platformio_run import Log, isolated_environment, run_platformio
from bench.side_by_side import held
from bench.sketch_image import FlashFile, SketchImage, load_image, section_sizes, sha256_of, store_image
from bench.sketch_sources import SketchSources
from bench.virtual_board.toolchain import c_library_version, compiler_version

OPTIMISATIONS = ("Os", "O2", "O3")
MAX_LAYOUT = 999_999_999
TIMEOUT_S = 600
_IMAGE_HASH_DIGITS = 12


def build_sketch(
    board: str,
    sketch: str,
    *,
    optimisation: str = "Os",
    layout: int = 0,
    cache_dir: Path,
    log: Log | None = None,
    project: Path = paths.PROJECT,
    own: Path | None = None,
) -> SketchImage:
    """The image of arduino_sketches/`sketch` for the PlatformIO environment `board`, from the cache where it is there.

    `layout` 1, 2, 3 ...: the suite with its functions at other addresses. `own` is a person's own catalogue: the suite
    then holds its workloads too, and its sketches can be built. `log` gets a line when a build starts, and lines while
    PlatformIO fetches what a real board needs. Raises InputError for an unknown board, sketch, optimisation or layout,
    ToolError where a tool or the network is missing or the sketch does not compile; then the cache stays as it was.
    """
    environment = find_environment(project, board)
    _check(sketch, optimisation, layout)
    own = own and own.resolve()
    sources = SketchSources(project, own, sketch)
    if not (sources.folder / f"{sketch}.ino").is_file():
        raise InputError(f"no sketch {sketch!r}: there is no arduino_sketches/{sketch}/{sketch}.ino")
    tools = _tool_versions(environment)
    key = _key(sources, board, optimisation, tools, layout)
    entry = cache_dir / "arduino" / key
    if image := load_image(entry):
        return image
    workspace = project / ".pio" / "bench"
    workspace.mkdir(parents=True, exist_ok=True)
    # PlatformIO writes into the sketch's folder and into its workspace: one build at a time in a checkout.
    with held(FileLock(workspace / "lock"), lambda: _say(log, "another bench builds here: waiting for it")):
        if image := load_image(entry):
            return image
        build = _Build(project, own, environment, sketch, optimisation, layout, workspace, cache_dir, tools)
        packages = build.install(log)
        if log is not None:
            log(f"compiling {build.description} (-{optimisation})")
        image_hash = _image_hash(key, packages)
        build.run(image_hash, packages, log)
        if _key(sources, board, optimisation, tools, layout) != key:
            raise ToolError(f"the sources of {sketch} changed while they were compiled; build again")
        return store_image(build.result(image_hash, packages), entry)


def _say(log: Log | None, text: str) -> None:
    if log is not None:
        log(text)


def _check(sketch: str, optimisation: str, layout: int) -> None:
    if optimisation not in OPTIMISATIONS:
        raise InputError(f"no optimisation {optimisation!r}; known: {', '.join(OPTIMISATIONS)}")
    if not 0 <= layout <= MAX_LAYOUT:
        raise InputError(f"no layout {layout}: layouts are 0 (as written), 1, 2, 3 ... {MAX_LAYOUT}")
    if layout and sketch != "suite":
        raise InputError(f"layouts are for the suite; build {sketch!r} with layout 0")


# ---- What decides an image


def _key(sources: SketchSources, board: str, optimisation: str, tools: Mapping[str, str], layout: int = 0) -> str:
    """Where the image lies in the cache. The packages for real boards are those of the platform in platformio.ini."""
    digest = hashlib.sha256()
    for fact in (board, sources.sketch, optimisation, str(layout), json.dumps(tools, sort_keys=True)):
        digest.update(fact.encode() + b"\0")
    for name, file in sources.files(hardware=find_environment(sources.project, board).is_hardware):
        digest.update(name.encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    # Only the names of a catalogue count: a new reference checksum does not change the image.
    digest.update("\0".join(sources.workloads()).encode())
    return digest.hexdigest()


def _image_hash(key: str, packages: Mapping[str, str]) -> str:
    """What the image calls itself. A platform admits later packages than those of today, which make another image."""
    if not packages:
        return key[:_IMAGE_HASH_DIGITS]
    facts = key + json.dumps(packages, sort_keys=True)
    return hashlib.sha256(facts.encode()).hexdigest()[:_IMAGE_HASH_DIGITS]


def _tool_versions(environment: Environment | None = None) -> dict[str, str]:
    """Versions of everything outside the project that decides an image, so far as they are known before PlatformIO
    starts; ToolError where one of it is missing.
    """
    tools = {"platformio": _package_version("platformio")}
    if environment is not None and environment.is_hardware:
        return tools
    return tools | {
        "compiler": compiler_version(),
        "c_library": c_library_version(),
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
    """One build, in a workspace of its own below the checkout."""

    project: Path
    own: Path | None
    environment: Environment
    sketch: str
    optimisation: str
    layout: int
    workspace: Path
    cache_dir: Path
    tools: dict[str, str]

    @property
    def board(self) -> str:
        return self.environment.name

    @property
    def description(self) -> str:
        return f"{self.sketch} for {self.board}" + (f", layout {self.layout}" if self.layout else "")

    def install(self, log: Log | None) -> dict[str, str]:
        """Name and version of PlatformIO's packages for a real board; a virtual one's are links to this project."""
        if not self.environment.is_hardware:
            return {}
        return ensure_packages(
            self.environment,
            project=self.project,
            variables=self._variables(),
            workspace=self.workspace,
            log_file=self._log_file("packages"),
            log=log,
        )

    def run(self, image_hash: str, packages: Mapping[str, str], log: Log | None) -> None:
        """Compile and link; ToolError with the first error where that fails."""
        folder = self._folder(packages)
        for stale in {*folder.glob(f"{self.sketch}.*"), *folder.glob("*.bin")}:
            stale.unlink()
        log_file = self._log_file(self.sketch)
        variables = {"PLATFORMIO_BUILD_DIR": str(folder.parent), "BENCH_IMAGE": image_hash}
        status = run_platformio(
            ["run", "-e", self.board, "-d", str(self.project)],
            project=self.project,
            environment=self._variables() | variables,
            log_file=log_file,
            limit_s=TIMEOUT_S,
            log=log,
        )
        if status != 0 or not (folder / f"{self.sketch}.elf").is_file():
            text = log_file.read_text(encoding="utf-8", errors="replace")
            reason = describe_failure(text, self.project)
            raise ToolError(f"{self.sketch} does not build for {self.board}: {reason}; the full log is {log_file}")

    def result(self, image_hash: str, packages: Mapping[str, str]) -> SketchImage:
        """What was built, where PlatformIO has put it."""
        folder = self._folder(packages)
        elf = folder / f"{self.sketch}.elf"
        facts = json.loads((folder / f"{self.sketch}.json").read_text(encoding="utf-8"))
        text_bytes, data_bytes, bss_bytes = section_sizes(elf)
        core = facts.get("core", "")
        return SketchImage(
            elf=elf,
            sha256=sha256_of(elf),
            image_hash=image_hash,
            board=self.board,
            sketch=self.sketch,
            optimisation=self.optimisation,
            layout=self.layout,
            text_bytes=text_bytes,
            data_bytes=data_bytes,
            bss_bytes=bss_bytes,
            compiler=facts.get("compiler") or self.tools["compiler"],
            c_library=self.tools.get("c_library") or f"newlib in the SDK of {core}",
            flags=" ".join(facts["compile_flags"]),
            platformio=self.tools["platformio"],
            scons=facts.get("scons") or self.tools["scons"],
            core=core,
            platform=self.environment.platform if self.environment.is_hardware else "",
            packages=tuple(f"{name}@{number}" for name, number in packages.items()),
            partitions=facts.get("partitions", ""),
            flash_files=self._flash_files(facts),
        )

    def _flash_files(self, facts: Mapping[str, Any]) -> tuple[FlashFile, ...]:
        files = []
        for offset, name in sorted(facts.get("flash_files", ())):
            path = Path(name)
            if not path.is_file():
                raise ToolError(
                    f"PlatformIO says that {path.name} is to be flashed for {self.board}, but did not make it"
                )
            files.append(FlashFile(offset, path, sha256_of(path)))
        return tuple(files)

    def _folder(self, packages: Mapping[str, str]) -> Path:
        """Where PlatformIO puts everything. SCons does not see a new compiler: it gets a new folder."""
        tools = hashlib.sha256(json.dumps({**self.tools, **packages}, sort_keys=True).encode()).hexdigest()[:8]
        kind = self.optimisation if self.own is None else f"{self.optimisation}-own"  # other flags: nothing in common
        return self.workspace / f"{tools}-{kind}" / self.board

    def _log_file(self, name: str) -> Path:
        layout = f"-layout{self.layout}" if self.layout else ""
        return self.cache_dir / "arduino" / "logs" / f"{name}-{self.board}-{self.optimisation}{layout}.log"

    def _variables(self) -> dict[str, str]:
        variables = {
            "BENCH_SKETCH": self.sketch,
            "BENCH_OPTIMISATION": self.optimisation,
            "BENCH_LAYOUT": str(self.layout),
            "PLATFORMIO_GLOBALLIB_DIR": str(self.workspace / "no-libraries"),  # a person's own decide no image
        }
        if self.own is not None:
            variables["BENCH_CATALOGUE"] = str(self.own)
        if not self.environment.is_hardware:
            variables["PLATFORMIO_CORE_DIR"] = str(self.workspace / "core")
        return isolated_environment(keep_person=self.environment.is_hardware) | variables
