"""The workloads' answers, against answers that were not computed by the workloads.

The reference (bench/reference.py) executes the scripts themselves. Here its outputs meet the standard library, NumPy in
double precision, or a few lines written another way.
"""

from __future__ import annotations

import hashlib
import math
import struct
import zlib

import numpy as np
import pytest

from bench.catalogue import Workload, load_catalogue
from bench.reference import Execution, execute_script, reference_checksum
from bench.sources import read_header, read_script

CATALOGUE = load_catalogue()
SIZES = [(workload.name, n) for workload in CATALOGUE.values() for n in workload.sizes]


def sizes_of(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("n", CATALOGUE[name].sizes)


def execute(name: str, n: int) -> Execution:
    return execute_script(CATALOGUE[name].script, n, CATALOGUE[name].seed)


def adler32_of(values: object, element_format: str) -> int:
    """zlib's Adler-32 over an array's elements as little-endian bytes."""
    elements = list(values)  # type: ignore[call-overload]
    return zlib.adler32(struct.pack(f"<{len(elements)}{element_format}", *elements))


# ---- the catalogue ----


@pytest.mark.parametrize(("name", "n"), SIZES)
def test_catalogue_holds_the_references_checksum(name: str, n: int) -> None:
    workload = CATALOGUE[name]
    came = reference_checksum(workload.script, n, workload.seed)
    assert workload.checksums[n] == came, f'in [workload.{name}.checksums]: {n} = "0x{came:08x}"'


@pytest.mark.parametrize("workload", CATALOGUE.values(), ids=lambda workload: workload.name)
def test_both_programs_define_the_functions_of_the_contract_in_its_order(workload: Workload) -> None:
    assert read_script(workload.script).functions == workload.functions
    assert read_header(workload.header).functions == workload.functions


@pytest.mark.parametrize("name", CATALOGUE)
def test_executing_again_gives_the_same_answer(name: str) -> None:
    workload = CATALOGUE[name]
    n = workload.sizes[0]
    assert execute_script(workload.script, n, workload.seed, executions=3).checksum == workload.checksums[n]


@pytest.mark.parametrize("name", ["crc32", "sha256", "fft_i16", "fir_f32", "iir_f32"])
def test_another_seed_gives_another_answer(name: str) -> None:
    workload = CATALOGUE[name]
    n = workload.sizes[0]
    assert reference_checksum(workload.script, n, workload.seed + 1) != workload.checksums[n]


# ---- control ----


@sizes_of("fib")
def test_fib_is_the_nearest_integer_of_binets_formula(n: int) -> None:
    golden_ratio = (1 + math.sqrt(5)) / 2
    assert execute("fib", n).checksum == round(golden_ratio**n / math.sqrt(5))


@sizes_of("sieve")
def test_sieve_marks_the_numbers_that_no_smaller_one_divides(n: int) -> None:
    flags = [int(i > 1 and all(i % divisor for divisor in range(2, math.isqrt(i) + 1))) for i in range(n + 1)]
    execution = execute("sieve", n)
    assert execution.result == sum(flags)
    assert execution.checksum == zlib.adler32(bytes(flags)) ^ sum(flags)


# ---- integers ----


@sizes_of("crc32")
def test_crc32_is_zlibs(n: int) -> None:
    execution = execute("crc32", n)
    assert execution.checksum == zlib.crc32(execution.variables["data"])


@pytest.mark.parametrize("n", [*CATALOGUE["sha256"].sizes, 1, 55, 56, 63, 65, 119, 120])
def test_sha256_is_hashlibs(n: int) -> None:
    execution = execute("sha256", n)
    digest = hashlib.sha256(execution.variables["data"]).digest()
    assert struct.pack(">8I", *execution.variables["state"]) == digest
    assert execution.checksum == adler32_of(struct.unpack(">8I", digest), "I")


@sizes_of("fft_i16")
def test_fft_is_numpys_divided_by_n_but_for_rounding(n: int) -> None:
    variables = execute("fft_i16", n).variables
    expected = np.fft.fft(np.array(variables["input_re"]) + 1j * np.array(variables["input_im"])) / n
    came = np.array(variables["re"]) + 1j * np.array(variables["im"])
    # A stage cuts off less than 1 from either part of a turned point, halves that, and cuts off another 1/2: together
    # less than sqrt(2). Factors that are off by 0.6 / 32768 turn a point of 23170 wrongly by 0.6, which is halved too.
    assert np.abs(came - expected).max() < 1.75 * math.log2(n)


@sizes_of("fft_i16")
def test_fft_factors_are_cosine_and_sine_to_15_binary_digits(n: int) -> None:
    variables = execute("fft_i16", n).variables
    angles = np.arange(n // 2) * (2 * np.pi / n)
    largest = 32767  # the cosine of 0 would be 32768
    assert np.abs(np.array(variables["cosine"]) - np.minimum(32768 * np.cos(angles), largest)).max() < 0.6
    assert np.abs(np.array(variables["sine"]) - np.minimum(32768 * np.sin(angles), largest)).max() < 0.6


def test_fft_stays_within_small_integers() -> None:
    # |c x + s y| <= |point| and no stage makes the largest point grow, so the bound at the input holds throughout.
    variables = execute("fft_i16", 1024).variables
    largest = np.hypot(np.array(variables["input_re"]), np.array(variables["input_im"])).max()
    assert 32768 * largest * 1.001 < 2**30


# ---- single precision ----


@sizes_of("fir_f32")
def test_fir_is_the_convolution_but_for_rounding(n: int) -> None:
    variables = execute("fir_f32", n).variables
    taps, x = (variables[name].astype(np.float64) for name in ("taps", "x"))
    # Each of the 256 products and sums is off by at most 2^-24 of the sum of the products' magnitudes.
    tolerance = 257 * 2**-24 * np.convolve(np.abs(x), np.abs(taps))[:n]
    assert (np.abs(variables["y"] - np.convolve(x, taps)[:n]) <= tolerance).all()


@sizes_of("iir_f32")
def test_iir_is_the_recursion_in_double_precision_but_for_rounding(n: int) -> None:
    variables = execute("iir_f32", n).variables
    b0, b1, b2, a1, a2 = (float(value) for value in variables["coefficients"])
    x = [0.0, 0.0, *variables["x"].astype(np.float64)]
    y = [0.0, 0.0]
    for i in range(2, n + 2):  # direct form I: another order of the same sums
        y.append(b0 * x[i] + b1 * x[i - 1] + b2 * x[i - 2] - a1 * y[i - 1] - a2 * y[i - 2])
    assert np.abs(variables["y"] - np.array(y[2:])).max() < 1e-6


@pytest.mark.parametrize("name", ["fir_f32", "iir_f32"])
def test_filters_compute_in_single_precision(name: str) -> None:
    variables = execute(name, 64).variables
    assert variables["y"].dtype == np.float32
    assert execute(name, 64).checksum == adler32_of(variables["y"], "f")


@sizes_of("mandelbrot")
def test_mandelbrot_is_the_image_that_whole_arrays_of_single_precision_give(n: int) -> None:
    limit = 50
    steps = np.arange(n, dtype=np.float32) * (np.float32(3) / np.float32(n))
    cx, cy = np.meshgrid(steps - np.float32(2), steps - np.float32(1.5))
    x, y = np.zeros_like(cx), np.zeros_like(cy)
    image = np.full((n, n), limit, dtype=np.uint8)
    with np.errstate(over="ignore", invalid="ignore"):  # points that have left go on to infinity
        for step in range(limit):
            image[(x * x + y * y > 4) & (image == limit)] = step
            x, y = x * x - y * y + cx, 2 * x * y + cy
    assert execute("mandelbrot", n).checksum == zlib.adler32(image.tobytes())


# ---- machine ----


@sizes_of("gpio_toggle")
def test_gpio_toggle_counts_every_change_that_is_read_back(n: int) -> None:
    assert execute("gpio_toggle", n).checksum == n
