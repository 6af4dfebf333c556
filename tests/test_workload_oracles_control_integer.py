"""The answers of the control and integer workloads, against answers found another way."""

from __future__ import annotations

import base64
import bisect
import itertools
import math
import re
import zlib
from functools import cache

import numpy as np
import pytest

from bench.catalogue import load_catalogue
from bench.reference import Execution, execute_script
from tests.test_workload_oracles import adler32_of

CATALOGUE = load_catalogue()
SMALL_INTEGERS = range(-(2**30), 2**30)


def sizes_of(name: str) -> pytest.MarkDecorator:
    workload = CATALOGUE[name]
    return pytest.mark.parametrize("n", [*workload.sizes, workload.check_n])


def execute(name: str, n: int) -> Execution:
    return execute_script(CATALOGUE[name].script, n, CATALOGUE[name].seed)


# ---- control ----


@sizes_of("nqueens")
def test_nqueens_counts_the_permutations_without_a_common_diagonal(n: int) -> None:
    ways = sum(
        len({row + column for row, column in enumerate(columns)}) == n
        and len({row - column for row, column in enumerate(columns)}) == n
        for columns in itertools.permutations(range(n))
    )
    execution = execute("nqueens", n)
    assert execution.checksum == ways
    assert ways == {4: 2, 5: 10, 6: 4, 7: 40, 8: 92}[n]
    assert not any(execution.variables["columns"]), "run() leaves an empty board"


@sizes_of("binary_search")
def test_binary_search_finds_what_a_dict_finds(n: int) -> None:
    execution = execute("binary_search", n)
    values, keys = list(execution.variables["values"]), list(execution.variables["keys"])
    where = {value: position for position, value in enumerate(values)}
    positions = [where.get(key, -1) for key in keys]
    assert values == sorted(where)
    assert all(
        values[p] == key if p >= 0 else bisect.bisect(values, key) > 0 for p, key in zip(positions, keys, strict=True)
    )
    assert execution.result == 128
    assert positions.count(-1) == 128
    assert list(execution.variables["positions"]) == positions
    assert execution.checksum == adler32_of(positions, "i") ^ 128


