"""Measures parts of the workflow into the folder of a run: one after the other, each kept when it is finished."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import paths, provenance
from bench.errors import BenchError, InputError
from bench.results import read_facts as read_run_facts
from bench.workflow import kept
from bench.workflow.context import Context
from bench.workflow.parts import Part, PartlyFailed, Row, concerned, find_part, known_parts
from bench.workflow.store import (
    COMPLETE,
    FAILED,
    INTERRUPTED,
    has_workflow,
    locked,
    read_facts,
    read_table,
    table_bytes,
    write_facts,
    write_table,
)

# Modules of this package that decide no figure.
_NOT_MEASURING = ("__init__", "claims", "claim_figures", "frames", "kept", "measuring", "store", "tables", "verifying")


@dataclass
class Measured:
    """What became of each part that was asked for: was there, taken from another run, measured now, or its error."""

    present: list[str] = field(default_factory=list)
    reused: list[str] = field(default_factory=list)
    measured: list[str] = field(default_factory=list)
    failures: dict[str, BenchError] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 where every part has its table, else the gravest failure's code."""
        return max((error.exit_code for error in self.failures.values()), default=0)


def measure_workflow(
    run: Path,
    context: Context,
    parts: Sequence[str] = (),
    names: Sequence[str] = (),
    begin: Callable[[str], None] = lambda part: None,
) -> Measured:
    """Measure parts (none named: all) with the board of a run, and write each into its folder when it is finished.

    A part that is there, made of the same inputs, stays; `context.fresh` measures it again. One that fails is told,
    the others go on, and what the folder had of it before stays. `begin` is told the title of each that is measured.
    Parts that none of `names` concerns are left out. InputError for a name that no part knows, and where the run is of
    another board or image; KeyboardInterrupt goes on when the books are closed.
    """
    chosen = concerned(parts or known_parts(), names, context.catalogue)
    run_facts = read_run_facts(run)
    check_same_board(run, run_facts, context)
    with locked(run):
        facts = _facts(run, run_facts, context)
        done = Measured()
        try:
            for name, mine in chosen.items():
                _Work(run, context, mine, facts).do(find_part(name), done, begin)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"finished parts are kept; go on with: bench workflow {run}") from None
    return done


@dataclass(frozen=True)
class _Work:
    """An open workflow folder and a prepared board."""

    run: Path
    context: Context
    names: Sequence[str]
    facts: dict[str, Any]  # workflow.json

    def do(self, part: Part, done: Measured, begin: Callable[[str], None]) -> None:
        """Have the part's table in the folder, or tell why it is not."""
        inputs = inputs_hash(self.context, part, self.names)
        if not self.context.fresh and self._is_there(part, inputs):
            done.present.append(part.name)
            return
        keeps = part.is_exact and self.context.board.facts.simulated
        data = kept.get(inputs, part) if keeps and not self.context.fresh else None
        if data is not None:
            done.reused.append(part.name)
        else:
            begin(part.title)
            data = self._measured(part, inputs, done)
        if data is None:
            return
        failure = done.failures.get(part.name)
        if keeps and failure is None:
            kept.put(inputs, part, data)
        # What failed in part is to be measured again, whatever it was made of.
        made_of, message = (inputs, "") if failure is None else ("", str(failure))
        self._note(part, made_of, COMPLETE, message, write_table(self.run, part, data))

    def _measured(self, part: Part, inputs: str, done: Measured) -> bytes | None:
        rows: list[Row] = []
        try:
            rows.extend(part.measure(self.context, self.names))
        except PartlyFailed as error:
            done.failures[part.name] = error
        except BenchError as error:
            done.failures[part.name] = error
            self._note(part, inputs, FAILED, str(error))
            return None
        except KeyboardInterrupt:
            self._note(part, inputs, INTERRUPTED, "interrupted before it was finished")
            raise
        done.measured.append(part.name)
        return table_bytes(part, rows)

    def _is_there(self, part: Part, inputs: str) -> bool:
        entry = self.facts["parts"].get(part.name, {})
        if entry.get("status") != COMPLETE or entry.get("inputs") != inputs:
            return False
        try:
            read_table(self.run, part, self.facts)
        except InputError:
            return False  # damaged: it is measured anew
        return True

    def _note(
        self, part: Part, inputs: str, status: str, message: str, table: Mapping[str, object] | None = None
    ) -> None:
        """Into workflow.json; a table that is there stays until there is another one."""
        earlier = self.facts["parts"].get(part.name, {})
        if table is None and earlier.get("status") == COMPLETE:
            return
        self.facts["parts"][part.name] = {
            "status": status,
            "message": message,
            "inputs": inputs,
            "names": list(self.names),
            "repetitions": self.context.repetitions,
            "quick": self.context.quick,
            "made": provenance.now(),
            "harness": provenance.harness_facts(),
            "host": provenance.host_facts(),
            **(table or {"rows": 0, "sha256": ""}),
        }
        write_facts(self.run, self.facts)


def check_same_board(run: Path, facts: Mapping[str, Any], context: Context) -> None:
    """InputError where the run is of another board or of other images than stand here now."""
    mine = context.board.facts.as_dict()
    for name, value in mine.items():
        if facts["board"].get(name) != value:
            raise InputError(
                f"{run} is of a board with {name} {facts['board'].get(name)!r:.60}, here it is {value!r:.60}: "
                "choose its board, or make a new run"
            )
    for language, image in context.images.items():
        its = facts["languages"].get(language, {}).get("image", image.identity)
        if its != image.identity:
            raise InputError(
                f"{run} is of the {language} image {its:.20}, here is {image.identity}: make a new run with `bench run`"
            )


def inputs_hash(context: Context, part: Part, names: Sequence[str]) -> str:
    """A hash of all that decides a part's figures, but for the host that wall times depend on."""
    facts = {
        "board": context.board.facts.as_dict(),
        "images": {name: image.identity for name, image in context.images.items()},
        "catalogue": {name: provenance.source_hashes(workload) for name, workload in context.catalogue.items()},
        "on_board_runner": provenance.on_board_runner_hash(),
        "names": list(names),
        "quick": context.quick,
        "repetitions": 0 if part.is_exact else context.repetitions,
        "part": [part.name, dict(part.columns)],
        "sources": _sources_hash(),
        "inputs": part.inputs(context, names),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _sources_hash() -> str:
    digest = hashlib.sha256()
    mine = [file for file in Path(__file__).parent.glob("*.py") if file.stem not in _NOT_MEASURING]
    for file in sorted([*mine, *(paths.SCRIPTS / "workflow").glob("**/*.py")]):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _facts(run: Path, run_facts: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """workflow.json as it begins: with what the folder has already, unless that is of no use any more."""
    earlier: dict[str, Any] = {}
    if has_workflow(run):
        before = read_facts(run)
        earlier = before["parts"] if before["run_id"] == run_facts["run_id"] else {}
    return {
        "run_id": run_facts["run_id"],
        "board": run_facts["board"],
        "images": {name: image.identity for name, image in context.images.items()},
        "host": provenance.host_facts(),
        "parts": earlier,
    }
