"""The table of components knows every function of the images once, and callers decide causes as it says."""

from __future__ import annotations

import os
import re
import string
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import paths
from bench.anatomy import attribution
from bench.anatomy.attribution import (
    CAUSES,
    COMPONENTS,
    TABLE,
    TABLE_FILE,
    cause_of,
    component_at,
    component_of,
    load_table,
    parse_table,
)
from bench.errors import InputError
from bench.virtual_board import firmware
from bench.virtual_board.board import VirtualBoard
from bench.virtual_board.micropython_source import OWN_CHECKOUT_VARIABLE, find_source, provide_tree
from bench.virtual_board.profiles import PROFILES
from bench.virtual_board.toolchain import c_library_version, tool_output
from tests.conftest import prepared

MADE_WITH = "picolibc 1.8"  # the C library whose own names the table has
# Listed, though no image has them: what a person's own C++ program may call, and code without a symbol.
WITHOUT_IMAGE = {"(machine code)", "__divdi3", "__moddi3", "__muldi3", "bzero", "copysignf", "fmaf", "roundf"}
MP, CPP = "micropython", "arduino"
RUNNING = ("mp_execute_bytecode", "fun_bc_call", "mp_execute_bytecode")
TABLE_TEXT = TABLE_FILE.read_text(encoding="utf-8")
NAMES = st.sampled_from(sorted(TABLE.exact)) | st.text(max_size=12) | st.text("abz_:*<>(). ", max_size=12)


def functions_of(elf: Path) -> set[str]:
    """The functions of an image, as functions.csv names them."""
    lines = [line.split() for line in tool_output("nm", str(elf)).splitlines()]
    mangled = [fields[2] for fields in lines if len(fields) == 3 and fields[1] in "tTwW"]
    return {re.sub(r"\.(part|isra|constprop|cold).*", "", name) for name in demangled(mangled)}


def demangled(names: list[str]) -> list[str]:
    """C++ names without parameters; others as they are."""
    return [line.removesuffix("()") for line in tool_output("c++filt", "-p", *names).splitlines()]


@cache
def functions_in(language: str) -> frozenset[str]:
    """All functions of the language's image, those of both boards together."""
    boards = [prepared(VirtualBoard(name)) for name in PROFILES]
    return frozenset().union(*(functions_of(board.image(language)) for board in boards))


