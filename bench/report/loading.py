"""The report's section on compiling on the board and on a garbage collection."""

from __future__ import annotations

from bench.anatomy import collecting
from bench.charts import anatomy_data
from bench.errors import InputError
from bench.labels import share_text
from bench.report.blocks import Block, Cell, Section, Table, clean
from bench.report.figures import RunFigures, number


def loading(figures: RunFigures) -> Section | None:
    """Compiling on the board and collecting garbage, where the run has figures of them."""
    charts: list[Block] = [*figures.charts("compiling", "collecting")]
    if not charts:
        return None
    fitted = _fit_table(figures)
    return Section(figures.anchor("loading"), "Compiling on the board, collecting garbage", (*charts, *fitted))


def _fit_table(figures: RunFigures) -> list[Table]:
    """What a collection takes by size of the heap and by what is alive in it."""
    try:
        fits = collecting.fits(anatomy_data.collecting(figures.frame))
    except InputError:
        return []
    rows = [
        (
            Cell(clean(fit.shape)),
            Cell("again" if fit.marks_again else "once"),
            Cell(str(fit.points), float(fit.points)),
            *(
                Cell(f"{value:.0f}", number(value))
                for value in (fit.per_walked_kb, fit.per_heap_kb, fit.per_live_block)
            ),
            Cell(f"{fit.r2:.4f}", number(fit.r2)),
            Cell(share_text(fit.largest_share), number(fit.largest_share)),
        )
        for fit in fits
    ]
    return [
        Table(
            caption="Instructions of a collection as a sum, by least squares over collections of several heap sizes "
            "and numbers of live objects: for each KB that the collector walks through, for each KB of heap, for each "
            "block of 16 bytes that is alive. Marked again: an object had more children than the collector's own stack "
            f"has room for. {figures.origin}",
            columns=(
                "alive",
                "marked",
                "collections",
                "per KB walked",
                "per KB of heap",
                "per live block",
                "R²",
                "largest error",
            ),
            numeric=(False, False, True, True, True, True, True, True),
            rows=tuple(rows),
            folded="Table of what a collection takes",
        )
    ]
