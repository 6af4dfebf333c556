"""MicroPython on the virtual board: what it must do for figures to be exact and repeatable. Runs real QEMU guests."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psutil
import pytest
from mpremote.transport_serial import SerialTransport

from bench import paths, wire
from bench.virtual_board.firmware import Firmware, build_micropython
from bench.virtual_board.profiles import PROFILES, Profile
from bench.virtual_board.qemu import Qemu
from bench.virtual_board.toolchain import PREFIX

TIMEOUT_S = 30

GC_HEAVY = """
import gc, time
def work():
    words = {}
    for i in range(300):
        words["k%d" % i] = [i] * 20
        (i * 0x9E3779B1) & 0xFFFFFFFF
    return sorted(words)[5]
for _ in range(3):
    gc.collect()
    start = time.ticks_cpu()
    for _ in range(5):
        work()
    print(time.ticks_diff(time.ticks_cpu(), start))
"""


@pytest.fixture(scope="module", params=sorted(PROFILES))
def profile(request: pytest.FixtureRequest) -> Profile:
    return PROFILES[request.param]


@pytest.fixture(scope="module")
def firmware(profile: Profile) -> Firmware:
    return build_micropython(profile.name, cache_dir=paths.cache_dir())


@contextmanager
def repl(guest: Qemu) -> Iterator[SerialTransport]:
    """The guest's raw REPL, through an unchanged mpremote."""
    transport = SerialTransport(guest.url)
    try:
        transport.enter_raw_repl(timeout_overall=TIMEOUT_S)
        yield transport
    finally:
        transport.serial.close()


def run(profile: Profile, firmware: Firmware, script: str) -> str:
    """What a script prints on a freshly booted board; an exception on the board fails the test."""
    with Qemu(profile, firmware.elf) as guest, repl(guest) as board:
        return say(board, script)


def say(board: SerialTransport, script: str) -> str:
    output, traceback = board.exec_raw(script, timeout=TIMEOUT_S)
    assert not traceback, traceback.decode()
    return str(output.decode()).replace("\r\n", "\n").strip()


@contextmanager
def busy_host(processes: int) -> Iterator[None]:
    """Keep the host's processors busy."""
    with ExitStack() as stack:
        for _ in range(processes):
            loop = stack.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            stack.callback(loop.kill)
        yield


@pytest.mark.parametrize("icount", [None, "shift=3,sleep=off"])
def test_an_inexact_clock_ends_the_board_with_a_framed_error(
    profile: Profile, firmware: Firmware, icount: str | None
) -> None:
    with Qemu(profile, firmware.elf, icount=icount) as guest:
        transport = SerialTransport(guest.url)
        line = transport.serial.read_until(b"\n")
        transport.serial.close()
        end = guest.wait_for_exit(TIMEOUT_S)
    event = wire.parse_line(line)
    assert event is not None
    assert (event.name, event.text("code")) == ("error", "selftest")
    assert end.status == 86


def test_two_reads_of_the_counter_are_one_instruction_apart(profile: Profile, firmware: Firmware) -> None:
    script = """
import machine, micropython
@micropython.asm_rv32
def two_reads():
    data(4, 0xC0202573)  # rdinstret a0
    data(4, 0xC02025F3)  # rdinstret a1
    sub(a0, a1, a0)
print(two_reads(), machine.selftest())
"""
    assert run(profile, firmware, script) == "1 True"


def test_ticks_cpu_repeats_exactly_within_a_boot(profile: Profile, firmware: Firmware) -> None:
    script = """
import time
def pair():
    start = time.ticks_cpu()
    return time.ticks_diff(time.ticks_cpu(), start)
pair()  # fills the interpreter's lookup cache
print(len({pair() for _ in range(100)}), 0 <= time.ticks_cpu() < 1 << 30)
"""
    assert run(profile, firmware, script) == "1 True"


def test_ticks_wrap_at_30_bits(profile: Profile, firmware: Firmware) -> None:
    script = """
from time import ticks_add, ticks_diff
top = (1 << 30) - 1
print(ticks_add(top, 3), ticks_diff(2, top), ticks_diff(top, 2), ticks_diff(1 << 29, 0))
try:
    ticks_add(0, 1 << 29)
except OverflowError:
    print("overflow")
"""
    assert run(profile, firmware, script) == "2 3 -3 -536870912\noverflow"


