"""The run folder: run.json, samples.csv and memory.csv. Written so that finished measurements survive any crash.

samples.csv is tidy, one row a sample; the rows of a measurement are appended in one write once its answers are checked.
run.json is always replaced whole. Columns of samples.csv: workload, language, variant, n (size), sample (index from 0),
loops (executions in the timed block), ticks (of the whole block), tick_unit, checksum (eight hexadecimal digits), image
(build hash). memory.csv: see bench/memory_file.py.

Where C++ was measured in several code layouts (`settings.layouts` of run.json), each is an image of its own, and the
numbers of the samples go on from one to the next: with three samples each, 3 is the first one of the second layout.

Schema history: 1 - first. 2 - memory.csv; run.json has `skipped`, what was left out and why. 3 - several layouts.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from bench import memory_file
from bench.errors import InputError, ToolError
from bench.files import CSV_WORD, append_all, drop_cut_line, write_atomically
from bench.plan import KEY_COLUMNS, Figures, Key, Measurement, Unit
from bench.shape import check_shape

SCHEMA = 3
RUN_FILE = "run.json"
SAMPLES_FILE = "samples.csv"
RUN_FILES = (SAMPLES_FILE, memory_file.NAME, RUN_FILE)
LOCK_FILE = ".lock"
COLUMNS = (*KEY_COLUMNS, "sample", "loops", "ticks", "tick_unit", "checksum", "image")
STATUSES = ("running", "interrupted", "incomplete", "complete")
_HEADER = ",".join(COLUMNS) + "\n"
_CHECKSUM = re.compile(r"[0-9a-f]{8}\Z")
_COUNT = re.compile(r"[0-9]{1,18}\Z")  # fits 64 bits, as bench.plan.Sample sees to
# What the harness relies on in run.json, see bench/shape.py; it holds more.
_MEASUREMENT = {"workload": str, "language": str, "variant": str, "n": int}
_FACTS = {
    "run_id": str,
    "status": str,
    "board": {"name": str, "simulated": bool, "tick_unit": str},
    "settings": {"samples": int, "layouts?": int},
    "plan": [_MEASUREMENT],
    "workloads": {"*": {"group": str, "source_sha256": {"*": str}}},
    "languages": {"*": {"image": str}},
    "failures": [_MEASUREMENT | {"message": str}],
    "skipped?": [_MEASUREMENT | {"message": str}],
    "harness?": {},
    "said?": {"*": {"*": str}},
    "retries?": int,
    "samples_file?": {"rows": int, "sha256": str},
    "memory_file?": {"rows": int, "sha256": str},
}


class RunFolder:
    """An open run folder, held by this process alone until `close`."""

    def __init__(self, path: Path, facts: dict[str, Any], lock: FileLock) -> None:
        self.path = path
        self.facts = facts
        self._lock = lock

    @classmethod
    def create(cls, path: Path, facts: Mapping[str, Any]) -> RunFolder:
        """Start a run in a new or empty folder. InputError where a run is there, ToolError where it is read-only."""
        with _locked(path) as lock:
            if (path / RUN_FILE).exists() or (path / SAMPLES_FILE).exists():
                raise InputError(
                    f"{path} holds a run already: choose another --out, or continue it with --resume {path}"
                )
            run = cls(path, {"schema": SCHEMA, "status": "running", **facts}, lock)
            run.save()
            append_all(path / SAMPLES_FILE, _HEADER.encode("ascii"), os.O_CREAT | os.O_EXCL)
        return run

    @classmethod
    def reopen(cls, path: Path) -> RunFolder:
        """Open an unfinished run to continue it. A measurement that a crash cut off is dropped, all others stay."""
        read_facts(path)  # a folder that is no run gets no lock file
        with _locked(path) as lock:
            run = cls(path, read_facts(path), lock)
            drop_cut_line(path / SAMPLES_FILE, _HEADER.encode("ascii"))
            memory_file.mend(path)
            _refuse_edited(path, run.facts)
            run._drop_partial_measurements()
            run.facts["status"] = "running"
            run.facts.pop("samples_file", None)
            run.facts.pop("memory_file", None)
            run.save()
        return run

    def finished(self) -> set[Unit]:
        """The measurements, layout by layout, whose samples are all in samples.csv."""
        samples = self.facts["settings"]["samples"]
        return {_unit(row, samples) for row in finished_rows(self.path, self.facts)}

    def append(self, measurement: Measurement, figures: Figures, tick_unit: str, image: str) -> None:
        """Add one finished measurement. ToolError, and no trace of it, where the disk does not take it all."""
        self.extend([(measurement, figures, image)], tick_unit)

    def extend(self, finished: Sequence[tuple[Measurement, Figures, str]], tick_unit: str) -> None:
        """Add finished measurements, each with its image, in one write."""
        if not finished:
            return
        samples = self.facts["settings"]["samples"]
        rows = "".join(
            f"{measurement.workload},{measurement.language},{measurement.variant},{measurement.n},"
            f"{measurement.layout * samples + sample.index},"
            f"{sample.loops},{sample.ticks},{tick_unit},{sample.checksum:08x},{image}\n"
            for measurement, figures, image in finished
            for sample in figures.samples
        )
        target = self.path / memory_file.NAME
        try:
            # First memory, then the samples, which make a measurement count as finished.
            # Of the first layout only: where code lies changes nothing about memory.
            memory_file.extend(self.path, [(m, figures.memory) for m, figures, _ in finished if not m.layout])
            target = self.path / SAMPLES_FILE
            append_all(target, rows.encode("ascii"))
        except OSError as error:
            raise ToolError(_cannot_write(target, error)) from error

    def save(self) -> None:
        """Replace run.json with the present facts."""
        try:
            write_atomically(
                self.path / RUN_FILE, (json.dumps(self.facts, indent=2, ensure_ascii=True) + "\n").encode()
            )
        except OSError as error:
            raise ToolError(_cannot_write(self.path / RUN_FILE, error)) from error

    def finish(self, status: str, order: Mapping[Key, int]) -> None:
        """Close the books: rows into the plan's order, their number and SHA-256 and the status into run.json."""
        self._finish_memory(order)
        rows = sorted(read_rows(self.path), key=lambda row: (order.get(_key(row), len(order)), int(row["sample"])))
        data = _as_csv(rows)
        try:
            write_atomically(self.path / SAMPLES_FILE, data)
        except OSError as error:
            raise ToolError(_cannot_write(self.path / SAMPLES_FILE, error)) from error
        self.facts["status"] = status
        self.facts["samples_file"] = {"rows": len(rows), "sha256": hashlib.sha256(data).hexdigest()}
        self.save()

    def _finish_memory(self, order: Mapping[Key, int]) -> None:
        try:
            recorded = memory_file.finish(self.path, {key for key, _ in self.finished()}, order)
        except OSError as error:
            raise ToolError(_cannot_write(self.path / memory_file.NAME, error)) from error
        if recorded:
            self.facts["memory_file"] = recorded

    def close(self) -> None:
        """Let go of the folder."""
        _release(self._lock)

    def _drop_partial_measurements(self) -> None:
        kept = finished_rows(self.path, self.facts)
        if len(kept) < len(read_rows(self.path)):
            write_atomically(self.path / SAMPLES_FILE, _as_csv(kept))


