"""What the charts of the workflow draw, for the frame of a run that has it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from bench.workflow.frames import table_of
from bench.workflow.io_costs import with_costs


@dataclass(frozen=True)
class OfPart:
    """Called with the frame of a run: the table of this part of its workflow. InputError where it has none.

    `attrs["run"]` is run.json, `attrs["workflow"]` is workflow.json, which has the host that wall times are of.
    """

    part: str

    def __call__(self, frame: pd.DataFrame) -> pd.DataFrame:
        return table_of(frame, self.part)


class IoWithCosts(OfPart):
    """The part io, and beside it what an operation costs by the samples of the same run."""

    def __call__(self, frame: pd.DataFrame) -> pd.DataFrame:
        return with_costs(frame)
