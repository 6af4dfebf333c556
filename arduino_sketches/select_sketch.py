"""Chooses which sketch PlatformIO builds, and writes the list of workloads that the suite includes. Run by SCons.

BENCH_SKETCH  the sketch's folder in arduino_sketches/ (default: suite)
BENCH_IMAGE   how this build calls itself in its `ready` line (default: dev)
"""

import os
import sys
import tomllib
from pathlib import Path

Import("env")  # noqa: F821 (put there by PlatformIO)

PROJECT = Path(env.subst("$PROJECT_DIR"))  # noqa: F821
SKETCHES = PROJECT / "arduino_sketches"
CATALOGUE = PROJECT / "bench" / "workloads.toml"


def stop(message: str) -> None:
    sys.stderr.write(f"Error: {message}\n")
    env.Exit(1)  # noqa: F821


def chosen_sketch() -> str:
    sketch = os.environ.get("BENCH_SKETCH", "suite")
    known = sorted(file.stem for file in SKETCHES.glob("*/*.ino") if file.stem == file.parent.name)
    if sketch not in known:
        stop(f"no sketch {sketch!r} in arduino_sketches/; known: {', '.join(known)}")
    return sketch


def workload_names() -> list[str]:
    names = list(tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["workload"])
    for name in names:
        if not (SKETCHES / name / f"{name}.h").is_file():
            stop(f"bench/workloads.toml names {name!r}, but there is no arduino_sketches/{name}/{name}.h")
    return names


def write_suite_header(folder: Path) -> None:
    """Write suite_workloads.h: it includes every workload and hands them to the library."""
    names = workload_names()
    lines = ["// Generated from bench/workloads.toml.", "#pragma once", ""]
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
env.Replace(PROJECT_SRC_DIR=str(SKETCHES / sketch), PROGNAME=sketch)  # noqa: F821
env.AddBuildMiddleware(name_image, "*.ino.cpp")  # noqa: F821
if sketch == "suite":
    generated = Path(env.subst("$BUILD_DIR")) / "generated"  # noqa: F821
    write_suite_header(generated)
    env.Append(CPPPATH=[str(SKETCHES), str(generated)])  # noqa: F821
