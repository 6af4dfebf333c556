"""Runs that measured a language in several variants: -O2 beside -Os, native and viper code beside bytecode."""

from __future__ import annotations

import pandas as pd

from bench.variants import HEADLINE_VARIANT


def headline_only(frame: pd.DataFrame) -> pd.DataFrame:
    """The samples of each language's headline variant; of a language that has no other name for it, all."""
    kept = frame["variant"] == frame["language"].map(HEADLINE_VARIANT)
    if kept.all():
        return frame  # the usual case, without a copy
    without = ~kept.groupby(frame["language"]).transform("any")
    return frame[kept | without]
