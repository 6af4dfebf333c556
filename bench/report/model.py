"""What the report says: frames of runs in, sections of blocks out. Knows no HTML and no Markdown."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bench.analysis import geometric_mean, matched, overall_mean
from bench.errors import InputError
from bench.labels import origin_text, ratio_text, spread_text, unit_text
from bench.report.anatomy import anatomy
from bench.report.blocks import Block, Bullets, Cell, Report, Section, Table, Text, Tiles, clean, sentence
from bench.report.contracts import workload_section
from bench.report.figures import RunFigures, bar_length, overhead, scaling
from bench.report.loading import loading
from bench.report.origins import (
    citation_section,
    failure_section,
    left_out_section,
    method_section,
    provenance_section,
    reproduce_section,
)
from bench.report.published import published_section
from bench.report.variants import memory, variants
from bench.report.words import extremes, summary_sentences
from bench.report.workflow import workflow


def build_report(frames: Sequence[pd.DataFrame]) -> Report:
    """The report of these runs (frames of `bench.load_run`). The same runs give the same report."""
    if not frames:
        raise InputError("expected at least one run to report on, got none")
    runs = [RunFigures(place, frame) for place, frame in enumerate(frames)]
    sections = [_summary(runs)]
    if len(runs) == 1:
        sections += _before_workloads(runs[0])
    else:
        sections += [Section(f.anchor("run"), f"Run {_name(f)}", (), tuple(_before_workloads(f))) for f in runs]
    workloads = workload_section(runs)
    sections += [workloads] if workloads else []
    sections.append(method_section(simulated=any(f.run["board"]["simulated"] for f in runs)))
    if len(runs) == 1:
        sections += _after_workloads(runs[0])
    else:
        sections += [
            Section(f.anchor("origin"), f"Origin of run {_name(f)}", (), tuple(_after_workloads(f))) for f in runs
        ]
    return Report("MicroPython against Arduino C++", _subtitle(runs), tuple(sections))


def _before_workloads(figures: RunFigures) -> list[Section]:
    optional = [published_section(figures), failure_section(figures), left_out_section(figures)]
    made = (
        overhead(figures),
        anatomy(figures),
        variants(figures),
        loading(figures),
        memory(figures),
        workflow(figures),
        scaling(figures),
        *optional,
    )
    return [section for section in made if section]


def _after_workloads(figures: RunFigures) -> list[Section]:
    return [provenance_section(figures), reproduce_section(figures), citation_section(figures)]


def _name(figures: RunFigures) -> str:
    return clean(figures.run["run_id"])


def _subtitle(runs: Sequence[RunFigures]) -> str:
    if len(runs) > 1:
        return f"{len(runs)} runs: {', '.join(map(_name, runs))}"
    run = runs[0].run
    return f"Run {_name(runs[0])}, {clean(origin_text(run))}. Begun {clean(run.get('started', 'at an unknown time'))}."


def _summary(runs: Sequence[RunFigures]) -> Section:
    if len(runs) == 1:
        blocks: list[Block] = [*_tiles(runs[0]), Bullets(summary_sentences(runs[0].frame, runs[0].rows))]
        return Section("summary", "In a minute", tuple(blocks))
    parts = tuple(Section(f.anchor("summary"), _name(f), (Bullets(summary_sentences(f.frame, f.rows)),)) for f in runs)
    return Section("summary", "In a minute", (*_cautions(runs), *_side_by_side(runs)), parts)


def _tiles(figures: RunFigures) -> list[Tiles]:
    if len(figures.rows) < 2:
        return []
    mean = overall_mean(figures.rows)
    least, most = extremes(figures.rows)
    figures_shown = (
        (ratio_text(least["ratio"]), f"least: {clean(least['workload'])}"),
        (ratio_text(mean.value), f"geometric mean of {mean.count}, {spread_text(mean.spread)}"),
        (ratio_text(most["ratio"]), f"most: {clean(most['workload'])}"),
    )
    note = f"{clean(unit_text(figures.run))} of MicroPython for one of Arduino C++, {clean(origin_text(figures.run))}"
    return [Tiles(figures_shown, note)]


def _cautions(runs: Sequence[RunFigures]) -> list[Block]:
    """What stands in the way of reading columns of the summary against each other."""
    found = []
    if len({str(f.run["board"].get("fpu")) for f in runs}) > 1:
        found.append(
            "Not all of these boards have floating-point hardware. Without it C++ executes many times as much in "
            "float workloads and MicroPython hardly more, so do not read float ratios of one board against those of "
            "another."
        )
    if len({f.run["board"]["tick_unit"] for f in runs}) > 1:
        found.append("The runs count in different units; only their ratios can stand in one table.")
    return [Bullets(tuple(found))] if found else []


def _side_by_side(runs: Sequence[RunFigures]) -> list[Block]:
    """The overhead ratio of each workload, a column a run, at the largest n that most runs have."""
    ratios = pd.concat([f.ratios.assign(place=f.place) for f in runs], ignore_index=True)
    if ratios.empty:
        return [Text("No run has a workload with figures in both languages.")]
    wide = ratios.pivot(index=["group", "workload", "n"], columns="place", values="ratio")
    wide = wide.reindex(columns=range(len(runs))).reset_index()
    wide["held"] = wide[list(range(len(runs)))].notna().sum(axis=1)
    wide = wide.sort_values(["held", "n"]).drop_duplicates("workload", keep="last")
    order = {name: place for place, name in enumerate(dict.fromkeys(ratios["workload"]))}
    wide = wide.sort_values("workload", key=lambda names: names.map(order))
    return [_side_by_side_table(runs, wide)]


def _side_by_side_table(runs: Sequence[RunFigures], wide: pd.DataFrame) -> Table:
    places = list(range(len(runs)))
    largest = wide[places].max().max()
    common = wide[wide["held"] == len(runs)]
    means = [geometric_mean(matched(common)[place]) for place in places]
    foot = [Cell(f"geometric mean of {means[0].count} that all have"), Cell("")]
    foot += [Cell(f"{ratio_text(mean.value)} ({spread_text(mean.spread)})") for mean in means]
    rows = []
    for row in wide.to_dict("records"):
        cells = [Cell(clean(row["workload"])), Cell(str(row["n"]), float(row["n"]))]
        for place in places:
            there = not pd.isna(row[place])
            cells.append(
                Cell(ratio_text(row[place]), float(row[place]), bar_length(row[place], largest)) if there else Cell("-")
            )
        rows.append(tuple(cells))
    simulated = "; ".join(dict.fromkeys(clean(origin_text(f.run)) for f in runs))
    return Table(
        caption="Overhead ratio (MicroPython / Arduino C++) of each workload in each run, at the largest n that most "
        f"of the runs have. {sentence(simulated)}.",
        columns=("workload", "n", *(_name(f) for f in runs)),
        numeric=(False, True, *(True for _ in runs)),
        rows=tuple(rows),
        foot=tuple(foot) if means[0].count else (),
    )
