"""The page of the I/O programs, docs/io.md: written by `make docs` from the programs and the reference run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from bench import paths
from bench.escape import markdown_text, source_cell
from bench.labels import LANGUAGE_NAMES, origin_text, ratio_text, ticks_text, unit_text
from bench.workflow.io_costs import operation_costs
from bench.workflow.io_programs import DEVICES, Device, read_source
from bench.workflow.source_counts import Counts, count

_INTRODUCTION = """# I/O: the same program in both languages

<!-- Written by `make docs` from the programs and the reference run: change those, not this page. -->

What a student writes to use a device, once as an Arduino sketch (arduino-esp32 2.0.17) and once as a MicroPython script
(the esp32 port). The two of a pair do the same, with the same names in the same order. They are no workloads: nothing
times them. They stand in `arduino_sketches/io_NAME/io_NAME.ino`, to be opened in the Arduino IDE as they are, and in
`mpy_scripts/io/NAME.py`, to be run by `mpremote run` or Thonny. `bench workflow RUN --part io` counts them into a run.

## How they are counted

- **One rule for the form:** `clang-format` with LLVM's style, 120 columns and each function on lines of its own; `ruff
  format` with 120 columns. One comment says what the program does, others only what the code cannot say; they are the
  same in both, and none is counted.
- **Lines** have something other than white space and comments in them. **Characters** are those of such lines from the
  first to the last that is no white space.
- **Tokens** are names, numbers, texts, operators, brackets and semicolons, by the tokenisers of both languages.
  Python's line ends and indents, which stand in the place of semicolons and braces, are not among them.
- **API names** are the distinct functions, methods and classes that a program calls and does not define itself.
"""

_VERIFIED = """## What was verified, and what only hardware shows

The tests compile each sketch against declarations of the arduino-esp32 2.0.17 functions it calls. blink, button, adc,
pwm and uart_echo are run on the virtual board in both languages, unchanged, with QEMU's debugger at the pins: it notes
each write of a pin or duty, each pause and each byte sent, presses the button and sends the bytes, and both languages
must give the same list. The virtual board has neither I2C nor timers: i2c_scan and timer are run against stand-ins for
these classes, the sketches on the computer, the scripts in the virtual board's MicroPython.

Nothing here was tried on hardware. Only that shows:

"""


def io_page(frame: pd.DataFrame) -> str:
    """The page in Markdown; `frame` is that of a run (`bench.load_run`), for the costs. InputError as `read_source`."""
    sections = "\n".join(_section(device) for device in DEVICES)
    shown = "\n".join(f"- {device.name}: {markdown_text(device.hardware_only)}." for device in DEVICES)
    return "\n".join([_INTRODUCTION, _table(frame), _VERIFIED + shown, "", sections])


def _table(frame: pd.DataFrame) -> str:
    run = frame.attrs["run"]
    columns = ("device", "lines", "characters", "tokens", "API names", "one operation", "its cost", "ratio")
    costs = {str(row["device"]): row for row in operation_costs(frame).to_dict("records")}
    rows = [_row(device, costs[device.name]) for device in DEVICES]
    rows.append(_sums())
    lines = [columns, tuple("---" for _ in columns), *rows]
    return (
        "## Lengths and costs\n\nC++ / MicroPython. The cost is that of the workload of the group machine that repeats "
        f"the operation, in {unit_text(run)}; ratio: MicroPython / C++.\n\n"
        + "\n".join(f"| {' | '.join(line)} |" for line in lines)
        + f"\n\nCosts: run {markdown_text(run['run_id'])}, {markdown_text(origin_text(run))}.\n"
    )


def _row(device: Device, cost: Mapping[Any, Any]) -> tuple[str, ...]:
    name = f"[{device.name}](#{device.name})"
    ratio = float(cost["ratio"])
    if math.isnan(ratio):
        return (name, *_lengths(*_counts(device)), "no workload", "-", "-")
    ticks = " / ".join(ticks_text(float(cost[language])) for language in LANGUAGE_NAMES)
    return (name, *_lengths(*_counts(device)), f"{device.operation} (`{device.workload}`)", ticks, ratio_text(ratio))


def _counts(device: Device) -> list[Counts]:
    return [count(read_source(device.source(language)), language) for language in LANGUAGE_NAMES]


def _lengths(*of: Counts) -> tuple[str, ...]:
    figures = [(c.lines, c.characters, c.tokens, len(c.calls)) for c in of]
    return tuple(" / ".join(map(str, pair)) for pair in zip(*figures, strict=True))


def _sums() -> tuple[str, ...]:
    """The last row: all programs of a language together."""
    of = [[counts[place] for counts in map(_counts, DEVICES)] for place in range(len(LANGUAGE_NAMES))]
    sums = [(sum(c.lines for c in mine), sum(c.characters for c in mine), sum(c.tokens for c in mine)) for mine in of]
    return ("all", *(" / ".join(map(str, pair)) for pair in zip(*sums, strict=True)), "", "", "", "")


def _section(device: Device) -> str:
    """One device: what a reader of the two has to know, and both programs in a table of HTML."""
    lines = [f"## {device.name}", "", f"{markdown_text(device.title)}.", ""]
    lines += [f"- {markdown_text(text)}" for text in device.differences]
    for language, counts in zip(LANGUAGE_NAMES.values(), _counts(device), strict=True):
        lines.append(f"- {language} calls {', '.join(f'`{name}`' for name in counts.calls)}.")
    lines += ["", "<table>", f"<tr>{''.join(f'<th>{name}</th>' for name in LANGUAGE_NAMES.values())}</tr>"]
    lines += ['<tr valign="top">', *(_cell(device, language) for language in LANGUAGE_NAMES), "</tr>", "</table>", ""]
    return "\n".join(lines)


def _cell(device: Device, language: str) -> str:
    path = device.source(language)
    kind = "cpp" if language == "arduino" else "python"
    return source_cell(path.relative_to(paths.PROJECT).as_posix(), read_source(path), kind)
