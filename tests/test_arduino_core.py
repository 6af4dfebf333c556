"""The Arduino core of the virtual board and the Bench library, run on the virtual board."""

from __future__ import annotations

import itertools
import re
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import paths
from bench.link import Link
from bench.platformio_build import build_sketch
from bench.sketch_image import SketchImage
from bench.virtual_board.profiles import PROFILES
from bench.wire import format_line, parse_line
from tests.arduino_project import ask, booted, copy_project, next_event, run

TIMEOUT_S = 20.0

# Prints one line for each thing of the core that it tries; EXPECTED has what must come.
API_SKETCH = r"""
#include <Arduino.h>
struct Counter { int value; Counter() : value(41) { value++; } };
static Counter counter;
static int sign_of(int value);  // a prototype of its own; twice() below has none

void setup() {
  Serial.begin(115200);
  while (!Serial) {}
  Serial.print("text "); Serial.print('c'); Serial.print(F(" flash ")); Serial.println(String("string"));
  Serial.print(-12); Serial.print(' '); Serial.print(3000000000UL); Serial.print(' ');
  Serial.print(-9000000000LL); Serial.print(' '); Serial.println(18446744073709551615ULL);
  Serial.print(255, HEX); Serial.print(' '); Serial.print(-1, HEX); Serial.print(' ');
  Serial.print((uint8_t)5, BIN); Serial.print(' '); Serial.println(64, OCT);
  Serial.print(3.14159); Serial.print(' '); Serial.print(-2.5f, 0); Serial.print(' ');
  Serial.print(1.9996, 3); Serial.print(' '); Serial.print(NAN); Serial.print(' ');
  Serial.print(-INFINITY); Serial.print(' '); Serial.println(1e10);
  Serial.println(Serial.printf("%05d %s %.3f|", 42, "printf", 0.5));
  String s = "  " + String("Ab") + 'c' + 12 + String(1.25, 1) + "  ";
  s.trim(); Serial.println(s);
  s += s; s.toUpperCase(); Serial.print(s); Serial.print(' '); Serial.println(s.length());
  Serial.print(s.indexOf('C')); Serial.print(s.indexOf("ZZ")); Serial.print(s.substring(1, 3));
  Serial.print(s.startsWith("ABC")); Serial.print(s.endsWith("2")); Serial.println(String("77x").toInt());
  Serial.print(String("99999999999999999999").toInt()); Serial.print(' '); Serial.println(String("0.75").toFloat());
  Serial.print(min(3, 2)); Serial.print(max(3, 2)); Serial.print(constrain(9, 1, 5));
  Serial.println(map(5, 0, 10, 0, 100));
  randomSeed(7); long a = random(1000); randomSeed(7);
  Serial.print(a == random(1000)); Serial.print(random(5, 6)); Serial.println(random(0));
  Serial.print(counter.value); Serial.print(sign_of(-3)); Serial.println(twice(21));
  int *heap = new int[10](); Serial.println(heap[9]); delete[] heap;
  Serial.println(sqrtf(-1.0f));
  unsigned long ms = millis(), us = micros();
  delay(50); delayMicroseconds(30);
  ms = millis() - ms; us = micros() - us;
  Serial.print(ms); Serial.print(us >= 50030 && us < 50100); Serial.println();
  pinMode(5, OUTPUT); digitalWrite(5, HIGH); Serial.print(digitalRead(5));
  digitalWrite(5, LOW); Serial.print(digitalRead(5));
  pinMode(6, INPUT_PULLUP); Serial.print(digitalRead(6)); pinMode(6, INPUT); Serial.print(digitalRead(6));
  digitalWrite(200, HIGH); Serial.println(digitalRead(200));
  Serial.print(analogRead(0)); Serial.print(analogRead(4)); Serial.print(analogRead(5)); Serial.print(analogRead(200));
  Serial.print(adcAttachPin(4)); Serial.print(adcAttachPin(5)); Serial.print(digitalPinToAnalogChannel(5));
  for (int i = 2; i < 4095; i++) analogRead(1);
  Serial.print(' '); Serial.print(analogRead(1)); Serial.print(analogRead(1));
  for (int i = 1; i < 4095; i++) analogRead(1);
  analogReadResolution(10); Serial.print(' '); Serial.print(analogRead(1));
  for (int i = 0; i < 4095; i++) analogRead(1);
  analogReadResolution(16); Serial.print(' '); Serial.print(analogRead(1));
  analogReadResolution(0); analogReadResolution(17); analogReadResolution(12);
  Serial.print(' '); Serial.println(analogRead(1));
  Serial.print(ledcSetup(0, 1000, 12)); Serial.print(ledcSetup(0, 80000, 12)); Serial.print(ledcSetup(8, 1000, 12));
  ledcAttachPin(5, 0); ledcAttachPin(5, 8); ledcAttachPin(200, 0);
  ledcWrite(0, 1234); ledcWrite(8, 1); Serial.print(' '); Serial.print(ledcRead(0)); Serial.print(ledcRead(8));
  ledcWrite(0, 4095); Serial.print(' '); Serial.print(ledcRead(0)); ledcWrite(0, 0); Serial.print(ledcRead(0));
  Serial.print(' '); Serial.print(hal_pwm[0].pin); Serial.println(hal_gpio.enable >> 5 & 1);
  Serial1.begin(9600, SERIAL_8N1, 4, 5); Serial.print(Serial1.print("to nowhere")); Serial.print(Serial1.write('!'));
  Serial.print(' '); Serial.print(hal_serial1.sent); Serial.write((const uint8_t *)hal_serial1.fifo, 11);
  Serial.print(Serial1.available()); Serial.print(Serial1.read()); Serial1.end(); Serial1.print("lost");
  Serial.println(hal_serial1.sent);
  Serial.println(ARDUINO_BOARD " " ARDUINO_VIRTUAL_VERSION);
}
int twice(int value) { return 2 * value; }
static int sign_of(int value) { return value < 0 ? -1 : 1; }

void loop() {
  if (Serial.available() == 0) return;
  const char first = Serial.peek();
  String line = Serial.readStringUntil('\n');
  Serial.print(first); Serial.print('|'); Serial.println(line);
  char three[4] = {0};
  Serial.print(Serial.readBytes(three, 3)); Serial.println(three);
  Serial.setTimeout(20);
  Serial.print(Serial.readBytes(three, 3)); Serial.println(Serial.readString());
  Serial.setTimeout(1000);
}
"""
EXPECTED = """\
text c flash string
-12 3000000000 -9000000000 18446744073709551615
FF FFFFFFFF 101 100
3.14 -3 2.000 nan -inf ovf
00042 printf 0.500|19
Abc121.3
ABC121.3ABC121.3 16
2-1BC1077
2147483647 0.75
23550
150
42-142
0
nan
501
10100
010010-1 40950 1023 65520 0
100000 12340 40960 51
101 11to nowhere!0-111
{board} 1.0.0
"""

