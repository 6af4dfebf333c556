"""What the charts of the anatomy draw, for the frame of a run that has one. InputError where it has none."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.anatomy.collecting import load_collecting
from bench.anatomy.compiling import load_compiling
from bench.anatomy.frames import anatomy_of
from bench.anatomy.help_estimates import help_estimates
from bench.anatomy.mix import instruction_mix
from bench.errors import InputError


def by_cause(frame: pd.DataFrame) -> pd.DataFrame:
    """`bench.anatomy.frames.parts` by cause, with the run in its attrs."""
    return _of_run(anatomy_of(frame).by_cause, frame)


def by_component(frame: pd.DataFrame) -> pd.DataFrame:
    """`bench.anatomy.frames.parts` by component, with the run in its attrs."""
    return _of_run(anatomy_of(frame).by_component, frame)


def opcodes(frame: pd.DataFrame) -> pd.DataFrame:
    """The bytecodes, with the run in the attrs."""
    return _of_run(anatomy_of(frame).opcodes, frame)


def estimates(frame: pd.DataFrame) -> pd.DataFrame:
    """What would help, see `bench.anatomy.help_estimates`."""
    return help_estimates(by_component(frame), by_cause(frame))


def mix(frame: pd.DataFrame) -> pd.DataFrame:
    """The instruction mix, see `bench.anatomy.mix`."""
    return instruction_mix(anatomy_of(frame).functions, frame.attrs["run"])


def compiling(frame: pd.DataFrame) -> pd.DataFrame:
    """What compiling on the board costs, where the run has it; see `bench.anatomy.compiling`."""
    return _of_run(load_compiling(_folder(frame)), frame)


def collecting(frame: pd.DataFrame) -> pd.DataFrame:
    """What a collection costs, where the run has it; see `bench.anatomy.collecting`."""
    return _of_run(load_collecting(_folder(frame)), frame)


def _folder(frame: pd.DataFrame) -> Path:
    folder: Path | None = getattr(frame.attrs["run"], "folder", None)
    if folder is None:
        raise InputError("the run was not loaded from a folder, so it has no anatomy")
    return folder


def _of_run(rows: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    copy = rows.copy(deep=False)
    copy.attrs["run"] = frame.attrs["run"]
    return copy
