"""What runs on the board beside a workload: input generators, checksums, and the timing loop.

A workload script imports its helpers from here (`Lcg`, `random_bytes`, `adler32`, `float32`) and defines
`setup(n, seed)`, `run()` and `checksum(result)`. Then `benchlib.measure("sieve", 1000, setup, run, checksum)` times it.

It needs nothing but a stock MicroPython (1.20 or newer). A board without files gets it over the raw REPL, where it
shares the globals of the script that follows: hence the underscore before every name that a script must not replace.
"""

import gc
import sys
import time

_COUNTER_MASK = (1 << 30) - 1  # time.ticks_cpu() keeps 30 bits of the counter
_MAX_PAYLOAD_BYTES = 400  # of the wire protocol
_PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:,/+-"


# ---- what the scripts import ----


class Lcg:
    """A linear congruential generator; C++ has the same one, so both languages get the same inputs."""

    def __init__(self, seed: int):
        self.state = seed

    def next(self) -> int:
        """Return the next number, 0 to 32767: the upper bits, because the lower ones repeat early."""
        self.state = (self.state * 1103515245 + 12345) & 0x7FFFFFFF
        return self.state >> 16


def random_bytes(count: int, seed: int) -> bytearray:
    """Return `count` bytes, each the low 8 bits of one number of the generator."""
    generator = Lcg(seed)
    out = bytearray(count)
    for i in range(count):
        out[i] = generator.next() & 0xFF
    return out


def adler32(buffer, start: int = 1) -> int:
    """Return the Adler-32 of the buffer's bytes (arrays count as little-endian), as zlib.adler32 does."""
    a = start & 0xFFFF
    b = start >> 16
    for byte in bytes(buffer):
        a = (a + byte) % 65521
        b = (b + a) % 65521
    return (b << 16) | a


def float32(value):
    """Return the value in single precision: as it is, on MicroPython. The host's reference replaces this function."""
    return value


# ---- the wire protocol ----


def _crc16(text: str) -> int:
    """CRC-16/XMODEM by the bit: binascii is not on every board."""
    crc = 0
    for byte in text.encode():
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
        crc &= 0xFFFF
    return crc


def _encode(value, room: int) -> str:
    """Percent-encode a value, and cut it after the last character that fits into `room`."""
    text = ""
    for char in str(value):
        code = char if char in _PLAIN else "".join([f"%{byte:02X}" for byte in char.encode()])
        if len(text) + len(code) > room:
            break
        text += code
    return text


def _send(event: str, *pairs) -> None:
    """Print one framed line: the event, then the (key, value) pairs in the order given."""
    payload = event
    for key, value in pairs:
        payload += f" {key}="
        payload += _encode(value, _MAX_PAYLOAD_BYTES - len(payload))
    print(f"@B1 {payload} *{len(payload):04X}{_crc16(payload):04X}")


def _is_virtual() -> bool:
    return sys.platform.startswith("virtual")


def _clock_hz(wanted: int = 0) -> int:
    """Set the processor's clock when another one is wanted, and return what it then is."""
    import machine  # here, because the host that computes the reference has none

    if wanted and machine.freq() != wanted:
        machine.freq(wanted)
    return machine.freq()


def _version() -> str:
    """Return MicroPython's version, such as 1.28.0 or 1.29.0-preview: a release has no fourth part, or an empty one."""
    parts = [str(part) for part in sys.implementation.version if part != ""]
    return "-".join([".".join(parts[:3])] + parts[3:])


def _selftest() -> str:
    """Let a virtual board prove again that it counts single instructions; a real chip has no such test."""
    import machine

    if not _is_virtual():
        return "none"
    return "ok" if machine.selftest() else "failed"


def ready(id: int = 0, clock_hz: int = 0) -> None:
    """Say what this board is; a `clock_hz` other than 0 is set first, and the line tells the clock read back."""
    _send(
        "ready",
        ("id", id),
        ("protocol", 1),
        ("language", "micropython"),
        ("board", sys.platform),
        ("version", _version()),
        ("clock_hz", _clock_hz(clock_hz)),
        ("tick_unit", "instruction" if _is_virtual() else "cycle"),
        ("simulated", 1 if _is_virtual() else 0),
        ("selftest", _selftest()),
        ("heap_bytes", gc.mem_alloc() + gc.mem_free()),
        ("machine", getattr(sys.implementation, "_machine", "")),
        ("build", sys.version.split("; ")[-1]),
    )