# The library's own pieces behind a line of text: widen, adler32, random_bytes.
PIECES_SKETCH = r"""
#include <Arduino.h>
#include <Bench.h>
#include <bench_clock.h>
void setup() { Serial.begin(115200); Serial.println("up"); }
void loop() {
  if (!Serial.available()) return;
  String line = Serial.readStringUntil('\n');
  char *rest;
  const uint32_t a = strtoul(line.c_str(), &rest, 10), b = strtoul(rest, &rest, 10), c = strtoul(rest, &rest, 10);
  static uint8_t bytes[300];
  bench::random_bytes(bytes, b % 300, a);
  Serial.print(bench::widen(a, b, c)); Serial.print(' ');
  Serial.print(bench::adler32(bytes, b % 300)); Serial.print(' ');
  Serial.println(bench::adler32(bytes + 100, 200, bench::adler32(bytes, 100)) == bench::adler32(bytes, 300));
}
"""

# A workload that takes as much memory as it is told to.
GREEDY_SKETCH = r"""
#include <Bench.h>
namespace greedy {
static uint32_t *words; static uint32_t count;
static void setup(uint32_t n, uint32_t) {
  count = n;
  bench::allocate<uint8_t>(1);
  words = bench::allocate<uint32_t>(n);
}
static uint32_t run() { uint32_t sum = 0; for (uint32_t i = 0; i < count; i++) sum += words[i]++; return sum; }
static uint32_t checksum(uint32_t) { return reinterpret_cast<uintptr_t>(words) % 8; }
}
BENCH_WORKLOAD(greedy)
void setup() { bench::begin(); bench::add(bench_workload_greedy); }
void loop() { bench::serve(); }
"""

