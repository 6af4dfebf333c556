"""An estimate of an ESP32's cycles from instructions counted on the virtual board, held against published times.

The published figures are of five workloads. The same five make the estimate and test it, so the test leaves one of them
out at a time, with all its n and both languages. A richer model than one constant is taken only where that test shows
it to be better, counting how many models were tried. With five workloads and three models none can pass: not even one
that is closer for all five.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.anatomy.mix import instruction_mix
from bench.errors import InputError
from bench.published import Source, load_published, load_sources
from bench.variants import HEADLINE_VARIANT, LANGUAGES
from bench.virtual_board.profiles import DEFAULT_PROFILE

BOARD = DEFAULT_PROFILE  # the only one that has published figures of its chip
LEAST_WORKLOADS = 3
COARSE_US = 10.0  # published on a timer of 1 us: below, a figure is known to no better than a tenth
# Published programs that do other work than ours in a language, as bench/workloads.toml says under `differences`: their
# cycles are not of our instructions. The reason is how the programs are written; the figures that use all are told too.
OTHER_PROGRAMS: Mapping[tuple[str, str], str] = {
    ("fft_i16", "micropython"): "the published program keeps points in objects and looks up their attributes",
    (
        "sha256",
        "micropython",
    ): "the published program calls functions from functions, and its values grow without a mask",
}
_RARE = 0.05  # how often a coin may do as well where a model counts as shown to be better
_MEMORY = ("loads", "stores")
_TRANSFERS = ("branches_taken", "jumps", "calls", "returns")
_SLOW = ("multiplications", "divisions")
_FLOAT = ("float_operations",)
_REST = ("branches_not_taken", "integer")


@dataclass(frozen=True)
class Model:
    """A way to get from instructions to cycles. `classes`: the kinds of instructions that have a cost in common."""

    name: str
    label: str
    classes: Mapping[str, tuple[str, ...]]  # empty: a constant
    by_language: bool = False


# Five more splits into two to four kinds were looked at while this was written; the best was 0.003 better than three
# kinds. So more was tried than `scores` counts: its chance flatters the richer models.
CONSTANT = Model("constant", "one constant", {})
RICHER = (
    Model("languages", "a constant for each language", {}, by_language=True),
    Model(
        "three",
        "three kinds",
        {"memory": _MEMORY, "branches taken, jumps, calls": _TRANSFERS, "other": (*_SLOW, *_FLOAT, *_REST)},
    ),
    Model(
        "five",
        "five kinds",
        {
            "memory": _MEMORY,
            "branches taken, jumps, calls": _TRANSFERS,
            "multiply, divide": _SLOW,
            "float": _FLOAT,
            "other": _REST,
        },
    ),
)
MODELS = (CONSTANT, *RICHER)


@dataclass(frozen=True)
class Score:
    """How well a model predicts workloads that it has not seen. Errors are factors: 2 is twice or half the cycles."""

    model: Model
    error: float  # typical: the root mean square of the logarithms, each workload and language weighing the same
    worst: float  # of a workload
    closer: int  # workloads that it predicts better than the constant
    workloads: int
    chance: float  # that a coin is right for as many workloads in one of the models tried

    def beats(self, constant: Score) -> bool:
        """Whether it is shown to be better than the constant."""
        return self.error < constant.error and self.chance < _RARE


@dataclass(frozen=True)
class Estimate:
    """What may be said of cycles: so many for an instruction, right within about that factor. Never a measurement."""

    cycles_per_instruction: float
    error: float  # typical factor, from leaving one workload out
    label: str = "estimate"

    def cycles(self, instructions: pd.Series) -> pd.Series:
        """The estimated cycles of an ESP32 for instructions of virtual-esp32."""
        return instructions * self.cycles_per_instruction


def pairs(functions: pd.DataFrame, run: Mapping[str, Any]) -> pd.DataFrame:
    """What was published for an ESP32 beside what the anatomy counts, a row a workload, n and language.

    `functions` is the table of an anatomy, `run` the run's run.json. Columns: source, label, workload, n, language,
    microseconds, cycles (published), instructions and the kinds of `bench.anatomy.mix` (ours), cycles_per_instruction,
    is_coarse, other_program (why the programs do not do the same work; empty where they do), is_used (neither).
    InputError where the run is of another board, or the anatomy has too few of the published workloads.
    """
    check_board(run)
    mix = instruction_mix(functions, run)
    mix = mix[(mix["variant"] == mix["language"].map(HEADLINE_VARIANT)) & (mix["instructions"] > 0)]
    table = published_cycles().merge(mix.drop(columns=["variant", "group"]), on=["workload", "n", "language"])
    table["cycles_per_instruction"] = table["cycles"] / table["instructions"]
    table["is_coarse"] = table["microseconds"] < COARSE_US
    table["other_program"] = [
        OTHER_PROGRAMS.get(key, "") for key in zip(table["workload"], table["language"], strict=True)
    ]
    table["is_used"] = ~table["is_coarse"] & (table["other_program"] == "")
    used = table[table["is_used"]]
    least = min(used.loc[used["language"] == language, "workload"].nunique() for language in LANGUAGES)
    if least < LEAST_WORKLOADS:
        raise InputError(
            f"expected {LEAST_WORKLOADS} or more published workloads in the anatomy in both languages, found {least}: "
            f"make it with `{making_command(run)}`"
        )
    return table.reset_index(drop=True)


def published_cycles() -> pd.DataFrame:
    """Published times of the chip that BOARD stands for, in its cycles; a row a workload, n and language."""
    clocks = {source.name: source.clock_mhz for source in load_sources() if _is_of_esp32(source)}
    wide = load_published()
    wide = wide[wide["source"].isin(list(clocks))]
    table = wide.melt(["source", "label", "workload", "n"], list(LANGUAGES), "language", "microseconds")
    table["cycles"] = table["microseconds"] * table["source"].map(clocks)
    return table


def check_board(run: Mapping[str, Any]) -> None:
    """InputError where a run is of a board whose chip nothing was published of."""
    name = run["board"]["name"]
    if name != BOARD:
        raise InputError(f"expected a run of {BOARD}, this one is of {name!r}: nothing was published of its chip")


def making_command(run: Mapping[str, Any]) -> str:
    """The command that makes the anatomy of all that was published, of a run that has it."""
    published = load_published()
    names = " ".join(f"-w {name}" for name in dict.fromkeys(published["workload"]))
    sizes = " ".join(f"--n {n}" for n in sorted(set(published["n"])))
    return f"bench anatomy {run['run_id']} {names} {sizes}"


def fit(model: Model, table: pd.DataFrame) -> pd.Series:
    """Cycles per instruction: of each class, of each language, or of all. Each workload and language weighs the same.

    A constant is the weighted geometric mean. Costs of classes are what non-negative least squares of the relative
    errors gives.
    """
    weight = _weights(table)
    if model.classes:
        from scipy.optimize import nnls

        root = np.sqrt(weight)
        design = _design(model, table) / table["cycles"].to_numpy()[:, None]
        return pd.Series(nnls(design * root[:, None], root)[0], index=list(model.classes))
    logarithms = np.log(table["cycles_per_instruction"].to_numpy())
    if not model.by_language:
        return pd.Series({"all": math.exp(np.average(logarithms, weights=weight))})
    means = {}
    for language in table["language"].unique():
        mine = (table["language"] == language).to_numpy()
        means[language] = math.exp(np.average(logarithms[mine], weights=weight[mine]))
    return pd.Series(means)


def predict(model: Model, costs: pd.Series, table: pd.DataFrame) -> npt.NDArray[np.float64]:
    """The cycles that the costs of `fit` give for each row."""
    if model.classes:
        return np.asarray(_design(model, table) @ costs.to_numpy(dtype=float))
    each = table["language"].map(costs) if model.by_language else costs["all"]
    return np.asarray(table["instructions"] * each, dtype=float)


def leave_one_out(table: pd.DataFrame, models: Sequence[Model] = MODELS) -> pd.DataFrame:
    """Each workload predicted from the used rows of all others.

    `table` is of `pairs`; also the rows that are not used are predicted. Columns added: for each model its name (the
    estimated cycles) and its name with _error (estimate / published: above 1 is too many).
    """
    result = table.copy()
    for model in models:
        result[model.name] = np.nan
        for workload in table["workload"].unique():
            left_out = table["workload"] == workload
            costs = fit(model, table[~left_out & table["is_used"]])
            result.loc[left_out, model.name] = predict(model, costs, table[left_out])
        result[f"{model.name}_error"] = result[model.name] / result["cycles"]
    return result


def scores(predictions: pd.DataFrame, models: Sequence[Model] = MODELS) -> list[Score]:
    """How well each model does in rows of `leave_one_out`; the first is what the others are held against.

    The chance is that of a sign test over workloads, times the number of models that were tried (Bonferroni).
    """
    from scipy.stats import binomtest

    weight = _weights(predictions)
    names = predictions["workload"].to_numpy()
    squares = {}
    for model in models:
        with np.errstate(divide="ignore"):  # a class that the others do not have may make an estimate of nothing
            squares[model.name] = np.log(predictions[f"{model.name}_error"].to_numpy()) ** 2
    workloads = list(dict.fromkeys(names))

    def of_workloads(model: Model) -> npt.NDArray[np.float64]:
        mine = [np.average(squares[model.name][names == name], weights=weight[names == name]) for name in workloads]
        return np.asarray(np.sqrt(mine), dtype=float)

    base, found = of_workloads(models[0]), []
    for model in models:
        errors = of_workloads(model)
        closer = int((errors < base).sum())
        chance = binomtest(closer, len(workloads), alternative="greater").pvalue * max(1, len(models) - 1)
        typical = math.sqrt(np.average(squares[model.name], weights=weight))
        found.append(
            Score(model, _factor(typical), _factor(errors.max()), closer, len(workloads), min(1.0, float(chance)))
        )
    return found


def estimate(table: pd.DataFrame) -> Estimate:
    """The constant of all used rows of `pairs`, with the error that leaving one workload out shows."""
    used = table[table["is_used"]]
    error = scores(leave_one_out(used, [CONSTANT]), [CONSTANT])[0].error
    return Estimate(float(fit(CONSTANT, used)["all"]), error)


def _factor(logarithm: float) -> float:
    return math.exp(logarithm) if logarithm < 700 else math.inf


def _is_of_esp32(source: Source) -> bool:
    return source.fpu and "(ESP32)" in source.board


def _design(model: Model, table: pd.DataFrame) -> npt.NDArray[np.float64]:
    return np.column_stack([table[list(kinds)].sum(axis=1).to_numpy(dtype=float) for kinds in model.classes.values()])


def _weights(table: pd.DataFrame) -> npt.NDArray[np.float64]:
    """One over how many rows a workload has in that language."""
    return np.asarray(1 / table.groupby(["workload", "language"])["n"].transform("size"), dtype=float)
