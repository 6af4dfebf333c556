"""Builds MicroPython for the virtual board, once for each combination of sources and compiler."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from filelock import FileLock

from bench.board import Log
from bench.errors import ToolError
from bench.virtual_board import opcodes
from bench.virtual_board.micropython_source import Source, find_source, hash_files, provide_tree, version_in_source
from bench.virtual_board.profiles import find_profile
from bench.virtual_board.toolchain import PREFIX, c_library_version, compiler_version, tool_output

HERE = Path(__file__).parent
PORT = HERE / "micropython_port"
HAL = HERE / "hal"
RECORD = "firmware.json"
OPCODES = "opcodes.json"


@dataclass(frozen=True)
class Firmware:
    """A built MicroPython, and all a figure measured with it has to say about it."""

    elf: Path
    sha256: str  # of the ELF file
    micropython_version: str  # such as v1.29.0-preview
    source: str
    compiler: str
    c_library: str
    flags: str
    heap_policy: str
    text_bytes: int
    data_bytes: int
    bss_bytes: int


def build_micropython(
    profile_name: str, *, cache_dir: Path, micropython_dir: Path | None = None, log: Log | None = None
) -> Firmware:
    """The firmware of that board, built now or taken from `cache_dir`.

    The source is `micropython_dir`, or the checkout that the variable MICROPYTHON_DIR names, or the pinned package.
    Raises InputError (no such board, not a source tree) and ToolError (no compiler, no network, the build failed).
    """
    log = log or _silent
    profile = find_profile(profile_name)
    source = find_source(micropython_dir)
    key = _key(profile.name, source)
    builds = cache_dir / "micropython"
    builds.mkdir(parents=True, exist_ok=True)
    home = builds / f"{profile.name}-{key[:16]}"
    with FileLock(f"{home}.lock"):  # two processes may ask for the same firmware
        firmware = _load(home)
        if firmware is None:
            log(f"building MicroPython for {profile.name}")
            firmware = _build(profile.name, source, home, cache_dir=cache_dir, log=log)
    return firmware


def _silent(message: str) -> None:
    pass


def _key(profile_name: str, source: Source) -> str:
    """Changes with everything that has an influence on the image."""
    own_files = [file for folder in (PORT, HAL) for file in folder.rglob("*") if file.is_file()]
    stamp = f"{source.git_tag} {source.git_hash} {source.commit_time}"  # what MicroPython says of itself
    parts = (
        profile_name,
        source.content_hash,
        stamp,
        compiler_version(),
        c_library_version(),
        hash_files(own_files, HERE),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _load(home: Path) -> Firmware | None:
    """The firmware in that folder, if it is complete and intact."""
    try:
        record = json.loads((home / RECORD).read_text(encoding="utf-8"))
        firmware = Firmware(elf=home / "firmware.elf", **record)
        intact = hashlib.sha256(firmware.elf.read_bytes()).hexdigest() == firmware.sha256 and bool(opcode_names(home))
    except (OSError, ValueError, TypeError):
        return None
    return firmware if intact else None


def _build(profile_name: str, source: Source, home: Path, *, cache_dir: Path, log: Log) -> Firmware:
    # Built in a temporary folder, since make cannot work in one whose name has a space; published by a rename.
    with tempfile.TemporaryDirectory(prefix="bench-micropython-") as scratch_name:
        scratch = Path(scratch_name)
        tree, output = scratch / "source", scratch / "build"
        provide_tree(source, tree, cache_dir=cache_dir, log=log)
        tag = source.git_tag or version_in_source(tree)
        variables = [f"MPY_DIR={tree}", f"BUILD={output}", f"PROFILE={profile_name}", f"CROSS_COMPILE={PREFIX}"]
        environment = _build_environment(source, tag)
        _make([f"-j{os.cpu_count() or 1}", *variables], environment, log_file=home.with_suffix(".log"))
        flags = _run_make(["V=1", *variables, "print-code-flags"], environment)
        elf = output / "firmware.elf"
        firmware = _describe(elf, tag, source, flags.strip())
        return _publish(firmware, opcodes.read_opcodes(tree), home)


def opcode_names(home: Path) -> dict[int, str]:
    """The names of the bytecodes of the firmware whose image lies in the folder `home`."""
    return {int(code): str(name) for code, name in json.loads((home / OPCODES).read_text(encoding="utf-8")).items()}


def _publish(firmware: Firmware, names: Mapping[int, str], home: Path) -> Firmware:
    """Put the firmware where `_load` looks for it; `home` comes into being complete or not at all."""
    staging = home.with_suffix(".new")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    shutil.copy(firmware.elf, staging / "firmware.elf")
    (staging / OPCODES).write_text(json.dumps(opcodes.as_json(names), indent=0) + "\n", encoding="utf-8")
    record = asdict(firmware)
    del record["elf"]  # the folder may be moved
    (staging / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(home, ignore_errors=True)
    staging.rename(home)
    return replace(firmware, elf=home / "firmware.elf")


def _build_environment(source: Source, tag: str) -> dict[str, str]:
    """The environment for make: nothing inherited that could change the image, and a fixed date and version."""
    return {name: os.environ[name] for name in ("HOME", "PATH", "TMPDIR") if name in os.environ} | {
        "LC_ALL": "C",
        "MICROPY_GIT_TAG": tag,
        "MICROPY_GIT_HASH": source.git_hash,
        "SOURCE_DATE_EPOCH": str(source.commit_time),
        "PYTHONDONTWRITEBYTECODE": "1",  # a person's checkout stays as it is
    }


def _make(arguments: list[str], environment: dict[str, str], log_file: Path) -> None:
    command = ["make", "-C", str(PORT), *arguments]
    try:
        with log_file.open("w", encoding="utf-8") as log:
            done = subprocess.run(command, env=environment, stdout=log, stderr=subprocess.STDOUT, check=False)
    except FileNotFoundError:
        raise ToolError("make is not installed: MicroPython is built with it; install GNU make") from None
    if done.returncode != 0:
        reason = _first_error(log_file) or f"make ended with status {done.returncode}"
        raise ToolError(f"building MicroPython failed: {reason}; the whole output is in {log_file}")
    log_file.unlink()


def _first_error(log_file: Path) -> str:
    for line in log_file.read_text(encoding="utf-8", errors="replace").splitlines():
        if re.search(r"[Ee]rror:|undefined reference|\*\*\*", line):
            return line.strip()
    return ""


def _describe(elf: Path, tag: str, source: Source, flags: str) -> Firmware:
    text, data, bss = map(int, tool_output("size", str(elf)).splitlines()[1].split()[:3])
    return Firmware(
        elf=elf,
        sha256=hashlib.sha256(elf.read_bytes()).hexdigest(),
        micropython_version=tag,
        source=source.description,
        compiler=compiler_version(),
        c_library=c_library_version(),
        flags=flags,
        heap_policy=_heap_policy(elf),
        text_bytes=text,
        data_bytes=data,
        bss_bytes=bss,
    )


def _heap_policy(elf: Path) -> str:
    """In words, with the sizes that are in the image (`first_heap_area`, `system_heap` in the port's C sources)."""
    symbols = tool_output("nm", "--print-size", str(elf))
    kilobytes = {name: int(size, 16) // 1024 for size, name in re.findall(r"(\w+) [a-zA-Z] (\w*heap\w*)\n", symbols)}
    first, more = kilobytes["first_heap_area"], kilobytes["system_heap"]
    return f"split heap: {first} KB, growing by itself by up to {more} KB"


def _run_make(arguments: list[str], environment: dict[str, str]) -> str:
    command = ["make", "-s", "-C", str(PORT), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