@sizes_of("collatz")
def test_collatz_finds_the_longest_chain(n: int) -> None:
    @cache
    def length(value: int) -> int:
        return 1 if value == 1 else 1 + length(3 * value + 1 if value % 2 else value // 2)

    best = max(range(1, n), key=length)  # the first of several
    assert divmod(execute("collatz", n).checksum, 1024) == (best, length(best))


def test_collatz_knows_the_longest_chain_below_100() -> None:
    assert divmod(execute("collatz", 100).checksum, 1024) == (97, 119)  # OEIS A006877, A006878: 118 steps


def test_collatz_values_are_no_larger_than_the_contract_says() -> None:
    largest = 0
    for value in range(2, max(CATALOGUE["collatz"].sizes)):
        while value != 1:
            value = 3 * value + 1 if value % 2 else value // 2
            largest = max(largest, value)
    assert largest == 9232
    assert f" {largest}" in CATALOGUE["collatz"].types


@sizes_of("quicksort")
def test_quicksort_sorts(n: int) -> None:
    execution = execute("quicksort", n)
    expected = sorted(execution.variables["unsorted"])
    assert len(set(expected)) > n // 2
    assert list(execution.variables["values"]) == expected
    assert execution.checksum == adler32_of(expected, "i")


@sizes_of("fannkuch")
def test_fannkuch_flips_every_permutation_by_its_number(n: int) -> None:
    total = largest = 0
    for number in range(math.factorial(n)):
        order = list(range(n))
        rest = number
        for last in range(n - 1, 0, -1):  # digits of the number in the factorial system say how far to rotate
            digit, rest = divmod(rest, math.factorial(last))
            order[: last + 1] = order[digit : last + 1] + order[:digit]
        flips = 0
        while order[0]:
            order[: order[0] + 1] = order[order[0] :: -1]
            flips += 1
        largest = max(largest, flips)
        total += flips if number % 2 == 0 else -flips
    assert divmod(execute("fannkuch", n).checksum, 65536) == (largest, total)
    assert largest == {3: 2, 4: 4, 5: 7, 6: 10}[n]  # OEIS A000375


def test_fannkuch_gives_the_answer_that_the_benchmarks_game_publishes() -> None:
    assert divmod(execute("fannkuch", 7).checksum, 65536) == (16, 228)


# ---- integers ----


@pytest.mark.parametrize("name", ["lcg_30", "lcg_32"])
@pytest.mark.parametrize("n", [*CATALOGUE["lcg_30"].sizes, CATALOGUE["lcg_30"].check_n])
def test_lcg_is_the_closed_form(name: str, n: int) -> None:
    # After n steps: a^n x + c (a^n - 1) / (a - 1). The power is needed modulo (a - 1) 2^k for the division to be exact.
    variables = execute(name, n).variables
    a, c, modulus = variables["MULTIPLIER"], variables["INCREMENT"], variables["MASK"] + 1
    power = pow(a, n, (a - 1) * modulus)
    assert execute(name, n).checksum == (power * variables["start"] + c * ((power - 1) // (a - 1))) % modulus


@pytest.mark.parametrize("name", ["lcg_30", "lcg_32"])
def test_lcg_fits_small_integers_as_its_contract_says(name: str) -> None:
    variables = execute(name, 10).variables
    largest_product = variables["MASK"] * variables["MULTIPLIER"]
    fits = [value in SMALL_INTEGERS for value in (variables["MASK"], largest_product + variables["INCREMENT"])]
    assert fits == [CATALOGUE[name].fits_31_bit] * 2
    assert variables["start"] in SMALL_INTEGERS
    assert variables["INCREMENT"] in SMALL_INTEGERS


def test_the_lcg_pair_differs_in_three_constants_only() -> None:
    def without_constants(text: str) -> str:
        text = re.sub(r'^(//.*\n|"""[^"]*""")', "", text, flags=re.MULTILINE)  # the comment at the top
        return re.sub(r"(MULTIPLIER|INCREMENT|MASK) = \w+", r"\1 =", text).replace("lcg_30", "lcg_32")

    pair = [CATALOGUE["lcg_30"], CATALOGUE["lcg_32"]]
    scripts = {without_constants(workload.script.read_text(encoding="utf-8")) for workload in pair}
    headers = {without_constants(workload.header.read_text(encoding="utf-8")) for workload in pair}
    overlays = {without_constants(workload.viper_overlay.read_text(encoding="utf-8")) for workload in pair}
    assert len(scripts) == len(headers) == len(overlays) == 1
    assert all("mask" in text and "small integers" not in text for text in scripts | headers | overlays)


@sizes_of("bit_count")
def test_bit_count_is_that_of_python(n: int) -> None:
    execution = execute("bit_count", n)
    words = list(execution.variables["words"])
    assert execution.checksum == sum(word.bit_count() for word in words)
    assert all(word in SMALL_INTEGERS for word in words)
    assert max(words) >= 2**28, "words of about 30 bits"


@sizes_of("matmul_i32")
def test_matmul_is_numpys(n: int) -> None:
    execution = execute("matmul_i32", n)
    a, b, c = (np.array(execution.variables[name], dtype=np.int64).reshape(n, n) for name in "abc")
    assert (c == a @ b).all()
    assert n * 512 * 512 in SMALL_INTEGERS
    assert max(abs(a).max(), abs(b).max()) <= 512
    assert execution.checksum == adler32_of((a @ b).ravel().tolist(), "i")


@pytest.mark.parametrize("n", [*CATALOGUE["base64"].sizes, CATALOGUE["base64"].check_n, 1, 2, 3])
def test_base64_is_the_standard_librarys(n: int) -> None:
    execution = execute("base64", n)
    expected = base64.b64encode(execution.variables["data"])
    assert bytes(execution.variables["out"]) == expected
    assert execution.checksum == zlib.adler32(expected) ^ len(expected)


@pytest.mark.parametrize(
    "name", ["binary_search", "quicksort", "lcg_30", "lcg_32", "bit_count", "matmul_i32", "base64"]
)
def test_another_seed_gives_another_answer(name: str) -> None:
    workload = CATALOGUE[name]
    n = workload.sizes[-1]
    assert execute_script(workload.script, n, workload.seed + 1).checksum != workload.checksums[n]
