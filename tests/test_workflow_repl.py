"""The part repl: values are checked, bytes and ticks exact, a board that a program occupies is told and freed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from bench.catalogue import load_catalogue
from bench.charts import SIZES, STYLES
from bench.charts.workflow_repl import alt_text, caption, repl_chart
from bench.errors import BoardError, ChecksumMismatch, InputError
from bench.report.figures import RunFigures
from bench.report.workflow_repl import blocks
from bench.runners.exchange import Patience
from bench.runners.micropython import PROMPT, open_repl
from bench.variants import LANGUAGES
from bench.virtual_board.board import VirtualBoard
from bench.workflow import repl
from bench.workflow.context import Context
from bench.workflow.parts import Row
from bench.workflow.repl import PART, RAW, RAW_PASTE, TYPED_A_MINUTE
from bench.workflow.repl_arduino import attempts
from bench.workflow.repl_dialogue import Exchange, FriendlyRepl, ReplBusy, ask_raw
from bench.workflow.repl_expressions import EXPRESSIONS, Expression, chosen
from tests.factories import linear_run

CATALOGUE = load_catalogue()
ONES = dict.fromkeys(LANGUAGES, 1)


@pytest.fixture
def prompt(board: VirtualBoard) -> Iterator[FriendlyRepl]:
    """The prompt of a freshly booted board."""
    with board.boot("micropython") as link:
        link.read_until(PROMPT, 10)
        yield FriendlyRepl(link)


def test_an_expression_at_the_prompt_comes_back_with_its_bytes_counted(prompt: FriendlyRepl) -> None:
    found = [prompt.ask("2 + 3 * 4") for _ in range(3)]
    assert {(one.value, one.sent_bytes, one.received_bytes) for one in found} == {("14", 10, 19)}
    assert all(0 < one.seconds < 5 for one in found)
    prompt.paste("def square(x):\n    return x * x\n")
    assert prompt.ask("square(12)").value == "144"


def test_an_exception_at_the_prompt_is_told(prompt: FriendlyRepl) -> None:
    with pytest.raises(BoardError, match=r"'1 // 0' failed on the board: ZeroDivisionError: divide by zero"):
        prompt.ask("1 // 0")
    with pytest.raises(BoardError, match=r"cannot execute 'nothing': NameError"):
        prompt.paste("nothing")
    assert prompt.ask("1").value == "1"


def test_a_board_that_a_program_occupies_is_told_and_freed_by_ctrl_c(prompt: FriendlyRepl) -> None:
    prompt.check()
    prompt._link.write(b"while True: print('busy')\r\r")
    with pytest.raises(ReplBusy, match=r"REPL is occupied: expected the prompt '>>>' within 0\.5 s.*busy.*Ctrl-C"):
        prompt.check(0.5)
    prompt.interrupt()
    assert prompt.ask("6 * 7").value == "42"


def test_a_silent_program_occupies_it_too(prompt: FriendlyRepl) -> None:
    prompt._link.write(b"while True: pass\r\r")
    with pytest.raises(ReplBusy, match="REPL is occupied"):
        prompt.check(0.5)
    prompt.interrupt()
    assert prompt.ask("6 * 7").value == "42"


def test_a_program_that_catches_ctrl_c_is_told_with_what_helps(prompt: FriendlyRepl) -> None:
    prompt._link.write(b"import micropython; micropython.kbd_intr(-1)\r")
    prompt._link.write(b"while True: pass\r\r")
    with pytest.raises(BoardError, match=r"does not end with Ctrl-C.*press RESET"):
        prompt.interrupt(0.5)


@pytest.mark.parametrize("raw_paste", [False, True])
def test_the_raw_repls_give_the_same_value(board: VirtualBoard, raw_paste: bool) -> None:
    with board.boot("micropython") as link:
        open_repl(link, board, Patience())
        found = [ask_raw(link, "2 + 3 * 4", raw_paste=raw_paste) for _ in range(3)]
        assert {one.value for one in found} == {"14"}
        assert len({(one.sent_bytes, one.received_bytes) for one in found}) == 1
        assert found[0].sent_bytes == len("print(2 + 3 * 4)\x04") + (3 if raw_paste else 0)
        with pytest.raises(BoardError, match=r"'1 // 0' failed on the board: ZeroDivisionError"):
            ask_raw(link, "1 // 0", raw_paste=raw_paste)
        assert ask_raw(link, "5", raw_paste=raw_paste).value == "5"


def test_another_value_than_the_right_one_is_no_figure() -> None:
    arithmetic, pin, _ = EXPRESSIONS
    arithmetic.check("14")
    pin.check("0")
    for expression, printed in ((arithmetic, "15"), (pin, "None"), (pin, "")):
        with pytest.raises(ChecksumMismatch, match=f"{expression.name}: expected .*no figure"):
            expression.check(printed)


def test_names_choose_expressions() -> None:
    assert chosen(["pin", "sieve"]) == [EXPRESSIONS[1]]
    assert chosen(["sieve"]) == chosen([]) == list(EXPRESSIONS)


def exchanges(board: VirtualBoard) -> list[Row]:
    """The rows of the REPLs."""
    context = Context(board, CATALOGUE, repetitions=2)
    ticks = repl._ticks(context, EXPRESSIONS)
    return [
        row
        for expression in EXPRESSIONS
        for way, found in repl._exchanges(context, expression).items()
        for row in repl._rows(expression, way, repl._repl_steps(context, expression, found, ticks[expression, way]))
    ]


@pytest.mark.parametrize(
    "any_board", ["virtual-esp32", pytest.param("virtual-esp32c3", marks=pytest.mark.slow)], indirect=True
)
def test_a_second_measurement_gives_the_same_bytes_and_ticks(any_board: VirtualBoard) -> None:
    first, second = exchanges(any_board), exchanges(any_board)
    columns = (*PART.keys, *PART.exact)
    assert [[row[c] for c in columns] for row in first] == [[row[c] for c in columns] for row in second]
    by_key = {tuple(row[key] for key in PART.keys): row for row in first}
    typed = by_key["arithmetic", "friendly", None, "typing"]
    assert typed["time_s"] == 60 * 10 / TYPED_A_MINUTE and typed["how"] == "computed" and typed["time_n"] is None
    exchange = by_key["arithmetic", "friendly", None, "exchange"]
    assert isinstance(exchange["ticks"], int) and exchange["ticks"] > 10_000
    assert exchange["in_total"] == 0 and exchange["time_n"] == 2  # QEMU's time is no board's
    line = by_key["arithmetic", "friendly", 115200, "line"]
    assert line["time_s"] == pytest.approx(29 * 10 / 115200) and line["in_total"] == 1
    attempt = by_key["arithmetic", "friendly", 115200, "attempt"]
    assert attempt["per_minute"] == pytest.approx(60 / (3 + 29 * 10 / 115200))
    for way in (RAW, RAW_PASTE):
        assert by_key["pin", way, None, "exchange"]["ticks"] == by_key["pin", RAW, None, "exchange"]["ticks"]


def test_a_real_boards_exchange_counts_and_its_computed_line_does_not(board: VirtualBoard) -> None:
    real = VirtualBoard("virtual-esp32")
    real.facts = replace(real.facts, simulated=False)
    found = [Exchange("14", 0.02, 10, 19)]
    steps = list(repl._repl_steps(Context(real, CATALOGUE), EXPRESSIONS[0], found, 5))
    assert {step.name: step.in_total for step in steps} == {"typing": True, "exchange": True, "line": False}
    attempt = next(row for row in repl._rows(EXPRESSIONS[0], "friendly", iter(steps)) if row["step"] == "attempt")
    assert attempt["time_s"] == pytest.approx(3.02)


def test_arduinos_way_builds_each_expression_and_sees_its_value(board: VirtualBoard) -> None:
    found = list(attempts(Context(board, CATALOGUE, repetitions=1)))
    assert [expression for expression, _ in found] == list(EXPRESSIONS)
    for expression, attempt in found:
        assert attempt.build_s > 0.1 and attempt.start_s > 0
        assert attempt.upload is not None and attempt.upload.sent_bytes > attempt.image_bytes // 2 > 0
        assert attempt.received_bytes == len(expression.value or "0") + 2


@pytest.mark.slow
def test_the_whole_part_is_measured(board: VirtualBoard) -> None:
    rows = list(PART.measure(Context(board, CATALOGUE, repetitions=2), ["function"]))
    assert {row["expression"] for row in rows} == {"function"}
    assert {row["way"] for row in rows} == {"friendly", "raw", "raw_paste", "arduino"}
    rates = {(row["way"], row["baud"]): row["per_minute"] for row in rows if row["step"] == "attempt"}
    assert set(rates) == {(way, 115200) for way in ("friendly", "raw", "raw_paste", "arduino")} | {("arduino", 921600)}
    assert float(str(rates["friendly", 115200])) > float(str(rates["arduino", 921600]))


def test_a_sketch_that_prints_another_value_is_no_figure(board: VirtualBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Expression("arithmetic", "2 + 3 * 4", "2 + 3 * 5", "14")
    monkeypatch.setattr("bench.workflow.repl_arduino.EXPRESSIONS", (wrong,))
    monkeypatch.setattr("bench.workflow.repl_arduino._START_S", 1.0)
    with pytest.raises(ChecksumMismatch, match="arithmetic: expected 14, the board printed '17'"):
        list(attempts(Context(board, CATALOGUE, repetitions=1)))


def made_up() -> pd.DataFrame:
    """A table of the part, of one expression by two ways."""
    rows: list[dict[str, object]] = [
        {"way": "friendly", "step": "typing", "how": "computed", "time_s": 3.0, "in_total": 1},
        {"way": "friendly", "step": "exchange", "how": "measured", "time_s": 0.001, "time_n": 5, "in_total": 0},
        {"way": "friendly", "step": "line", "how": "computed", "baud": 115200, "time_s": 0.0025, "in_total": 1},
        {"way": "friendly", "step": "attempt", "baud": 115200, "time_s": 3.0025, "in_total": 1, "per_minute": 19.98},
        {"way": "arduino", "step": "typing", "how": "computed", "time_s": 3.0, "in_total": 1},
        {"way": "arduino", "step": "build", "how": "measured", "time_s": 1.5, "time_n": 5, "in_total": 1},
        {"way": "arduino", "step": "upload", "how": "computed", "baud": 115200, "time_s": 1.0, "in_total": 1},
        {"way": "arduino", "step": "attempt", "baud": 115200, "time_s": 5.5, "in_total": 1, "per_minute": 10.9},
    ]
    empty: dict[str, object] = {**dict.fromkeys(PART.columns), "how": "computed", "expression": "arithmetic"}
    frame = pd.DataFrame([{**empty, **row} for row in rows], columns=list(PART.columns))
    types = {"str": "str", "int": "Int64", "float": "float64"}
    return frame.astype({column: types[kind] for column, kind in PART.columns.items()})


def test_the_chart_and_the_report_say_what_they_show(tmp_path: Path) -> None:
    run = linear_run(tmp_path / "run", {("fib", "micropython", 1): 7}, fixed=ONES, per_loop=ONES)
    figures, table = RunFigures(0, run), made_up()
    table.attrs["run"] = figures.run
    for size in SIZES:
        for style in STYLES:
            repl_chart(table, size, style)
    assert "arithmetic, prompt, 115200 baud: 3.0 s, 20 a minute; arithmetic, Arduino, 115200 baud: 5.5 s" in alt_text(
        table
    )
    assert "200 characters a minute is an assumption" in caption(table)
    shown = str(blocks(figures, table))
    assert "'2.5 ms'" in shown and "measured, not counted" in shown and "upper bound" in shown
    with pytest.raises(InputError, match="nothing to chart"):
        repl_chart(table[table["step"] != "attempt"])
