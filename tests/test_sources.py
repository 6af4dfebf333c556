"""What is read from a workload's sources: functions, methods, and what run() reaches."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.catalogue import Workload, load_catalogue
from bench.errors import InputError
from bench.sources import read_header, read_script

SCRIPT = """
from benchlib import Lcg, random_bytes

data = bytearray(0)
callback = None
table = []

class Node:
    def __init__(self, value):
        self.value = value

    def next(self):
        return helper(self.value)

    def unused(self):
        return 0

def helper(x):
    return x

def held(x):
    return x + 1

def in_a_list(x):
    return x + 2

def never(step):
    return step

def outer(n):
    def inner(k):
        return inner_only(k)
    return inner(n)

def inner_only(k):
    return k

def setup(n, seed):
    global callback, data, node
    callback = held
    table.append(None)
    table[0] = in_a_list
    data = random_bytes(n, seed)

def step(n):
    never = 1  # a variable, not the function
    return callback(n) + table[0](n) + Node(n).next() + never

def run():
    return step(3) + outer(1)

def checksum(result):
    return result
"""

HEADER = """
#include <Bench.h>
namespace lists {
static const char *TEXT = "static void not_me(int x) {";  // static void nor_me() {
typedef uint32_t (*Callback)(uint32_t);
static Callback callback;

struct Node {
  uint32_t value;
  Node *next_node;
  Node(uint32_t value, Node *next) : value(value), next_node(next) {}
  BENCH_NOINLINE uint32_t next() const {
    if (value == '{') {
      return 1;
    }
    return helper(value);
  }
  uint32_t unused() { return 0; }
};

static BENCH_NOINLINE __attribute__((optimize("no-optimize-sibling-calls"))) uint32_t helper(uint32_t x) { return x; }

static uint32_t held(uint32_t x) { return x + 1; }

static BENCH_NOINLINE uint32_t step(uint32_t n,
                                    Node *node) {
  Node here(n, node);
  return callback(n) + here.next();
}

static uint32_t never(uint32_t n) { return bench::adler32(TEXT, n); }

static void setup(uint32_t n, uint32_t seed) {
  callback = held;
}

static uint32_t run() { return step(3, 0); }
}  // namespace lists
BENCH_WORKLOAD(lists)
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_scripts_functions_and_methods_are_found_in_order(tmp_path: Path) -> None:
    source = read_script(write(tmp_path, "lists.py", SCRIPT))
    assert source.functions[:5] == ("Node.__init__", "Node.next", "Node.unused", "helper", "held")
    assert "inner" not in source.functions, "it belongs to outer"
    assert {"Lcg", "random_bytes", "data", "table", "Node", "run"} <= set(source.defined)


def test_what_run_reaches_through_calls_methods_and_variables_is_timed(tmp_path: Path) -> None:
    source = read_script(write(tmp_path, "lists.py", SCRIPT))
    assert set(source.functions) - set(source.timed) == {"Node.unused", "never", "setup", "checksum"}
    assert ("step", "callback") in set(source.timed_names())
    assert "random_bytes" not in {name for _, name in source.timed_names()}


def test_a_headers_functions_and_methods_are_found_in_order(tmp_path: Path) -> None:
    source = read_header(write(tmp_path, "lists.h", HEADER))
    functions = "Node.__init__ Node.next Node.unused helper held step never setup run"
    assert source.functions == tuple(functions.split())
    assert source.noinline == {"Node.next", "helper", "step"}
    assert source.timed == ("Node.__init__", "Node.next", "helper", "held", "step", "run")


@pytest.mark.parametrize("workload", load_catalogue().values(), ids=lambda workload: workload.name)
def test_both_of_the_projects_sources_time_the_same_functions(workload: Workload) -> None:
    assert read_script(workload.script).timed == read_header(workload.header).timed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\ndef run(:\n", r"odd\.py:2: invalid syntax"),
        ("if True:\n\tx = 1\n        y = 2\n", r"odd\.py:3: "),
        ("x = '\0'\n", r"odd\.py:1: "),
    ],
)
def test_a_script_with_a_syntax_error_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_script(write(tmp_path, "odd.py", text))
    assert "\n" not in str(caught.value)


def test_a_source_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes(b"x = '\xb5'\n")
    for read, name in ((read_script, "none.py"), (read_header, "none.h"), (read_script, "latin.py")):
        with pytest.raises(InputError, match=name):
            read(tmp_path / name)
