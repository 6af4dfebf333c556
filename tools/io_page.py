"""Prints docs/io.md: the I/O programs, and what their operations cost in the reference run."""

from __future__ import annotations

import sys
from pathlib import Path

PROJECT = Path(__file__).parent.parent
sys.path.insert(0, str(PROJECT))  # this checkout, wherever bench is installed from

from bench.frames import load_run  # noqa: E402
from bench.io_page import io_page  # noqa: E402

if __name__ == "__main__":
    print(io_page(load_run(PROJECT / "results" / "reference-virtual-esp32")), end="")