# Workloads whose need of stack and memory is known: two of the suite, one that needs next to nothing, and one that
# writes to the last of n words on the stack.
MEMORY_SKETCH = r"""
#include <Bench.h>
#include "fib.h"
#include "sieve.h"
namespace idle {
static void setup(uint32_t, uint32_t) {}
static uint32_t run() { return 1; }
static uint32_t checksum(uint32_t result) { return result; }
}
BENCH_WORKLOAD(idle)
namespace deep {
static uint32_t words;
static BENCH_NOINLINE uint32_t fill(uint32_t n) {
  volatile uint32_t *block = static_cast<volatile uint32_t *>(__builtin_alloca(4 * n));
  for (uint32_t i = 0; i < n; i++) block[i] = i;
  return block[n - 1];
}
static void setup(uint32_t n, uint32_t) { words = n; }
static uint32_t run() { return fill(words); }
static uint32_t checksum(uint32_t result) { return result; }
}
BENCH_WORKLOAD(deep)
void setup() {
  bench::begin();
  bench::add(bench_workload_fib);
  bench::add(bench_workload_sieve);
  bench::add(bench_workload_idle);
  bench::add(bench_workload_deep);
}
void loop() { bench::serve(); }
"""
SKETCHES = {"api": API_SKETCH, "pieces": PIECES_SKETCH, "greedy": GREEDY_SKETCH, "memory": MEMORY_SKETCH}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = copy_project(tmp_path_factory.mktemp("checkout"), SKETCHES)
    for name in ("fib", "sieve"):
        shutil.copy(paths.PROJECT / "arduino_sketches" / name / f"{name}.h", project / "arduino_sketches" / "memory")
    return project


def build(project: Path, sketch: str, board: str = "virtual-esp32") -> SketchImage:
    return build_sketch(board, sketch, cache_dir=project / "cache", project=project)


@pytest.fixture(scope="module")
def suite(project: Path) -> Iterator[Link]:
    """The suite of `empty` alone, after its banner."""
    with booted(build(project, "suite")) as link:
        next_event(link)
        yield link


@pytest.mark.parametrize("board", PROFILES)
def test_the_arduino_api_does_what_sketches_expect(project: Path, board: str) -> None:
    with booted(build(project, "api", board)) as link:
        lines = [link.read_line(TIMEOUT_S).decode().rstrip("\r\n") for _ in EXPECTED.splitlines()]
        assert lines == EXPECTED.format(board=board).splitlines()
        link.write(b"hello board\nxyzrest")
        assert link.read_line(TIMEOUT_S) == b"h|hello board\r\n"
        assert link.read_line(TIMEOUT_S) == b"3xyz\r\n"
        assert link.read_line(TIMEOUT_S) == b"3t\r\n"


def test_the_core_has_one_version() -> None:
    core = paths.PROJECT / "bench" / "virtual_board" / "arduino_core"
    manifest = re.search(r'"version": "(.+)"', (core / "package.json").read_text())
    macro = re.search(r'#define ARDUINO_VIRTUAL_VERSION "(.+)"', (core / "Arduino.h").read_text())
    assert manifest and macro and manifest[1] == macro[1]


# ---- The pieces of the library


