"""What predicts the overhead: features of the catalogue, a regression, and how honestly it is judged."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench import paths
from bench.catalogue import IDIOMATIC, load_catalogue
from bench.errors import InputError
from bench.frames import load_run
from bench.prediction import FEATURES, features, fit, independent, leave_one_out, verdict
from tests.factories import linear_run

NOTHING = {"arduino": 10, "micropython": 10}


def table_of(ratios: dict[str, tuple[float, int, int]]) -> pd.DataFrame:
    """A table of workloads with ratio, big_ints and floats; the other features are 0."""
    rows = [(name, 1, ratio, big, real) for name, (ratio, big, real) in ratios.items()]
    table = pd.DataFrame(rows, columns=["workload", "n", "ratio", "big_ints", "floats"])
    return table.assign(allocates=0, calls=0, machine=0, growth=0.0, weight=1.0)


EXACT = {
    f"w{place}": (10.0 * 3**big * 5**real, big, real) for place, (big, real) in enumerate([(0, 0), (1, 0), (0, 1)] * 3)
}
UNRELATED = {f"w{place}": (10.0 * (1 + place), place % 2, 0) for place in range(8)}


def test_features_come_from_the_catalogue_and_the_scripts() -> None:
    table = features(load_run(paths.RESULTS / "reference-virtual-esp32")).drop_duplicates("workload")
    of = {name: set(table.loc[table[name] == 1, "workload"]) for name in FEATURES if name != "growth"}
    assert {"crc32", "sha256"} <= of["big_ints"] and "fft_i16" not in of["big_ints"]
    assert {"fir_f32", "iir_f32", "mandelbrot"} <= of["floats"]
    assert {"fib", "gpio_toggle"}.isdisjoint(of["allocates"]) and {"crc32", "fir_f32"} <= of["allocates"]
    assert {"fib", "gpio_toggle"} <= of["calls"] and "crc32" not in of["calls"]
    assert "gpio_toggle" in of["machine"]


def test_every_matched_workload_weighs_the_same() -> None:
    table = features(load_run(paths.RESULTS / "reference-virtual-esp32"))
    assert set(table.groupby("workload")["weight"].sum().round(9)) == {1.0}
    assert not [name for name in table["workload"].unique() if load_catalogue()[name].group == IDIOMATIC]


def test_what_was_measured_of_memory_goes_before_the_contract(tmp_path: Path) -> None:
    names = ("crc32", "fib", "sieve", "fir_f32")
    cost = {(name, language, 16): 1000.0 for name in names for language in ("arduino", "micropython")}
    frame = linear_run(tmp_path / "run", cost, fixed=NOTHING, per_loop=NOTHING)
    key = {"language": "micropython", "variant": "bytecode", "n": "16", "held": "0", "stack": ""}
    measured = {"crc32": "0", "fib": "48", "fir_f32": ""}  # nothing, a little, more than the board has
    frame.attrs["run"].memory = tuple({**key, "workload": name, "allocated": each} for name, each in measured.items())
    allocates = features(frame).set_index("workload")["allocates"]
    assert allocates.to_dict() == {
        "crc32": 0,
        "fib": 1,
        "sieve": int(load_catalogue()["sieve"].allocates),
        "fir_f32": 1,
    }


def test_factors_are_found_again() -> None:
    assert fit(table_of(EXACT), ["big_ints", "floats"]).tolist() == pytest.approx([10, 3, 5])


def test_features_that_say_the_same_are_told() -> None:
    table = table_of(EXACT)
    table["calls"] = 1 - table["big_ints"]
    assert independent(table) == (["big_ints", "floats"], ["allocates", "calls", "machine", "growth"])


def test_what_is_determined_by_the_features_is_predicted_better_than_by_a_constant() -> None:
    result = verdict(leave_one_out(table_of(EXACT), ["big_ints", "floats"]))
    assert result.regression_error == pytest.approx(1)
    assert result.beats_constant and result.chance < 0.05
    assert "predicts better" in str(result) and "hardly" in str(result)


def test_a_feature_that_tells_nothing_is_said_to_be_no_better_than_a_constant() -> None:
    result = verdict(leave_one_out(table_of(UNRELATED), ["big_ints"]))
    assert not result.beats_constant
    assert "predicts no better" in str(result) and "too few to settle it" in str(result)


def test_unknown_workloads_and_too_few_are_answered(tmp_path: Path) -> None:
    for name, message in (("made_up", "no workload 'made_up'"), ("crc32", "three workloads")):
        cost = {(name, "arduino", 16): 1000.0, (name, "micropython", 16): 5000.0}
        with pytest.raises(InputError, match=message):
            features(linear_run(tmp_path / name, cost, fixed=NOTHING, per_loop=NOTHING))
