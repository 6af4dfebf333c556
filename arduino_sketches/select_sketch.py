"""Chooses which sketch PlatformIO builds, and writes the list of workloads that the suite includes. Run by SCons.

BENCH_SKETCH  the sketch's folder in arduino_sketches/ (default: suite)
BENCH_IMAGE   how this build calls itself in its `ready` line (default: dev)
BENCH_CATALOGUE  a folder with workloads of one's own, see docs/own-workloads.md (default: none)
"""

import os
import sys
import tomllib
from pathlib import Path

Import("env")  # noqa: F821 (put there by PlatformIO)

PROJECT = Path(env.subst("$PROJECT_DIR"))  # noqa: F821
SKETCHES = PROJECT / "arduino_sketches"
OWN = os.environ.get("BENCH_CATALOGUE")
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


def write_suite_header(folder: Path) -> None:
    """Write suite_workloads.h: it includes every workload and hands them to the library."""
    names = workload_names()
    lines = ["// Generated from workloads.toml.", "#pragma once", ""]
    lines += [f'#include "{name}/{name}.h"' for name in names]
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
env.Replace(PROJECT_SRC_DIR=str(sketch), PROGNAME=sketch.name)  # noqa: F821
env.AddBuildMiddleware(name_image, "*.ino.cpp")  # noqa: F821
if OWN:
    env.Append(CCFLAGS=[f"-ffile-prefix-map={OWN}=own"])  # noqa: F821 (the image is the same wherever the folder is)
if sketch.name == "suite":
    generated = Path(env.subst("$BUILD_DIR")) / "generated"  # noqa: F821
    write_suite_header(generated)
    env.Append(CPPPATH=[*map(str, CATALOGUES), str(generated)])  # noqa: F821
