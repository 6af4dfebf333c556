"""The virtual board as the harness sees it: builds both images, boots them in QEMU, describes itself."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

from bench import paths
from bench.board import BoardFacts, Image, Log
from bench.errors import LinkLost, ToolError
from bench.link import Link
from bench.variants import build_of
from bench.virtual_board.profiles import Profile, find_profile
from bench.virtual_board.qemu import EXACT_ICOUNT, Qemu, qemu_version

CLOCK_HZ = 1_000_000_000  # with shift=0, one instruction is one nanosecond of virtual time
# About what 10 ms are on a 240 MHz ESP32: long enough that the garbage collector's cost is in a sample as it is there.
MIN_TICKS = 1_000_000


class GuestTime:
    """Adds up what the guests of one board cost: QEMU's processor time, and the spans in which any guest was up."""

    def __init__(self) -> None:
        self.cpu_s = 0.0
        self.any_guest_s = 0.0
        self._up = 0
        self._since = 0.0
        self._lock = threading.Lock()

    def begin(self) -> None:
        """A guest starts."""
        with self._lock:
            if self._up == 0:
                self._since = time.monotonic()
            self._up += 1

    def end(self, cpu_s: float) -> None:
        """A guest that used `cpu_s` of the host's processor has ended."""
        with self._lock:
            self._up -= 1
            self.cpu_s += cpu_s
            if self._up == 0:
                self.any_guest_s += time.monotonic() - self._since


class VirtualBoard:
    """QEMU RISC-V as a board. Counts are retired instructions: exact, whatever else the host does."""

    min_ticks = MIN_TICKS
    line_may_fail = False

    def __init__(
        self, profile_name: str, *, micropython_dir: Path | None = None, catalogue: Path | None = None
    ) -> None:
        self.profile: Profile = find_profile(profile_name)
        self.facts = BoardFacts(
            name=self.profile.name,
            stands_for=self.profile.stands_for,
            isa=self.profile.isa,
            fpu=self.profile.fpu,
            simulated=True,
            tick_unit="instruction",
            clock_hz=CLOCK_HZ,
            simulator=f"QEMU {qemu_version()} -icount {EXACT_ICOUNT}",
        )
        # Half of a short measurement is waiting: for QEMU to start, for a script to cross the serial line.
        self.max_parallel = 2 * (os.cpu_count() or 1)
        self.guest_time = GuestTime()
        self._micropython_dir = micropython_dir
        self._catalogue = catalogue  # a person's own: the suite holds its workloads too
        self._elf: dict[str, Path] = {}
        self._guests: set[Qemu] = set()
        self._guests_lock = threading.Lock()
        self._aborted = False

    def prepare(self, program: str, log: Log) -> Image:
        """Build the suite or MicroPython, or take it from the cache."""
        if program == "micropython":
            return self._prepare_micropython(log)
        return self._prepare_arduino(program, log)

    def adopt(self, program: str, elf: Path) -> None:
        """Have `boot(program)` start a file that somebody else has built."""
        self._elf[program] = elf

    def image(self, program: str) -> Path:
        """The ELF file that was prepared for the program."""
        return self._elf[program]

    @contextmanager
    def boot(self, program: str, options: Sequence[str] = ()) -> Iterator[Link]:
        """A fresh guest and the link to its UART; the guest is killed at the end. `options`: more of QEMU's."""
        with self._running_guest(program, options) as guest:
            try:
                with closing(Link.open(guest.url, is_alive=guest.is_alive)) as link:
                    yield link
            except ToolError as error:
                if guest.is_alive():
                    raise
                raise LinkLost(f"{error}: {guest.describe_end()}") from error

    def abort(self) -> None:
        """Kill every guest, and start none any more."""
        with self._guests_lock:
            self._aborted = True
            for guest in self._guests:
                guest.kill()

    @contextmanager
    def _running_guest(self, program: str, options: Sequence[str]) -> Iterator[Qemu]:
        with self._guests_lock:
            if self._aborted:
                raise LinkLost("the virtual board was told to stop")
            guest = Qemu(self.profile, self.image(program), options=options)
            self._guests.add(guest)
        self.guest_time.begin()
        try:
            yield guest
        finally:
            guest.stop()
            self.guest_time.end(guest.cpu_s)
            with self._guests_lock:
                self._guests.discard(guest)

    def _prepare_arduino(self, program: str, log: Log) -> Image:
        from bench.platformio_build import build_sketch

        optimisation, layout = build_of(program)
        sketch = build_sketch(
            self.profile.name,
            "suite",
            optimisation=optimisation,
            layout=layout,
            cache_dir=paths.cache_dir(),
            log=log,
            own=self._catalogue,
        )
        self._elf[program] = sketch.elf
        return Image(sketch.image_hash, sketch.provenance())

    def _prepare_micropython(self, log: Log) -> Image:
        from bench.virtual_board.firmware import build_micropython

        firmware = build_micropython(
            self.profile.name, cache_dir=paths.cache_dir(), micropython_dir=self._micropython_dir, log=log
        )
        self._elf["micropython"] = firmware.elf
        facts = asdict(firmware)
        del facts["elf"]  # where it lies says something of this computer only
        return Image(firmware.sha256[:12], facts)
