"""`make speed`: how long runs and small commands take on a warm cache of builds, each with its target."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.anatomy.dissect import Wanted, dissect
from bench.runs import Choices, Silent, new_run
from bench.variants import ALL
from bench.virtual_board.board import VirtualBoard

TARGETS_S = {"quick": 60.0, "everything": 600.0, "everything again": 10.0}
TARGET_ANATOMY_S = 120.0
TARGET_OUTSIDE = 0.25
TARGET_COMMAND_S = 0.3


def timed_run(folder: Path, choices: Choices) -> tuple[float, VirtualBoard]:
    """A `bench run`, table and charts included; gives its wall time and the board with its guest times."""
    started = time.monotonic()
    board = VirtualBoard("virtual-esp32")
    finished = new_run(board, choices, Silent(), folder)
    if finished.exit_code:
        sys.exit(f"{len(finished.outcome.failures)} measurements failed: {finished.outcome.failures[0].message}")
    from bench.charts import save_charts
    from bench.frames import load_run

    save_charts(load_run(finished.path), finished.path)
    return time.monotonic() - started, board


def timed_anatomy(run: Path) -> float:
    """The wall time of profiling all measurements of a run."""
    started = time.monotonic()
    finished = dissect(run, Wanted(fresh=True), Silent())
    if finished.exit_code:
        sys.exit(f"{len(finished.failures)} profiles failed: {finished.failures[0].message}")
    return time.monotonic() - started


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
    kinds = {
        "quick": ("one n, headline variants", Choices(quick=True, fresh=True)),
        "everything": ("every n and variant, collector on and off", Choices(variants=(ALL,), fresh=True)),
        "everything again": ("the same, unchanged since", Choices(variants=(ALL,))),
    }
    processors = os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="bench-speed-") as folder:
        timed_run(Path(folder) / "warm-up", Choices(workloads=("fib",), variants=(ALL,)))  # builds what is not there
        for kind, (what, choices) in kinds.items():
            wall_s, board = timed_run(Path(folder) / kind.replace(" ", "-"), choices)
            target = TARGETS_S[kind]
            print(f"{kind} ({what}): {wall_s:.1f} s (target {target:g} s, ratio {wall_s / target:.2f})")
            if kind == "quick":
                anatomy_s = timed_anatomy(Path(folder) / kind)
                ratio = anatomy_s / TARGET_ANATOMY_S
                print(f"its anatomy, anew: {anatomy_s:.1f} s (target {TARGET_ANATOMY_S:g} s, ratio {ratio:.2f})")
            if kind == "everything":
                outside = 1 - board.guest_time.any_guest_s / wall_s
                processor = board.guest_time.cpu_s / (wall_s * processors)
                print(f"  without any guest running: {100 * outside:.1f} % of it (target {100 * TARGET_OUTSIDE:g} %)")
                print(f"  QEMU's share of the {processors} processors: {100 * processor:.0f} %")
    for command in ("--help", "list"):
        print(f"bench {command}: {seconds_of(command):.2f} s (target {TARGET_COMMAND_S:g} s)")


if __name__ == "__main__":
    main()
