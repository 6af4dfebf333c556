"""The RISC-V compiler and C library that both images of a virtual board are built with."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from bench.errors import ToolError

PREFIX = "riscv64-unknown-elf-"
_MEND = "install gcc-riscv64-unknown-elf and picolibc-riscv64-unknown-elf, or run `make setup`"


def tool_output(tool: str, *arguments: str) -> str:
    """What a tool of the toolchain, such as `gcc`, prints. ToolError where it is missing or fails."""
    name = PREFIX + tool
    try:
        done = subprocess.run([name, *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise ToolError(f"{name} is not installed: {_MEND}") from None
    if done.returncode != 0:
        reason = next(iter(done.stderr.splitlines()), f"exit status {done.returncode}")
        raise ToolError(f"{name} does not work: {reason}; {_MEND}")
    return done.stdout


def compiler_version() -> str:
    """The compiler's version, and the distribution's own of it, such as ``GCC 12.2.0 (12.2.0-14+deb12u1)``."""
    banner = tool_output("gcc", "--version").splitlines()[0]
    packaged = re.search(r"\([^()]*\)", banner)
    return f"GCC {tool_output('gcc', '-dumpfullversion').strip()}" + (f" {packaged[0]}" if packaged else "")


def c_library_version() -> str:
    """picolibc and its version, such as ``picolibc 1.8``; ToolError where it is not installed."""
    if not Path(tool_output("gcc", "-print-file-name=picolibc.specs").strip()).is_absolute():
        raise ToolError(f"picolibc, the C library of the RISC-V compiler, is not installed: {_MEND}")
    arguments = ("--specs=picolibc.specs", "-E", "-dM", "-include", "picolibc.h", "-x", "c", "/dev/null")
    version = re.search(r'_PICOLIBC_VERSION "?([\d.]+)', tool_output("gcc", *arguments))
    return f"picolibc {version[1]}" if version else "picolibc"
