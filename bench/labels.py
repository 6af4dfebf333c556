"""How figures, units and origins are worded, the same in tables, charts and messages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

LANGUAGE_NAMES = {"arduino": "Arduino C++", "micropython": "MicroPython"}
UNIT_NAMES = {"instruction": "instructions", "cycle": "cycles", "us": "µs"}


def ratio_text(ratio: float) -> str:
    """A ratio in three significant digits, from 1000 on as a whole number: 1.52×, 46.4×, 330×, 1893×."""
    if not 0 < ratio < math.inf:
        return "too short to tell"
    rounded = float(f"{ratio:.2e}")  # 9.996 becomes 10.0, which has one decimal less
    decimals = max(0, 2 - math.floor(math.log10(rounded)))
    return f"{ratio:.{decimals}f}×"


def reach_text(ratio: float, low: float, high: float) -> str:
    """How far an interval reaches from its ratio, the wider side in percent of the ratio: 0.3 %, to stand after a ±."""
    if not 0 < ratio < math.inf or math.isnan(low) or math.isnan(high):
        return "-"
    reach = 100 * max(high - ratio, ratio - low) / ratio
    if reach == math.inf:
        return "∞"
    if reach < 0.01:
        return "<0.01 %"
    return f"{reach:.2f} %" if reach < 1 else f"{reach:.1f} %" if reach < 10 else f"{reach:.0f} %"


def interval_text(row: Mapping[Any, Any], *, simulated: bool) -> str:
    """How far the interval of a ratio reaches, for a cell: a row of `bench.analysis.overhead_ratios`."""
    if row["samples"] == 1:
        return "1 sample"
    if row["constant"] and simulated and row["ratio"] > 0:
        return "exact"
    return reach_text(row["ratio"], row["ratio_low"], row["ratio_high"])


def samples_text(run: Mapping[str, Any]) -> str:
    """How many samples a measurement has: 3 samples, or 3 samples in each of 5 code layouts of C++."""
    settings = run["settings"]
    layouts = settings.get("layouts", 1)
    return f"{settings.get('samples')} samples" + (f" in each of {layouts} code layouts of C++" if layouts > 1 else "")


def scope_text(rows: pd.DataFrame) -> str:
    """What the intervals of these rows of `bench.analysis.overhead_ratios` cover."""
    layouts = int(rows["layouts"].min()) if len(rows) else 1
    if layouts < 2:
        return "repeats of one build, other builds are not in it"
    return f"repeats, widest over {layouts} code layouts of C++, other compilers and firmware are not in it"


def share_text(share: float) -> str:
    """A share of a whole: 33 %, 6.5 %, -2.0 %; a dash where there is none."""
    return "-" if math.isnan(share) else f"{100 * share:z.{1 if abs(share) < 0.0995 else 0}f} %"


def ticks_text(ticks: float) -> str:
    """Ticks per execution: whole numbers in groups of three, those below 100 with a decimal."""
    if math.isnan(ticks):
        return "-"
    decimals = 1 if abs(round(ticks, 1)) < 100 else 0
    return f"{ticks:z,.{decimals}f}".replace(",", " ")


def spread_text(spread: float) -> str:
    """The spread beside a geometric mean, NaN where there is but one value."""
    return "no spread: one value" if math.isnan(spread) else f"spread ×/÷ {spread:.2f}"


def unit_text(run: Mapping[str, Any]) -> str:
    """The unit of the run's figures, in words that never pass a count off as time."""
    unit = str(run["board"].get("tick_unit", ""))
    return "retired instructions" if unit == "instruction" else UNIT_NAMES.get(unit, unit)


def origin_text(run: Mapping[str, Any]) -> str:
    """One sentence on whether the figures were simulated."""
    board = run["board"]
    if board.get("simulated"):
        return f"simulated on {board.get('name')} ({board.get('isa')} in {_simulator(board)}); instructions, not time"
    clock = board.get("clock_hz")
    at = f", {clock // 10**6} MHz" if isinstance(clock, int) and clock > 0 else ""
    return f"measured on {board.get('name')} ({board.get('stands_for')}{at})"


def provenance_text(run: Mapping[str, Any]) -> str:
    """The short form of where the figures come from, for a chart's corner."""
    languages = run["languages"]
    arduino, micropython = languages.get("arduino", {}), languages.get("micropython", {})
    parts = [origin_text(run)]
    if arduino:
        parts.append(f"Arduino C++: {_compiler(arduino)} -{arduino.get('optimisation', '?')}")
    if micropython:
        version = f"MicroPython {micropython.get('micropython_version', '?')}"
        # An official firmware does not say which compiler made it.
        parts.append(f"{version}: {_compiler(micropython)}" if micropython.get("compiler") else version)
    commit = str(run.get("harness", {}).get("commit", ""))[:10]
    parts.append(f"bench {commit or run.get('harness', {}).get('version', '?')}")
    parts.append(f"run {run['run_id']}")
    return " · ".join(str(part) for part in parts)


def left_out_by_reason(run: Mapping[str, Any]) -> dict[str, dict[str, dict[tuple[str, str], list[int]]]]:
    """What a run left out, as its contracts foresee: by reason, workload, then language and variant, the n."""
    reasons: dict[str, dict[str, dict[tuple[str, str], list[int]]]] = {}
    for entry in run.get("skipped", ()):
        workloads = reasons.setdefault(entry["message"], {})
        variants = workloads.setdefault(entry["workload"], {})
        variants.setdefault((entry["language"], entry["variant"]), []).append(entry["n"])
    return reasons


def printable(text: object, limit: int = 300) -> str:
    """Text from a board or a file, made safe for a terminal: no control characters, no endless lines."""
    return "".join(c if c.isprintable() else "?" for c in str(text))[:limit]


def _compiler(language: Mapping[str, Any]) -> str:
    """GCC with its bare version: run.json has the distribution's own too."""
    return str(language.get("compiler", "GCC ?")).partition(" (")[0]


def _simulator(board: Mapping[str, Any]) -> str:
    return str(board.get("simulator", "")).split(" -")[0]
