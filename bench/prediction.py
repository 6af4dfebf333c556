"""What predicts the overhead ratio: a linear regression of its logarithm on what the catalogue says of a workload.

The test is honest: each workload is predicted from all others, and the regression is held against a constant, the
geometric mean of the others. Idiomatic workloads are left out, for their two programs are not built alike.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from bench.analysis import overhead_ratios
from bench.catalogue import IDIOMATIC, Workload, load_catalogue
from bench.errors import InputError
from bench.frames import load_memory
from bench.variants import HEADLINE_VARIANT

FEATURES = {
    "big_ints": "integers beyond 31 bits",
    "floats": "floating-point numbers",
    "allocates": "takes memory from the heap (as measured, or where that is unknown as the contract says)",
    "calls": "small functions called over and over",
    "machine": "drives the board's hardware through calls into the firmware",
    "growth": "doublings of n since the workload's smallest",
}
_RARE = 0.05  # how often a coin may do as well where a prediction counts as shown to be better


@dataclass(frozen=True)
class Verdict:
    """How well workloads are predicted from all others. Errors are factors: 2 is twice or half the measured ratio."""

    constant_error: float
    regression_error: float
    closer: int  # workloads that the regression predicts better than the constant
    workloads: int
    chance: float  # that a coin is right for as many workloads

    @property
    def beats_constant(self) -> bool:
        """Whether the regression's typical error is the smaller one."""
        return self.regression_error < self.constant_error

    def __str__(self) -> str:
        settled = "which a coin would hardly do" if self.chance < _RARE else "too few to settle it: a coin does as well"
        return (
            f"Leaving out one workload at a time, the regression predicts {'' if self.beats_constant else 'no '}better "
            f"than a constant: typical error ×/÷ {self.regression_error:.2f} against ×/÷ {self.constant_error:.2f}. It "
            f"is closer for {self.closer} of {self.workloads} workloads, {settled} with probability {self.chance:.2f}."
        )


def features(frame: pd.DataFrame) -> pd.DataFrame:
    """The table of the regression, one row a workload and n that has a ratio.

    Columns: workload, n, ratio, weight (1 / number of n: every workload weighs the same), and FEATURES, of 0 and 1 but
    for growth. Without idiomatic workloads. InputError where a workload is not in the catalogue, or there are fewer
    than three.
    """
    catalogue = load_catalogue()
    rows = overhead_ratios(frame).dropna(subset="ratio")[["workload", "n", "ratio"]].reset_index(drop=True)
    if unknown := sorted(set(rows["workload"]) - set(catalogue)):
        raise InputError(f"the catalogue has no workload {unknown[0]!r}: its features are not known")
    rows = rows[[catalogue[name].group != IDIOMATIC for name in rows["workload"]]].reset_index(drop=True)
    if rows["workload"].nunique() < 3:
        raise InputError("expected three workloads or more, so that one can be predicted from the others")
    taking = _takes_heap(frame)
    known = {name: _features_of(catalogue[name], taking.get(name)) for name in rows["workload"].unique()}
    table = rows.join(pd.DataFrame([known[name] for name in rows["workload"]]))
    sizes = table.groupby("workload")["n"]
    growth = np.log2(table["n"] / sizes.transform("min"))
    return table.assign(growth=growth, weight=1 / sizes.transform("size"))


def independent(table: pd.DataFrame) -> tuple[list[str], list[str]]:
    """The features that can be told apart from those before them and from a constant, and the others."""
    kept: list[str] = []
    for name in FEATURES:
        if np.linalg.matrix_rank(_design(table, [*kept, name])) == len(kept) + 2:
            kept.append(name)
    return kept, [name for name in FEATURES if name not in kept]


def fit(table: pd.DataFrame, names: list[str]) -> pd.Series:
    """Weighted least squares of log(ratio) on the features, as factors: what each multiplies the ratio with.

    The first, `constant`, is the ratio where all features are 0. With no names it is the geometric mean.
    """
    root = np.sqrt(table["weight"].to_numpy())
    design, target = _design(table, names), np.log(table["ratio"].to_numpy())
    # The solution of least norm: a fold may lack all workloads that have a feature.
    solution = np.linalg.lstsq(design * root[:, None], target * root, rcond=None)[0]
    return pd.Series(np.exp(solution), index=["constant", *names])


