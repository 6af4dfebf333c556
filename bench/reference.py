"""The reference answer of a workload: the project's own MicroPython script, executed by CPython on this computer.

Why that is the board's answer to the last bit:

- Integers have any size in both Pythons. The C++ programs wrap at 32 bits, the scripts mask where a word is kept.
- MicroPython's floats are single precision. Here array("f") becomes a NumPy array and `float32` NumPy's type, so an
  operation has at least one numpy.float32 operand and, by NumPy 2's promotion rules, is rounded to single precision
  once, to nearest even, as on the boards (which do not fuse multiply and add). Operations between two Python floats
  alone, such as 69 / 1024, must be exact in single precision; the workloads' constants are chosen so.

By itself this would repeat a script's mistakes: tests/test_workload_oracles.py compares the same outputs with
independent answers.
"""

import array
import builtins
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from bench import paths
from bench.machine_stand_ins import MACHINE, MICROPYTHON


@dataclass(frozen=True)
class Execution:
    """A script after setup() and run(): its global variables, what run() returned last, and the checksum."""

    variables: dict[str, Any]
    result: int
    checksum: int


def reference_checksum(script: Path, n: int, seed: int) -> int:
    """Return the 32-bit checksum that both languages must give for size n; errors of the script pass through."""
    return execute_script(script, n, seed).checksum


def execute_script(script: Path, n: int, seed: int, executions: int = 1) -> Execution:
    """Execute a workload script's setup(n, seed), then run() the given number of times.

    benchlib.py lies beside the script, or is the project's. What the script defines does not leak out: neither
    sys.modules nor another execution sees it.
    """
    beside = script.with_name("benchlib.py")
    benchlib = _load(beside if beside.is_file() else paths.SCRIPTS / "benchlib.py", "benchlib", {})
    benchlib["float32"] = _float32
    stand_ins = {
        "benchlib": _module("benchlib", benchlib),
        "array": _module("array", {"array": _array}),
        "math": _module("math", {"sqrt": _sqrt}),  # only what rounds to single precision like the boards
        "machine": _module("machine", MACHINE),
        "micropython": _module("micropython", MICROPYTHON),
    }
    variables = _load(script, script.stem, stand_ins)
    variables["setup"](n, seed)
    result = 0
    for _ in range(executions):
        result = variables["run"]()
    return Execution(variables, result, variables["checksum"](result))


def _float32(value: float) -> Any:
    import numpy  # only the workloads with floats pay for this import

    return numpy.float32(value)


def _sqrt(value: float) -> Any:
    """Stands for math.sqrt; a root that was rounded to double precision first rounds to the right single one."""
    return _float32(math.sqrt(value))


def _array(typecode: str, values: Any = ()) -> Any:
    """Stands for array.array; its "f" would hand out double-precision elements, so that one is NumPy's."""
    if typecode != "f":
        return array.array(typecode, values)
    import numpy

    return numpy.array(values, dtype=numpy.float32)


def _load(path: Path, name: str, stand_ins: dict[str, ModuleType]) -> dict[str, Any]:
    """Execute a file as module `name` and return its variables; its imports see the stand-ins first."""
    import_with_stand_ins = {"__import__": _importer(stand_ins)}
    variables: dict[str, Any] = {"__name__": name, "__builtins__": {**vars(builtins), **import_with_stand_ins}}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), variables)
    return variables


def _importer(stand_ins: dict[str, ModuleType]) -> Callable[..., ModuleType]:
    def import_module(name: str, *arguments: Any, **options: Any) -> ModuleType:
        return stand_ins[name] if name in stand_ins else builtins.__import__(name, *arguments, **options)

    return import_module


def _module(name: str, variables: dict[str, Any]) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(variables)
    return module
