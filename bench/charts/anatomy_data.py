"""What the charts of the anatomy draw, for the frame of a run that has one. InputError where it has none."""

from __future__ import annotations

import pandas as pd

from bench.anatomy.frames import anatomy_of
from bench.anatomy.help_estimates import help_estimates
from bench.anatomy.mix import instruction_mix


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


def _of_run(rows: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    copy = rows.copy(deep=False)
    copy.attrs["run"] = frame.attrs["run"]
    return copy