def read_facts(path: Path) -> dict[str, Any]:
    """run.json of a run folder. InputError where the folder is no run, or one that this version cannot read."""
    source = path / RUN_FILE
    try:
        facts = json.loads(source.read_text(encoding="utf-8"))
        json.dumps(facts, ensure_ascii=False).encode()  # ValueError for half a character, which nothing could print
    except FileNotFoundError:
        raise InputError(f"{path} is no run folder: expected {RUN_FILE} in it") from None
    except OSError as error:
        raise InputError(f"cannot read {source}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{source} is damaged (not JSON: {error}): restore it or measure again") from error
    if not isinstance(facts, dict) or facts.get("schema") not in range(1, SCHEMA + 1):
        found = facts.get("schema") if isinstance(facts, dict) else None
        raise InputError(f"{source}: expected schema 1 to {SCHEMA}, got {found!r}: a newer bench may have written it")
    check_shape(facts, _FACTS, str(source))
    if facts["status"] not in STATUSES:
        raise InputError(f"{source}: expected a status of {', '.join(STATUSES)}, got {facts['status']!r:.80}")
    if facts["settings"]["samples"] < 1:
        raise InputError(f"{source}: expected settings.samples >= 1, got {facts['settings']['samples']}")
    if layouts_of(facts) < 1:
        raise InputError(f"{source}: expected settings.layouts >= 1, got {layouts_of(facts)}")
    return facts


