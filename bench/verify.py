"""The reference run measured again: is every count what the repository says?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import paths
from bench.comparable import toolchain_differences
from bench.errors import InputError
from bench.plan import KEY_COLUMNS
from bench.results import read_facts, read_rows
from bench.runs import Choices, Watcher, new_run
from bench.virtual_board.board import VirtualBoard


@dataclass(frozen=True)
class Comparison:
    """A reference run against a fresh one."""

    board: str
    compared: int
    toolchain_differences: Sequence[str]
    count_differences: Sequence[str]

    @property
    def verdict(self) -> str:
        """One sentence."""
        if not self.count_differences:
            return f"identical: {self.compared} samples measured again, every count and checksum equal"
        if self.toolchain_differences:
            return f"{len(self.count_differences)} counts differ, as they may with another toolchain"
        return f"{len(self.count_differences)} of {self.compared} samples differ from the reference run"

    @property
    def exit_code(self) -> int:
        """0 identical, 1 counts differ, 3 counts differ with another toolchain."""
        if not self.count_differences:
            return 0
        return 3 if self.toolchain_differences else 1


def reference_runs(boards: Iterable[str] = ()) -> list[Path]:
    """The folders of the committed reference runs, of these boards or of all. InputError where there is none."""
    found = {
        path.parent.name.removeprefix("reference-"): path.parent for path in paths.RESULTS.glob("reference-*/run.json")
    }
    wanted = list(boards) or sorted(found)
    for board in wanted:
        if board not in found:
            raise InputError(
                f"no reference run of the board {board!r}; there are: {', '.join(sorted(found)) or 'none'}"
            )
    if not wanted:
        raise InputError(f"no reference run in {paths.RESULTS}: restore results/ from the repository")
    return [found[board] for board in wanted]


def verify(reference: Path, watcher: Watcher, *, quick: bool = False) -> Comparison:
    """Measure what the reference run measured, into a folder that is thrown away, and compare sample by sample."""
    facts = read_facts(reference)
    board = VirtualBoard(str(facts["board"].get("name")))
    choices = Choices(
        workloads=tuple(facts["workloads"]),
        quick=quick,
        variants=() if quick else tuple(dict.fromkeys(measurement["variant"] for measurement in facts["plan"])),
        samples=int(facts["settings"]["samples"]),
        fresh=True,
    )
    with tempfile.TemporaryDirectory(prefix="bench-verify-") as folder:
        fresh = new_run(board, choices, watcher, Path(folder) / "run")
        fresh_facts, fresh_rows = read_facts(fresh.path), _by_sample(fresh.path)
    reference_rows = _by_sample(reference)
    expected = {key: row for key, row in reference_rows.items() if not quick or key in fresh_rows}
    return Comparison(
        board=board.facts.name,
        compared=len(expected),
        toolchain_differences=toolchain_differences(facts, fresh_facts),
        count_differences=_differences(expected, fresh_rows),
    )


def _by_sample(path: Path) -> dict[tuple[str, ...], dict[str, str]]:
    identity = (*KEY_COLUMNS, "sample")
    return {tuple(row[column] for column in identity): row for row in read_rows(path)}


def _differences(
    reference: Mapping[tuple[str, ...], Mapping[str, str]], fresh: Mapping[tuple[str, ...], Mapping[str, str]]
) -> list[str]:
    found = []
    for key in reference.keys() | fresh.keys():
        name = f"{key[0]} n={key[3]} in {key[1]} ({key[2]}), sample {key[4]}"
        if key not in fresh:
            found.append(f"{name}: in the reference run, not measured now")
        elif key not in reference:
            found.append(f"{name}: measured now, not in the reference run")
        else:
            before, now = reference[key], fresh[key]
            found += [
                f"{name}: {column} {before[column]} in the reference run, {now[column]} now"
                for column in ("ticks", "loops", "checksum")
                if before[column] != now[column]
            ]
    return sorted(found)
