"""The names of MicroPython's bytecodes, read from the source that a firmware is built from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bench.errors import ToolError

_DEFINE = re.compile(r"#define\s+MP_BC_(\w+)\s+\((?:MP_BC_(BASE_\w+)\s*\+\s*)?(0x[0-9a-f]+|\d+|MP_\w+)\)")
_OPERATOR = re.compile(r"^\s*MP_(UNARY|BINARY)_OP_(\w+),", re.M)
_LAST = {"UNARY": "NOT", "BINARY": "POWER"}  # of those that have a bytecode


def read_opcodes(tree: Path) -> dict[int, str]:
    """The name of each bytecode, such as ``LOAD_FAST 3`` or ``BINARY_OP ADD``, from a MicroPython source tree.

    ToolError where the tree defines none.
    """
    header = tree / "py" / "bc0.h"
    try:
        values = _defined(header.read_text(encoding="utf-8"))
        runtime = (tree / "py" / "runtime0.h").read_text(encoding="utf-8")
    except OSError as error:
        raise ToolError(f"{header}: expected the definitions of the bytecodes: {error.strerror}") from error
    skip = ("BASE_", "FORMAT", "MASK_")
    names = {code: name for name, code in values.items() if not name.startswith(skip) and "_MULTI" not in name}
    operators = {kind: [found[1] for found in _OPERATOR.findall(runtime) if found[0] == kind] for kind in _LAST}
    smallest = -values["LOAD_CONST_SMALL_INT_MULTI_EXCESS"]
    for name, labels in {
        "LOAD_CONST_SMALL_INT": [str(smallest + i) for i in range(values["LOAD_CONST_SMALL_INT_MULTI_NUM"])],
        "LOAD_FAST": [str(i) for i in range(values["LOAD_FAST_MULTI_NUM"])],
        "STORE_FAST": [str(i) for i in range(values["STORE_FAST_MULTI_NUM"])],
        "UNARY_OP": _up_to(operators["UNARY"], _LAST["UNARY"]),
        "BINARY_OP": _up_to(operators["BINARY"], _LAST["BINARY"]),
    }.items():
        first = values[f"{name}_MULTI"]
        names |= {first + i: f"{name} {label}" for i, label in enumerate(labels)}
    if "CALL_FUNCTION" not in names.values():
        raise ToolError(f"{header}: expected the definitions of MicroPython's bytecodes, found others")
    return names


def _defined(header: str) -> dict[str, int]:
    values: dict[str, int] = {}
    found = _DEFINE.findall(header)
    for name, base, number in found:
        if not number.startswith("MP_"):
            values[name] = int(number, 0) + (values.get(base, 0) if base else 0)
    ranges = {f"{name}_MULTI" for name in ("LOAD_CONST_SMALL_INT", "LOAD_FAST", "STORE_FAST", "UNARY_OP", "BINARY_OP")}
    if not {*ranges, "LOAD_CONST_SMALL_INT_MULTI_EXCESS"} <= values.keys():
        raise ToolError("py/bc0.h: expected the definitions of MicroPython's bytecodes, found others")
    return values


def _up_to(names: list[str], last: str) -> list[str]:
    return names[: names.index(last) + 1] if last in names else names


def as_json(opcodes: Mapping[int, str]) -> dict[str, str]:
    """The names by number, as they are kept beside a firmware."""
    return {str(code): name for code, name in sorted(opcodes.items())}
