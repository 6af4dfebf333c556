"""The flame graphs of a run's anatomy as files: name and text of each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd

from bench.anatomy.attribution import component_of
from bench.anatomy.flames import collapsed, flame_svg, speedscope
from bench.anatomy.frames import load_stacks
from bench.catalogue import NAME, OVERHEAD_WORKLOAD
from bench.errors import InputError
from bench.variants import HEADLINE_VARIANT, VARIANTS

FORMATS = ("svg", "speedscope", "collapsed")


def flame_files(
    run: Path,
    workloads: Collection[str],
    variants: Collection[str],
    formats: Sequence[str],
    size: str = "slide",
    style: str = "light",
) -> dict[str, str]:
    """A picture and a list of paths for each workload and variant, and one speedscope file for each workload.

    No workloads: all of them; no variants: MicroPython's headline one. Each workload at the largest n that was
    profiled. InputError for an unknown format, variant or workload, and where the run has none of it.
    """
    for name in formats:
        if name not in FORMATS:
            raise InputError(f"no format {name!r}; known: {', '.join(FORMATS)}")
    known_variants = [variant for names in VARIANTS.values() for variant in names]
    for name in variants:
        if name not in known_variants:
            raise InputError(f"no variant {name!r}; known: {', '.join(known_variants)}")
    stacks = load_stacks(run)
    profiled = [name for name in stacks["workload"].unique() if name != OVERHEAD_WORKLOAD and NAME.match(name)]
    for name in workloads:
        if name not in profiled:
            raise InputError(f"no anatomy of a workload {name!r} in {run.name}; there is one of: {', '.join(profiled)}")
    files: dict[str, str] = {}
    for workload in [name for name in profiled if not workloads or name in workloads]:
        rows = stacks[stacks["workload"] == workload]
        chosen = rows[rows["variant"].isin(list(variants) or [HEADLINE_VARIANT["micropython"]])]
        files |= _files_of(workload, chosen[chosen["n"] == chosen["n"].max()], formats, size, style)
    if not files:
        raise InputError(f"{run.name} has no anatomy of {', '.join(variants)}: profile it with `bench anatomy`")
    return files


def _files_of(workload: str, rows: pd.DataFrame, formats: Sequence[str], size: str, style: str) -> dict[str, str]:
    files = {}
    for variant, mine in rows.groupby("variant", sort=False):
        if "svg" in formats:
            files[f"{workload}-{variant}.svg"] = flame_svg(mine, component_of, size, style)
        if "collapsed" in formats:
            files[f"{workload}-{variant}.txt"] = collapsed(mine)
    if "speedscope" in formats and len(rows):
        files[f"{workload}.speedscope.json"] = speedscope(rows, workload)
    return files
