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
    # The areas that were added have been given back, but for one that a stale word in memory may seem to point into.
    assert reported_again == pytest.approx(reported, rel=0.02)


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
    assert run(profile, firmware, script) in ("3600500", "3600501")  # by the microseconds that the first tick had on
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


# Prints what a call returns or raises, and reads words of the shadow peripherals.
TRY_CALLS = """
import micropython
from machine import ADC, PWM, Pin, UART
@micropython.viper
def word(address: uint, index: int) -> uint:
    return uint(ptr32(address)[index])
def attempt(*calls):
    for call in calls:
        try:
            print(call())
        except Exception as error:
            print(type(error).__name__, error)
"""


def address_of(firmware: Firmware, symbol: str) -> str:
    symbols = subprocess.run([f"{PREFIX}nm", firmware.elf], capture_output=True, text=True, check=True).stdout
    match = re.search(rf"^(\w+) \w {symbol}$", symbols, re.MULTILINE)
    assert match is not None
    return f"0x{match[1]}"


def test_the_converter_reads_a_ramp(profile: Profile, firmware: Firmware) -> None:
    script = f"""{TRY_CALLS}
adc = ADC(Pin(4))
print([adc.read_u16() for _ in range(3)], adc.read(), ADC(0).read(), adc)
while adc.read() < 4094: pass
print(adc.read_u16(), adc.read_u16())
while adc.read() < 2047: pass
print(adc.read_uv())
adc.atten(ADC.ATTN_11DB); print(adc)
print(ADC(4, atten=ADC.ATTN_6DB), ADC(4) is adc)
attempt(lambda: ADC(5), lambda: ADC(32), lambda: ADC("x"), lambda: ADC(), lambda: adc.atten(4),
        lambda: adc.init(atten=-2), lambda: adc.read_u16(1), lambda: ADC(0, 1))
"""
    assert run(profile, firmware, script).splitlines() == [
        "[0, 16, 32] 3 4 ADC(Pin(4), atten=0)",
        "65535 0",
        "550000",
        "ADC(Pin(4), atten=3)",
        "ADC(Pin(4), atten=0) True",
        "ValueError invalid pin",
        "ValueError invalid pin",
        "ValueError invalid pin",
        "TypeError function missing 1 required positional arguments",
        "ValueError invalid atten",
        "ValueError invalid atten",
        "TypeError function takes 1 positional arguments but 2 were given",
        "TypeError extra positional arguments given",
    ]


def test_pwm_sets_its_channel(profile: Profile, firmware: Firmware) -> None:
    script = f"""{TRY_CALLS}
channels = {address_of(firmware, "hal_pwm")}
pwm = PWM(Pin(5), freq=1000)  # 16 bits
pwm.duty_u16(4321)
print(pwm, pwm.freq(), pwm.duty_u16(), pwm.duty(), [word(channels, i) for i in range(6)])
pwm.duty_u16(0); print(pwm.duty_u16()); pwm.duty_u16(65535); print(pwm.duty_u16())
pwm.freq(20000); pwm.duty(512); print(pwm.duty_u16(), word(channels, 1), word(channels, 5))  # 11 bits
pwm.freq(40000000); print(word(channels, 1))
same, other = PWM(5, duty_u16=1), PWM(6)
print(same.freq(), other)
attempt(lambda: pwm.duty_u16(65536), lambda: pwm.duty_u16(-1), lambda: pwm.duty(1024), lambda: pwm.freq(0),
        lambda: pwm.freq(40000001), lambda: PWM(7, freq=0), lambda: pwm.duty_u16("x"), lambda: PWM(32), lambda: PWM(),
        lambda: PWM(7, 50, 3), lambda: [PWM(pin) for pin in range(10, 20)])
pwm.deinit(); print(pwm, word(channels, 3))
attempt(lambda: pwm.duty_u16(1), lambda: pwm.freq(50))
pwm.init(freq=50); print(pwm)
"""
    assert run(profile, firmware, script).splitlines() == [
        "PWM(Pin(5), freq=1000, duty_u16=4321) 1000 4321 67 [1000, 16, 5, 1, 4321, 4321]",
        "0",
        "65535",
        "32768 11 1024",
        "1",
        "40000000 PWM(Pin(6), freq=5000, duty_u16=32768)",
        "ValueError duty_u16 must be from 0 to 65535",
        "ValueError duty_u16 must be from 0 to 65535",
        "ValueError duty must be from 0 to 1023",
        "ValueError frequency must be from 1Hz to 40MHz",
        "ValueError frequency must be from 1Hz to 40MHz",
        "ValueError frequency must be from 1Hz to 40MHz",
        "TypeError can't convert str to int",
        "ValueError invalid pin",
        "TypeError function missing 1 required positional arguments",
        "TypeError function expected at most 2 arguments, got 3",
        "RuntimeError out of PWM channels:8",
        "PWM(Pin(5)) 0",
        "RuntimeError PWM is inactive",
        "RuntimeError PWM is inactive",
        "PWM(Pin(5), freq=50, duty_u16=1)",  # kept by the call that found the PWM inactive
    ]


