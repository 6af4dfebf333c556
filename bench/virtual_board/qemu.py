"""One QEMU process running one image, its UART on a TCP socket."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from bench.errors import BoardError, ToolError
from bench.virtual_board.profiles import Profile

QEMU = "qemu-system-riscv32"
EXACT_ICOUNT = "shift=0,sleep=off"  # one instruction is one nanosecond of virtual time, and idling adds none
RAM_START, RAM_BYTES = 0x80000000, 8 * 2**20
_HARMLESS = (
    "icount sleep disabled",  # the guest is idle and waits for the serial line
    "No satp mode set",  # there is no memory management to set up
)
_CLOCK_TICKS_PER_S = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def find_qemu() -> str:
    """The path of QEMU; ToolError with the command that installs it."""
    path = shutil.which(QEMU)
    if path is None:
        raise ToolError(f"{QEMU} is not installed: the virtual board needs it; `make setup` installs it")
    return path


@cache
def qemu_version() -> str:
    """QEMU's version, such as ``7.2.22``."""
    output = subprocess.run([find_qemu(), "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"version (\d[\w.]*)", output)
    if match is None:
        raise ToolError(f"{QEMU} --version printed no version: {output.strip()[:80]!r}")
    return match[1]


@cache
def _known_cpus() -> str:
    return subprocess.run([find_qemu(), "-cpu", "help"], capture_output=True, text=True, check=False).stdout


def _cpu_option(profile: Profile) -> str:
    """The processor for -cpu: exactly the extensions that the compilers may use, and the counters."""
    single = "on" if profile.fpu else "off"
    if re.search(r"\brv32i\b", _known_cpus()):  # QEMU 9 and later: a processor to which everything must be added
        return f"rv32i,m=on,c=on,f={single},zicsr=on,zicntr=on"
    # Older: a processor with everything, from which things must be taken. Zawrs, new in 8, would insist on A.
    without_new = "" if qemu_version().startswith("7.") else ",zawrs=off"
    return f"rv32,i=on,m=on,c=on,a=off,f={single},d=off,h=off,s=off,u=off,mmu=off,pmp=off,sstc=off{without_new}"


@dataclass(frozen=True)
class GuestExit:
    """How a QEMU process ended: its exit status (negative: killed by that signal) and its messages."""

    status: int
    messages: str


class Qemu:
    """A running guest. A context manager: leaving it kills the process, whatever happened inside."""

    def __init__(
        self, profile: Profile, elf: Path, *, icount: str | None = EXACT_ICOUNT, options: Sequence[str] = ()
    ) -> None:
        self._messages: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `stop`)
        listener = socket.create_server(("127.0.0.1", 0))
        try:
            # The listening socket is handed over, so that no other process can take the port in between. `wait=on`
            # holds the guest until somebody is connected: not a byte of its banner is lost.
            self.url = f"socket://127.0.0.1:{listener.getsockname()[1]}"
            command = [*_command(profile, elf, icount, listener.fileno()), *options]
            self._process = subprocess.Popen(
                command,
                pass_fds=[listener.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._messages,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            raise ToolError(f"cannot start {QEMU}: {error}") from error
        finally:
            listener.close()
        self.cpu_s = 0.0

    def __enter__(self) -> Qemu:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id of QEMU."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether the guest still runs."""
        return self._process.poll() is None

    def wait_for_exit(self, timeout_s: float) -> GuestExit:
        """Wait until the guest ends by itself; BoardError when it does not."""
        try:
            status = self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise BoardError(
                f"the virtual board was expected to power off within {timeout_s:g} s and still runs"
            ) from None
        return GuestExit(status, self._read_messages())

    def describe_end(self) -> str:
        """A few words on how the process ended, for an error message."""
        status = self._process.poll()
        if status is None:
            return "QEMU still runs"
        how = f"QEMU was killed by signal {-status}" if status < 0 else f"QEMU exited with status {status}"
        messages = self._read_messages().strip().splitlines()
        return f"{how} ({messages[-1]})" if messages else how

    def kill(self) -> None:
        """Power off at once; `stop` still has to follow."""
        self._process.kill()

    def stop(self) -> None:
        """Kill the guest and release what it held. Harmless when called twice."""
        if self._process.poll() is None:
            self.cpu_s = _cpu_seconds(self._process.pid)
            self._process.kill()
        self._process.wait()
        if not self._messages.closed:
            self._kept_messages = self._read_messages()
            self._messages.close()

    def _read_messages(self) -> str:
        if self._messages.closed:
            return self._kept_messages
        self._messages.seek(0)
        text = self._messages.read().decode("utf-8", "replace")
        return "\n".join(line for line in text.splitlines() if not any(words in line for words in _HARMLESS))


def _command(profile: Profile, elf: Path, icount: str | None, listener_fd: int) -> list[str]:
    command = [
        find_qemu(),
        "-M",
        "virt",
        "-cpu",
        _cpu_option(profile),
        "-m",
        f"{RAM_BYTES >> 20}M",
        "-smp",
        "1",
        "-bios",
        "none",
    ]
    command += ["-nodefaults", "-display", "none", "-monitor", "none"]
    if icount is not None:  # without it, the guest's counters run with the host's clock, and its self-test fails
        command += ["-icount", icount]
    command += ["-chardev", f"socket,id=uart,fd={listener_fd},server=on,wait=on,nodelay=on", "-serial", "chardev:uart"]
    command += ["-kernel", str(elf)]
    setpriv = shutil.which("setpriv")
    # The kernel kills the guest when the harness dies, however it dies: no orphan burns a core.
    return [setpriv, "--pdeathsig", "KILL", *command] if setpriv else command


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _CLOCK_TICKS_PER_S
