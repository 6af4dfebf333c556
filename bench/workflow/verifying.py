"""The exact figures of a run's workflow measured again: is each what the run says?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.errors import InputError
from bench.results import read_facts as read_run_facts
from bench.workflow.context import Context
from bench.workflow.parts import Part, Row, find_part, known_parts
from bench.workflow.store import COMPLETE, FOLDER, parse_table, read_facts, read_table, table_bytes


@dataclass(frozen=True)
class Verified:
    """What was compared, and every difference in words."""

    rows: int
    parts: tuple[str, ...]
    differences: tuple[str, ...]
    other_images: tuple[str, ...]  # a phrase for each program that is another one here

    @property
    def verdict(self) -> str:
        """One sentence."""
        if not self.differences:
            return f"identical: {self.rows} rows of {', '.join(self.parts)} measured again, every exact figure equal"
        if self.other_images:
            return f"{len(self.differences)} figures differ, as they may with other images"
        return f"{len(self.differences)} figures differ from those of the run"

    @property
    def exit_code(self) -> int:
        """0 identical, 1 figures differ, 3 figures differ with other images."""
        if not self.differences:
            return 0
        return 3 if self.other_images else 1


def verify_workflow(
    run: Path, context: Context, parts: Sequence[str] = (), begin: Callable[[str], None] = lambda title: None
) -> Verified:
    """Measure the parts that a run has (or these of them) again, all of each, and compare what is exact.

    InputError where the run has none of them, or is not of a simulated board: on hardware nothing repeats to the digit.
    """
    facts, run_facts = read_facts(run), read_run_facts(run)
    if not context.board.facts.simulated or not run_facts["board"]["simulated"]:
        raise InputError(
            f"{run} is of a real board, where no figure repeats to the last digit: compare two runs instead"
        )
    has = [name for name in known_parts() if facts["parts"].get(name, {}).get("status") == COMPLETE]
    missing = [name for name in parts if name not in has]
    if missing or not has:
        raise InputError(f"{run} has no {', '.join(missing) or 'finished part'} of the workflow to verify")
    differences: list[str] = []
    rows = 0
    chosen = [find_part(name) for name in has if not parts or name in parts]
    for part in chosen:
        begin(part.title)
        entry = facts["parts"][part.name]
        before = parse_table(read_table(run, part, facts), part, str(run / FOLDER / f"{part.name}.csv"))
        again = replace(context, repetitions=1, fresh=True, quick=bool(entry.get("quick")))
        now = parse_table(table_bytes(part, part.measure(again, entry["names"])), part, part.name)
        rows += len(before)
        differences += compare(part, _by_key(part, before), _by_key(part, now))
    return Verified(rows, tuple(part.name for part in chosen), tuple(differences), tuple(_other_images(facts, context)))


def compare(part: Part, before: Mapping[tuple[object, ...], Row], now: Mapping[tuple[object, ...], Row]) -> list[str]:
    """A phrase for each exact cell that is another one, and for each row that one side lacks."""
    found = []
    for key in before.keys() | now.keys():
        name = f"{part.name} {' '.join(str(word) for word in key if word not in ('', None))}"
        if key not in now:
            found.append(f"{name}: in the run, not measured now")
        elif key not in before:
            found.append(f"{name}: measured now, not in the run")
        else:
            found += [
                f"{name}: {column} {before[key][column]} in the run, {now[key][column]} now"
                for column in part.exact
                if before[key][column] != now[key][column]
            ]
    return sorted(found)


def _by_key(part: Part, rows: Iterable[Sequence[object]]) -> dict[tuple[object, ...], Row]:
    named = [dict(zip(part.columns, row, strict=True)) for row in rows]
    return {tuple(row[column] for column in part.keys): row for row in named}


def _other_images(facts: Mapping[str, dict[str, str]], context: Context) -> list[str]:
    return [
        f"{program}: {facts['images'].get(program)} in the run, {image.identity} here"
        for program, image in context.images.items()
        if facts["images"].get(program) != image.identity
    ]