@pytest.fixture(scope="module")
def pieces(project: Path) -> Iterator[Link]:
    with booted(build(project, "pieces")) as link:
        link.read_until(b"up\r\n", TIMEOUT_S)
        yield link


def try_pieces(link: Link, a: int, b: int, c: int) -> list[int]:
    link.write(b"%d %d %d\n" % (a, b, c))
    return [int(word) for word in link.read_line(TIMEOUT_S).split()]


@given(
    ticks_per_s=st.sampled_from([1_000_000, 80_000_000, 240_000_000, 1_000_000_000]),
    us=st.integers(0, 2**32 - 2),
    part=st.floats(0, 1),
    late_us=st.integers(0, 1),
)
@settings(max_examples=300, deadline=None)
def test_a_wrapping_counter_is_widened_exactly(
    pieces: Link, ticks_per_s: int, us: int, part: float, late_us: int
) -> None:
    ticks = int((us + part) * ticks_per_s) // 1_000_000
    widened = try_pieces(pieces, ticks % 2**32, us + late_us, ticks_per_s)[0]
    assert widened == ticks


def lcg_bytes(count: int, seed: int) -> bytes:
    state, out = seed, bytearray()
    for _ in range(count):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        out.append((state >> 16) & 0xFF)
    return bytes(out)


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(0, 299))
@settings(max_examples=100, deadline=None)
def test_inputs_and_checksums_are_those_of_the_host(pieces: Link, seed: int, count: int) -> None:
    _, checksum, continues = try_pieces(pieces, seed, count, 1)
    assert checksum == zlib.adler32(lcg_bytes(count, seed))
    assert continues == 1


# ---- The protocol


def test_the_suite_introduces_itself_and_answers_hello(project: Path) -> None:
    image = build(project, "suite")
    with booted(image) as link:
        banner = next_event(link)
        assert banner.name == "ready" and "id" not in banner.fields
        (ready,) = ask(link, "hello", id=7)
    assert ready.fields == {**banner.fields, "id": "7"}
    assert ready.fields == {
        "protocol": "1",
        "language": "arduino",
        "board": "virtual-esp32",
        "version": "1.0.0",
        "compiler": f"gcc-{image.compiler.split()[1]}",
        "clock_hz": "1000000000",
        "tick_unit": "instruction",
        "simulated": "1",
        "selftest": "ok",
        "image": image.image_hash,
        "id": "7",
    }


def test_samples_come_with_everything_they_need(suite: Link) -> None:
    events = ask(suite, "run", id=8, workload="empty", n=5, seed=3, loops=10, samples=2)
    assert [event.name for event in events] == ["heartbeat", "heartbeat", "sample", "sample", "done"]
    assert [event.fields.get("phase") for event in events[:2]] == ["setup", "warmup"]
    assert {event.fields["id"] for event in events} == {"8"}
    assert [dict(event.fields) for event in events[2:4]] == [
        {
            "id": "8",
            "workload": "empty",
            "n": "5",
            "index": str(index),
            "loops": "10",
            "ticks": events[2].fields["ticks"],
            "checksum": "00000005",
        }
        for index in (0, 1)
    ]
    assert events[-1].integer("samples") == 2


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (format_line("hello", {"id": 1}).replace(b"hello", b"hallo"), "bad_command"),  # the CRC does not fit
        (format_line("hello", {"id": 1})[:-4] + b"\r\n", "bad_command"),
        (b"@B1 \r\n", "bad_command"),
        (format_line("explode", {"id": 1}), "bad_command"),
        (format_line("hello", {"id": "x"}), "bad_command"),
        (format_line("run", {"id": 1, "n": 1}), "bad_command"),
        (format_line("run", {"id": 1, "workload": "empty"}), "bad_command"),
        (format_line("run", {"id": 1, "workload": "empty", "n": 2**32}), "bad_command"),
        (format_line("run", {"id": 1, "workload": "empty", "n": -1}), "bad_command"),
        (format_line("run", {"id": 1, "workload": "empty", "n": 1, "loops": ""}), "bad_command"),
        (format_line("hello", {f"key_{chr(97 + i)}": i for i in range(20)}), "bad_command"),
        (format_line("run", {"id": 1, "workload": "gone", "n": 1}), "unknown_workload"),
        (format_line("run", {"id": 1, "workload": "é" * 60, "n": 1}), "unknown_workload"),
    ],
)
def test_what_cannot_be_obeyed_is_refused(suite: Link, line: bytes, code: str) -> None:
    suite.write(line)
    event = next_event(suite)
    assert (event.name, event.fields["code"]) == ("error", code)
    assert ask(suite, "hello", id=2)[0].name == "ready"


