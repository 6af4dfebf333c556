"""A board behind a serial line that fails: a right figure after retry, or a clear error; no wrong figure, no hang."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.errors import LinkLost
from bench.runners import Patience
from bench.virtual_board.board import VirtualBoard
from tests.faulty_line import BoardOnALine, FaultyLine
from tests.faulty_runs import LANGUAGES, MIN_TICKS, SAMPLES, Trial, prepare_trials
from tests.line_faults import TO_BOARD, TO_HOST, Fault

SEEDS = range(10)
PATIENT = Patience(silence_s=30.0)


@pytest.fixture(scope="module")
def trial(board: VirtualBoard) -> Trial:
    """The default board, and the figures of a line without faults."""
    return prepare_trials(board)


def fault(kind: str, phase: str, direction: str = TO_HOST, *, size: int = 1, seconds: float = 0.0) -> Fault:
    """A fault that strikes once, three bytes into a phase."""
    return Fault(kind, phase, direction, after=3, size=size, seconds=seconds, times=1, seed=1)


def test_faults_anywhere_end_in_the_right_figure_or_in_an_error(trial: Trial) -> None:
    """`make faults` has hundreds of these."""
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(trial.run, SEEDS))
    assert [str(result) for result in results if result.is_bad] == []
    assert {"right", "right after retry"} <= {result.outcome for result in results}


def test_a_passing_fault_costs_a_retry_and_no_figure(trial: Trial) -> None:
    accidents = [
        ("arduino", "tcp", fault("garble", "command", TO_BOARD)),
        ("arduino", "pty", fault("vanish", "samples", seconds=0.3)),
        ("arduino", "pty", fault("reset", "samples")),
        ("micropython", "tcp", fault("garble", "upload", TO_BOARD)),
        ("micropython", "pty", fault("drop", "done", size=40)),
        ("micropython", "tcp", fault("vanish", "upload", TO_BOARD, seconds=0.3)),
        ("micropython", "pty", fault("reset", "upload", TO_BOARD)),
    ]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda accident: trial.run_fault(*accident), accidents))
    assert [str(result) for result in results if result.outcome != "right after retry"] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_board_that_resets_while_it_measures_is_found_out_at_once(trial: Trial, language: str) -> None:
    with FaultyLine(trial.board, language, "tcp", fault("reset", "samples")) as line:
        runner = trial.runner(BoardOnALine(trial.board, line, MIN_TICKS, 1.0), language, PATIENT)
        started = time.monotonic()
        with (
            pytest.raises(LinkLost, match=r"restarted in the middle.*the board said: .*") as caught,
            runner.open() as channel,
        ):
            channel.measure(trial.measurements[language], SAMPLES)
        assert time.monotonic() - started < 5
        assert "\n" not in str(caught.value)


class Trusting(BoardOnALine):
    """A board whose line is trusted: what is sent is not checked."""

    line_may_fail = False


def test_a_command_that_was_changed_into_another_valid_one_is_not_executed(trial: Trial) -> None:
    """One changed digit: another number of loops, so other ticks, and the right answer all the same."""
    [measurement] = [m for m in trial.measurements.values() if m.language == "micropython"]
    with FaultyLine(trial.board, "micropython", "tcp") as line:
        line.alter = (b"min_ticks=", b"9")
        trusting = trial.runner(Trusting(trial.board, line, MIN_TICKS, 1.0), "micropython", PATIENT)
        with trusting.open() as channel:
            figures = channel.measure(measurement, SAMPLES)
        assert figures.samples[0].loops != trial.right["micropython"].samples[0].loops
        assert figures.samples[0].checksum == measurement.expected_checksum
        checking = trial.runner(BoardOnALine(trial.board, line, MIN_TICKS, 1.0), "micropython", PATIENT)
        with pytest.raises(LinkLost, match="a script arrived damaged"), checking.open() as channel:
            channel.measure(measurement, SAMPLES)


@pytest.mark.slow
def test_old_firmware_without_raw_paste_is_served_in_pieces_from_the_first_figure_on(trial: Trial) -> None:
    with FaultyLine(trial.board, "micropython", "tcp") as line:
        line.old_firmware = True
        figures, outcome = trial.measure("micropython", line, times=2)
    assert not outcome.failures
    assert outcome.retries == 1, "the second measurement knows it already"
    assert figures[0] == figures[1]


@pytest.mark.parametrize("times", [1, 9])
def test_a_damaged_question_for_raw_paste_is_not_taken_for_an_old_firmware(trial: Trial, times: int) -> None:
    """Sent in pieces, the script would leave other traces in the heap, and the figure would be another one."""
    accident = Fault("garble", "entry", TO_BOARD, after=2, size=1, seconds=0, times=times, seed=1)
    result = trial.run_fault("micropython", "pty", accident)
    assert result.outcome == ("right after retry" if times == 1 else "error"), result
    assert times == 1 or "the question was damaged" in result.words


@pytest.mark.slow
def test_a_line_that_is_dead_one_way_is_given_up_with_what_was_heard(trial: Trial) -> None:
    dead = Fault("mute", "command", TO_BOARD, after=0, size=1, seconds=0, times=9, seed=1)
    result = trial.run_fault("arduino", "pty", dead)
    assert result.outcome == "error"
    assert "given up after 3 attempts: the board is silent" in result.words
    assert "the last the board said: " in result.words
