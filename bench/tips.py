"""Tips: pairs of scripts that do the same, before and after a change, and how many instructions the change saves.

A pair is measured as two workloads are, by the same session, with the same on-board runner and figure cache. Both have
to give the answer that CPython computes with before.py; a pair of which one does not has no figure.
"""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import paths
from bench.anatomy import attribution
from bench.answers import reference_answer
from bench.board import Board
from bench.catalogue import NAME, OVERHEAD_WORKLOAD, Workload, load_catalogue
from bench.errors import InputError
from bench.plan import Measurement, make_plan

if TYPE_CHECKING:
    import pandas as pd

    from bench.runs import Watcher

FILE = paths.PROJECT / "bench" / "tips.toml"
SCHEMA = 1
BEFORE, AFTER = "before", "after"
LEAST_SAVED = 0.05  # of the instructions: a change that saves less does not help
CAUSES = {key: label for key, label in attribution.CAUSES.items() if key != "work"}
_FIELDS = {"title": str, "cause": str, "helps": bool, "explains": str, "watch_out": str, "n": int, "seed": int}


@dataclass(frozen=True)
class Tip:
    """A change to a script. `helps` is what tips.toml claims of it, and a test compares with what is measured."""

    name: str
    root: Path  # of the project: where mpy_scripts/ lies
    title: str
    cause: str  # of CAUSES: what the change spares, or is said to spare
    helps: bool
    explains: str
    watch_out: str
    n: int
    seed: int

    def workload(self, part: str) -> Workload:
        """The script before or after the change, as a workload of which only the answer is not known yet."""
        return Workload(
            name=f"tips/{self.name}/{part}",
            root=self.root,
            title=self.title,
            group="tips",
            shows="",
            does_not_show="",
            types="",
            fits_31_bit=False,
            allocates=True,
            work_unit="",
            seed=self.seed,
            sizes=(self.n,),
            quick=self.n,
            check_n=self.n,
            loops="auto",
            published=False,
            boards=(),
            needs=(),
            functions=(),
            differences=(),
            explains="",
            barred={},
            checksums={},
        )


@dataclass(frozen=True)
class TipFigures:
    """What one execution costs before and after the change, the cost of measuring subtracted, in the board's ticks."""

    tip: Tip
    before: float
    after: float
    shrank: str = ""  # the component that lost most; empty where the scripts were not profiled, or none lost any

    @property
    def saved(self) -> float:
        """The share of the instructions that the change saves; negative where it costs some."""
        return 1 - self.after / self.before

    @property
    def factor(self) -> float:
        """How many times fewer instructions it takes after the change."""
        return self.before / self.after

    @property
    def helps(self) -> bool:
        """Whether the change saves enough to be worth it."""
        return self.saved >= LEAST_SAVED


@dataclass(frozen=True)
class MeasuredTips:
    """The tips that have figures, in the order asked for, and what became of the others."""

    figures: list[TipFigures]
    run: Mapping[str, Any]  # the facts of run.json
    exit_code: int  # 0 where every tip has its figures
    failures: list[str] = field(default_factory=list)

    @property
    def surprises(self) -> list[TipFigures]:
        """The tips of which tips.toml claims the opposite of what was measured."""
        return [figures for figures in self.figures if figures.helps != figures.tip.helps]