def test_an_endless_line_is_cut_and_named_as_such(suite: Link) -> None:
    suite.write(b"@B1 " + b"x" * 100_000 + b"\r\n")
    assert "too long" in next_event(suite).fields["message"]
    assert ask(suite, "hello", id=2)[0].name == "ready"


@given(garbage=st.binary(max_size=1000) | st.text("@B1 *0F%=hello\n", max_size=600).map(str.encode))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_garbage_never_keeps_the_next_command_from_being_answered(suite: Link, garbage: bytes) -> None:
    suite.write(garbage + b"\r\n" + format_line("hello", {"id": 99}))
    while (event := next_event(suite)).name != "ready":
        assert event.fields["code"] == "bad_command"
    assert event.fields["id"] == "99"


def test_a_command_is_found_behind_the_remainder_of_a_cut_one(suite: Link) -> None:
    suite.write(b"\x03\x04 noise @B1 run id=1 work" + format_line("hello", {"id": 3}))
    assert next_event(suite).fields["id"] == "3"


def test_a_person_may_type_into_a_serial_monitor(suite: Link) -> None:
    suite.write(b"run empty 7\n")
    while (event := next_event(suite)).name != "done":
        assert event.fields["id"] == "0" and event.name != "error"
    assert event.integer("samples") == 3
    suite.write(b"what\r\n")
    assert b"run <workload> <n>" in suite.read_line(TIMEOUT_S)
    assert suite.read_line(TIMEOUT_S) == b"  empty\r\n"


# ---- Measuring


def test_ticks_grow_by_the_same_number_with_every_execution(suite: Link) -> None:
    def ticks(loops: int) -> int:
        return run(suite, "empty", n=1, loops=loops, samples=1)[0].integer("ticks")

    each = ticks(2) - ticks(1)
    assert 4 <= each <= 12
    for loops in (10, 1000, 12345, 1_000_000):
        assert ticks(loops) == ticks(1) + (loops - 1) * each


