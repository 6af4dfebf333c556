"""`make speed`: how long a full warm run takes, how much of it is spent outside QEMU, and how long `--help` takes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.runs import Choices, Silent, new_run
from bench.virtual_board.board import VirtualBoard

TARGET_S = 40.0
TARGET_OUTSIDE = 0.25
TARGET_COMMAND_S = 0.3


def timed_run(folder: Path) -> tuple[float, VirtualBoard]:
    """A whole `bench run`, table and charts included; gives its wall time and the board with its guest times."""
    started = time.monotonic()
    board = VirtualBoard("virtual-esp32")
    finished = new_run(board, Choices(), Silent(), folder)
    if finished.exit_code:
        sys.exit(f"{len(finished.outcome.failures)} measurements failed: {finished.outcome.failures[0].message}")
    from bench.charts import save_charts
    from bench.frames import load_run

    save_charts(load_run(finished.path), finished.path)
    return time.monotonic() - started, board


def seconds_of(*arguments: str) -> float:
    """The best of five times of `bench ...` in a process of its own."""
    times = []
    for _ in range(5):
        started = time.monotonic()
        subprocess.run([sys.executable, "-m", "bench", *arguments], stdout=subprocess.DEVNULL, check=True)
        times.append(time.monotonic() - started)
    return min(times)


def main() -> None:
    """Print each target with what was reached."""
    with tempfile.TemporaryDirectory(prefix="bench-speed-") as folder:
        timed_run(Path(folder) / "warm-up")  # builds what is not in the cache
        wall_s, board = timed_run(Path(folder) / "run")
    outside = 1 - board.guest_time.any_guest_s / wall_s
    processors = os.cpu_count() or 1
    processor = board.guest_time.cpu_s / (wall_s * processors)
    print(f"full warm run on virtual-esp32: {wall_s:.1f} s (target {TARGET_S:g} s, ratio {wall_s / TARGET_S:.2f})")
    print(f"without any guest running: {100 * outside:.1f} % of it (target below {100 * TARGET_OUTSIDE:g} %)")
    for command in ("--help", "list"):
        print(f"bench {command}: {seconds_of(command):.2f} s (target {TARGET_COMMAND_S:g} s)")
    print(f"QEMU's share of the {processors} processors: {100 * processor:.0f} %")


if __name__ == "__main__":
    main()