def load_tips(path: Path = FILE) -> dict[str, Tip]:
    """All tips by name, in the order of the file. InputError names the table and the field that is wrong."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"{path.name} is not valid TOML: {error}") from error
    if document.get("schema") != SCHEMA:
        raise InputError(f"{path.name}: expected schema = {SCHEMA}, got {document.get('schema')!r}")
    tables = document.get("tip")
    if not isinstance(tables, dict) or not tables or document.keys() != {"schema", "tip"}:
        raise InputError(f"{path.name}: expected schema and tables [tip.<name>]")
    root = path.resolve().parent.parent
    return {name: _parse(name, table, root, f"{path.name}: [tip.{name}]") for name, table in tables.items()}


def _parse(name: str, table: Any, root: Path, where: str) -> Tip:
    if not NAME.match(name):
        raise InputError(f"{where}: a name is lower-case letters, digits and underscores")
    if not isinstance(table, dict):
        raise InputError(f"{where}: expected a table, got {type(table).__name__}")
    for key in sorted(_FIELDS.keys() ^ table.keys()):
        raise InputError(f"{where}: the field {key!r} is {'missing' if key in _FIELDS else 'unknown'}")
    for key, expected in _FIELDS.items():
        if type(table[key]) is not expected or table[key] == "":
            raise InputError(f"{where}: {key}: expected {expected.__name__}, got {table[key]!r}")
    tip = Tip(name=name, root=root, **table)
    if tip.cause not in CAUSES:
        raise InputError(f"{where}: no cause {tip.cause!r:.40}; known: {', '.join(CAUSES)}")
    if not 1 <= tip.n < 2**31 or not 0 <= tip.seed < 2**31:
        raise InputError(f"{where}: n must lie in 1 .. 2^31-1 and seed in 0 .. 2^31-1, got {tip.n} and {tip.seed}")
    for part in (BEFORE, AFTER):
        script = tip.workload(part).script
        if not script.is_file():
            raise InputError(f"{where}: there is no {script.relative_to(root).as_posix()}")
    return tip


def select_tips(tips: Mapping[str, Tip], names: Iterable[str]) -> list[Tip]:
    """The tips asked for, in the order of the file; all of them where nothing was asked for."""
    wanted = list(names)
    for name in wanted:
        if name not in tips:
            raise InputError(f"no tip {name!r}; known: {', '.join(tips)}")
    return [tip for tip in tips.values() if not wanted or tip.name in wanted]


def tip_workloads(tips: Iterable[Tip]) -> dict[str, Workload]:
    """Both scripts of every tip as workloads with the right answer, after the one that is subtracted from all.

    InputError, with file and line, where CPython cannot compute an answer with before.py.
    """
    workloads = {OVERHEAD_WORKLOAD: load_catalogue()[OVERHEAD_WORKLOAD]}
    for tip in tips:
        before = tip.workload(BEFORE)
        answers = {tip.n: reference_answer(before, tip.n)}
        for script in (before, tip.workload(AFTER)):
            workloads[script.name] = replace(script, checksums=answers)
    return workloads


def tip_plan(workloads: Mapping[str, Workload]) -> list[Measurement]:
    """The measurements of these workloads: there are no C++ programs among them."""
    return [measurement for measurement in make_plan(workloads) if measurement.language == "micropython"]


def measure_tips(
    tips: Sequence[Tip], board: Board, watcher: Watcher, *, fresh: bool = False, anatomy: bool = False
) -> MeasuredTips:
    """Measure both scripts of these tips on a board; what has not changed since an earlier time comes from the cache.

    `anatomy`: profile them too, to see which component shrank. A tip of which one script fails, or gives another answer
    than CPython, has no figures; the others have.
    """
    from bench.frames import load_run
    from bench.runs import Choices, run_plan

    workloads = tip_workloads(tips)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "tips"
        try:
            finished = run_plan(board, workloads, tip_plan(workloads), Choices(fresh=fresh), watcher, out)
        except KeyboardInterrupt:
            raise KeyboardInterrupt("what is finished is kept; without --fresh it is not measured again") from None
        frame = load_run(finished.path)
        costs = _costs(frame)
        shrank = _shrank(finished.path, tips, workloads, watcher, fresh) if anatomy and costs else {}
    figures = [
        TipFigures(tip, costs[tip.workload(BEFORE).name], costs[tip.workload(AFTER).name], shrank.get(tip.name, ""))
        for tip in tips
        if all(tip.workload(part).name in costs for part in (BEFORE, AFTER))
    ]
    failures = [failure.message for failure in finished.outcome.failures]
    return MeasuredTips(figures, frame.attrs["run"], finished.exit_code, failures)


def _costs(frame: pd.DataFrame) -> dict[str, float]:
    """Ticks per execution of each script that was measured."""
    from bench.analysis import summarise

    if not (frame["workload"] != OVERHEAD_WORKLOAD).any():
        return {}
    summary = summarise(frame)
    return dict(zip(summary["workload"], summary["median"], strict=True))


def _shrank(
    run: Path, tips: Iterable[Tip], workloads: Mapping[str, Workload], watcher: Watcher, fresh: bool
) -> dict[str, str]:
    """By tip, the label of the component that shrank most."""
    from bench.anatomy.dissect import Wanted, dissect
    from bench.anatomy.frames import load_anatomy

    dissect(run, Wanted(fresh=fresh), watcher, workloads)
    parts = load_anatomy(run).by_component
    found = {}
    for tip in tips:
        before, after = (parts[parts["workload"] == tip.workload(part).name] for part in (BEFORE, AFTER))
        component = component_that_shrank(before, after)[0] if len(before) and len(after) else ""
        found[tip.name] = attribution.COMPONENTS.get(component, component)
    return found


def component_that_shrank(before: pd.DataFrame, after: pd.DataFrame) -> tuple[str, float]:
    """The component that takes fewer instructions after the change, and how many fewer; ("", 0) where none does.

    `before` and `after` are the rows of one script each of `bench.anatomy.frames.parts(..., by="component")`. Of
    several components, the one that lost most.
    """
    was, now = (rows.groupby("part")["instructions"].sum() for rows in (before, after))
    lost = was.sub(now, fill_value=0)
    if lost.empty or lost.max() <= 0:
        return "", 0.0
    return str(lost.idxmax()), float(lost.max())