def test_the_second_serial_line_takes_every_byte(profile: Profile, firmware: Firmware) -> None:
    script = f"""{TRY_CALLS}
line = {address_of(firmware, "hal_serial1")}
def sent():
    words = [word(line, 2 + i).to_bytes(4, "little") for i in range(32)]
    return word(line, 1), b"".join(words)
uart = UART(1, baudrate=5000000, tx=5, rx=Pin(4))
print(uart, word(line, 0))
print(uart.write(b"abcdefgh"), uart.write(bytearray(b"0123456789"), 4, 3), uart.write(b""), sent()[0], sent()[1][:11])
uart.write(bytes(range(200)))
print(sent()[0], sent()[1][(211 - 1) % 128], sent()[1][211 % 128])
print(uart.any(), uart.read(), uart.readline(), uart.read(3), uart.txdone(), uart.flush())
uart.init(bits=7, parity=1, stop=2); print(uart)
attempt(lambda: UART(0), lambda: UART(2), lambda: UART(-1), lambda: UART(), lambda: UART(1, bits=9),
        lambda: UART(1, stop=3), lambda: UART(1, tx=32), lambda: UART(1, speed=1), lambda: uart.write(7),
        lambda: UART("1"))
uart.deinit(); print(uart.write(b"lost"), word(line, 0))
"""
    assert run(profile, firmware, script).splitlines() == [
        "UART(1, baudrate=5000000, bits=8, parity=None, stop=1, tx=5, rx=4) 5000000",
        "8 3 0 11 b'abcdefgh456'",
        "211 199 72",
        "0 None None None True None",
        "UART(1, baudrate=5000000, bits=7, parity=1, stop=2, tx=5, rx=4)",
        "ValueError UART(0) is disabled (dedicated to REPL)",
        "ValueError UART(2) does not exist",
        "ValueError UART(-1) does not exist",
        "TypeError function missing 1 required positional arguments",
        "ValueError invalid data bits",
        "ValueError invalid stop bits",
        "ValueError invalid pin",
        "TypeError extra keyword arguments given",
        "TypeError object with buffer protocol required",
        "TypeError can't convert str to int",
        "None 0",
    ]


def test_a_soft_reset_frees_the_peripherals(profile: Profile, firmware: Firmware) -> None:
    with Qemu(profile, firmware.elf) as guest, repl(guest) as board:
        for _ in range(3):
            board.enter_raw_repl(soft_reset=True)
            say(board, "from machine import PWM, UART\nUART(1)\nchannels = [PWM(pin) for pin in range(8)]")


def test_a_scheduled_callback_runs_at_the_next_jump(profile: Profile, firmware: Firmware) -> None:
    script = """
from micropython import schedule
seen = []
def wait():
    schedule(seen.append, 1)
    before = len(seen)
    while not seen: pass
    return before, len(seen)
def fill():
    for i in range(20):  # posts two for every one that runs
        schedule(seen.append, i); schedule(seen.append, i)
print(wait())
try:
    fill()
except RuntimeError as error:
    print(error)
"""
    assert run(profile, firmware, script) == "(0, 1)\nschedule queue full"


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
