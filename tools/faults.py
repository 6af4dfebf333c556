"""`make faults`: hundreds of measurements over a line that fails on purpose, each fault placed by a seed; the tally.

tools/faults.py [count [first seed]]
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.virtual_board.board import VirtualBoard
from tests.faulty_runs import Result, Trial, prepare_trials

WORKERS = 3
COUNT = 300


def main() -> None:
    """Run, print what is not as it should be, and the tally; exit code 1 where a figure was wrong or time ran out."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    started = time.monotonic()
    trials = prepare_trials(VirtualBoard("virtual-esp32"))
    with ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(lambda seed: _run(trials, seed), range(first, first + count)))
    _print_tally(results)
    print(f"{count} runs in {time.monotonic() - started:.0f} s")
    sys.exit(any(result.is_bad for result in results))


def _run(trials: Trial, seed: int) -> Result:
    result = trials.run(seed)
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
    print(f"slowest: {slowest.seconds:.1f} s, {slowest}")


if __name__ == "__main__":
    main()
