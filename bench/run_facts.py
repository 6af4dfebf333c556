"""What run.json says of a run that begins, and whether a run that goes on is still the same run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench import provenance
from bench.board import Board, Image
from bench.catalogue import Workload
from bench.errors import InputError
from bench.plan import KEY_COLUMNS, Measurement, make_plan
from bench.results import layouts_of
from bench.variants import ALL


def run_facts(
    board: Board,
    samples: int,
    layouts: int,
    plan: Sequence[Measurement],
    catalogue: Mapping[str, Workload],
    images: Mapping[str, Image],
    run_id: str,
) -> dict[str, Any]:
    """run.json as it is when the run begins; the session adds what becomes of it."""
    used = [workload for name, workload in catalogue.items() if any(m.workload == name for m in plan)]
    return {
        "run_id": run_id,
        "started": provenance.now(),
        "board": board.facts.as_dict(),
        "settings": {
            "samples": samples,
            **({"layouts": layouts} if layouts > 1 else {}),
            "min_ticks": board.min_ticks,
            "warm_up": "loops doubled up to its own",
        },
        "languages": language_facts(images),
        "on_board_runner_sha256": provenance.on_board_runner_hash(),
        "harness": provenance.harness_facts(),
        "host": provenance.host_facts(),
        "workloads": provenance.workload_facts(used),
        "plan": [measurement.key_facts for measurement in plan if measurement.layout == 0],
        "failures": [],
        "skipped": [],
    }


def language_facts(images: Mapping[str, Image]) -> dict[str, dict[str, Any]]:
    """A language's first image by itself, as most runs have but one; more of them, by variant, as its other builds."""
    facts: dict[str, dict[str, Any]] = {}
    for program, image in images.items():
        language, _, variant = program.partition("-")
        mine = {"image": image.identity, **image.provenance}
        if language in facts:
            facts[language].setdefault("other_builds", {})[variant] = mine
        else:
            facts[language] = mine
    return facts


def plan_of(facts: Mapping[str, Any], catalogue: Mapping[str, Workload]) -> list[Measurement]:
    """The measurements that a run was begun for. InputError where the catalogue no longer has one of them."""
    wanted = {tuple(entry[k] for k in KEY_COLUMNS) for entry in facts["plan"]}
    possible = make_plan(catalogue, variants=[ALL], layouts=layouts_of(facts))
    plan = [measurement for measurement in possible if measurement.key in wanted]
    missing = wanted - {measurement.key for measurement in plan}
    if missing:
        workload, _, variant, n = min(missing)
        raise InputError(
            f"the run wants {workload} n={n} ({variant}), which the catalogue does not have (now): start a new run, or "
            "name your --catalogue again"
        )
    return plan


def check_same(
    facts: Mapping[str, Any], board: Board, images: Mapping[str, Image], catalogue: Mapping[str, Workload]
) -> None:
    """InputError where the run to resume was made with another board, image or script than stand here now.

    A program that the run has not used yet may be any.
    """
    if facts["board"] != board.facts.as_dict():
        raise InputError(f"the run was made on {facts['board']}, here is {board.facts.as_dict()}: start a new run")
    before, now = _image_identities(facts["languages"]), _image_identities(language_facts(images))
    for program, identity in now.items():
        if program in before and before[program] != identity:
            raise InputError(
                f"the {program} image changed since the run began ({before[program]} -> {identity}): start a new run"
            )
    if facts.get("on_board_runner_sha256") != provenance.on_board_runner_hash():
        raise InputError("mpy_scripts/benchlib.py changed since the run began: start a new run")
    for name, recorded in facts["workloads"].items():
        if name in catalogue and recorded["source_sha256"] != provenance.source_hashes(catalogue[name]):
            raise InputError(f"the sources of {name} changed since the run began: start a new run")


def add_languages(facts: dict[str, Any], images: Mapping[str, Image]) -> None:
    """Describe the languages that the run is only now going to measure."""
    for language, mine in language_facts(images).items():
        facts["languages"].setdefault(language, mine)


def _image_identities(languages: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for language, mine in languages.items():
        found[language] = mine["image"]
        found |= {f"{language}-{variant}": its["image"] for variant, its in mine.get("other_builds", {}).items()}
    return found
