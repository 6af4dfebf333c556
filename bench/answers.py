"""The reference answers of a workload, with whatever is wrong with its script told in one line."""

from __future__ import annotations

import operator
import traceback
from pathlib import Path

from bench.catalogue import Workload
from bench.errors import InputError
from bench.labels import printable
from bench.reference import execute_script


def reference_answer(workload: Workload, n: int, executions: int = 1) -> int:
    """The checksum that CPython computes with the workload's script at size n, after that many executions of run().

    InputError, with the script's file and line, where the script fails or its checksum is not a number of 32 bits.
    """
    try:
        checksum = execute_script(workload.script, n, workload.seed, executions).checksum
    except (Exception, SystemExit) as error:  # whatever a person's script may raise
        raise InputError(_described(error, workload.script, n)) from error
    try:
        number = operator.index(checksum)
    except TypeError:
        number = -1
    if not 0 <= number < 2**32:
        raise InputError(
            f"{workload.script}: expected a number from 0 to 2^32-1 from checksum() at n={n}, got "
            f"{printable(repr(checksum))}"
        )
    return number


def _described(error: BaseException, script: Path, n: int) -> str:
    if isinstance(error, KeyError) and error.args[0] in ("setup", "run", "checksum"):
        return f"{script}: the function {error.args[0]}() is missing"
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno or 1}: {error.msg}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(script)]
    where = f"{script}:{lines[-1]}" if lines else str(script)
    return f"{where}: {type(error).__name__} at n={n}: {printable(str(error))}"
