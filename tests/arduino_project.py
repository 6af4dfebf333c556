"""For tests that build sketches: a copy of what PlatformIO needs of the project, and a board to run them on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench import paths
from bench.link import Link
from bench.sketch_image import SketchImage
from bench.virtual_board.profiles import find_profile
from bench.virtual_board.qemu import Qemu
from bench.wire import Event, format_line, parse_line

TIMEOUT_S = 20.0
_PARTS = (
    "platformio.ini",
    "arduino_sketches/esp32_facts.py",
    "arduino_sketches/esp32_flags.py",
    "arduino_sketches/select_sketch.py",
    "arduino_sketches/libraries",
    "arduino_sketches/suite",
    "arduino_sketches/empty",
    "bench/virtual_board/arduino_core",
    "bench/virtual_board/hal",
    "bench/virtual_board/platform",
)


def copy_project(destination: Path, sketches: Mapping[str, str] | None = None) -> Path:
    """A project with the suite of `empty` alone, and with the given sketches (name -> text of the .ino file)."""
    for part in _PARTS:
        source, target = paths.PROJECT / part, destination / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.ino.cpp"))
        else:
            shutil.copy2(source, target)
    (destination / "bench" / "workloads.toml").write_text("[workload.empty]\n")
    for name, text in (sketches or {}).items():
        folder = destination / "arduino_sketches" / name
        folder.mkdir()
        (folder / f"{name}.ino").write_text(text)
    return destination


@contextmanager
def booted(image: SketchImage) -> Iterator[Link]:
    """A fresh board that runs the image, and the link to it."""
    with Qemu(find_profile(image.board), image.elf) as guest:
        link = Link.open(guest.url, is_alive=guest.is_alive)
        try:
            yield link
        finally:
            link.close()


def next_event(link: Link) -> Event:
    """The next framed line; what is not framed is passed over."""
    while (event := parse_line(link.read_line(TIMEOUT_S))) is None:
        pass
    return event


def ask(link: Link, name: str, **fields: object) -> list[Event]:
    """Send a command and collect the events that answer it, up to the one that ends them."""
    link.write(format_line(name, fields))
    events = [next_event(link)]
    while events[-1].name not in ("ready", "done", "error"):
        events.append(next_event(link))
    return events


def run(link: Link, workload: str, **fields: object) -> list[Event]:
    """The samples of one measurement that must succeed."""
    events = ask(link, "run", id=1, workload=workload, **fields)
    assert events[-1].name == "done", events[-1]
    return [event for event in events if event.name == "sample"]
