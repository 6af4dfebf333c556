"""Run folders and catalogues for the tests, made the way the harness makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from bench.catalogue import OVERHEAD_WORKLOAD
from bench.frames import load_run
from bench.plan import Figures, Key, Measurement, Memory, Sample
from bench.results import RunFolder
from bench.variants import HEADLINE_VARIANT, LANGUAGES

TICK_UNIT = "instruction"
IMAGES = {"arduino": "a0a0a0a0", "micropython": "b1b1b1b1"}
GROUPS = {"empty": "overhead", "fib": "control", "crc32": "integer", "fir_f32": "float"}


def measurement(workload: str, language: str, n: int) -> Measurement:
    """A measurement whose right answer is n."""
    return Measurement(workload, language, HEADLINE_VARIANT[language], n, seed=1, fixed_loops=0, expected_checksum=n)


def samples(ticks: Iterable[int], loops: int = 1, checksum: int = 0) -> list[Sample]:
    """One sample for each number of ticks."""
    return [Sample(index, loops, count, checksum) for index, count in enumerate(ticks)]


def figures(ticks: Iterable[int]) -> Figures:
    """Figures with one sample for each number of ticks, and nothing on memory."""
    return Figures(samples(ticks), Memory())


def facts(plan: Sequence[Measurement], samples_each: int) -> dict[str, Any]:
    """What run.json says of a run on the virtual board."""
    return {
        "run_id": "20240101-000000-virtual-esp32",
        "started": "2024-01-01T00:00:00Z",
        "board": {
            "name": "virtual-esp32",
            "stands_for": "ESP32",
            "isa": "rv32imfc",
            "fpu": True,
            "simulated": True,
            "tick_unit": TICK_UNIT,
            "clock_hz": 1_000_000_000,
            "simulator": "QEMU 7.2.0",
        },
        "settings": {"samples": samples_each, "min_ticks": 1_000_000, "warm_up": "loops doubled up to its own"},
        "languages": {
            "arduino": {
                "image": IMAGES["arduino"],
                "compiler": "GCC 12.2.0 (Debian 12.2.0-14)",
                "optimisation": "Os",
            },
            "micropython": {
                "image": IMAGES["micropython"],
                "compiler": "GCC 12.2.1",
                "micropython_version": "v1.28.0",
            },
        },
        "harness": {"version": "0.1.0", "commit": "0123456789abcdef"},
        "workloads": {
            name: {
                "title": name,
                "group": GROUPS.get(name, "integer"),
                "source_sha256": {"arduino": "", "micropython": ""},
            }
            for name in dict.fromkeys(m.workload for m in plan)
        },
        "plan": [m.key_facts for m in plan],
        "failures": [],
    }


def order_of(plan: Iterable[Measurement]) -> dict[Key, int]:
    """The place of each measurement in the plan, as `RunFolder.finish` wants it."""
    return {m.key: place for place, m in enumerate(plan)}


def make_run(path: Path, ticks: Mapping[Measurement, Sequence[Sample]], *, finish: bool = True) -> Path:
    """A run folder with these samples, closed; without `finish` as a killed run leaves it."""
    plan = list(ticks)
    folder = RunFolder.create(path, facts(plan, len(next(iter(ticks.values())))))
    for each, its_samples in ticks.items():
        folder.append(each, Figures(list(its_samples), Memory()), TICK_UNIT, IMAGES[each.language])
    if finish:
        folder.finish("complete", order_of(plan))
    folder.close()
    return path


def linear_run(
    path: Path,
    cost: Mapping[tuple[str, str, int], float],
    *,
    fixed: Mapping[str, int],
    per_loop: Mapping[str, int],
    jitter: Sequence[int] = (0, 0, 0),
    loops: Callable[[int], int] = lambda n: 8,
) -> pd.DataFrame:
    """A run whose blocks take `fixed + loops * (per_loop + cost)` ticks, plus the jitter of each sample.

    `cost` is in ticks per execution, by workload, language and n; `empty` at 1 and 1000 loops is added.
    """
    blocks: dict[Measurement, Sequence[Sample]] = {}
    for language in LANGUAGES:
        for n in (1, 1000):
            block = fixed[language] + n * per_loop[language]
            blocks[measurement(OVERHEAD_WORKLOAD, language, n)] = samples([block] * len(jitter), loops=n)
    for (workload, language, n), ticks in cost.items():
        block = fixed[language] + round(loops(n) * (per_loop[language] + ticks))
        blocks[measurement(workload, language, n)] = samples([block + extra for extra in jitter], loops=loops(n))
    return load_run(make_run(path, blocks))


def workload_table(**changes: object) -> dict[str, Any]:
    """The fields of a valid [workload.<name>] table."""
    table: dict[str, Any] = {
        "title": "Fibonacci",
        "group": "control",
        "shows": "calls",
        "does_not_show": "loops",
        "types": "int",
        "fits_31_bit": True,
        "allocates": False,
        "work_unit": "index",
        "seed": 1,
        "sizes": [10, 20],
        "quick": 10,
        "check_n": 12,
        "loops": "auto",
        "published": False,
        "boards": [],
        "needs": [],
        "functions": ["fib", "setup", "run", "checksum"],
        "differences": [],
        "explains": "",
        "barred": {},
        "checksums": {"10": "0x00000037", "20": "0x00001a6d"},
    }
    return table | changes


def overhead_table() -> dict[str, Any]:
    """The fields of a valid [workload.empty] table."""
    return workload_table(
        group="overhead",
        sizes=[1, 10, 100],
        loops="n",
        checksums={"1": "0x00000001", "10": "0x0000000a", "100": "0x00000064"},
    )


def catalogue_text(tables: Mapping[str, object], schema: object = 2) -> str:
    """The TOML text of a catalogue. JSON values are TOML values, but for tables, which are written inline."""
    lines = [f"schema = {_toml(schema)}"]
    lines += [f"workload.{name} = {_toml(table)}" for name, table in tables.items()]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(str(key))} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    return '"' + "".join(c if (c.isalnum() and c.isascii()) or c in " _-.:" else f"\\U{ord(c):08x}" for c in text) + '"'
