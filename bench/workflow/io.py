"""I/O: how long the programs for each device are in both languages, and how large is what goes to the board.

What an operation costs is not in the table: it is computed from the samples of the same run, see io_costs.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from bench import paths
from bench.labels import LANGUAGE_NAMES
from bench.workflow.context import Context
from bench.workflow.io_programs import Device, find_devices, read_source
from bench.workflow.parts import Part, Row
from bench.workflow.source_counts import count

_COLUMNS = {
    "device": "str",
    "language": "str",  # arduino, micropython
    "lines": "int",  # this and the next three: see source_counts.py
    "characters": "int",
    "tokens": "int",
    "api_calls": "int",  # distinct names
    "source_bytes": "int",  # of the file, comments included
    # Arduino: text and data of the image, the core included; empty where the board's core lacks what the sketch calls.
    # MicroPython: the script, which goes to the board as it is.
    "program_bytes": "int",
}
_KEYS = ("device", "language")


def _measure(context: Context, names: Sequence[str]) -> Iterator[Row]:
    """A row for each device (`names`; none: all) and language."""
    for device in find_devices(names):
        for language in LANGUAGE_NAMES:
            yield _row(context, device, language)
            context.step(f"io {device.name} {language}")


def _row(context: Context, device: Device, language: str) -> Row:
    source = read_source(device.source(language))
    counts = count(source, language)
    source_bytes = len(source.encode())
    return {
        "device": device.name,
        "language": language,
        "lines": counts.lines,
        "characters": counts.characters,
        "tokens": counts.tokens,
        "api_calls": len(counts.calls),
        "source_bytes": source_bytes,
        "program_bytes": _image_bytes(context, device) if language == "arduino" else source_bytes,
    }


def _image_bytes(context: Context, device: Device) -> int | None:
    """Bytes of code and initialised data of the sketch, built for the board; ToolError where it does not build."""
    from bench.platformio_build import build_sketch

    board = context.board.facts
    if board.simulated and not device.on_virtual:
        return None
    # The PlatformIO environments are named like the boards.
    image = build_sketch(board.name, device.sketch_name, cache_dir=paths.cache_dir(), log=context.log)
    return image.text_bytes + image.data_bytes


def _inputs(context: Context, names: Sequence[str]) -> dict[str, str]:
    """What decides the figures: the sources, and the tokenisers."""
    import sys
    from importlib.metadata import version

    sources = [path for device in find_devices(names) for path in (device.sketch, device.script)]
    hashes = {path.name: hashlib.sha256(read_source(path).encode()).hexdigest() for path in sources}
    python = ".".join(map(str, sys.version_info[:2]))
    return {**hashes, "pygments": version("pygments"), "python": python}


PART = Part(
    name="io",
    title="I/O: the programs for seven devices",
    columns=_COLUMNS,
    exact=tuple(column for column in _COLUMNS if column not in _KEYS),
    keys=_KEYS,
    measure=_measure,
    inputs=_inputs,
)