def finished_rows(path: Path, facts: Mapping[str, Any]) -> list[dict[str, str]]:
    """The rows of the measurements, layout by layout, whose samples are all there, each once."""
    rows = read_rows(path)
    samples, layouts = facts["settings"]["samples"], layouts_of(facts)
    indices: dict[Unit, list[int]] = {}
    for row in rows:
        indices.setdefault(_unit(row, samples), []).append(int(row["sample"]))
    whole = {
        (key, layout)
        for (key, layout), found in indices.items()
        if layout < layouts and len(found) == samples == len(set(found))
    }
    return [row for row in rows if _unit(row, samples) in whole]


def layouts_of(facts: Mapping[str, Any]) -> int:
    """In how many code layouts C++ was measured, or is to be."""
    return int(facts["settings"].get("layouts", 1))


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of samples.csv as text, each checked. InputError names the first line that is not a sample."""
    source = path / SAMPLES_FILE
    try:
        text = source.read_text(encoding="ascii")
        table = list(csv.reader(text.splitlines()))
    except FileNotFoundError:
        raise InputError(f"{path}: expected {SAMPLES_FILE} in the run folder") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot read {source}: {error}") from error
    if not table or tuple(table[0]) != COLUMNS:
        raise InputError(
            f"{source}: expected the header {_HEADER.strip()}, got {','.join(table[0] if table else [])!r:.80}"
        )
    if not text.endswith("\n"):
        raise InputError(
            f"{source} is cut in line {len(table)}: `bench run --resume {path}` drops the cut row and goes on"
        )
    rows = []
    for number, cells in enumerate(table[1:], start=2):
        row = dict(zip(COLUMNS, cells, strict=False))
        if len(cells) != len(COLUMNS) or not _plausible(row):
            raise InputError(
                f"{source} line {number} is no sample ({','.join(cells)!r:.80}): the file is cut or damaged"
            )
        rows.append(row)
    return rows


def _plausible(row: Mapping[str, str]) -> bool:
    counts = all(_COUNT.match(row[c]) for c in ("n", "sample", "loops", "ticks"))
    words = all(CSV_WORD.match(row[c]) for c in ("workload", "language", "variant", "tick_unit", "image"))
    answer = _CHECKSUM.match(row["checksum"]) is not None
    return counts and words and answer and int(row["loops"]) > 0 and int(row["ticks"]) > 0


def _key(row: Mapping[str, str]) -> Key:
    return row["workload"], row["language"], row["variant"], int(row["n"])


def _unit(row: Mapping[str, str], samples: int) -> Unit:
    return _key(row), int(row["sample"]) // samples


def _as_csv(rows: Iterable[Mapping[str, str]]) -> bytes:
    return (_HEADER + "".join(",".join(row[c] for c in COLUMNS) + "\n" for row in rows)).encode("ascii")


@contextmanager
def _locked(path: Path) -> Iterator[FileLock]:
    """The folder, made and locked. It stays locked, unless the block fails; an OSError becomes ToolError."""
    lock = FileLock(path / LOCK_FILE)
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
        yield lock
    except Timeout:
        raise InputError(f"{path} is being written by another bench: wait for it, or choose another --out") from None
    except BaseException as error:
        _release(lock)
        if isinstance(error, OSError):
            raise ToolError(_cannot_write(path, error)) from error
        raise


def _release(lock: FileLock) -> None:
    if lock.is_locked:
        with suppress(OSError):  # where an open file cannot be removed it stays, and does no harm
            Path(lock.lock_file).unlink(missing_ok=True)  # while it is held: nobody else's is removed
        lock.release()


def _refuse_edited(path: Path, facts: Mapping[str, Any]) -> None:
    """InputError where a closed run's samples are as many as before, but not the same; a cut file can be completed."""
    recorded = facts.get("samples_file")
    data = (path / SAMPLES_FILE).read_bytes()
    if recorded and data.count(b"\n") > recorded["rows"] and hashlib.sha256(data).hexdigest() != recorded["sha256"]:
        raise InputError(f"{path / SAMPLES_FILE} was edited after the run: restore it, or measure again")


def _cannot_write(path: Path, error: OSError) -> str:
    return (
        f"cannot write {path}: {error.strerror or error}; finished measurements are kept: make room or choose another "
        "--out, then continue with --resume"
    )