@pytest.mark.parametrize("min_ticks", [1, 1000, 1_000_000])
def test_without_loops_a_block_lasts_as_long_as_was_asked_for(suite: Link, min_ticks: int) -> None:
    samples = run(suite, "empty", n=1, loops=0, min_ticks=min_ticks, samples=3)
    assert len({(sample.fields["loops"], sample.fields["ticks"]) for sample in samples}) == 1
    assert samples[0].integer("ticks") >= min_ticks
    loops = samples[0].integer("loops")
    assert loops & (loops - 1) == 0
    if loops > 1:
        assert run(suite, "empty", n=1, loops=loops // 2, samples=1)[0].integer("ticks") < min_ticks


def test_every_boot_counts_the_same(project: Path) -> None:
    counts = set()
    for _ in range(3):
        with booted(build(project, "greedy")) as link:
            next_event(link)
            counts.add(tuple(s.fields["ticks"] for s in run(link, "greedy", n=1000, min_ticks=100_000, samples=3)))
    assert len(counts) == 1


def test_a_command_that_comes_during_a_timed_part_does_not_disturb_it(project: Path) -> None:
    with booted(build(project, "greedy")) as link:
        next_event(link)
        quiet = run(link, "greedy", n=10_000, loops=500, samples=1)[0].fields["ticks"]
        link.write(format_line("run", {"id": 1, "workload": "greedy", "n": 10_000, "loops": 500, "samples": 1}))
        assert [next_event(link).fields["phase"] for _ in range(2)] == ["setup", "warmup"]
        link.write(format_line("hello", {"id": 2}) * 20)
        sample, done = next_event(link), next_event(link)
        assert (sample.fields["ticks"], done.name) == (quiet, "done")
        assert [next_event(link).fields["id"] for _ in range(20)] == ["2"] * 20


def test_too_little_memory_ends_the_measurement_and_nothing_else(project: Path) -> None:
    with booted(build(project, "greedy")) as link:
        next_event(link)
        before = run(link, "greedy", n=16_000, loops=1, samples=1)
        assert before[0].fields["checksum"] == "00000000", "memory is aligned to eight bytes"
        for too_many in (16_384, 2**30 + 1, 2**32 - 1):
            *_, error = ask(link, "run", id=5, workload="greedy", n=too_many, loops=1)
            assert (error.name, error.fields["code"], error.fields["id"]) == ("error", "out_of_memory", "5")
        assert run(link, "greedy", n=16_000, loops=1, samples=1) == before


# ---- The memory of a workload


@pytest.fixture(scope="module", params=PROFILES)
def memory(project: Path, request: pytest.FixtureRequest) -> Iterator[Link]:
    with booted(build(project, "memory", request.param)) as link:
        next_event(link)
        yield link


def memory_of(link: Link, workload: str, n: int) -> dict[str, int]:
    """What the end of a measurement tells of the memory it needed."""
    done = ask(link, "run", id=1, workload=workload, n=n, loops=1, samples=1)[-1]
    assert done.name == "done"
    return {key: int(value) for key, value in done.fields.items() if key.endswith("_bytes")}


@pytest.mark.parametrize("n", [1, 6, 7, 8, 999])
def test_the_arena_of_a_workload_is_what_its_setup_took(memory: Link, n: int) -> None:
    assert memory_of(memory, "sieve", n)["held_bytes"] == (n + 1 + 7) // 8 * 8
    assert memory_of(memory, "fib", n % 10)["held_bytes"] == 0


def test_every_level_of_a_recursion_takes_the_same_stack(memory: Link) -> None:
    stack = [memory_of(memory, "fib", n)["stack_bytes"] for n in range(2, 13)]
    (frame,) = {deeper - shallow for shallow, deeper in itertools.pairwise(stack)}
    assert frame in (16, 32)  # the stack pointer is a multiple of 16


@pytest.mark.parametrize("words", [4, 100, 1000, 14_000])
def test_the_stack_of_a_workload_is_counted_to_its_last_word(memory: Link, words: int) -> None:
    assert 4 * words <= memory_of(memory, "deep", words)["stack_bytes"] <= 4 * words + 48


def test_a_workload_without_a_frame_takes_no_stack(memory: Link) -> None:
    memory_of(memory, "deep", 1000)  # leaves its words behind
    assert memory_of(memory, "idle", 1) == {"stack_bytes": 0, "held_bytes": 0}


def test_a_stack_that_was_used_up_has_no_figure(memory: Link) -> None:
    assert memory_of(memory, "deep", 64 * 1024 // 4) == {"held_bytes": 0}


def test_looking_at_the_stack_leaves_the_counts_alone(memory: Link) -> None:
    first, second = (run(memory, "fib", n=10, loops=10, samples=2) for _ in range(2))
    assert len({sample.fields["ticks"] for sample in first + second}) == 1


def test_both_boards_run_the_suite(project: Path) -> None:
    for board in PROFILES:
        with booted(build(project, "suite", board)) as link:
            assert next_event(link).fields["board"] == board
            assert run(link, "empty", n=3, loops=5, samples=1)[0].fields["checksum"] == "00000003"


def test_a_frame_is_parsed_back_to_what_was_sent(suite: Link) -> None:
    suite.write(format_line("hello", {"id": 4}))
    line = suite.read_line(TIMEOUT_S)
    event = parse_line(line)
    assert event is not None and format_line(event.name, event.fields) == line
