"""The MicroPython program of a workload in one of its variants: the texts that are sent to the board, in order."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from bench import paths
from bench.catalogue import OVERHEAD_WORKLOAD, Workload
from bench.errors import InputError
from bench.variants import emitter_of

ON_BOARD_RUNNER = paths.SCRIPTS / "benchlib.py"
QUIET = paths.SCRIPTS / "esp32_quiet.py"
_UNTIMED = ("setup", "checksum")


@dataclass(frozen=True)
class Source:
    """One text to execute on the board, and what to call it in messages."""

    name: str
    text: str


def program(workload: Workload, variant: str, *, on_chip: bool = False) -> list[Source]:
    """The on-board runner, the script and what the variant adds; `on_chip`: for a real chip, whose radios are first
    turned off. InputError where a file is missing or no Python.
    """
    emitter = emitter_of(variant)
    script = read_script(workload.script)
    if emitter == "native":
        script = with_native_emitter(script, workload.script.name)
    before = [ON_BOARD_RUNNER, QUIET] if on_chip else [ON_BOARD_RUNNER]
    sources = [*(Source(file.name, read_script(file)) for file in before), Source(workload.script.name, script)]
    if emitter == "viper" and workload.name != OVERHEAD_WORKLOAD:
        overlay = workload.viper_overlay
        sources.append(Source(f"viper/{overlay.name}", read_script(overlay)))
    return sources


def read_script(script: Path) -> str:
    """The text of a script; InputError where it cannot be read."""
    try:
        return script.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the script {script.name}: {error}") from error


def with_native_emitter(script: str, name: str) -> str:
    """The script with `@micropython.native` before its functions and methods, but for setup() and checksum().

    What a function defines inside is compiled as the function is. The decorator is known to MicroPython's compiler:
    nothing is imported for it. InputError, with the line, where the script is no Python.
    """
    try:
        tree = ast.parse(script)
    except SyntaxError as error:
        raise InputError(f"{name} line {error.lineno}: {error.msg}") from error
    lines = script.splitlines(keepends=True)
    methods = [node for outer in tree.body if isinstance(outer, ast.ClassDef) for node in outer.body]
    functions = [node for node in [*tree.body, *methods] if isinstance(node, ast.FunctionDef)]
    for function in sorted(functions, key=lambda node: node.lineno, reverse=True):
        if function.name in _UNTIMED and function in tree.body:
            continue
        first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
        lines.insert(first - 1, " " * function.col_offset + "@micropython.native\n")
    return "".join(lines)
