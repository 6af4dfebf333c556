"""Float and data workloads: their answers against NumPy in double precision, or against Python's own containers."""

from __future__ import annotations

import math
import zlib
from itertools import combinations

import numpy as np
import pytest

from bench.catalogue import load_catalogue
from bench.reference import Execution, execute_script

CATALOGUE = load_catalogue()
SEEDED_WORKLOADS = (
    "matmul_f32",
    "fft_f32",
    "bytearray_fill",
    "bytearray_copy",
    "hash_map",
    "list_append",
    "linked_list",
)


def sizes_of(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("n", CATALOGUE[name].sizes)


def execute(name: str, n: int) -> Execution:
    return execute_script(CATALOGUE[name].script, n, CATALOGUE[name].seed)


def doubles(execution: Execution, *names: str) -> list[np.ndarray]:
    """Variables of the script in double precision."""
    return [np.array(execution.variables[name], dtype=np.float64) for name in names]


@pytest.mark.parametrize("name", SEEDED_WORKLOADS)
def test_another_seed_gives_another_answer(name: str) -> None:
    workload = CATALOGUE[name]
    came = execute_script(workload.script, workload.quick, workload.seed + 1).checksum
    assert came != workload.checksums[workload.quick]


# ---- single precision ----


@pytest.mark.parametrize(
    ("name", "outputs"),
    [
        ("nbody", ("x", "y", "z", "vx", "vy", "vz")),
        ("matmul_f32", ("product",)),
        ("fft_f32", ("re", "im")),
        ("spectral_norm", ("u", "v", "norm")),
    ],
)
def test_the_checksum_covers_all_of_a_single_precision_output(name: str, outputs: tuple[str, ...]) -> None:
    execution = execute(name, CATALOGUE[name].quick)
    assert all(execution.variables[output].dtype == np.float32 for output in outputs)
    assert execution.checksum == zlib.adler32(b"".join(execution.variables[output].tobytes() for output in outputs))


def accelerations(position: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """Newton's law for all pairs at once."""
    away = position[:, np.newaxis, :] - position[np.newaxis, :, :]
    cube = (np.square(away).sum(axis=2) + np.eye(len(mass))) ** 1.5
    return np.asarray(-(away * (mass[np.newaxis, :] / cube)[:, :, np.newaxis]).sum(axis=1))


@sizes_of("nbody")
def test_nbody_is_newtons_law_in_double_precision_but_for_rounding(n: int) -> None:
    execution = execute("nbody", n)
    position = np.stack(doubles(execution, "initial_x", "initial_y", "initial_z"), axis=1)
    velocity = np.stack(doubles(execution, "initial_vx", "initial_vy", "initial_vz"), axis=1)
    (mass,) = doubles(execution, "mass")
    for _ in range(n):
        velocity += accelerations(position, mass) / 128
        position += velocity / 128
    # A coordinate of up to 26 is rounded at every step, to a multiple of 2^-19 at worst.
    assert np.abs(np.stack(doubles(execution, "x", "y", "z"), axis=1) - position).max() < n * 2**-19
    assert np.abs(np.stack(doubles(execution, "vx", "vy", "vz"), axis=1) - velocity).max() < n * 2**-20


@sizes_of("nbody")
def test_nbody_keeps_momentum_and_energy(n: int) -> None:
    execution = execute("nbody", n)
    (mass,) = doubles(execution, "mass")

    def energy(prefix: str) -> float:
        position = np.stack(doubles(execution, *(f"{prefix}{axis}" for axis in "xyz")), axis=1)
        velocity = np.stack(doubles(execution, *(f"{prefix}v{axis}" for axis in "xyz")), axis=1)
        assert np.abs(mass @ velocity).max() < 1e-5
        kinetic = float(mass @ np.square(velocity).sum(axis=1)) / 2
        pairs = combinations(range(len(mass)), 2)
        return kinetic - float(sum(mass[i] * mass[j] / math.dist(position[i], position[j]) for i, j in pairs))

    assert energy("") == pytest.approx(energy("initial_"), rel=1e-3)


@sizes_of("matmul_f32")
def test_matmul_is_numpys_product_but_for_rounding(n: int) -> None:
    a, b, product = (matrix.reshape(n, n) for matrix in doubles(execute("matmul_f32", n), "a", "b", "product"))
    # Each of the n products and sums is off by at most 2^-24 of the sum of the products' magnitudes.
    assert (np.abs(product - a @ b) <= (n + 1) * 2**-24 * (np.abs(a) @ np.abs(b))).all()


@sizes_of("fft_f32")
def test_fft_is_numpys_but_for_rounding(n: int) -> None:
    input_re, input_im, re, im = doubles(execute("fft_f32", n), "input_re", "input_im", "re", "im")
    expected = np.fft.fft(input_re + 1j * input_im)
    # Relative to the whole spectrum, a stage adds the rounding of two products and two sums and the factors' error.
    error = np.linalg.norm(re + 1j * im - expected) / np.linalg.norm(expected)
    assert error < 4 * 2**-23 * math.log2(n)


@pytest.mark.parametrize("n", [*CATALOGUE["fft_f32"].sizes, 1024])
def test_fft_factors_are_cosine_and_sine_to_20_binary_digits(n: int) -> None:
    cosine, sine = doubles(execute("fft_f32", n), "cosine", "sine")
    angles = np.arange(n // 2) * (2 * np.pi / n)
    assert np.abs(cosine - np.cos(angles)).max() < 2**-20
    assert np.abs(sine - np.sin(angles)).max() < 2**-20


def spectral_matrix(n: int) -> np.ndarray:
    """1, 1/2, 1/4, 1/7 ... along the rows, by the counting of diagonals."""
    matrix = np.zeros((n, n))
    for diagonal in range(2 * n):
        first = 1 + sum(range(diagonal + 1))
        for i in range(diagonal + 1):
            if i < n and diagonal - i < n:
                matrix[i, diagonal - i] = 1 / (first + i)
    return matrix


@sizes_of("spectral_norm")
def test_spectral_norm_is_the_largest_singular_value_but_for_the_few_rounds(n: int) -> None:
    norm = float(execute("spectral_norm", n).variables["norm"][0])
    assert norm == pytest.approx(np.linalg.norm(spectral_matrix(n), 2), rel=1e-3)


@sizes_of("spectral_norm")
def test_spectral_norm_is_two_rounds_of_the_power_iteration_but_for_rounding(n: int) -> None:
    u, v, norm = doubles(execute("spectral_norm", n), "u", "v", "norm")
    square = spectral_matrix(n).T @ spectral_matrix(n)
    ones = np.ones(n)
    before = np.linalg.matrix_power(square, 3) @ ones
    assert v == pytest.approx(before, rel=1e-5)
    assert u == pytest.approx(square @ before, rel=1e-5)
    assert norm[0] == pytest.approx(math.sqrt((square @ before) @ before / (before @ before)), rel=1e-5)


# ---- containers ----


def low_bits(n: int, first: int, bits: int) -> list[int]:
    """The arithmetic sequence that three workloads are made of."""
    return [value % 2**bits for value in range(first, first + 7 * n, 7)]


@sizes_of("bytearray_fill")
def test_bytearray_fill_enters_an_arithmetic_sequence(n: int) -> None:
    expected = bytes(low_bits(n, CATALOGUE["bytearray_fill"].seed, 8))
    assert execute("bytearray_fill", n).checksum == zlib.adler32(expected)


@sizes_of("bytearray_copy")
def test_bytearray_copy_is_a_reversed_slice(n: int) -> None:
    execution = execute("bytearray_copy", n)
    assert execution.checksum == zlib.adler32(execution.variables["data"][::-1])


@pytest.mark.parametrize("n", [*CATALOGUE["hash_map"].sizes, 1, 16384])
def test_hash_map_holds_and_finds_what_a_dict_does(n: int) -> None:
    execution = execute("hash_map", n)
    variables = execution.variables
    expected = {key: i for i, key in enumerate(variables["new_keys"])}
    empty = 0x8000  # in place of a key
    held = {key: value for key, value in zip(variables["keys"], variables["values"], strict=True) if key != empty}
    assert held == expected
    assert sum(key != empty for key in variables["keys"]) == len(expected)
    assert execution.result == sum(expected.get(key, 1) for key in variables["wanted"])
    table = zlib.adler32(variables["values"].tobytes(), zlib.adler32(variables["keys"].tobytes()))
    assert execution.checksum == table ^ execution.result


def test_hash_map_looks_up_keys_that_are_there_and_keys_that_are_not() -> None:
    variables = execute("hash_map", 512).variables
    found = sum(key in set(variables["new_keys"]) for key in variables["wanted"])
    assert 256 <= found < 300


def test_hash_map_stays_within_small_integers() -> None:
    assert 32767 * 20251 < 2**30


@sizes_of("list_append")
def test_list_append_adds_up_an_arithmetic_sequence(n: int) -> None:
    assert execute("list_append", n).checksum == sum(low_bits(n, CATALOGUE["list_append"].seed, 12))


@sizes_of("linked_list")
def test_linked_list_adds_up_an_arithmetic_sequence(n: int) -> None:
    assert execute("linked_list", n).checksum == sum(low_bits(n, CATALOGUE["linked_list"].seed, 12))


@sizes_of("linked_list")
def test_linked_list_has_every_node_once_and_the_last_one_first(n: int) -> None:
    variables = execute("linked_list", n).variables
    node = variables["build"](n, variables["first"])
    values = []
    while node is not None:
        values.append(node.value)
        node = node.next
    assert values[::-1] == low_bits(n, CATALOGUE["linked_list"].seed, 12)
