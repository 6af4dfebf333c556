"""What the estimate of an ESP32's cycles allows to say, in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.anatomy.cycle_estimate import (
    BOARD,
    COARSE_US,
    CONSTANT,
    OTHER_PROGRAMS,
    RICHER,
    Score,
    estimate,
    fit,
    leave_one_out,
    making_command,
    published_cycles,
    scores,
)
from bench.labels import LANGUAGE_NAMES


def findings(table: pd.DataFrame, run: Mapping[str, Any]) -> list[str]:
    """What rows of `pairs` allow to say, in sentences: the verdict on richer models, the estimate, and its limits."""
    used = table[table["is_used"]]
    found = scores(leave_one_out(used))
    everything = scores(leave_one_out(table.assign(is_used=True)))
    result = estimate(table)
    by_language = fit(RICHER[0], used)
    each = ", ".join(f"{LANGUAGE_NAMES[str(name)]} {value:.2f}" for name, value in by_language.items())
    sentences = [
        verdict_text(found),
        f"Estimate, not measured: one instruction of {BOARD} stands for about {result.cycles_per_instruction:.2f} "
        f"cycles of an ESP32, typically off by a factor of {result.error:.2f} (in these programs {each}).",
        f"With all {len(table)} figures, other programs and coarse ones too, the constant is "
        f"{fit(CONSTANT, table)['all']:.2f}, typically off by {everything[0].error:.2f}, "
        f"{_models_text(everything[1:])}.",
    ]
    if missing := len(published_cycles()) - len(table):
        sentences.append(
            f"The anatomy lacks {missing} of the published figures, and with them the estimate would be another: on an "
            f"ESP32, MicroPython's instructions cost more at larger n. All of them: `{making_command(run)}`."
        )
    for (workload, language), reason in OTHER_PROGRAMS.items():
        mine = table[(table["workload"] == workload) & (table["language"] == language)]
        if not mine.empty:
            mean = math.exp(np.log(mine["cycles_per_instruction"]).mean())
            sentences.append(
                f"Not used: {workload} in {LANGUAGE_NAMES[language]}, {mean:.1f} cycles for each of our instructions: "
                f"{reason}."
            )
    if coarse := int(table["is_coarse"].sum()):
        sentences.append(f"Not used: {coarse} figures below {COARSE_US:g} µs, published on a timer of 1 µs.")
    sentences.append(
        f"The same {found[0].workloads} workloads, of one paper, board and clock, make the estimate and test it: the "
        f"error says little about programs unlike them."
    )
    return sentences


def verdict_text(found: Sequence[Score]) -> str:
    """One sentence: whether a richer model predicts better than the constant, which is the first of `found`."""
    constant, richer = found[0], found[1:]
    better = [score.model.label for score in richer if score.beats(constant)]
    start = (
        f"Leaving out one workload at a time, one constant is typically off by a factor of {constant.error:.2f}, "
        f"{_models_text(richer)}: "
    )
    if better:
        return f"{start}{', '.join(better)} is shown to be better, and yet the estimate below is the constant's."
    return (
        f"{start}{constant.workloads} workloads show none of these {len(richer)} to be better (a coin does as well "
        f"with probability {min(score.chance for score in richer):.2f} or more), so all but the constant are dropped."
    )


def _models_text(found: Sequence[Score]) -> str:
    return ", ".join(
        f"{score.model.label} by {_error_text(score.error)} (closer for {score.closer} of {score.workloads})"
        for score in found
    )


def _error_text(error: float) -> str:
    return "∞" if math.isinf(error) else f"{error:.2f}"
