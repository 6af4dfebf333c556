"""How to cite the figures of a run, and an id that says which figures they are.

All functions take the frame of `bench.load_run`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from bench.escape import latex_text
from bench.labels import LANGUAGE_NAMES, origin_text, printable
from bench.results import COLUMNS

SOFTWARE = "bench: MicroPython against Arduino C++ on the same ESP32"  # as in CITATION.cff
AUTHOR = "The bench contributors"
_COUNTS = ("n", "sample", "loops", "ticks")


def content_id(frame: pd.DataFrame) -> str:
    """16 hexadecimal digits over the samples and what decides them: the same figures, the same id on every computer.

    The start of a SHA-256 over all samples, whatever their order, and over the board, settings, both languages' images,
    versions and flags, the seeds and hashes of the workloads' sources, and the hash of the script that measures. Left
    out is what decides no figure: run id, dates, host, folder, the project's commit, status.
    """
    run = frame.attrs["run"]
    deciding = {
        "board": run["board"],
        "settings": run["settings"],
        "languages": run["languages"],
        "on_board_runner_sha256": run.get("on_board_runner_sha256"),
        "workloads": {
            name: {"seed": workload.get("seed"), "source_sha256": workload["source_sha256"]}
            for name, workload in run["workloads"].items()
        },
    }
    digest = hashlib.sha256(b"bench content id 1\n" + _canonical(deciding))
    words = {column: "category" for column in COLUMNS if column not in _COUNTS}  # sorts ten times faster than text
    ordered = frame[list(COLUMNS)].astype(words).sort_values(list(COLUMNS))
    for column in COLUMNS:
        digest.update(_canonical([column, ordered[column].tolist()]))
    return digest.hexdigest()[:16]


def cite(frame: pd.DataFrame) -> str:
    """The citation of a run as plain text, one line: author, year, board, what ran, versions, run id, content id."""
    fields = _fields(frame)
    year = f" ({fields['year']})" if fields["year"] else ""
    return (
        f"{AUTHOR}{year}. {fields['title']}. {SOFTWARE}, version {fields['version']}, commit {fields['commit']}. "
        f"{_sentence(fields['origin'])}. {fields['toolchains']}. "
        f"Run {fields['run_id']} ({fields['status']}), content id {fields['content_id']}."
    )


def bibtex(frame: pd.DataFrame) -> str:
    """The citation of a run as a BibTeX entry, which every style can print; its key is made of the content id."""
    fields = {name: latex_text(value) for name, value in _fields(frame).items()}
    entry = {
        "author": f"{{{latex_text(AUTHOR)}}}",
        "title": f"{{{fields['title']}}}",
        "year": fields["year"],
        "howpublished": f"{latex_text(SOFTWARE)}, version {fields['version']}, commit {fields['commit']}",
        "note": f"Run {fields['run_id']} ({fields['status']}), content id {fields['content_id']}. "
        f"{_sentence(fields['origin'])}. {fields['toolchains']}",
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in entry.items() if value)
    return f"@misc{{bench-{fields['content_id']},\n{lines}}}\n"


def cff(frame: pd.DataFrame) -> str:
    """The citation of a run in the Citation File Format 1.2.0, of type dataset, the software among its references."""
    fields = _fields(frame)
    lines = [
        "cff-version: 1.2.0",
        f"message: {_yaml('If you use these figures, cite them with their content id.')}",
        "type: dataset",
        f"title: {_yaml(fields['title'])}",
        f"abstract: {_yaml(f'''{_sentence(fields['origin'])}. {fields['toolchains']}.''')}",
        f"version: {_yaml(fields['content_id'])}",
        *([f"date-released: {_yaml(fields['date'])}"] if fields["date"] else []),
        "authors:",
        f"  - name: {_yaml(AUTHOR)}",
        "identifiers:",
        "  - type: other",
        f"    value: {_yaml(fields['run_id'])}",
        "    description: run id",
        "references:",
        "  - type: software",
        f"    title: {_yaml(SOFTWARE)}",
        f"    version: {_yaml(fields['version'])}",
        f"    commit: {_yaml(fields['commit'])}",
        "    authors:",
        f"      - name: {_yaml(AUTHOR)}",
    ]
    return "\n".join(lines) + "\n"


def _fields(frame: pd.DataFrame) -> dict[str, str]:
    """What a citation is made of; harmless in a terminal, empty text where the run does not say."""
    run = frame.attrs["run"]
    harness = run.get("harness", {})
    started = _date(run)
    changed = " with uncommitted changes" if harness.get("uncommitted_changes") else ""
    fields = {
        "title": f"MicroPython against Arduino C++ on {run['board']['name']}: {_kind(run)} overhead ratios",
        "date": started,
        "year": started[:4],
        "run_id": run["run_id"],
        "status": run["status"],
        "content_id": content_id(frame),
        "version": harness.get("version", "unknown"),
        "commit": f"{harness.get('commit') or 'unknown'}{changed}",
        "origin": origin_text(run),
        "toolchains": "; ".join(_toolchain(name, facts) for name, facts in run["languages"].items()),
    }
    return {name: printable(value) for name, value in fields.items()}


def _kind(run: Mapping[str, Any]) -> str:
    return "simulated" if run["board"]["simulated"] else "measured"


def _date(run: Mapping[str, Any]) -> str:
    """The day on which the run was started, as ISO 8601; empty text where run.json has none."""
    try:
        return date.fromisoformat(str(run.get("started"))[:10]).isoformat()
    except ValueError:
        return ""


def _toolchain(language: str, facts: Mapping[str, Any]) -> str:
    versions = [facts[key] for key in ("micropython_version", "compiler") if facts.get(key)]
    optimisation = f" -{facts['optimisation']}" if facts.get("optimisation") else ""
    return f"{LANGUAGE_NAMES.get(language, language)}: {', '.join(map(str, versions)) or 'unknown'}{optimisation}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _yaml(text: str) -> str:
    """A quoted YAML scalar: printable text in JSON's quotes is one."""
    return json.dumps(text, ensure_ascii=False)


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")
