"""Builds a program for the virtual board with the RISC-V compiler on PATH. Run by SCons within PlatformIO."""

import json
import os
import shutil
import sys
from pathlib import Path

from SCons.Script import Default, DefaultEnvironment

COMPILER = "riscv64-unknown-elf-"
OPTIMISATIONS = ("Os", "O2", "O3", "O1", "Og", "O0")

env = DefaultEnvironment()
board = env.BoardConfig()


def require_compiler() -> None:
    """Stop with the packages' names where the compiler or its C library is missing."""
    if shutil.which(f"{COMPILER}g++", path=env["ENV"]["PATH"]) is None:
        sys.stderr.write(
            f"Error: {COMPILER}g++ is not on PATH; install the packages gcc-riscv64-unknown-elf and "
            "picolibc-riscv64-unknown-elf\n"
        )
        env.Exit(1)


def chosen_optimisation() -> str:
    """`Os` as Arduino has it, unless board_build.optimisation or the environment variable says otherwise."""
    optimisation = os.environ.get("BENCH_OPTIMISATION") or board.get("build.optimisation")
    if optimisation not in OPTIMISATIONS:
        sys.stderr.write(f"Error: optimisation {optimisation!r} is none of {', '.join(OPTIMISATIONS)}\n")
        env.Exit(1)
    return optimisation


require_compiler()

isa, abi = board.get("build.isa"), board.get("build.abi")
# GCC 12 wants the counter instructions named (_zicsr) to assemble them, but finds no library of that name to link with,
# and would silently take the one for 64 bits.
compile_target = [f"-march={isa}_zicsr", f"-mabi={abi}"]
link_target = [f"-march={isa}", f"-mabi={abi}"]
library = ["--specs=picolibc.specs"]
optimisation = chosen_optimisation()

env.Replace(
    AR=f"{COMPILER}ar",
    AS=f"{COMPILER}gcc",
    CC=f"{COMPILER}gcc",
    CXX=f"{COMPILER}g++",
    LINK=f"{COMPILER}gcc",
    RANLIB=f"{COMPILER}ranlib",
    SIZETOOL=f"{COMPILER}size",
    ARFLAGS=["rcD"],
    PROGSUFFIX=".elf",
    SIZEPROGREGEXP=r"^(?:\.text|\.rodata|\.init_array|\.data)\s+(\d+).*",
    SIZEDATAREGEXP=r"^(?:\.data|\.bss|\.irq_stack)\s+(\d+).*",
    SIZECHECKCMD="$SIZETOOL -A -d $SOURCES",
)

# The flags that decide speed are those of arduino-esp32 2.0.17; no link-time optimisation, so that a workload cannot be
# folded into the loop that times it. Floats are rounded after every operation, as MicroPython does.
env.Append(
    ASFLAGS=compile_target,
    ASPPFLAGS=["-x", "assembler-with-cpp"],
    CFLAGS=["-std=gnu99"],
    CXXFLAGS=["-std=gnu++11", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"],
    CCFLAGS=[
        *compile_target,
        *library,
        f"-{optimisation}",
        "-ffp-contract=off",
        "-ffunction-sections",
        "-fdata-sections",
        "-freorder-blocks",
        "-fstack-protector",
        "-fstrict-volatile-bitfields",
        "-fno-jump-tables",
        "-fno-tree-switch-conversion",
        "-Wall",
        "-Wextra",
        # The image is the same from whatever folder it is built.
        f"-ffile-prefix-map={env.subst('$PROJECT_DIR')}=.",
    ],
    CPPDEFINES=[
        ("F_CPU", "$BOARD_F_CPU"),
        ("ARDUINO", 10819),
        "ARDUINO_ARCH_VIRTUAL",
        ("ARDUINO_BOARD", env.StringifyMacro(board.id)),
    ],
    LINKFLAGS=[*link_target, *library, "-nostartfiles", "-static", "-fno-lto", "-Wl,--gc-sections", "-Wl,-u,_start"],
    LIBS=["m"],
)

program = env.BuildProgram()

# What the harness stores beside the image: the flags that decide it.
compile_flags = [str(flag) for flag in env.Flatten([env["CXXFLAGS"], env["CCFLAGS"]])]
facts = {
    "compile_flags": [flag for flag in compile_flags if not flag.startswith(("-W", "-ffile-prefix-map"))],
    "link_flags": [*link_target, *library],
}
Path(env.subst("$BUILD_DIR/${PROGNAME}.json")).write_text(json.dumps(facts))

Default(program)
