"""Whether two runs can be compared, and what else differs between them. Judges run.json, not samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bench.errors import InputError
from bench.labels import printable

_BOARD = ("name", "isa", "fpu", "simulator")
_SETTINGS = ("samples", "layouts", "min_ticks", "warm_up")
_LANGUAGE = (
    "micropython_version",
    "source",
    "compiler",
    "c_library",
    "optimisation",
    "flags",
    "heap_policy",
)
_SHOWN = 3  # runs or measurements that are named before the rest is counted
_GC_ON = "on"  # what a run that says nothing was made with


def check_comparable(first: tuple[str, Mapping[str, Any]], other: tuple[str, Mapping[str, Any]]) -> None:
    """InputError where a figure of one run means something else in the other: unit, clock, garbage collection."""
    mine, its = _meaning(first[1]), _meaning(other[1])
    for name, value in mine.items():
        if value != its[name]:
            raise InputError(
                f"cannot compare {printable(first[0], 80)} with {printable(other[0], 80)}: {name} is "
                f"{printable(value, 40)} in the first and {printable(its[name], 40)} in the other: measure both alike"
            )


def _meaning(facts: Mapping[str, Any]) -> dict[str, Any]:
    board, settings = facts["board"], facts["settings"]
    return {
        "simulated": board["simulated"],
        "tick unit": board["tick_unit"],
        "clock_hz": None if board["simulated"] else board.get("clock_hz"),  # of a simulated board it is nominal
        "gc": settings.get("gc", _GC_ON),
    }


def float_work_differs(first: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether one board has an FPU and the other has none: C++ floats are then 10 to 35 times apart by that alone."""
    return bool(first["board"].get("fpu") != other["board"].get("fpu"))


def differences(first: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """What stands beside a comparison because it may explain it: boards, toolchains, sources. A phrase each."""
    found = toolchain_differences(first, other)
    found += _differing("setting", first["settings"], other["settings"], _SETTINGS)
    found += _differing("harness", first.get("harness", {}), other.get("harness", {}), ("version", "commit"))
    found += _differing("run", first, other, ("on_board_runner_sha256",))
    found += _changed_sources(first["workloads"], other["workloads"])
    for which, facts in (("the first run", first), ("the other run", other)):
        if facts["status"] != "complete":
            found.append(f"{which} is {facts['status']}, not complete")
        if facts.get("harness", {}).get("uncommitted_changes"):
            found.append(f"{which} was made with uncommitted changes")
    return found


def toolchain_differences(first: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """What decides a count besides the sources: board, simulator, compilers and flags. A phrase for each difference."""
    found = _differing("board", first["board"], other["board"], _BOARD)
    for language in sorted(first["languages"].keys() & other["languages"].keys()):
        found += _differing(language, first["languages"][language], other["languages"][language], _LANGUAGE)
    return found


def _differing(what: str, first: Mapping[str, Any], other: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    found = []
    for name in names:
        before, now = first.get(name), other.get(name)
        if before != now:
            found.append(f"{what} {name}: {' against '.join(_told_apart(before, now))}")
    return found


def _told_apart(before: object, now: object) -> tuple[str, str]:
    """Both values for a terminal; of long ones, such as flags, only the words that differ."""
    texts = str(before), str(now)
    if max(map(len, texts)) > 60:
        words = [text.split() for text in texts]
        mine, its = (" ".join(w for w in words[i] if w not in words[1 - i]) for i in (0, 1))
        texts = mine or "nothing more", its or "nothing more"
    return printable(texts[0], 120), printable(texts[1], 120)


def _changed_sources(first: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    found = []
    for workload in first.keys() & other.keys():
        before, now = first[workload]["source_sha256"], other[workload]["source_sha256"]
        changed = [language for language in sorted(before.keys() & now.keys()) if before[language] != now[language]]
        if changed:
            found.append(f"source of {printable(workload, 80)} changed in {' and '.join(changed)}")
    return sorted(found)


class Differences:
    """Phrases that belong to runs, said once however many runs they belong to."""

    def __init__(self) -> None:
        self._runs: dict[str, list[str]] = {}

    def add(self, run: str, phrases: Iterable[str]) -> None:
        """These hold for this run."""
        for phrase in phrases:
            self._runs.setdefault(phrase, []).append(run)

    def sentences(self, runs: int) -> Sequence[str]:
        """Each phrase, with the runs it belongs to where these are not all of `runs`."""
        return [
            printable(phrase) if len(names) == runs else f"{printable(phrase)} ({_listed(names)})"
            for phrase, names in self._runs.items()
        ]


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(printable(name, 80) for name in names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"
