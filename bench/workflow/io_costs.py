"""What one I/O operation costs in each language, from the samples of a run's workloads of the group machine."""

from __future__ import annotations

import pandas as pd

from bench.analysis import headline, overhead_ratios
from bench.catalogue import OVERHEAD_WORKLOAD
from bench.errors import InputError
from bench.labels import LANGUAGE_NAMES
from bench.workflow.frames import table_of
from bench.workflow.io_programs import DEVICES

_COLUMNS = ["device", "workload", "operation", "n", *LANGUAGE_NAMES, "ratio"]


def operation_costs(frame: pd.DataFrame) -> pd.DataFrame:
    """A row a device, from the frame of `bench.load_run`, in the order of the devices.

    Columns: device, workload, operation (what n counts); n (the largest that both languages have); arduino, micropython
    (median ticks of one operation, in the headline variants, the cost of measuring subtracted); ratio (micropython /
    arduino). A device whose workload the run does not have in both languages has NaN, NA for n.
    """
    table = pd.DataFrame([(d.name, d.workload, d.operation) for d in DEVICES], columns=_COLUMNS[:3])
    merged = table.merge(_measured(frame), on="workload", how="left")
    figures = dict.fromkeys([*LANGUAGE_NAMES, "ratio"], "float64")
    return merged[_COLUMNS].astype({"n": "Int64", **figures})


def with_costs(frame: pd.DataFrame) -> pd.DataFrame:
    """The table of part io of a run's workflow, with `ticks` and `ratio` from its samples, and `operation`.

    ticks: of one operation in the row's language; ratio: of the device, the same in both rows; NaN where the run does
    not know. InputError where the run has no such part.
    """
    table = table_of(frame, "io")
    costs = operation_costs(frame)
    long = costs.melt(["device", "operation", "ratio"], list(LANGUAGE_NAMES), "language", "ticks")
    merged = table.merge(long, on=["device", "language"], how="left")
    merged.attrs = dict(table.attrs)
    return merged


def _measured(frame: pd.DataFrame) -> pd.DataFrame:
    """workload, n, ticks of one operation in each language, ratio; no row where nothing can be told."""
    wanted = {device.workload for device in DEVICES if device.workload} | {OVERHEAD_WORKLOAD}
    rows = frame[frame["workload"].isin(wanted)]
    empty = pd.DataFrame(columns=["workload", "n", *LANGUAGE_NAMES, "ratio"]).astype({"workload": "str"})
    try:
        ratios = headline(overhead_ratios(rows).dropna(subset="ratio"))
    except InputError:  # without the cost of measuring there is no cost of an operation
        return empty
    if ratios.empty:
        return empty
    ratios = ratios[["workload", "n", *LANGUAGE_NAMES, "ratio"]].copy()
    for language in LANGUAGE_NAMES:
        ratios[language] = ratios[language] / ratios["n"]
    return ratios
