"""Wall times of the workflow's tables: three columns each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def wall_columns(name: str) -> dict[str, str]:
    """The columns of a wall time and their types: median and interquartile range in seconds, and how many."""
    return {f"{name}_s": "float", f"{name}_iqr_s": "float", f"{name}_n": "int"}


def wall_cells(name: str, seconds: Sequence[float]) -> dict[str, object]:
    """What stands in these columns; empty cells where nothing was timed."""
    if not seconds:
        return dict.fromkeys(wall_columns(name))
    low, middle, high = (float(value) for value in np.quantile(seconds, (0.25, 0.5, 0.75)))
    return {f"{name}_s": middle, f"{name}_iqr_s": high - low, f"{name}_n": len(seconds)}
