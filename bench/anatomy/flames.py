"""Call paths as others read them: collapsed stacks, speedscope's file format, and a flame graph as a static SVG.

The weights are instructions, not time. The SVG is drawn here: the libraries for it on PyPI are unkept or draw from
Python's own profiler, and with scripts. It needs none: printed it says the same, and the full names are in its titles.
"""

from __future__ import annotations

import json
import textwrap
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from bench.charts.anatomy_parts import COUNTED, colour, ink, label, stacked
from bench.charts.style import NO_BREAK, Look, look
from bench.errors import InputError
from bench.labels import LANGUAGE_NAMES, printable, provenance_text, share_text
from bench.variants import HEADLINE_VARIANT

ComponentOf = Callable[[str, str], str]  # function and language to the key of a component
SPEEDSCOPE_SCHEMA = "https://www.speedscope.app/file-format-schema.json"
MERGED = "…"  # frames too narrow to be seen, together
RECURSIVE = " ↻"  # behind the name of a function whose calls of itself were put together
_LEAST = 0.003  # of the whole: what a frame takes at least to be drawn by itself
_KEYS = ["workload", "n", "language", "variant"]
_MONOSPACE = 0.61  # width of a character, in em; the widest of the usual fonts has 0.602
_ROW = 1.7  # em a frame is high
_SANS = "DejaVu Sans, Verdana, Arial, sans-serif"
_MONO = "DejaVu Sans Mono, Menlo, Consolas, Liberation Mono, monospace"


@dataclass
class Frame:
    """A function below its callers; `instructions` with all that it calls."""

    name: str
    instructions: int = 0
    own: int = 0
    recursive: bool = False
    callees: dict[str, Frame] = field(default_factory=dict)


def collapsed(stacks: pd.DataFrame) -> str:
    """One measurement's paths as text, a line each: `a;b;c 123`, which flamegraph.pl and speedscope read."""
    rows = _one(stacks).groupby("path", sort=True)["instructions"].sum()
    return "".join(f"{printable(path, 100_000)} {count}\n" for path, count in rows.items() if count > 0)


