"""The answers of the workloads in the groups calls, data and idiomatic, against answers computed another way.

Sums that multiply before they add are polynomials: `polynomial` evaluates them at once, not step by step.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from bench import paths
from bench.catalogue import load_catalogue
from bench.reference import Execution, execute_script

CATALOGUE = load_catalogue()


def sizes_of(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("n", [*CATALOGUE[name].sizes, CATALOGUE[name].check_n])


def execute(name: str, n: int) -> Execution:
    return execute_script(CATALOGUE[name].script, n, CATALOGUE[name].seed)


def polynomial(base: int, coefficients: Iterable[int], modulus: int) -> int:
    """The last coefficient, plus base times the one before, plus base squared times the one before that, and so on."""
    reversed_coefficients = list(coefficients)[::-1]
    return sum(c * pow(base, k, modulus) for k, c in enumerate(reversed_coefficients)) % modulus


def random_numbers(count: int, seed: int = 1) -> list[int]:
    """The generator of all inputs, by its definition."""
    numbers = []
    for _ in range(count):
        seed = (seed * 1103515245 + 12345) % 2**31
        numbers.append(seed // 2**16)
    return numbers


def adler32_of(values: Iterable[int], element_format: str) -> int:
    elements = list(values)
    return zlib.adler32(struct.pack(f"<{len(elements)}{element_format}", *elements))


@pytest.mark.parametrize(
    "name",
    [
        "call_function",
        "call_method",
        "attribute_access",
        "closure_callback",
        "iterator",
        "exception_or_error",
        "string_build",
        "string_search",
        "struct_pack",
        "json_like_parse",
        "gc_churn",
        "dict_count",
        "list_comprehension",
        "str_methods",
        "hashlib_sha256",
        "binascii_crc32",
    ],
)
def test_another_seed_gives_another_answer(name: str) -> None:
    workload = CATALOGUE[name]
    other = execute_script(workload.script, workload.quick, workload.seed + 1)
    assert other.checksum != workload.checksums[workload.quick]


# ---- calls


@pytest.mark.parametrize("name", ["call_function", "call_method"])
@sizes_of("call_function")
def test_calls_evaluate_a_polynomial(name: str, n: int) -> None:
    assert execute(name, n).checksum == polynomial(5, [*random_numbers(1), *range(n)], 2**16)


@sizes_of("attribute_access")
def test_every_eighth_step_comes_to_the_same_object(n: int) -> None:
    expected = []
    for k, start in enumerate(random_numbers(8)):
        steps = range(k, n, 8)
        expected += [len(steps), polynomial(5, [start % 256, *steps], 2**16)]
    assert execute("attribute_access", n).checksum == adler32_of(expected, "I")


@sizes_of("closure_callback")
def test_the_closure_remembers_its_factor(n: int) -> None:
    start, factor = random_numbers(2)
    assert execute("closure_callback", n).checksum == polynomial(factor % 256 | 1, [start, *range(n)], 2**16)


@sizes_of("iterator")
def test_the_generators_numbers_are_polynomials_too(n: int) -> None:
    start = random_numbers(1)[0]
    numbers, value = [], start
    for i in range(n):
        value = polynomial(5, [value, i], 2**16)
        numbers.append(value)
    assert numbers[-1] == polynomial(5, [start, *range(n)], 2**16)
    assert execute("iterator", n).checksum == polynomial(3, numbers, 2**24)


@sizes_of("exception_or_error")
def test_every_eighth_call_fails(n: int) -> None:
    good = [2 * (number % 128) for i, number in enumerate(random_numbers(n)) if i % 8 != 7]
    assert execute("exception_or_error", n).checksum == (n // 8) * 2**16 + polynomial(3, good, 2**16)


# ---- data


@sizes_of("string_build")
def test_string_build_writes_what_str_writes(n: int) -> None:
    values = [number >> (i % 8) for i, number in enumerate(random_numbers(n))]
    text = "".join(f"{value} " for value in values).encode()
    execution = execute("string_build", n)
    assert execution.variables["out"] == text.ljust(6 * n, b"\0")
    assert execution.checksum == zlib.adler32(text.ljust(6 * n, b"\0")) ^ len(text)


@sizes_of("string_search")
def test_string_search_finds_what_a_regular_expression_finds(n: int) -> None:
    text = "".join("ab"[number % 2] for number in random_numbers(n))
    places = [match.start() for match in re.finditer(f"(?={text[-8:]})", text)]
    assert places[-1] == n - 8
    assert execute("string_search", n).checksum == polynomial(5, [1, *places], 2**24)


@sizes_of("struct_pack")
def test_struct_pack_makes_numpys_records(n: int) -> None:
    numbers = np.array(random_numbers(3 * n)).reshape(n, 3)
    records = np.zeros(n, dtype=[("level", "<i2"), ("flag", "u1"), ("time", "<u2")])
    records["level"] = numbers[:, 0] - 16384
    records["flag"] = numbers[:, 1] % 256
    records["time"] = 2 * numbers[:, 2]
    total = polynomial(3, [sum(map(int, record)) for record in records], 2**24)
    execution = execute("struct_pack", n)
    assert execution.variables["buffer"] == records.tobytes()
    assert execution.checksum == zlib.adler32(records.tobytes()) ^ total


def numbers_of(value: Any) -> list[int]:
    """All numbers of a list and of the lists within it."""
    return [value] if isinstance(value, int) else [number for item in value for number in numbers_of(item)]


def depth_of(value: Any) -> int:
    return 0 if isinstance(value, int) else 1 + max((depth_of(item) for item in value), default=0)


@sizes_of("json_like_parse")
def test_the_parser_agrees_with_json(n: int) -> None:
    execution = execute("json_like_parse", n)
    text = execution.variables["text"]
    document = json.loads(text.decode())
    numbers = numbers_of(document)
    assert len(text) == n
    assert len(numbers) > n // 16
    assert execution.checksum == adler32_of([sum(numbers), len(numbers), depth_of(document), n], "i")


@pytest.mark.parametrize("n", range(16, 200))
def test_the_text_to_parse_has_any_length(n: int) -> None:
    document = json.loads(execute("json_like_parse", n).variables["text"].decode())
    assert execute("json_like_parse", n).variables["out"][1] == len(numbers_of(document))


@sizes_of("gc_churn")
def test_gc_churn_gives_up_the_oldest_block(n: int) -> None:
    held = [i % 256 + 16 + number % 256 % 49 for i, number in enumerate(random_numbers(n))]
    last = {i % 8: held[i] for i in range(n - 8, n)}
    order = [0] * 8 + held[: n - 8] + [last[place] for place in range(8)]
    assert execute("gc_churn", n).checksum == polynomial(3, order, 2**24)


# ---- idiomatic


@sizes_of("dict_count")
def test_dict_count_is_collections_counter(n: int) -> None:
    variables = execute("dict_count", n).variables
    counts = Counter(variables["words"])
    assert len(variables["words"]) == n
    assert variables["counts"] == counts
    words = [letters.decode() for letters in variables["vocabulary"]]
    assert execute("dict_count", n).checksum == adler32_of([counts[w] for w in words], "I") ^ len(counts)


@sizes_of("list_comprehension")
def test_list_comprehension_is_numpys_dot_product(n: int) -> None:
    values = np.array(random_numbers(n)) % 1024
    odd = values[values % 2 == 1]
    assert execute("list_comprehension", n).checksum == int(odd @ odd)


@sizes_of("str_methods")
def test_str_methods_do_what_regular_expressions_do(n: int) -> None:
    variables = execute("str_methods", n).variables
    text = variables["text"]
    joined, replaced = re.sub(" ", ",", text), re.sub("ab", "xyz", text)
    place = re.search(re.escape(variables["wanted"]), text)
    assert len(re.findall("[a-d]+", text)) == n
    assert place is not None
    checksum = zlib.adler32((joined + replaced).encode()) ^ n << 16 ^ place.start()
    assert execute("str_methods", n).checksum == checksum


@sizes_of("hashlib_sha256")
def test_hashlib_sha256_is_the_matched_workloads_digest(n: int) -> None:
    state = execute("sha256", n).variables["state"]
    digest = struct.pack(">8I", *state)
    execution = execute("hashlib_sha256", n)
    assert execution.variables["digest"] == digest
    assert execution.checksum == zlib.adler32(digest)


def test_the_copy_of_sha256_is_word_for_word() -> None:
    sketches = paths.PROJECT / "arduino_sketches"
    original = (sketches / "sha256" / "sha256.h").read_text(encoding="utf-8")
    copy = (sketches / "hashlib_sha256" / "sha256_by_hand.h").read_text(encoding="utf-8")
    functions = original[original.index("// Reads the 64 bytes") : original.index("static void setup")]
    tables = original[original.index("static const uint32_t H[8]") : original.index("static uint8_t *data;")]
    assert tables in copy
    assert functions in copy


@sizes_of("binascii_crc32")
def test_binascii_crc32_is_the_matched_workloads(n: int) -> None:
    assert execute("binascii_crc32", n).checksum == execute("crc32", n).checksum
