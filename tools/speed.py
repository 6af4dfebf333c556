"""`make speed`: how long a full warm run takes, and how much of that is spent outside QEMU."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.plan import Measurement
from bench.runs import Choices, new_run
from bench.session import Failure
from bench.virtual_board.board import VirtualBoard

TARGET_S = 40.0
TARGET_OUTSIDE = 0.25


class Silent:
    """A watcher that says nothing."""

    def log(self, text: str) -> None:
        """Not shown."""

    def begin(self, measurements: Sequence[Measurement], samples: int) -> None:
        """Not shown."""

    def done(self, measurement: Measurement, failure: Failure | None) -> None:
        """Not shown."""


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


def main() -> None:
    """Print both targets with what was reached."""
    with tempfile.TemporaryDirectory(prefix="bench-speed-") as folder:
        timed_run(Path(folder) / "warm-up")  # builds what is not in the cache
        wall_s, board = timed_run(Path(folder) / "run")
    outside = 1 - board.guest_time.any_guest_s / wall_s
    processor = board.guest_time.cpu_s / (wall_s * board.max_parallel)
    print(f"full warm run on virtual-esp32: {wall_s:.1f} s (target {TARGET_S:g} s, ratio {wall_s / TARGET_S:.2f})")
    print(f"without any guest running: {100 * outside:.1f} % of it (target below {100 * TARGET_OUTSIDE:g} %)")
    print(f"QEMU's share of the {board.max_parallel} processors: {100 * processor:.0f} %")


if __name__ == "__main__":
    main()