def speedscope(stacks: pd.DataFrame, name: str) -> str:
    """All measurements of a frame of stacks as speedscope's JSON, a profile each; `name` is that of the whole.

    Nothing is merged or left out in it. InputError where there is no path.
    """
    if stacks.empty:
        raise InputError("there are no call paths to export: run `bench anatomy` first")
    frames: dict[str, int] = {}
    profiles = []
    for _, mine in stacks.groupby(_KEYS, sort=False):
        mine = mine[mine["instructions"] > 0]
        samples = [[frames.setdefault(each, len(frames)) for each in path.split(";")] for path in mine["path"]]
        weights = [int(count) for count in mine["instructions"]]
        profiles.append(
            {
                "type": "sampled",
                "name": f"{measurement_text(mine)}: {COUNTED}",
                "unit": "none",
                "startValue": 0,
                "endValue": sum(weights),
                "samples": samples,
                "weights": weights,
            }
        )
    document = {
        "$schema": SPEEDSCOPE_SCHEMA,
        "name": name,
        "exporter": "bench anatomy",
        "activeProfileIndex": 0,
        "shared": {"frames": [{"name": each} for each in frames]},
        "profiles": profiles,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def bytecode_of(stacks: pd.DataFrame, workload: str) -> pd.DataFrame:
    """The rows of one measurement: a workload's bytecode, at its largest n."""
    rows = stacks[(stacks["workload"] == workload) & (stacks["variant"] == HEADLINE_VARIANT["micropython"])]
    return pd.DataFrame(rows[rows["n"] == rows["n"].max()])


def measurement_text(stacks: pd.DataFrame) -> str:
    """Which measurement the rows are of: fib (n = 20), MicroPython bytecode."""
    first = stacks.iloc[0]
    language = LANGUAGE_NAMES.get(first["language"], first["language"])
    return f"{first['workload']} (n = {first['n']}), {language} {first['variant']}"


def call_tree(stacks: pd.DataFrame, least: float = _LEAST) -> Frame:
    """One measurement's paths as a tree below `all`, callees by their instructions.

    A call of a function that is already on the path counts as that one's own doing, so that recursion does not pile up.
    Frames under `least` of the whole stand together as one, `…`.
    """
    root = Frame("all")
    for path, count in zip(_one(stacks)["path"], _one(stacks)["instructions"], strict=True):
        way = [root]
        for name in str(path).split(";"):
            before = next((place for place, frame in enumerate(way) if frame.name == name and place), 0)
            if before:
                way[before].recursive = True
                del way[before + 1 :]
            else:
                way.append(way[-1].callees.setdefault(name, Frame(name)))
        way[-1].own += int(count)
        for frame in way:
            frame.instructions += int(count)
    _merge(root, least * root.instructions)
    return root


def flame_svg(stacks: pd.DataFrame, component_of: ComponentOf, size: str = "slide", style: str = "light") -> str:
    """The flame graph of one measurement: callers below, callees above, as wide as their instructions.

    Frames have the colours of their components, explained below; what has no room for its name has it in its title.
    """
    tree, face = call_tree(stacks), look(size, style).dense()
    if not tree.instructions:
        raise InputError("there are no instructions in the call paths: nothing to draw")
    return _Drawing(face, tree, str(stacks["language"].iloc[0]), component_of).render(stacks)


class _Drawing:
    """A flame graph while it is drawn. Lengths in points."""

    def __init__(self, face: Look, tree: Frame, language: str, component_of: ComponentOf) -> None:
        self._face, self._tree, self._language = face, tree, language
        self._component_of = component_of
        self._em = face.size.points
        self._width = face.size.width * 72
        self._own: dict[str, int] = defaultdict(int)  # instructions by component
        self._svg = ElementTree.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img"})

    def render(self, stacks: pd.DataFrame) -> str:
        first, palette = stacks.iloc[0], self._face.palette
        each = self._tree.instructions / int(first["loops"])
        title = measurement_text(stacks)
        subtitle = f"{_grouped(each)} {COUNTED}, in one execution, the timing loop included"
        ElementTree.SubElement(self._svg, "title").text = printable(f"{title}: {subtitle}")
        background = ElementTree.SubElement(self._svg, "rect", {"width": "100%", "height": "100%"})
        background.set("fill", palette.background)
        top, margin = 0.6 * self._em, self._em
        top = self._line(margin, top, title, self._face.size.title * 0.8, palette.text, bold=True)
        top = self._line(margin, top, subtitle, self._em, palette.quiet)
        depth = _depth(self._tree)
        bottom = top + 0.8 * self._em + depth * _ROW * self._em
        self._draw(self._tree, margin, self._width - 2 * margin, bottom)
        end = self._legend(bottom + 1.2 * self._em)
        run = stacks.attrs.get("run")
        if run is not None:
            room = int((self._width - 2 * margin) / (0.56 * self._face.size.small))
            words = provenance_text(run).replace(" ", NO_BREAK).replace(f"{NO_BREAK}·", " ·")  # broken between parts
            for text in textwrap.wrap(words, room):
                end = self._line(
                    margin, end, text.replace(NO_BREAK, " ").removeprefix("· "), self._face.size.small, palette.quiet
                )
        height = end + 0.6 * self._em
        self._svg.set("viewBox", f"0 0 {self._width:g} {height:.1f}")
        self._svg.set("width", f"{self._width:g}pt")
        self._svg.set("height", f"{height:.1f}pt")
        ElementTree.indent(self._svg)
        return ElementTree.tostring(self._svg, encoding="unicode") + "\n"

    def _draw(self, frame: Frame, left: float, width: float, bottom: float) -> None:
        """A frame with its lower edge at `bottom`, its callees above it from the left."""
        component = self._component(frame)
        self._own[component] += frame.own
        fill = self._face.palette.grid if component == "" else colour(component, by="component")
        high = _ROW * self._em
        group = ElementTree.SubElement(self._svg, "g")
        share = share_text(frame.instructions / self._tree.instructions)
        words = f"{frame.name}: {share}, {_grouped(frame.instructions)} instructions"
        part = f"; {label(component)}" if component else ""
        recursion = "; its calls of itself are put together" if frame.recursive else ""
        ElementTree.SubElement(group, "title").text = printable(words + part + recursion, 2000)
        shape = {"x": left, "y": bottom - high, "width": max(width, 0.1), "height": high}
        box = ElementTree.SubElement(group, "rect", {name: f"{value:.2f}" for name, value in shape.items()})
        box.attrib |= {"fill": fill, "stroke": self._face.palette.background, "stroke-width": f"{0.05 * self._em:.2f}"}
        text = _fitting(frame, int((width - 0.5 * self._em) / (_MONOSPACE * self._em)))
        if text:
            shade = self._face.palette.text if component == "" else ink(fill)
            where = (left + 0.3 * self._em, bottom - 0.32 * high)
            self._text(group, *where, text, self._em, shade, font=_MONO)
        for callee in frame.callees.values():
            wide = width * callee.instructions / frame.instructions
            self._draw(callee, left, wide, bottom - high)
            left += wide

    def _component(self, frame: Frame) -> str:
        """The frame's component, "" for what is none: the whole, and frames put together."""
        if frame is self._tree or frame.name == MERGED:
            return ""
        return self._component_of(frame.name, self._language)

    def _legend(self, top: float) -> float:
        """What the colours mean, with the share of instructions in each component's own functions."""
        left, palette = self._em, self._face.palette
        for component in stacked((part for part in self._own if part), by="component"):
            own = self._own[component]
            text = f"{label(component)} {share_text(own / self._tree.instructions)}"
            wide = (2.2 + 0.6 * len(text)) * self._em
            if left + wide > self._width - self._em:
                left, top = self._em, top + 1.6 * self._em
            shape = {"x": left, "y": top, "width": 1.2 * self._em, "height": self._em}
            box = ElementTree.SubElement(self._svg, "rect", {name: f"{value:.2f}" for name, value in shape.items()})
            box.set("fill", colour(component, by="component"))
            self._text(self._svg, left + 1.6 * self._em, top + 0.85 * self._em, text, self._em, palette.text)
            left += wide
        if self._own[""]:
            together = share_text(self._own[""] / self._tree.instructions)
            text = f"{MERGED} {together}, frames of less than {share_text(_LEAST)} each"
            if left + (1 + 0.6 * len(text)) * self._em > self._width - self._em:
                left, top = self._em, top + 1.6 * self._em
            self._text(self._svg, left, top + 0.85 * self._em, text, self._em, palette.quiet)
        return top + 2.2 * self._em

    def _line(self, left: float, top: float, text: str, points: float, shade: str, *, bold: bool = False) -> float:
        """A line of text below `top`; gives where it ends."""
        self._text(self._svg, left, top + points, text, points, shade, bold=bold)
        return top + 1.4 * points

    def _text(
        self, parent: ElementTree.Element, left: float, base: float, text: str, points: float, shade: str,
        *, bold: bool = False, font: str = _SANS,
    ) -> None:  # fmt: skip
        style = {"x": f"{left:.2f}", "y": f"{base:.2f}", "font-size": f"{points:g}", "fill": shade, "font-family": font}
        element = ElementTree.SubElement(parent, "text", style | ({"font-weight": "bold"} if bold else {}))
        element.text = printable(text, 1000)


def _one(stacks: pd.DataFrame) -> pd.DataFrame:
    """The rows, if they are of one measurement."""
    count = len(stacks[_KEYS].drop_duplicates())
    if count != 1:
        raise InputError(f"expected the call paths of one measurement, got those of {count}")
    return stacks


def _merge(frame: Frame, least: float) -> None:
    """Put callees with fewer than `least` instructions together, and the others in order."""
    small = [callee for callee in frame.callees.values() if callee.instructions < least]
    kept = sorted(
        (callee for callee in frame.callees.values() if callee.instructions >= least),
        key=lambda callee: (-callee.instructions, callee.name),
    )
    together = sum(callee.instructions for callee in small)
    frame.callees = {callee.name: callee for callee in kept}
    if together:
        frame.callees[MERGED] = Frame(MERGED, together, together)
    for callee in kept:
        _merge(callee, least)


def _depth(frame: Frame) -> int:
    return 1 + max((_depth(callee) for callee in frame.callees.values()), default=0)


def _fitting(frame: Frame, room: int) -> str:
    """The frame's name in so many characters: shortened, or nothing where too little of it would be left."""
    name = frame.name + (RECURSIVE if frame.recursive else "")
    if len(name) <= room:
        return name
    return f"{name[: room - 1]}…" if room >= 5 else ""


def _grouped(number: float) -> str:
    return f"{number:,.0f}".replace(",", " ")
