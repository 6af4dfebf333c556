"""The estimate of cycles: what is made with known costs is found again, and a richer model must earn its place."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from bench.anatomy.cycle_estimate import (
    CONSTANT,
    MODELS,
    OTHER_PROGRAMS,
    RICHER,
    estimate,
    fit,
    leave_one_out,
    making_command,
    pairs,
    published_cycles,
    scores,
)
from bench.anatomy.cycle_words import findings, verdict_text
from bench.anatomy.rows import Row
from bench.anatomy.store import TABLES, write_anatomy
from bench.cli.estimate import command
from bench.cli.mix import command as mix_command
from bench.errors import InputError
from tests.factories import make_run, measurement, samples
from tests.test_anatomy_mix import functions, run_facts

RUN = run_facts({})
LANGUAGES, THREE, FIVE = RICHER


def anatomy_of(instructions: Callable[[str, str, float], dict[str, float]]) -> pd.DataFrame:
    """An anatomy of all that was published; what is executed is made from the workload, language and its cycles."""
    return functions(
        {
            (row["workload"], row["language"], row["n"]): instructions(row["workload"], row["language"], row["cycles"])
            for row in published_cycles().to_dict("records")
        }
    )


@cache
def like_constants(arduino: float, micropython: float) -> pd.DataFrame:
    each = {"arduino": arduino, "micropython": micropython}
    return anatomy_of(lambda workload, language, cycles: {"instructions": cycles / each[language]})


@cache
def pairs_like(arduino: float, micropython: float) -> pd.DataFrame:
    return pairs(like_constants(arduino, micropython), RUN)


def made_of_kinds(kinds: int) -> pd.DataFrame:
    """Rows like those of `pairs`, of made-up workloads whose cycles cost 4 a load, 2 a jump and 1 all else."""
    random = np.random.default_rng(1)
    rows = []
    for place in range(kinds):
        for language in ("arduino", "micropython"):
            loads, jumps, integer = random.uniform(0.02, 1, 3) * 10_000
            cycles = 4 * loads + 2 * jumps + integer
            whole = loads + jumps + integer
            rows.append(
                {"workload": f"w{place}", "language": language, "n": 1, "cycles": cycles, "instructions": whole,
                 "loads": loads, "jumps": jumps, "integer": integer, "cycles_per_instruction": cycles / whole}
            )  # fmt: skip
    kinds_known = {kind for model in MODELS for group in model.classes.values() for kind in group}
    table = pd.DataFrame(rows)
    return table.assign(is_used=True, **dict.fromkeys(kinds_known - set(table), 0.0))


def test_a_constant_is_found_again() -> None:
    table = pairs_like(2, 2)
    assert len(table) == len(published_cycles()) == 70
    assert fit(CONSTANT, table)["all"] == pytest.approx(2, rel=0.01)
    found = estimate(table)
    assert found.cycles_per_instruction == pytest.approx(2, rel=0.01)
    assert found.error == pytest.approx(1, abs=0.01) and found.label == "estimate"
    assert found.cycles(pd.Series([100.0])).to_list() == pytest.approx([200], rel=0.01)


def test_languages_have_costs_of_their_own_and_still_need_more_than_five_workloads() -> None:
    table = pairs_like(1.5, 3)
    used = table[table["is_used"]]
    assert fit(LANGUAGES, used).to_dict() == pytest.approx({"arduino": 1.5, "micropython": 3}, rel=0.01)
    constant, languages, *_ = found = scores(leave_one_out(used))
    assert languages.error < 1.01 < constant.error
    assert languages.closer == languages.workloads == 5
    assert languages.chance == pytest.approx(3 / 32), "three models were tried"
    assert not languages.beats(constant)
    assert "5 workloads show none of these 3 to be better" in verdict_text(found)


def test_a_richer_model_is_told_where_enough_workloads_show_it() -> None:
    table = made_of_kinds(12)
    costs = fit(THREE, table)
    assert costs.to_list() == pytest.approx([4, 2, 1])
    found = scores(leave_one_out(table))
    by_name = {score.model.name: score for score in found}
    assert by_name["three"].error == pytest.approx(1)
    assert by_name["three"].beats(found[0]) and not found[0].beats(found[0])
    assert "three kinds" in verdict_text(found) and "shown to be better" in verdict_text(found)


def test_a_workload_never_helps_to_predict_itself() -> None:
    table = made_of_kinds(6)
    changed = table.copy()
    mine = changed["workload"] == "w3"
    changed.loc[mine, ["cycles", "cycles_per_instruction"]] *= 50
    before, after = (leave_one_out(each) for each in (table, changed))
    for model in MODELS:
        assert after.loc[mine, model.name].to_list() == pytest.approx(before.loc[mine, model.name].to_list())
        assert after.loc[~mine, model.name].to_list() != pytest.approx(before.loc[~mine, model.name].to_list())


def test_workloads_weigh_the_same_however_many_n_they_have() -> None:
    table = made_of_kinds(3)
    many = pd.concat([table, *[table[table["workload"] == "w0"]] * 9], ignore_index=True)
    assert fit(CONSTANT, many)["all"] == pytest.approx(fit(CONSTANT, table)["all"])
    assert fit(THREE, many).to_list() == pytest.approx(fit(THREE, table).to_list())


def test_what_is_not_comparable_is_shown_and_not_used() -> None:
    table = pairs_like(2, 2)
    for workload, language in OTHER_PROGRAMS:
        mine = table[(table["workload"] == workload) & (table["language"] == language)]
        assert len(mine) == 7 and not mine["is_used"].any()
    assert set(table.loc[table["is_coarse"], "workload"]) == {"crc32", "iir_f32"}
    assert not (table["is_used"] & table["is_coarse"]).any()
    assert leave_one_out(table)["constant"].notna().all(), "also what is not used is estimated"


def test_the_findings_call_an_estimate_an_estimate() -> None:
    told = " ".join(findings(pairs_like(1.5, 3), RUN))
    assert "Estimate, not measured" in told and "make the estimate and test it" in told
    assert told.count("Not used:") == 3 and "lacks" not in told
    few = like_constants(1.5, 3).query("n == 1024 or workload == 'empty'")
    assert "lacks 60 of the published figures" in " ".join(findings(pairs(few, RUN), RUN))


def test_what_cannot_be_estimated_is_refused(tmp_path: Path) -> None:
    other: dict[str, Any] = {**RUN, "board": {**RUN["board"], "name": "virtual-esp32c3"}}
    with pytest.raises(InputError, match="expected a run of virtual-esp32"):
        pairs(like_constants(2, 2), other)
    few = like_constants(2, 2).query("workload in ('empty', 'crc32', 'fft_i16', 'fir_f32')")
    with pytest.raises(InputError, match="found 2: make it with `bench anatomy made-by-hand"):
        pairs(few, RUN)
    assert "-w crc32" in making_command(RUN) and "--n 1024" in making_command(RUN)
    result = CliRunner().invoke(command, [str(tmp_path)])
    assert isinstance(result.exception, InputError)


def run_with(path: Path, table: pd.DataFrame) -> Path:
    """A run folder with that anatomy."""
    run = make_run(path / "run", {measurement("crc32", "arduino", 16): samples([100])})
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    rows["functions.csv"] = [tuple(row) for row in table.to_numpy().tolist()]
    facts: dict[str, Any] = {"run_id": "run", "simulator": "QEMU", "measurements": [], "failures": []}
    write_anatomy(run, facts, rows)
    return run


def test_the_commands_print_tables_that_fit_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    run = run_with(tmp_path, like_constants(1.5, 3))
    done = CliRunner().invoke(command, [str(run)])
    assert done.exit_code == 0, done.exception
    assert "…" not in done.output and "Estimate, not measured" in done.output
    assert done.output.count("fft_i16 *") == 7
    done = CliRunner().invoke(mix_command, [str(run)])
    assert done.exit_code == 0, done.exception
    assert "…" not in done.output and "simulated" in done.output and "mean of 5" in done.output


def test_a_run_without_an_anatomy_says_how_to_make_it(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", {measurement("crc32", "arduino", 16): samples([100])})
    result = CliRunner().invoke(command, [str(run)])
    assert "make it with `bench anatomy" in str(result.exception) and "-w crc32" in str(result.exception)
