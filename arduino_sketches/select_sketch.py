"""Chooses which sketch PlatformIO builds, and writes the list of workloads that the suite includes. Run by SCons.

BENCH_SKETCH  the sketch's folder in arduino_sketches/ (default: suite)
BENCH_IMAGE   how this build calls itself in its `ready` line (default: dev)
BENCH_CATALOGUE  a folder with workloads of one's own, see docs/own-workloads.md (default: none)
BENCH_LAYOUT  1, 2, 3 ...: the suite with its functions at other addresses, the same for the same number (default: 0,
              as written)
"""

import hashlib
import os
import re
import sys
import tomllib
from pathlib import Path

Import("env")  # noqa: F821 (put there by PlatformIO)

PROJECT = Path(env.subst("$PROJECT_DIR"))  # noqa: F821
SKETCHES = PROJECT / "arduino_sketches"
OWN = os.environ.get("BENCH_CATALOGUE")
LAYOUT = os.environ.get("BENCH_LAYOUT") or "0"
PADDING = "bench_layout_padding"
PADDING_BYTES = 16384  # what one way of the ESP32's two-way flash cache holds: every set can be met
# Folders of sketches, each with the catalogue that names its workloads.
CATALOGUES = {SKETCHES: PROJECT / "bench" / "workloads.toml"}
if OWN:
    CATALOGUES[Path(OWN) / "arduino_sketches"] = Path(OWN) / "workloads.toml"


def stop(message: str) -> None:
    sys.stderr.write(f"Error: {message}\n")
    env.Exit(1)  # noqa: F821


def chosen_sketch() -> Path:
    """The folder of the sketch to build; its name is the sketch's."""
    sketch = os.environ.get("BENCH_SKETCH", "suite")
    files = [file for sketches in CATALOGUES for file in sketches.glob("*/*.ino") if file.stem == file.parent.name]
    known = {file.stem: file.parent for file in reversed(files)}
    if sketch not in known:
        stop(f"no sketch {sketch!r} in arduino_sketches/; known: {', '.join(sorted(known))}")
    return known[sketch]


def workload_names() -> list[str]:
    names = []
    for sketches, catalogue in CATALOGUES.items():
        for name in tomllib.loads(catalogue.read_text(encoding="utf-8"))["workload"]:
            if name in names:
                stop(f"{catalogue} names {name!r}, which is a workload already")
            if not (sketches / name / f"{name}.h").is_file():
                stop(f"{catalogue.name} names {name!r}, but there is no arduino_sketches/{name}/{name}.h")
            names.append(name)
    return names


def seeded(what: str) -> int:
    """A number that the layout and `what` decide, the same in every version of Python."""
    return int.from_bytes(hashlib.sha256(f"{LAYOUT} {what}".encode()).digest()[:8], "big")


def padding_lines() -> list[str]:
    """Bytes that are never executed, in front of the suite's functions; the linker is told to keep them."""
    size = 4 * (1 + seeded(PADDING) % (PADDING_BYTES // 4))
    section = f'.pushsection .text.{PADDING},\\"ax\\",@progbits'
    body = f".global {PADDING}\\n{PADDING}: .zero {size}\\n.popsection"
    return [f'__asm__("{section}\\n{body}");', ""]


def write_suite_header(folder: Path) -> None:
    """Write suite_workloads.h: it includes every workload and hands them to the library.

    GCC emits functions in an order that follows the text's, so another order of the workloads is another layout.
    """
    names = workload_names()
    lines = ["// Generated from workloads.toml.", "#pragma once", ""]
    if LAYOUT != "0":
        lines += padding_lines()
    lines += [f'#include "{name}/{name}.h"' for name in (names if LAYOUT == "0" else sorted(names, key=seeded))]
    lines += ["", "static void add_suite_workloads() {"]
    lines += [f"  bench::add(bench_workload_{name});" for name in names]
    lines += ["}", ""]
    folder.mkdir(parents=True, exist_ok=True)
    header = folder / "suite_workloads.h"
    text = "\n".join(lines)
    if not header.is_file() or header.read_text() != text:
        header.write_text(text)


def name_image(env, node):
    """Compile the sketch's own file with BENCH_IMAGE; the libraries do not see it and are not compiled anew."""
    image = env.StringifyMacro(os.environ.get("BENCH_IMAGE", "dev"))
    return env.Object(node, CPPDEFINES=[*env["CPPDEFINES"], ("BENCH_IMAGE", image)])


sketch = chosen_sketch()
if not re.fullmatch(r"0|[1-9]\d{0,8}", LAYOUT):
    stop(f"BENCH_LAYOUT is {LAYOUT!r}, not a whole number from 0 on")
if LAYOUT != "0":
    if sketch.name != "suite":
        stop(f"layouts are for the suite; {sketch.name} has none")
    env.Append(LINKFLAGS=[f"-Wl,-u,{PADDING}"])  # noqa: F821 (nothing refers to it)
env.Replace(PROJECT_SRC_DIR=str(sketch), PROGNAME=sketch.name)  # noqa: F821
env.AddBuildMiddleware(name_image, "*.ino.cpp")  # noqa: F821
if OWN:
    env.Append(CCFLAGS=[f"-ffile-prefix-map={OWN}=own"])  # noqa: F821 (the image is the same wherever the folder is)
if sketch.name == "suite":
    generated = Path(env.subst("$BUILD_DIR")) / "generated"  # noqa: F821
    write_suite_header(generated)
    env.Append(CPPPATH=[*map(str, CATALOGUES), str(generated)])  # noqa: F821