@pytest.fixture(scope="module")
def source_words(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every word of the sources that the images are made of."""
    if os.environ.get(OWN_CHECKOUT_VARIABLE):
        pytest.skip("the table was made for the pinned MicroPython")
    tree = tmp_path_factory.mktemp("micropython") / "source"
    provide_tree(find_source(None), tree, cache_dir=paths.cache_dir(), log=lambda text: None)
    board = firmware.HERE
    folders = [tree / "py", tree / "shared", board / "hal", board / "micropython_port", board / "arduino_core"]
    files = [file for folder in [*folders, paths.SKETCHES] for file in folder.rglob("*") if file.is_file()]
    text = "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)
    return set(re.findall(r"\w+", text))


def matching(name: str) -> list[str]:
    return [pattern for pattern in TABLE.patterns if fnmatchcase(name, pattern)]


def unknown(names: frozenset[str], language: str) -> set[str]:
    return {name for name in names if component_of(name, language) == "other"}


@pytest.mark.parametrize("language", [MP, CPP])
def test_every_function_of_the_images_has_a_component(language: str, source_words: set[str]) -> None:
    missing = unknown(functions_in(language), language)
    ours = {name for name in missing if re.split(r"\W", name)[0] in source_words}
    assert not ours, "list them in components.toml"
    assert not missing or c_library_version() != MADE_WITH, f"names of the C library: {missing}"


def test_no_function_matches_two_patterns() -> None:
    names = functions_in(MP) | functions_in(CPP) | TABLE.exact.keys()
    ambiguous = {name: matching(name) for name in names if name not in TABLE.exact and len(matching(name)) > 1}
    assert not ambiguous


def test_exact_names_are_listed_beside_a_pattern_only_to_say_otherwise() -> None:
    for name, rule in TABLE.exact.items():
        assert all(TABLE.patterns[pattern] != rule for pattern in matching(name)), f"{name} is listed for nothing"


def test_no_listed_name_is_dead(source_words: set[str]) -> None:
    alive = functions_in(MP) | functions_in(CPP) | source_words | WITHOUT_IMAGE
    assert not {name for name in TABLE.exact if name not in alive}
    for pattern in TABLE.patterns:
        first = re.split(r"\W", pattern)[0]
        assert any(fnmatchcase(name, pattern) for name in alive) or first in alive, f"{pattern} matches nothing"


def test_components_and_causes_are_those_of_the_contract() -> None:
    assert list(CAUSES) == [
        "work", "interpreting", "dynamic_typing", "boxing", "memory_management", "integer_width", "library",
    ]  # fmt: skip
    assert list(COMPONENTS) == [
        "bytecode_loop", "calls", "lookup", "small_int", "float", "big_int", "allocation", "collection", "containers",
        "iteration", "exceptions", "soft_float", "library", "memory_copy", "machine_code", "hardware", "lexer",
        "parser", "compiler", "emitter", "qstr", "runner", "workload", "other",
    ]  # fmt: skip
    assert all(len(reason) > 60 for reason in [*TABLE.component_reasons.values(), *TABLE.cause_reasons.values()])


@pytest.mark.parametrize(
    ("function", "component"),
    [
        ("mp_execute_bytecode", "bytecode_loop"),
        ("fun_bc_call", "calls"),
        ("mp_load_global", "lookup"),
        ("mp_binary_op", "small_int"),
        ("mp_obj_new_int", "small_int"),
        ("mp_obj_new_int_from_ll", "big_int"),
        ("mpz_and_inpl", "big_int"),
        ("mp_obj_float_binary_op", "float"),
        ("gc_alloc", "allocation"),
        ("gc_mark_subtree", "collection"),
        ("array_subscr", "containers"),
        ("mp_iternext", "iteration"),
        ("nlr_push", "exceptions"),
        ("__addsf3", "soft_float"),
        ("sqrtf", "library"),
        ("memset", "memory_copy"),
        ("(machine code)", "machine_code"),
        ("machine_freq", "hardware"),
        ("compile_node", "compiler"),
        ("pin_print", "containers"),  # an exact name, against the pattern pin_*
        ("emit_native_mov_reg_const.isra.0", "emitter"),
        ("split_immediate.constprop.0.isra.0", "emitter"),
        ("of_another_micropython", "other"),
        ("sieve::run", "other"),  # no namespaces in MicroPython
    ],
)
def test_components_of_micropython(function: str, component: str) -> None:
    assert component_of(function, MP) == component


@pytest.mark.parametrize(
    ("function", "component"),
    [
        ("sieve::run", "workload"),
        ("sieve::run()", "workload"),
        ("linked_list::Node::init", "workload"),
        ("closure_callback::make_mixer(unsigned long)::Inner::mix", "workload"),
        ("my_own_workload::run", "workload"),
        ("event_queue::dispatch", "workload"),
        ("bench::time_block", "runner"),
        ("bench::allocate<float>", "runner"),
        ("HardwareSerial::write", "hardware"),
        ("set_level [clone .isra.0]", "hardware"),
        ("operator new[]", "allocation"),
        ("__mulsf3", "soft_float"),
        ("a_function", "other"),
    ],
)
def test_components_of_cpp(function: str, component: str) -> None:
    assert component_of(function, CPP) == component


@pytest.mark.parametrize(
    ("inner", "component", "cause"),
    [
        ("", "bytecode_loop", "interpreting"),
        ("fun_bc_call mp_setup_code_state mp_setup_code_state_helper memset", "memory_copy", "interpreting"),
        ("fun_bc_call m_malloc_maybe gc_alloc", "allocation", "interpreting"),
        ("mp_binary_op", "small_int", "dynamic_typing"),
        ("mp_binary_op mp_obj_new_int_from_ll mp_obj_malloc_helper m_malloc gc_alloc", "allocation", "integer_width"),
        ("mp_binary_op mp_obj_int_binary_op mpz_and_inpl memset", "memory_copy", "integer_width"),
        ("mp_binary_op mp_obj_int_binary_op mpz_set m_realloc gc_realloc memmove", "memory_copy", "integer_width"),
        ("mp_obj_new_int m_malloc", "allocation", "integer_width"),
        ("mp_binary_op mp_obj_int_binary_op m_malloc gc_alloc gc_collect", "collection", "memory_management"),
        ("mp_binary_op mp_obj_int_binary_op m_malloc gc_alloc gc_collect memset", "memory_copy", "memory_management"),
        ("mp_binary_op float_binary_op mp_obj_float_binary_op", "float", "dynamic_typing"),
        ("mp_binary_op mp_obj_float_binary_op mp_obj_new_float", "float", "boxing"),
        ("mp_binary_op mp_obj_float_binary_op mp_obj_new_float m_malloc gc_alloc", "allocation", "boxing"),
        ("mp_binary_op mp_obj_float_binary_op m_malloc gc_alloc memset", "memory_copy", "boxing"),
        ("mp_binary_op mp_obj_float_binary_op __mulsf3", "soft_float", "library"),
        ("mp_obj_list_append m_realloc gc_realloc memmove", "memory_copy", "memory_management"),
        ("mp_obj_list_append m_realloc", "allocation", "memory_management"),
        ("mp_obj_subscr array_subscr memmove", "memory_copy", "library"),
        ("mp_load_global mp_map_lookup", "lookup", "dynamic_typing"),
        ("mp_obj_subscr dict_subscr mp_map_lookup", "containers", "library"),
        ("mp_store_global mp_obj_dict_store mp_map_lookup", "lookup", "dynamic_typing"),
        ("mp_load_method __riscv_save_4", "lookup", "dynamic_typing"),
        ("gc_alloc mp_thread_get_state", "allocation", "memory_management"),
        ("(machine code)", "machine_code", "work"),
        ("(machine code) mp_binary_op", "small_int", "dynamic_typing"),
        ("mp_obj_dict_store mp_map_lookup", "containers", "library"),
        ("mp_obj_subscr dict_subscr mp_obj_dict_store mp_map_lookup", "containers", "library"),
        ("mp_obj_instance_make_new mp_obj_malloc_helper m_malloc gc_alloc memset", "memory_copy", "memory_management"),
        ("mp_obj_instance_make_new m_malloc gc_alloc", "allocation", "interpreting"),  # the list of arguments
        ("struct_pack_into calc_size_items mp_binary_get_size", "containers", "library"),
        ("mp_obj_subscr array_subscr mp_binary_get_size", "containers", "dynamic_typing"),
        ("str_upper mp_obj_new_str qstr_find_strn qstr_compute_hash", "qstr", "memory_management"),
        ("mp_builtin_getattr mp_obj_str_get_qstr qstr_from_strn qstr_find_strn", "qstr", "dynamic_typing"),
        ("str_upper mp_obj_new_str qstr_find_strn memcmp", "qstr", "memory_management"),
        ("str_finder find_subbytes memcmp", "containers", "library"),
        ("mp_compile qstr_from_strn qstr_find_strn", "qstr", "interpreting"),
        ("mp_parse mp_parse_num_integer mp_parse_num_base", "parser", "interpreting"),
        ("mp_obj_int_make_new mp_parse_num_integer", "containers", "library"),
        ("mp_call_function_0 unheard_of memcpy", "memory_copy", "interpreting"),
    ],
)
def test_callers_decide(inner: str, component: str, cause: str) -> None:
    path = [*RUNNING, *inner.split()] if "(" not in inner else [*RUNNING, *re.findall(r"\(machine code\)|\w+", inner)]
    assert (component_at(path, MP), cause_of(path, MP)) == (component, cause)


@pytest.mark.parametrize(
    ("path", "component", "cause"),
    [
        (["bench::time_block"], "runner", "work"),
        (["bench::time_block", "sieve::run", "sieve::sieve"], "workload", "work"),
        (["bench::time_block", "sieve::run", "__riscv_save_2"], "workload", "work"),
        (["bench::time_block", "fft_f32::run", "__addsf3"], "soft_float", "library"),
        (["bench::time_block", "gc_churn::run", "malloc", "__malloc_malloc"], "allocation", "memory_management"),
        (["bench::time_block", "gc_churn::run", "memset"], "memory_copy", "library"),
        (["bench::time_block", "gpio_read::run", "digitalRead"], "hardware", "library"),
    ],
)
def test_callers_decide_in_cpp_too(path: list[str], component: str, cause: str) -> None:
    assert (component_at(path, CPP), cause_of(path, CPP)) == (component, cause)


def test_functions_that_serve_all_are_judged_without_a_caller_too() -> None:
    assert cause_of(["memcpy"], MP) == "library"
    assert cause_of(["mp_thread_get_state"], MP) == "interpreting"
    assert cause_of([], MP) in CAUSES
    assert cause_of(["memcpy"] * 5000, MP) == "library"  # deep recursion of the program is no recursion here


@given(st.lists(NAMES, max_size=8), st.sampled_from([MP, CPP, ""]))
def test_any_path_has_a_component_and_a_cause(path: list[str], language: str) -> None:
    assert cause_of(path, language) in CAUSES
    assert component_at(path, language) in COMPONENTS
    assert {component_of(name, language) for name in path} <= COMPONENTS.keys()


@given(st.lists(st.sampled_from(sorted(TABLE.exact)), min_size=1, max_size=8))
def test_a_collection_is_memory_management_whatever_it_calls(path: list[str]) -> None:
    assert cause_of([*RUNNING, "gc_collect", *path], MP) == "memory_management"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("schema = 1", "schema = 7", "expected schema = 1, got 7"),
        ("[cause.work]", "[cause.work", "not valid TOML"),
        ('label = "boxing"\n', "", "[cause.boxing]: the field 'label' is missing"),
        ('label = "boxing"', "label = 3", "[cause.boxing]: label: expected a text, got 3"),
        ("[component.other]", "[component.others]", "expected a table [component.other]"),
        ('cause = "boxing"', 'cause = "wrapping"', "no cause 'wrapping'"),
        ("callees = true", 'callees = "yes"', "callees: expected true or false, got 'yes'"),
        ('under.big_int = "integer_width"', 'under.big = "integer_width"', "under: no component 'big'"),
        ('under.big_int = "integer_width"', 'under.big_int = "width"', "under: 'width' is none of"),
        ('under.big_int = "integer_width"', "under = 3", "under: expected a table"),
        ('component_under."*" = "caller"', 'component_under."*" = "work"', "component_under: 'work' is none of"),
        ('"mp_execute_bytecode"', "3", "functions: expected a list of names"),
        ('"mp_execute_bytecode"', '"memcpy"', "memcpy is listed twice, here and in [component.bytecode_loop]"),
        ('cause = "boxing"', 'reasons = "boxing"', "unknown field 'reasons'"),
    ],
)
def test_a_broken_table_is_named_in_one_line(old: str, new: str, expected: str) -> None:
    assert old in TABLE_TEXT
    text = TABLE_TEXT.replace(old, new) if "big_int" in old else TABLE_TEXT.replace(old, new, 1)
    if new == "under = 3":
        text = re.sub(r"^under\.(?!big)\w+ = .*\n", "", TABLE_TEXT, flags=re.M).replace(old, new)
    with pytest.raises(InputError) as caught:
        parse_table(text, "components.toml")
    message = str(caught.value)
    assert expected in message
    assert message.startswith("components.toml")
    assert "\n" not in message


def test_a_table_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read the table of components"):
        load_table(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"\xe9")
    with pytest.raises(InputError, match=r"latin\.toml is not valid TOML"):
        load_table(tmp_path / "latin.toml")


@given(st.text(string.printable, max_size=60))
def test_any_text_is_a_table_or_an_error_of_one_line(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_table(text, "components.toml")
    assert "\n" not in str(caught.value)


def test_the_table_is_read_once() -> None:
    assert attribution.component_of("memcpy", MP) is component_of("memcpy", MP)
    assert attribution.TABLE is TABLE