def leave_one_out(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Each workload predicted from all others.

    Columns: workload; measured, constant, regression (geometric means over n of the ratio and of its predictions);
    constant_error, regression_error (factors >= 1: the root mean square over n of the logarithms' errors).
    """
    rows = []
    for name in table["workload"].unique():
        inside, others = table[table["workload"] == name], table[table["workload"] != name]
        measured = np.log(inside["ratio"].to_numpy())
        guesses = {
            "constant": _design(inside, []) @ np.log(fit(others, []).to_numpy()),
            "regression": _design(inside, names) @ np.log(fit(others, names).to_numpy()),
        }
        means = {key: np.exp(guess.mean()) for key, guess in guesses.items()}
        errors = {f"{key}_error": _error(guess - measured) for key, guess in guesses.items()}
        rows.append({"workload": name, "measured": np.exp(measured.mean()), **means, **errors})
    return pd.DataFrame(rows)


def verdict(predictions: pd.DataFrame) -> Verdict:
    """The rows of `leave_one_out` in sum: typical errors, and a sign test of which of the two is closer."""
    from scipy.stats import binomtest

    errors = {key: np.log(predictions[f"{key}_error"].to_numpy()) for key in ("constant", "regression")}
    closer, count = int((errors["regression"] < errors["constant"]).sum()), len(predictions)
    chance = float(binomtest(closer, count, alternative="greater").pvalue)
    return Verdict(_error(errors["constant"]), _error(errors["regression"]), closer, count, chance)


def _takes_heap(frame: pd.DataFrame) -> dict[str, bool]:
    """Whether MicroPython's workloads took heap memory at their largest n; without those of which nothing is known."""
    rows = load_memory(frame)
    rows = rows[(rows["language"] == "micropython") & (rows["variant"] == HEADLINE_VARIANT["micropython"])]
    if rows["allocated"].isna().all():
        return {}
    largest = rows.loc[rows.groupby("workload")["n"].idxmax()]
    more_than_nothing = largest["allocated"].isna() | (largest["allocated"] > 0).fillna(
        True
    )  # unknown: beyond the heap
    return dict(zip(largest["workload"], map(bool, more_than_nothing), strict=True))


def _features_of(workload: Workload, takes_heap: bool | None) -> dict[str, int]:
    return {
        "big_ints": int(not workload.fits_31_bit),
        "floats": int(workload.group == "float"),
        "allocates": int(workload.allocates if takes_heap is None else takes_heap),
        "calls": int(_calls_often(workload)),
        "machine": int(workload.group == "machine"),
    }


def _calls_often(workload: Workload) -> bool:
    """Whether the script's timed part calls a function without a loop of its own from a loop, or a function itself."""
    tree = ast.parse(workload.script.read_text(encoding="utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    reached = _reached_from("run", functions)
    for name in reached:
        if name in _called(functions[name]):
            return True
        for loop in (node for node in ast.walk(functions[name]) if isinstance(node, ast.For | ast.While)):
            for callee in _called(ast.Module(loop.body, [])) - {"range"}:
                if callee not in functions or not _has_loop(functions[callee]):
                    return True
    return False


def _reached_from(name: str, functions: dict[str, ast.FunctionDef]) -> list[str]:
    reached = [name]
    for each in reached:
        reached += [callee for callee in functions if callee in _called(functions[each]) and callee not in reached]
    return reached


def _called(tree: ast.AST) -> set[str]:
    """The names of what is called: a function's, or a method's after its object."""
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def _has_loop(tree: ast.AST) -> bool:
    return any(isinstance(node, ast.For | ast.While) for node in ast.walk(tree))


def _design(table: pd.DataFrame, names: list[str]) -> npt.NDArray[np.float64]:
    return np.column_stack([np.ones(len(table)), *(table[name].to_numpy(dtype=float) for name in names)])


def _error(logarithms: npt.NDArray[np.float64]) -> float:
    """The root mean square, as a factor."""
    return float(np.exp(np.sqrt(np.mean(logarithms**2))))