def test_counts_are_the_same_in_every_boot_whatever_the_host_does(profile: Profile, firmware: Firmware) -> None:
    counts = [run(profile, firmware, GC_HEAVY) for _ in range(2)]
    with busy_host(processes=4):
        counts += [run(profile, firmware, GC_HEAVY) for _ in range(3)]
    assert len(set(counts)) == 1


def test_counts_are_the_same_after_a_soft_reset(profile: Profile, firmware: Firmware) -> None:
    with Qemu(profile, firmware.elf) as guest, repl(guest) as board:
        counts = []
        for _ in range(3):
            board.enter_raw_repl(soft_reset=True)
            counts.append(say(board, GC_HEAVY))
    assert len(set(counts)) == 1


def test_the_heap_grows_by_itself_to_the_size_it_reports(profile: Profile, firmware: Firmware) -> None:
    script = """
import gc
def fill():
    kept = []
    try:
        while True:
            kept.append(bytes(1000))
    except MemoryError:
        return len(kept)
print(gc.mem_alloc() + gc.mem_free(), fill())
gc.collect()
print(gc.mem_alloc() + gc.mem_free())
"""
    first_kb, more_kb = map(int, re.findall(r"(\d+) KB", firmware.heap_policy))
    reported, kept, reported_again = map(int, run(profile, firmware, script).split())
    assert reported == pytest.approx((first_kb + more_kb) * 1024, rel=0.02)
    assert kept * 1000 == pytest.approx(reported, rel=0.1)
    assert reported_again == reported  # the areas that were added have been given back


def test_scripts_arrive_by_raw_paste(profile: Profile, firmware: Firmware) -> None:
    script = "total = 0\n" + "total += 1\n" * 2000 + "print(total)\n"
    with Qemu(profile, firmware.elf) as guest, repl(guest) as board:
        assert say(board, script) == "2000"
        assert board.use_raw_paste  # mpremote clears it when a board declines


def test_ctrl_c_stops_an_endless_loop(profile: Profile, firmware: Firmware) -> None:
    with Qemu(profile, firmware.elf) as guest, repl(guest) as board:
        board.exec_raw_no_follow("print('started')\nwhile True: pass")
        board.read_until(1, b"started\r\n", timeout=TIMEOUT_S)
        board.serial.write(b"\x03")
        _, traceback = board.follow(TIMEOUT_S)
    assert b"KeyboardInterrupt" in traceback


def test_bytes_sent_while_the_board_is_busy_are_not_lost(profile: Profile, firmware: Firmware) -> None:
    script = """
import sys
print("started")
for _ in range(200000): pass
print(sum(sys.stdin.buffer.read(5000)))
"""
    sent = bytes([0x0D, 0x0A, 0x41, 0xFF, 0x80]) * 1000
    with Qemu(profile, firmware.elf) as guest, repl(guest) as board:
        board.exec_raw_no_follow(script)
        board.read_until(1, b"started\r\n", timeout=TIMEOUT_S)
        board.serial.write(sent)
        output, _ = board.follow(TIMEOUT_S)
    assert int(output) == sum(sent)


def test_ctrl_d_is_a_soft_reset(profile: Profile, firmware: Firmware) -> None:
    with Qemu(profile, firmware.elf) as guest, repl(guest) as board:
        say(board, "left_over = 1")
        board.exit_raw_repl()
        board.serial.write(b"\x04")
        board.read_until(1, b"soft reboot\r\n", timeout=TIMEOUT_S)
        board.enter_raw_repl(soft_reset=False)
        assert say(board, "print('left_over' in globals())") == "False"


def test_reset_starts_the_board_anew_on_the_same_line(profile: Profile, firmware: Firmware) -> None:
    with Qemu(profile, firmware.elf) as guest, repl(guest) as board:
        board.exec_raw_no_follow("import machine, time; time.sleep(9); machine.reset()")
        board.read_until(1, b"MicroPython", timeout=TIMEOUT_S)
        board.enter_raw_repl(soft_reset=False)
        assert say(board, "print(1 + 1)") == "2"


