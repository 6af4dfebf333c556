"""`make scale`: how loading, summarising, charting and comparing grow with the number of samples and of runs.

The runs are made up: nothing is measured. Each line comes from a process of its own, so that the memory is its own.
"""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np

from bench.plan import KEY_COLUMNS
from bench.results import COLUMNS, SCHEMA

SAMPLES = (10_000, 100_000, 1_000_000)
RUNS = (5, 50, 500)
SAMPLES_A_RUN = 2_000
TARGETS = {"one": (10.0, 1000), "compare": (20.0, 1000)}  # seconds and MB, at the largest size
_IMAGES = {"arduino": "a0a0a0a0", "micropython": "b1b1b1b1"}
_VARIANTS = {"arduino": "Os", "micropython": "bytecode"}


def write_run(folder: Path, samples: int, workloads: int, sizes: int, seed: int = 0) -> None:
    """A finished run with about this many noisy samples on a board that does not exist."""
    names = ["empty", *(f"workload_{place:02}" for place in range(workloads))]
    keys = [
        (name, language, _VARIANTS[language], n)
        for language, name in product(_VARIANTS, names)
        for n in ([1, 1000] if name == "empty" else [10**size for size in range(1, sizes + 1)])
    ]
    each = max(2, samples // len(keys))
    random = np.random.default_rng(seed)
    lines = [",".join(COLUMNS)]
    for place, key in enumerate(keys):
        name, language, _, n = key
        loops = n if name == "empty" else 8
        middle = 100 + 7 * n if name == "empty" else 10**5 * (1 + place)
        head, tail = ",".join(map(str, key)), f"cycle,{n:08x},{_IMAGES[language]}"
        ticks = np.maximum(random.normal(middle, middle / 500, each), 1).astype(int)
        lines += [f"{head},{index},{loops},{count},{tail}" for index, count in enumerate(ticks)]
    data = ("\n".join(lines) + "\n").encode("ascii")
    folder.mkdir(parents=True)
    (folder / "samples.csv").write_bytes(data)
    (folder / "run.json").write_text(json.dumps(_facts(folder.name, names, keys, each, data)))


def _facts(run_id: str, names: list[str], keys: list[tuple[str, str, str, int]], each: int, data: bytes) -> object:
    hashes = dict.fromkeys(_VARIANTS, "")
    groups = ("control", "integer", "float", "machine")
    return {
        "schema": SCHEMA,
        "run_id": run_id,
        "status": "complete",
        "board": {"name": "made-up", "stands_for": "no board", "simulated": False, "tick_unit": "cycle"},
        "settings": {"samples": each},
        "plan": [dict(zip(KEY_COLUMNS, key, strict=True)) for key in keys],
        "workloads": {
            name: {"group": groups[place % 4] if place else "overhead", "source_sha256": hashes}
            for place, name in enumerate(names)
        },
        "languages": {language: {"image": image} for language, image in _IMAGES.items()},
        "failures": [],
        "samples_file": {"rows": data.count(b"\n") - 1, "sha256": hashlib.sha256(data).hexdigest()},
    }


def use_one(folder: Path) -> None:
    """Load, summarise and chart a run; print the seconds of each step."""
    from bench.analysis import overhead_ratios, summarise
    from bench.charts import overhead_chart
    from bench.frames import load_run

    clock = Stopwatch()
    frame = load_run(folder / "run")
    clock.lap("load")
    summarise(frame)
    overhead_ratios(frame)
    clock.lap("summarise")
    overhead_chart(frame).savefig(folder / "chart.png")
    clock.lap("chart")
    clock.report(f"{len(frame):>9,} samples of one run")


def use_compare(folder: Path) -> None:
    """Load and compare all runs of a folder; print the seconds."""
    from bench.compare import compare
    from bench.frames import load_run

    clock = Stopwatch()
    paths = sorted(folder.iterdir())
    comparison = compare(load_run(path) for path in paths)
    clock.lap("load and compare")
    clock.report(f"{len(paths):>5} runs of {SAMPLES_A_RUN:,} samples, {len(comparison.rows):,} ratios")


class Stopwatch:
    """Seconds from lap to lap, and the peak memory of this process."""

    def __init__(self) -> None:
        self._started = self._last = time.monotonic()
        self._laps: list[str] = []

    def lap(self, name: str) -> None:
        """What was done since the last lap."""
        now = time.monotonic()
        self._laps.append(f"{name} {now - self._last:.2f} s")
        self._last = now

    def report(self, what: str) -> None:
        """One line."""
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(f"{what}: {self._last - self._started:.2f} s, {memory:.0f} MB ({', '.join(self._laps)})", flush=True)


USES: dict[str, Callable[[Path], None]] = {"one": use_one, "compare": use_compare}


def in_own_process(use: str, folder: Path) -> None:
    """Run a use on a folder."""
    subprocess.run([sys.executable, __file__, use, str(folder)], check=True)


def main() -> None:
    """Print each size with what it took; the targets stand before."""
    if len(sys.argv) == 3:
        USES[sys.argv[1]](Path(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory(prefix="bench-scale-") as temporary:
        for use, sizes in (("one", SAMPLES), ("compare", RUNS)):
            print("{}: target {:g} s and {} MB at the largest size".format(use, *TARGETS[use]))
            for size in sizes:
                folder = Path(temporary) / f"{use}-{size}"
                if use == "one":
                    write_run(folder / "run", size, workloads=24, sizes=2)
                else:
                    for index in range(size):
                        write_run(folder / f"run-{index:03}", SAMPLES_A_RUN, workloads=9, sizes=2, seed=index)
                in_own_process(use, folder)


if __name__ == "__main__":
    main()
