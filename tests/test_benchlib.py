"""The on-board runner, as far as it does not need a board: generators, checksums, framing and the wide tick count."""

from __future__ import annotations

import binascii
import importlib.util
import zlib
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import paths
from bench.wire import MAX_PAYLOAD_BYTES, parse_line


def load_benchlib() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchlib", paths.SCRIPTS / "benchlib.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


benchlib = load_benchlib()


@given(st.binary(max_size=300), st.integers(0, 65520), st.integers(0, 65520))
def test_adler32_is_zlibs(data: bytes, low: int, high: int) -> None:
    start = high << 16 | low
    assert benchlib.adler32(data, start) == zlib.adler32(data, start)


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=60))
def test_crc16_is_that_of_the_wire_protocol(text: str) -> None:
    assert benchlib._crc16(text) == binascii.crc_hqx(text.encode(), 0)


def test_generator_gives_15_bit_numbers_that_depend_on_the_seed() -> None:
    first, second = benchlib.Lcg(1), benchlib.Lcg(2)
    numbers = [first.next() for _ in range(1000)]
    assert max(numbers) < 32768 and min(numbers) >= 0
    assert numbers != [second.next() for _ in range(1000)]


@given(st.text(max_size=100) | st.text(alphabet="aé€ ", min_size=100, max_size=400))
def test_every_value_arrives_as_it_was_sent_or_cut(value: str) -> None:
    lines: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(benchlib, "print", lines.append, raising=False)
        benchlib._send("error", ("id", 1), ("message", value))
    event = parse_line(lines[0].encode() + b"\r\n")
    assert event and event.text("id") == "1"
    assert len(lines[0]) <= MAX_PAYLOAD_BYTES + len("@B1  *00000000")
    assert value.startswith(event.text("message"))
    assert event.text("message") == value or len(lines[0]) > MAX_PAYLOAD_BYTES


@given(ticks=st.integers(0, 2**36), late_us=st.integers(0, 100), mhz=st.sampled_from([80, 160, 240, 1000]))
def test_a_block_of_any_length_is_counted_exactly(ticks: int, late_us: int, mhz: int) -> None:
    coarse_us = ticks // mhz + late_us  # the coarse clock is read outside of the fine one
    assert benchlib._widen(ticks % 2**30, coarse_us, mhz * 1_000_000) == ticks
