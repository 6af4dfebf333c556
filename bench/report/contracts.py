"""What each workload shows and does not show, and its two sources side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import paths
from bench.catalogue import OVERHEAD_WORKLOAD, Workload, load_catalogue
from bench.labels import LANGUAGE_NAMES
from bench.provenance import source_hashes
from bench.report.anatomy import flame
from bench.report.blocks import Block, Bullets, Facts, Section, SideBySide, Text, clean
from bench.report.figures import RunFigures


def workload_section(runs: Sequence[RunFigures]) -> Section | None:
    """One section for each workload that a run has; None where no run has any."""
    catalogue = load_catalogue()
    names = dict.fromkeys(name for figures in runs for name in figures.run["workloads"] if name != OVERHEAD_WORKLOAD)
    sections = tuple(
        Section(
            f"workload-{place}",
            f"{clean(name)}: {_title(name, catalogue, runs)}",
            tuple(_blocks(name, catalogue, runs)),
        )
        for place, name in enumerate(names, start=1)
    )
    if not sections:
        return None
    return Section("workloads", "What each workload shows, and what it does not", sections=sections)


def _title(name: str, catalogue: dict[str, Workload], runs: Sequence[RunFigures]) -> str:
    if name in catalogue:
        return catalogue[name].title
    return clean(next(f.run["workloads"][name].get("title", "") for f in runs if name in f.run["workloads"]))


def _blocks(name: str, catalogue: dict[str, Workload], runs: Sequence[RunFigures]) -> list[Block]:
    if name not in catalogue:
        return [Text("This version's catalogue has no such workload, so its contract and sources cannot be shown.")]
    workload = catalogue[name]
    blocks: list[Block] = [Facts("Contract", contract_facts(workload))]
    if workload.explains:
        blocks.append(Text(f"What its ratio comes from: {workload.explains}"))
    if workload.differences:
        blocks += [Text("Where the two programs differ, as far as it may favour one language:")]
        blocks += [Bullets(workload.differences)]
    flames = [chart for figures in runs for chart in flame(figures, name)]
    return [*blocks, *flames, *_sources(workload, runs)]


def contract_facts(workload: Workload) -> tuple[tuple[str, str], ...]:
    """The fields of the contract in words; those that are rarely filled only where they are."""
    rare = (
        ("only on", ", ".join(workload.boards)),
        ("needs", f"MicroPython's {', '.join(workload.needs)}" if workload.needs else ""),
        *((f"not with {emitter}", reason) for emitter, reason in workload.barred.items()),
    )
    return (
        ("shows", workload.shows),
        ("does not show", workload.does_not_show),
        ("types", workload.types),
        ("integers fit 31 bits", "yes" if workload.fits_31_bit else "no: larger ones are heap objects"),
        ("takes heap memory", "yes, in MicroPython's timed part" if workload.allocates else "no"),
        ("n counts", workload.work_unit),
        *((name, value) for name, value in rare if value),
    )


def _sources(workload: Workload, runs: Sequence[RunFigures]) -> list[Block]:
    here = source_hashes(workload)
    changed = [
        clean(figures.run["run_id"])
        for figures in runs
        if any(here.get(name, "") != recorded for name, recorded in _recorded(figures.run, workload.name).items())
    ]
    if changed:
        return [
            Text(
                f"The source has changed since run {', '.join(changed)}, so it is not shown: check out the commit of "
                "the run to see it."
            )
        ]
    blocks: list[Block] = [
        SideBySide(f"Both sources of {workload.name}, side by side", _texts(workload.header, workload.script))
    ]
    if workload.viper_overlay.is_file():
        title = f"What the variant viper of {workload.name} puts in place of its timed functions"
        blocks.append(SideBySide(title, _texts(workload.viper_overlay)))
    return blocks


def _texts(*files: Path) -> tuple[tuple[str, str], ...]:
    """Path in the project and text of each file."""
    return tuple((file.relative_to(paths.PROJECT).as_posix(), file.read_text(encoding="utf-8")) for file in files)


def _recorded(run: dict[str, Any], name: str) -> dict[str, str]:
    """The hashes that a run recorded of a workload's sources, none where it did not have the workload."""
    if name not in run["workloads"]:
        return {}
    recorded: dict[str, str] = run["workloads"][name]["source_sha256"]
    return dict.fromkeys(LANGUAGE_NAMES, "") | recorded
