"""Programs of three lengths that do the same in both languages: what is changed, to see how long it takes to run.

A program is a shared library, some modules of small functions over tables, and a main program that prints two lines:
which version of it runs, and a checksum over all that its functions gave. The same arguments give the same text. Every
number is kept below 2**24, and below 2**30 before that, so that MicroPython needs no big integers.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.errors import InputError

SIZES: Mapping[str, int] = {"small": 50, "medium": 500, "large": 3000}  # lines, blank ones among them
BUILD, LIBRARY = 10_001, 101  # the first version; a change of one line counts one of them up
_MODULES = {"small": 1, "medium": 6, "large": 24}
_TABLE = 8  # numbers in a module's table
_SEED = 20
# Lines of both languages together: of a module around its functions, and of all that is no module.
_AROUND_FUNCTIONS = 20
_OUTSIDE_MODULES = 60


@dataclass(frozen=True)
class Program:
    """One version of a program in both languages: texts by file name, in the order in which Python executes them."""

    size: str
    build: int
    library: int
    cpp: Mapping[str, str]  # main.ino, module_01.h, module_01.cpp ...; shared.h is in a library
    python: Mapping[str, str]  # edit_shared.py, edit_module_01.py ... edit_main.py
    changed: str  # the module that holds the number of the build: module_03, in Python edit_module_03

    @property
    def first_line(self) -> str:
        """What it prints first: nothing but this very version does."""
        return f"edit_to_run build {self.build} library {self.library}"

    def lines(self, language: str) -> int:
        """How many lines of source it has."""
        return sum(text.count("\n") for text in (self.cpp if language == "arduino" else self.python).values())


@dataclass(frozen=True)
class _Function:
    """One function: its statements, in both languages, and its name."""

    name: str
    cpp: tuple[str, ...]
    python: tuple[str, ...]


def generate(size: str, build: int = BUILD, library: int = LIBRARY) -> Program:
    """The program of that size; another `build` or `library` changes one line of one file. InputError: no such size."""
    if size not in SIZES:
        raise InputError(f"no size {size!r} of a program; known: {', '.join(SIZES)}")
    count = _MODULES[size]
    middle = (count + 1) // 2
    cpp = {"shared.h": _shared_cpp(library)}
    python = {"edit_shared.py": _shared_python(library)}
    for number in range(1, count + 1):
        functions = _functions(number, size)
        own_build = build if number == middle else None
        cpp[f"module_{number:02}.h"] = _header(number, own_build is not None)
        cpp[f"module_{number:02}.cpp"] = _module_cpp(number, functions, own_build)
        python[f"edit_module_{number:02}.py"] = _module_python(number, functions, own_build)
    cpp["main.ino"] = _main_cpp(count)
    python["edit_main.py"] = _main_python(count, middle)
    return Program(size, build, library, cpp, python, f"module_{middle:02}")


# ---- The functions of a module


def _functions(number: int, size: str) -> list[_Function]:
    """As many as the module has room for: the same kinds in turn, each with numbers of its own."""
    choose = random.Random(_SEED * 1000 + number)
    room = (2 * SIZES[size] - _OUTSIDE_MODULES) // _MODULES[size] - _AROUND_FUNCTIONS
    functions: list[_Function] = []
    kinds = (_add_up, _look_up, _choose)
    while True:
        name = f"f{number:02}_{len(functions) + 1:02}"
        function = kinds[len(functions) % len(kinds)](name, f"TABLE_{number:02}", choose)
        room -= len(function.cpp) + len(function.python) + 8  # heads, ends, blank lines, and the lines that call it
        if room < 0 and functions:
            return functions
        functions.append(function)


def _look_up(name: str, table: str, choose: random.Random) -> _Function:
    add, shift = choose.randrange(1, 1000), choose.randrange(1, 5)
    return _Function(
        name,
        (f"uint32_t y = {table}[x & 7];", f"x = shared::mix(x, y + {add});", f"return x ^ (y << {shift});"),
        (f"y = {table}[x & 7]", f"x = edit_shared.mix(x, y + {add})", f"return x ^ (y << {shift})"),
    )


def _add_up(name: str, table: str, choose: random.Random) -> _Function:
    start, rounds = choose.randrange(1, 1000), choose.randrange(3, _TABLE + 1)
    return _Function(
        name,
        (
            f"uint32_t sum = {start};",
            f"for (uint32_t i = 0; i < {rounds}; i++) {{",
            f"  sum = shared::mix(sum, {table}[i] ^ (x & 255));",
            "}",
            "return sum;",
        ),
        (
            f"sum = {start}",
            f"for i in range({rounds}):",
            f"    sum = edit_shared.mix(sum, {table}[i] ^ (x & 255))",
            "return sum",
        ),
    )


def _choose(name: str, table: str, choose: random.Random) -> _Function:
    bit, more, place = 1 << choose.randrange(8), choose.randrange(1, 1000), choose.randrange(_TABLE)
    return _Function(
        name,
        (
            f"if (x & {bit})",
            f"  return shared::mix(x, {more});",
            f"return (x + {table}[{place}]) & shared::MASK;",
        ),
        (
            f"if x & {bit}:",
            f"    return edit_shared.mix(x, {more})",
            f"return (x + {table}[{place}]) & edit_shared.MASK",
        ),
    )


# ---- C++


def _shared_cpp(library: int) -> str:
    return f"""\