def _send_sample(id: int, workload: str, n: int, index: int, loops: int, ticks: int, checksum: int) -> None:
    _send(
        "sample",
        ("id", id),
        ("workload", workload),
        ("n", n),
        ("index", index),
        ("loops", loops),
        ("ticks", ticks),
        ("checksum", f"{checksum:08x}"),
    )


# ---- the measurement ----


def _widen(fine: int, coarse_us: int, clock_hz: int) -> int:
    """Return the tick count that the wrapping counter's difference stands for: the one nearest to the coarse clock's.

    Small integers only, but for the result of a very long block: the coarse clock's last digit depends on when the block
    began, and such digits in a big integer on the heap can look like an address to the garbage collector.
    """
    fine &= _COUNTER_MASK
    ticks_per_us = clock_hz // 1000000
    wrap_us = _COUNTER_MASK // ticks_per_us
    wraps = (coarse_us - fine // ticks_per_us + wrap_us // 2) // wrap_us
    return fine + wraps * (_COUNTER_MASK + 1) if wraps else fine


def _timed_block(run, loops: int, clock_hz: int):
    """Execute run() `loops` times; return the ticks that took, and the last result."""
    ticks_us = time.ticks_us
    ticks_cpu = time.ticks_cpu
    result = None
    coarse0 = ticks_us()
    fine0 = ticks_cpu()
    for _ in range(loops):
        result = run()
    fine1 = ticks_cpu()
    coarse1 = ticks_us()
    return _widen(fine1 - fine0, time.ticks_diff(coarse1, coarse0), clock_hz), result


def _block(run, loops: int, clock_hz: int, collect: bool):
    """Collect garbage, then time a block, with the collector off in it where `collect` is False."""
    gc.collect()
    if collect:
        return _timed_block(run, loops, clock_hz)
    gc.disable()
    try:
        return _timed_block(run, loops, clock_hz)
    finally:
        gc.enable()


def _warm_up(id: int, run, loops: int, min_ticks: int, clock_hz: int, collect: bool) -> int:
    """Execute the blocks that are not recorded; return the `loops` of the recorded ones (0: find it by doubling)."""
    automatic = loops == 0
    loops = loops or 1
    while True:
        try:
            ticks, _ = _block(run, loops, clock_hz, collect)
        except MemoryError:
            if collect or not automatic or loops == 1:
                raise
            return loops // 2  # the longest block that the heap can bear without its collector
        _send("heartbeat", ("id", id), ("phase", "warmup"))
        if not automatic or ticks >= min_ticks:
            return loops
        loops *= 2


def _held_bytes(setup, n: int, seed: int) -> int:
    """Execute setup(); return the heap bytes that its inputs and outputs hold."""
    gc.collect()
    before = gc.mem_alloc()
    setup(n, seed)
    gc.collect()
    return gc.mem_alloc() - before


def _allocated_bytes(run) -> int:
    """Return the heap bytes that one execution takes while nothing is collected, -1 if the heap cannot bear that."""
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    try:
        run()
        return gc.mem_alloc() - before
    except MemoryError:
        return -1
    finally:
        gc.enable()


def measure(workload, n, setup, run, checksum, seed=1, loops=0, min_ticks=0, samples=3, id=0, collect=True):
    """Time a workload, given by its name and its three functions, at size n, and print one line a sample.

    loops: executions in a timed block; 0 doubles them until a block lasts `min_ticks` (0: 10 ms of the board's clock).
    collect: whether the garbage collector is on in timed blocks. What the workload raises is printed, and sent as an
    error line.
    """
    try:
        clock_hz = _clock_hz()
        _send("heartbeat", ("id", id), ("phase", "setup"))
        held = _held_bytes(setup, n, seed)
        loops = _warm_up(id, run, loops, min_ticks or clock_hz // 100, clock_hz, collect)
        for index in range(samples):
            ticks, result = _block(run, loops, clock_hz, collect)
            _send_sample(id, workload, n, index, loops, ticks, checksum(result))
        memory = [("held_bytes", held), ("allocated_bytes", _allocated_bytes(run))]
        _send("done", ("id", id), ("samples", samples), *[pair for pair in memory if pair[1] >= 0])
    except Exception as error:
        gc.collect()
        sys.print_exception(error)
        code = "out_of_memory" if isinstance(error, MemoryError) else "exception"
        _send("error", ("id", id), ("code", code), ("message", f"{type(error).__name__}: {error}"))


if __name__ == "__main__":  # sent over the raw REPL: no file is there to import, so the name is entered by hand
    import __main__

    sys.modules["benchlib"] = __main__