def test_native_viper_and_assembler_run_and_exceptions_pass_through_them(profile: Profile, firmware: Firmware) -> None:
    script = """
import micropython
@micropython.native
def native(n):
    caught = 0
    for i in range(n):
        try:
            [][i]
        except IndexError:
            caught += 1
    return caught
@micropython.viper
def viper(n: int) -> int:
    total = 0
    for i in range(n):
        total += i
    return total
@micropython.asm_rv32
def assembler(a0, a1):
    add(a0, a0, a1)
print(native(10), viper(10), assembler(3, 4))
"""
    assert run(profile, firmware, script) == "10 45 7"


def test_errors_of_the_c_library_become_exceptions(profile: Profile, firmware: Firmware) -> None:
    script = """
import math
for failing in (lambda: math.sqrt(-1), lambda: math.exp(1000.0), lambda: math.pow(1e30, 5), lambda: math.log(0)):
    try:
        print(failing())
    except (ValueError, OverflowError) as error:
        print(repr(error))
print(1e30 ** 9)
"""
    lines = run(profile, firmware, script).splitlines()
    assert lines[0] == "ValueError('math domain error',)"
    assert len(lines) == 5  # the board lives: libm sets errno, which needs memory of its own


def test_sleeping_takes_virtual_time_only(profile: Profile, firmware: Firmware) -> None:
    script = """
import time
start = time.ticks_ms()
time.sleep(3600)
time.sleep_ms(500)
time.sleep_us(100)
print(time.ticks_diff(time.ticks_ms(), start))
"""
    began = time.monotonic()
    assert run(profile, firmware, script) == "3600500"
    assert time.monotonic() - began < TIMEOUT_S


def test_an_idle_board_costs_no_processor_time(profile: Profile, firmware: Firmware) -> None:
    with Qemu(profile, firmware.elf) as guest, repl(guest):
        process = psutil.Process(guest.pid)
        before = process.cpu_times()
        with pytest.raises(psutil.TimeoutExpired):
            process.wait(1)  # a second in which nothing is asked of the board
        after = process.cpu_times()
    assert (after.user + after.system) - (before.user + before.system) < 0.1


def test_pins_are_bits_of_the_shadow_register(profile: Profile, firmware: Firmware) -> None:
    symbols = subprocess.run([f"{PREFIX}nm", firmware.elf], capture_output=True, text=True, check=True).stdout
    match = re.search(r"^(\w+) \w hal_gpio$", symbols, re.MULTILINE)
    assert match is not None
    script = f"""
import micropython
from machine import Pin
@micropython.viper
def register(index: int) -> uint:
    return uint(ptr32(0x{match[1]})[index])
led = Pin(31, Pin.OUT, value=1)
print(hex(register(0)), hex(register(2)), led(), led)
led.off(); print(hex(register(0)), led.value())
led.toggle(); led(0); led.value(True); print(hex(register(0)))
button = Pin(2, Pin.IN, Pin.PULL_UP)
print(button(), hex(register(1)), hex(register(2)))
try:
    Pin(32)
except ValueError as error:
    print(error)
"""
    expected = "0x80000000 0x80000000 1 Pin(31)\n0x0 0\n0x80000000\n1 0x4 0x80000000\ninvalid pin"
    assert run(profile, firmware, script) == expected


def test_the_board_says_what_it_is(profile: Profile, firmware: Firmware) -> None:
    script = """
import machine, sys
print(sys.platform, sys.implementation._machine, sys.implementation._build, sep="|")
print(sys.version.split("; ")[1])
print(machine.freq())
machine.freq(1_000_000_000)
try:
    machine.freq(240_000_000)
except ValueError as error:
    print(error)
"""
    identity, version, frequency, refusal = run(profile, firmware, script).splitlines()
    assert identity == f"{profile.name}|{profile.name} with QEMU {profile.isa}|{profile.name}"
    assert version.startswith(f"MicroPython {firmware.micropython_version} on ")
    assert frequency == "1000000000"
    assert "fixed at 1000000000" in refusal