// What all modules use.
#pragma once
#include <stdint.h>

namespace shared {{
static const uint32_t LIBRARY = {library};
static const uint32_t MASK = 0xffffff;

// A number from 0 to MASK that depends on both.
inline uint32_t mix(uint32_t x, uint32_t y) {{ return (x * 33 + y + LIBRARY) & MASK; }}
}} // namespace shared
"""


def _header(number: int, has_build: bool) -> str:
    lines = ["#pragma once", "#include <stdint.h>", *(["uint32_t build();"] if has_build else [])]
    return _text([*lines, f"uint32_t run_{number:02}(uint32_t x);"])


def _module_cpp(number: int, functions: Sequence[_Function], build: int | None) -> str:
    lines = [
        f"// Module {number}: small functions over a table.",
        f'#include "module_{number:02}.h"',
        "#include <shared.h>",
        "",
        f"static const uint32_t TABLE_{number:02}[] = {{{_table(number)}}};",
        "",
    ]
    for function in functions:
        lines += [f"static uint32_t {function.name}(uint32_t x) {{", *_indented(function.cpp, 2), "}", ""]
    if build is not None:
        lines += ["uint32_t build() {", f"  return {build};", "}", ""]
    lines += [f"uint32_t run_{number:02}(uint32_t x) {{"]
    lines += [f"  x = shared::mix(x, {function.name}(x));" for function in functions]
    lines += ["  x = shared::mix(x, build());"] if build is not None else []
    return _text([*lines, "  return x;", "}"])


def _main_cpp(count: int) -> str:
    calls = "\n".join(f"  x = run_{number:02}(x);" for number in range(1, count + 1))
    includes = "\n".join(f'#include "module_{number:02}.h"' for number in range(1, count + 1))
    return f"""\
// The main program: says which version it is, and what all its functions give.
#include <edit_clock.h>
#include <shared.h>
{includes}

void setup() {{
  edit_clock::start();
  Serial.begin(115200);
  Serial.println(String("edit_to_run build ") + build() + " library " + shared::LIBRARY);
  edit_clock::first_line();
  uint32_t x = 1;
{calls}
  Serial.println(String("checksum ") + x);
  edit_clock::tell();
}}

void loop() {{}}
"""


# ---- MicroPython


def _shared_python(library: int) -> str:
    return f'''\
"""What all modules use."""

LIBRARY = {library}
MASK = 0xFFFFFF


# A number from 0 to MASK that depends on both.
def mix(x, y):
    return (x * 33 + y + LIBRARY) & MASK
'''


def _module_python(number: int, functions: Sequence[_Function], build: int | None) -> str:
    lines = [
        f'"""Module {number}: small functions over a table."""',
        "",
        "import edit_shared",
        "",
        f"TABLE_{number:02} = ({_table(number)})",
        "",
        "",
    ]
    for function in functions:
        lines += [f"def {function.name}(x):", *_indented(function.python, 4), "", ""]
    if build is not None:
        lines += ["def build():", f"    return {build}", "", ""]
    lines += [f"def run_{number:02}(x):"]
    lines += [f"    x = edit_shared.mix(x, {function.name}(x))" for function in functions]
    lines += ["    x = edit_shared.mix(x, build())"] if build is not None else []
    return _text([*lines, "    return x"])


def _main_python(count: int, middle: int) -> str:
    calls = "\n".join(f"    x = edit_module_{number:02}.run_{number:02}(x)" for number in range(1, count + 1))
    imports = "\n".join(f"import edit_module_{number:02}" for number in range(1, count + 1))
    return f'''\
"""The main program: says which version it is, and what all its functions give."""

import edit_shared
{imports}


def main():
    print("edit_to_run build", edit_module_{middle:02}.build(), "library", edit_shared.LIBRARY)
    x = 1
{calls}
    print("checksum", x)


main()
'''


def _table(number: int) -> str:
    choose = random.Random(_SEED * 1000 + 500 + number)
    return ", ".join(str(choose.randrange(256)) for _ in range(_TABLE))


def _indented(lines: Sequence[str], by: int) -> list[str]:
    return [" " * by + line for line in lines]


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"
