"""How a run shows itself on a terminal: a bar with an estimate, or plain lines where nobody watches."""

from __future__ import annotations

import csv
from collections.abc import Sequence

from rich.markup import escape
from rich.progress import BarColumn, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from bench import paths
from bench.cli.live import Live
from bench.plan import Measurement
from bench.results import SAMPLES_FILE
from bench.session import Failure

BOOT_TICKS = 60_000_000  # a boot costs about as long as so many instructions
UNKNOWN_TICKS = 10_000_000
PLAIN_STEP = 10  # without a terminal: a line each ten measurements
TRANSFER_STEP = 25  # and one each so many percent of a transfer


class RunProgress(Live):
    """A `bench.runs.Watcher`, and who is told how files go to a board."""

    def __init__(self, doing: str = "measuring") -> None:
        super().__init__(
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("elapsed"),
            TimeElapsedColumn(),
            TextColumn("left about"),
            TimeRemainingColumn(elapsed_when_finished=False),
            transient=False,
        )
        self._doing = doing
        self._weights: dict[tuple[str, str, str, int], int] = {}
        self._transfer: TaskID | None = None
        self._last_transfer = ("", -1)
        self._total = 0
        self._done = 0

    def transfer(self, what: str, done: int, total: int) -> None:
        """How far a file is on its way to the board, or from the network."""
        if self._bar.disable:
            step = 100 * done // max(total, 1) // TRANSFER_STEP
            if (what, step) != self._last_transfer:
                self._last_transfer = what, step
                self.log(f"{what}: {min(step * TRANSFER_STEP, 100)} %")
            return
        if self._transfer is None:
            self._transfer = self._bar.add_task(escape(what), total=total)
        self._bar.update(self._transfer, description=escape(what), total=total, completed=done)
        if 0 < total <= done:
            self._bar.remove_task(self._transfer)
            self._transfer = None

    def begin(self, measurements: Sequence[Measurement], samples: int) -> None:
        """Show how much there is to do, weighed by what the reference run needed for each measurement."""
        expected = _reference_ticks()
        self._weights = {m.key: BOOT_TICKS + expected.get(m.key, UNKNOWN_TICKS) * (samples + 1) for m in measurements}
        self._total, self._done = len(measurements), 0
        total = sum(self._weights[m.key] for m in measurements)
        self._bar.update(self._task, total=max(total, 1), completed=0, description=self._doing)
        if self._bar.disable:
            self.log(f"{self._doing}: {self._total} measurements")

    def done(self, measurement: Measurement, failure: Failure | None) -> None:
        """Move the bar, and say at once what has no figure."""
        self._done += 1
        self._bar.update(
            self._task, advance=self._weights.get(measurement.key, 0), description=escape(measurement.workload)
        )
        if failure is not None and failure.exit_code:  # what was left out as foreseen stands below the table
            self._console.print(f"no figure: {escape(failure.message)}", style="bold red", highlight=False)
        if self._bar.disable and (self._done % PLAIN_STEP == 0 or self._done == self._total):
            self.log(f"{self._doing}: {self._done} of {self._total}")


def _reference_ticks() -> dict[tuple[str, str, str, int], int]:
    """Ticks of one timed block of each measurement in the committed reference run; empty where there is none."""
    ticks = {}
    for path in paths.RESULTS.glob(f"reference-*/{SAMPLES_FILE}"):
        try:
            with path.open(encoding="ascii", newline="") as stream:
                for row in csv.DictReader(stream):
                    ticks[row["workload"], row["language"], row["variant"], int(row["n"])] = int(row["ticks"])
        except (OSError, ValueError, KeyError, TypeError):
            continue  # only the estimate suffers
    return ticks
