"""Accidents on the way to a real board, placed by seeds: a right figure, also after a retry, or a clear error.

`make faults` runs some hundred of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.virtual_board.board import VirtualBoard
from tests.faulty_esp32 import Esp32Trial, case_of, prepared_esp32
from tests.faulty_runs import prepare_trials
from tests.line_faults import PHASES

FAST = (1, 2, 3, 4, 5, 8, 12, 13, 15, 17, 20, 22)


@pytest.fixture(scope="module")
def esp32(board: VirtualBoard) -> Iterator[Esp32Trial]:
    """Emulated boards, and what is measured on them when nothing happens."""
    with prepared_esp32(prepare_trials(board)) as trial:
        yield trial


@pytest.mark.parametrize("seed", FAST)
def test_an_accident_ends_in_a_right_figure_or_a_clear_error(esp32: Esp32Trial, seed: int) -> None:
    result = esp32.run(seed)
    assert not result.is_bad, result


@pytest.mark.slow
@pytest.mark.parametrize("seed", [seed for seed in range(40) if seed not in FAST])
def test_more_accidents_end_in_a_right_figure_or_a_clear_error(esp32: Esp32Trial, seed: int) -> None:
    result = esp32.run(seed)
    assert not result.is_bad, result


def test_the_seeds_lead_to_every_phase_port_and_start() -> None:
    cases = [case_of(seed) for seed in range(150)]
    places = {(case.fault.conversation or case.language, case.fault.phase) for case in cases}
    assert {(who, phase) for who in ("arduino", "micropython", "bootloader") for phase in PHASES[who]} <= places
    assert {case.port for case in cases} == {"pty", "tcp", "rfc2217", "usb"}
    assert {case.flash for case in cases} == {"blank", "other", "right"}
