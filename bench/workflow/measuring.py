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
from bench.workflow.context import Context
from bench.workflow.parts import Part, find_part, known_parts
from bench.workflow.store import has_workflow, read_facts, write_facts, write_table


@dataclass
class Measured:
    """What became of each part that was asked for: kept from before, measured now, or the error that it ended with."""

    kept: list[str] = field(default_factory=list)
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
    """Measure parts (none named: all) with the board of a run, and write them into its folder."""
    run_facts = read_run_facts(run)
    check_same_board(run, run_facts, context)
    facts = _facts(run, run_facts, context)
    done = Measured()
    for part in [find_part(name) for name in parts or known_parts()]:
        begin(part.name)
        inputs = inputs_hash(context, part, names)
        before = facts["parts"].get(part.name, {})
        if not context.fresh and before.get("status") == "complete" and before.get("inputs") == inputs:
            done.kept.append(part.name)
            continue
        entry = {"inputs": inputs, "names": list(names), "rows": 0, "sha256": "", "made": provenance.now()}
        try:
            entry |= {"status": "complete", "message": "", **write_table(run, part, part.measure(context, names))}
            done.measured.append(part.name)
        except BenchError as error:
            entry |= {"status": "failed", "message": str(error)}
            done.failures[part.name] = error
        facts["parts"][part.name] = entry
        write_facts(run, facts)
    return done


def check_same_board(run: Path, facts: Mapping[str, Any], context: Context) -> None:
    """InputError where the run is of another board or of other images than stand here now."""
    mine = context.board.facts.as_dict()
    if facts["board"] != mine:
        raise InputError(
            f"{run} is of {facts['board']['name']}, here is {mine['name']}: choose its board, or a new run"
        )
    for language, image in context.images.items():
        its = facts["languages"].get(language, {}).get("image", image.identity)
        if its != image.identity:
            raise InputError(
                f"{run} is of the {language} image {its}, here is {image.identity}: measure anew with `bench run`"
            )


def inputs_hash(context: Context, part: Part, names: Sequence[str]) -> str:
    """A hash of all that decides a part's figures, but for the host."""
    facts = {
        "board": context.board.facts.as_dict(),
        "images": {name: image.identity for name, image in context.images.items()},
        "catalogue": {name: provenance.source_hashes(workload) for name, workload in context.catalogue.items()},
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
    folder = Path(__file__).parent
    for file in sorted([*folder.glob("*.py"), *(paths.SCRIPTS / "workflow").glob("**/*")]):
        if file.is_file():
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _facts(run: Path, run_facts: Mapping[str, Any], context: Context) -> dict[str, Any]:
    earlier: dict[str, Any] = read_facts(run)["parts"] if has_workflow(run) else {}
    return {
        "run_id": run_facts["run_id"],
        "board": run_facts["board"],
        "images": {name: image.identity for name, image in context.images.items()},
        "harness": provenance.harness_facts(),
        "host": provenance.host_facts(),
        "parts": earlier,
    }
