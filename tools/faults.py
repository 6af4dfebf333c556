"""`make faults`: hundreds of measurements over a line that fails on purpose, each fault placed by a seed; the tallies.

The first set measures on the virtual board, the second one on an emulated ESP32 that is identified, flashed and
measured by the real board's code.

tools/faults.py [-v] [count of the first set [count of the second [first seed]]]
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.virtual_board.board import VirtualBoard
from tests.faulty_esp32 import prepared_esp32
from tests.faulty_runs import Result, prepare_trials

WORKERS = 3
COUNTS = (300, 150)


def main() -> None:
    """Run, print what is not as it should be, and the tallies; exit code 1 where a figure was wrong or time ran out."""
    numbers = [int(word) for word in sys.argv[1:] if word != "-v"]
    line_count, esp32_count, first = (*numbers, *(*COUNTS, 0)[len(numbers) :])
    trials = prepare_trials(VirtualBoard("virtual-esp32"))
    results = _run_all("the virtual board over a line", trials.run, range(first, first + line_count))
    with prepared_esp32(trials) as esp32:
        results += _run_all("an emulated ESP32", esp32.run, range(first, first + esp32_count))
    sys.exit(any(result.is_bad for result in results))


def _run_all(what: str, run: Callable[[int], Result], seeds: range) -> list[Result]:
    if not seeds:
        return []
    started = time.monotonic()
    with ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(lambda seed: _run(run, seed), seeds))
    print(f"{what}: {len(seeds)} runs in {time.monotonic() - started:.0f} s")
    _print_tally(results)
    return results


def _run(run: Callable[[int], Result], seed: int) -> Result:
    result = run(seed)
    if result.is_bad or "-v" in sys.argv:
        print(f"seed {seed}: {result}", flush=True)
    return result


def _print_tally(results: list[Result]) -> None:
    outcomes = sorted({result.outcome for result in results})
    kinds = sorted({result.kind for result in results})
    rows = Counter((result.kind, result.outcome) for result in results)
    width = max(map(len, outcomes))
    print(f"{'fault':12} {'runs':>5}  " + "  ".join(f"{outcome:>{width}}" for outcome in outcomes))
    for kind in [*kinds, "all"]:
        counts = [sum(n for (k, o), n in rows.items() if o == outcome and kind in (k, "all")) for outcome in outcomes]
        print(f"{kind:12} {sum(counts):5}  " + "  ".join(f"{n:{width}}" for n in counts))
    slowest = max(results, key=lambda result: result.seconds)
    print(f"slowest: {slowest.seconds:.1f} s, {slowest}\n", flush=True)


if __name__ == "__main__":
    main()
