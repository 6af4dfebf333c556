"""The answers of the workloads that call the hardware library, against answers written another way."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from bench import paths
from bench.catalogue import load_catalogue
from bench.machine_stand_ins import ADC, PWM, UART, Pin
from bench.reference import Execution, execute_script

CATALOGUE = load_catalogue()


def sizes_of(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("n", (*CATALOGUE[name].sizes, CATALOGUE[name].check_n))


def execute(name: str, n: int, executions: int = 1) -> Execution:
    return execute_script(CATALOGUE[name].script, n, CATALOGUE[name].seed, executions)


@sizes_of("gpio_read")
def test_gpio_read_finds_the_pull_up_in_every_reading(n: int) -> None:
    assert execute("gpio_read", n).checksum == n


@sizes_of("adc_read")
def test_adc_read_counts_every_reading_once(n: int) -> None:
    execution = execute("adc_read", n)
    assert execution.checksum == n
    assert execution.variables["adc"].read_u16() >> 4 == n % 4096, "the ramp went on by one for each reading"


@sizes_of("pwm_duty")
def test_pwm_duty_is_the_sum_of_a_saw_tooth(n: int) -> None:
    duties: list[int] = []
    start = 1000
    while len(duties) < n:
        tooth = range(start, 65000, 272)
        duties += tooth
        start = tooth[-1] + 272 - 64000
    duties = duties[:n]
    execution = execute("pwm_duty", n)
    assert execution.checksum == sum(duties)
    assert execution.variables["pwm"].duty_u16() == duties[-1]


def test_pwm_duty_never_switches_off_or_fully_on() -> None:
    duty, levels = 1000, set()
    for _ in range(100_000):
        levels.add(duty >> 4)  # as the sketch's channel of 12 bits gets it
        duty += 272 if duty + 272 < 65000 else 272 - 64000
    assert min(levels) > 0 and max(levels) < 4095


@sizes_of("uart_write")
def test_uart_write_sends_its_input_in_order(n: int) -> None:
    variables = execute("uart_write", n, executions=2).variables
    assert n % 8 == 0 and n <= 128
    assert variables["uart"].sent == variables["data"] * 2
    assert execute("uart_write", n).checksum == n


@sizes_of("scheduled_callback")
def test_scheduled_callback_takes_every_event_in_order(n: int) -> None:
    polynomial = pow(31, n) + sum(value * pow(31, n - 1 - value) for value in range(n))
    assert execute("scheduled_callback", n).checksum == n << 16 | polynomial % 2**16


# ---- the stand-ins


def test_stand_ins_refuse_what_the_board_refuses() -> None:
    with pytest.raises(ValueError, match="duty_u16 must be from 0 to 65535"):
        PWM(Pin(5)).duty_u16(65536)


def test_the_stand_in_for_the_converter_covers_its_whole_range() -> None:
    adc = ADC(Pin(4))
    values = [adc.read_u16() for _ in range(4097)]
    assert (values[0], values[4095], values[4096]) == (0, 65535, 0)
    assert all(low < high for low, high in pairwise(values[:4096]))


def test_the_stand_in_for_a_serial_line_ends_with_its_data() -> None:
    uart = UART(1, tx=5, rx=4)
    assert uart.write(b"0123456789", 8, 8) == 2
    assert uart.sent == b"89"


def test_the_sketches_queue_holds_as_many_events_as_micropythons() -> None:
    queue = (paths.PROJECT / "arduino_sketches/scheduled_callback/event_queue.h").read_text(encoding="utf-8")
    port = (paths.PROJECT / "bench/virtual_board/micropython_port/mpconfigport.h").read_text(encoding="utf-8")
    places = re.search(r"PLACES = (\d+);", queue)
    depth = re.search(r"MICROPY_SCHEDULER_DEPTH +\((\d+)\)", port)
    assert places and depth and places[1] == depth[1]
