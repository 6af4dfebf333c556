"""Where a run's figures come from, how to get them again, how to cite them; the method and its limits."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from bench.catalogue import OVERHEAD_WORKLOAD, load_catalogue
from bench.citation import bibtex, cite
from bench.errors import InputError
from bench.labels import LANGUAGE_NAMES, left_out_by_reason
from bench.plan import make_plan
from bench.report.blocks import Block, Bullets, Cell, Code, Facts, Section, Table, Text, clean, sentence
from bench.report.figures import RunFigures
from bench.results import layouts_of
from bench.variants import ALL
from bench.virtual_board.micropython_source import OWN_CHECKOUT_VARIABLE, PACKAGE

_COMMIT = re.compile(r"[0-9a-f]{7,40}\Z")
_ELSEWHERE = (
    *("board", "settings", "languages", "said", "harness", "host", "samples_file", "memory_file"),
    *("plan", "workloads", "failures", "skipped"),
)
_METHOD = (
    "Each workload is two programs with the same functions, in the same order, over the same data: an Arduino sketch "
    "and a MicroPython script. Where they cannot be alike, the contract above says so.",
    "After each timed block both compute a checksum over the whole output. Only where it is the answer that CPython "
    "gives is there a figure.",
    "Inputs arrive while the program runs and the algorithms are neither inlined nor cloned, so no compiler can "
    "compute an answer in advance.",
    "The board measures, never the computer beside it. A block repeats the work until it is long enough; doubling the "
    "repeats up to there is the warm-up. What an empty block costs is subtracted.",
    "The garbage collector stays on, for its cost is part of the answer; it collects before every block, outside the "
    "timed part.",
    "A ratio is one of medians at the same n. Its interval is a bootstrap over samples (95 %, less with fewer than "
    "six), and reaches at least as far as one tick of the timer would move it. "
    "The mean over workloads is geometric, with the geometric standard deviation as its spread.",
)
_LIMITS = (
    "Intervals and IQR tell how repeats of one build scatter, or of several code layouts where the table says so. "
    "Another compiler, another build or another board may differ by far more.",
    "The ratios are those of plain loops in MicroPython's bytecode. Programs that spend their time in modules written "
    "in C, such as hashlib, or waiting for hardware, are not slowed down so.",
)
_SIMULATED_LIMITS = (
    "A tick is one retired instruction, counted exactly. It is not time: the virtual board has no cache, no flash, no "
    "pipeline, and its pins are bits in memory.",
    "Figures of a board with floating-point hardware and of one without it must not be mixed.",
)


def method_section(*, simulated: bool) -> Section:
    """How figures were made and what they do not say."""
    limits = _LIMITS + (_SIMULATED_LIMITS if simulated else ())
    blocks: tuple[Block, ...] = (Bullets(_METHOD), Text("What the figures do not say:"), Bullets(limits))
    return Section("method", "Method and limits", blocks)


def provenance_section(figures: RunFigures) -> Section:
    """Everything that run.json tells of the origin of the figures, and the hashes of all sources."""
    run = figures.run
    blocks: list[Block] = [
        Facts("Run", tuple(_flat({key: value for key, value in run.items() if key not in _ELSEWHERE}))),
        Facts("Board", tuple(_flat(run["board"]))),
        Facts("Settings", tuple(_flat(run["settings"]))),
        *(
            Facts(LANGUAGE_NAMES.get(name, clean(name)), tuple(_flat(language)))
            for name, language in run["languages"].items()
        ),
        *(
            Facts(key.capitalize(), tuple(_flat(run[key])))
            for key in ("harness", "host")
            if isinstance(run.get(key), dict)
        ),
    ]
    for key, name in (("samples_file", "samples.csv"), ("memory_file", "memory.csv")):
        if isinstance(run.get(key), dict):
            blocks.append(Facts(name, tuple(_flat(run[key]))))
    blocks.append(_source_table(run))
    return Section(figures.anchor("provenance"), "Provenance", tuple(blocks))


def failure_section(figures: RunFigures) -> Section | None:
    """The measurements that failed, with what the board or the link said."""
    failures = figures.run["failures"]
    if not failures:
        return None
    lines = tuple(
        f"{clean(f['workload'])}, n = {f['n']}, {LANGUAGE_NAMES.get(f['language'], clean(f['language']))}: "
        f"{clean(f['message'])}"
        for f in failures
    )
    return Section(figures.anchor("failures"), "Measurements without a figure", (Bullets(lines),))


def left_out_section(figures: RunFigures) -> Section | None:
    """What the run planned and left out on purpose, by reason."""
    reasons = left_out_by_reason(figures.run)
    if not reasons:
        return None
    blocks: list[Block] = [Text("These measurements cannot be made on this board, so they have no figure:")]
    for reason, workloads in reasons.items():
        blocks += [Text(f"{sentence(clean(reason))}:"), Bullets(tuple(_left_out(*each) for each in workloads.items()))]
    return Section(figures.anchor("left-out"), "Measurements left out", tuple(blocks))


def _left_out(workload: str, variants: Mapping[tuple[str, str], Sequence[int]]) -> str:
    """A workload and its variants, those with the same n together."""
    together: dict[tuple[int, ...], list[str]] = {}
    for (language, variant), sizes in variants.items():
        together.setdefault(tuple(sizes), []).append(
            f"{LANGUAGE_NAMES.get(language, clean(language))} {clean(variant)}"
        )
    return f"{clean(workload)}: " + "; ".join(
        f"{', '.join(names)} (n = {', '.join(map(str, sizes))})" for sizes, names in together.items()
    )


def reproduce_section(figures: RunFigures) -> Section:
    """The exact commands that measure this run again."""
    run = figures.run
    commands, notes = _commands(run)
    blocks: list[Block] = [Text("In a clone of the project's repository:"), Code("\n".join(commands), "Commands")]
    if notes:
        blocks.append(Bullets(tuple(notes)))
    return Section(figures.anchor("reproduce"), "How to reproduce", tuple(blocks))


def citation_section(figures: RunFigures) -> Section:
    """The run as a reference in plain text and as a BibTeX entry."""
    blocks = (Code(cite(figures.frame), "Plain text"), Code(bibtex(figures.frame), "BibTeX"))
    return Section(figures.anchor("cite"), "How to cite", blocks)


def _commands(run: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    harness, board = run.get("harness", {}), clean(run["board"]["name"])
    commit = str(harness.get("commit", ""))
    known = _COMMIT.match(commit) is not None
    choices = _choices(run)
    measure = ["bench", "run", "--board", board, *(choices or []), "--samples", str(run["settings"]["samples"])]
    if (layouts := layouts_of(run)) > 1:
        measure += ["--layouts", str(layouts)]
    measure += _firmware_options(run)
    commands = [f"git checkout {commit}"] if known else []
    commands += ["make setup", ". .venv/bin/activate", shlex.join([*measure, "--out", "results/again"])]
    notes = []
    if run["board"]["simulated"]:
        commands.append(shlex.join(["bench", "verify", "--board", board]))
        notes.append("bench verify measures the repository's own reference run again and compares every count.")
    if not known:
        notes.append("The run does not name the project's commit it was made with.")
    if harness.get("uncommitted_changes"):
        notes.append("When the run was made, the project had changes that are in no commit.")
    notes += _micropython_notes(run)
    if choices is None:
        notes.append("What the run measured is no choice that this version's bench run offers; its run.json lists it.")
    return commands, notes


def _firmware_options(run: Mapping[str, Any]) -> list[str]:
    """Which release of MicroPython a real board had, where it was an official one."""
    micropython = run["languages"].get("micropython", {})
    if run["board"]["simulated"] or not str(micropython.get("source", "")).startswith("https://"):
        return []
    version = clean(micropython.get("micropython_version", "")).removeprefix("v")
    return ["--micropython", version, "--firmware-sha256", clean(micropython.get("sha256", ""))]


def _micropython_notes(run: Mapping[str, Any]) -> list[str]:
    """What has to be done for the same MicroPython, where no option of the command names it."""
    micropython = run["languages"].get("micropython", {})
    source = str(micropython.get("source", PACKAGE))
    if run["board"]["simulated"]:
        own = [f"MicroPython came from {clean(source)}: point {OWN_CHECKOUT_VARIABLE} at that source tree first."]
        return [] if source.startswith(PACKAGE) else own
    notes = ["The board is asked which chip it is; with several plugged in, name one with --port."]
    if micropython and not source.startswith("https://"):
        told = clean(micropython.get("sha256") or micropython.get("build") or "unknown")
        notes.append(f"MicroPython was a file of the person's own ({told}): give it with --firmware.")
    return notes


def _choices(run: Mapping[str, Any]) -> list[str] | None:
    """The options of `bench run` that give the run's plan, the fewest that do; None where none do."""
    wanted = {(e["workload"], e["language"], e["variant"], e["n"]) for e in run["plan"]}
    catalogue = load_catalogue()
    names = [name for name in dict.fromkeys(e["workload"] for e in run["plan"]) if name != OVERHEAD_WORKLOAD]
    variants = list(dict.fromkeys(e["variant"] for e in run["plan"]))
    compiled = [
        ([], {}),
        (["--variant", ALL], {"variants": [ALL]}),
        ([argument for name in variants for argument in ("--variant", name)], {"variants": variants}),
    ]
    sizes = sorted({e["n"] for e in run["plan"] if e["workload"] != OVERHEAD_WORKLOAD})
    named = [argument for name in names for argument in ("--workload", name)]
    sized = [argument for n in sizes for argument in ("--n", str(n))]
    candidates: list[tuple[list[str], dict[str, Any]]] = [
        ([], {}),
        (["--quick"], {"quick": True}),
        (named, {"names": names}),
        ([*named, "--quick"], {"names": names, "quick": True}),
        ([*named, *sized], {"names": names, "sizes": sizes}),
    ]
    for (options, choice), (more, which) in product(candidates, compiled):
        try:
            plan = make_plan(catalogue, **choice, **which)
        except InputError:
            continue  # a workload, an n or a variant that the catalogue no longer has
        if {measurement.key for measurement in plan} == wanted:
            return [*options, *more]
    return None


def _flat(facts: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Names and values of nested facts, the names of inner ones after those of outer ones."""
    rows: list[tuple[str, str]] = []
    for key, value in facts.items():
        name = f"{prefix}{clean(key).replace('_', ' ')}"
        if isinstance(value, dict):
            rows += _flat(value, f"{name} ")
        elif isinstance(value, bool):
            rows.append((name, "yes" if value else "no"))
        else:
            rows.append((name, clean(value)))
    return rows


def _source_table(run: Mapping[str, Any]) -> Table:
    return Table(
        caption="SHA-256 of the sources of each workload, as the run recorded them.",
        columns=("workload", *LANGUAGE_NAMES.values(), "MicroPython viper"),
        numeric=(False, False, False, False),
        rows=tuple(
            (
                Cell(clean(name)),
                *(
                    Cell(clean(facts["source_sha256"].get(source, "")))
                    for source in (*LANGUAGE_NAMES, "micropython_viper")
                ),
            )
            for name, facts in run["workloads"].items()
        ),
        folded="Table of source hashes",
    )
