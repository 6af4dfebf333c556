"""Which files decide a sketch's image: its own, those of the workloads in the suite, and all that they build on."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.catalogue import CATALOGUE_FILE
from bench.errors import InputError

_SCRIPTS = ("select_sketch.py",)
_ESP32_SCRIPTS = (*_SCRIPTS, "esp32_flags.py", "esp32_facts.py")
_GENERATED = (".ino.cpp", ".pyc")  # what tools write beside the sources


@dataclass(frozen=True)
class SketchSources:
    """Where the text of an image comes from."""

    project: Path
    own: Path | None
    sketch: str

    @property
    def folder(self) -> Path:
        """The sketch's folder: the project's, or that of one's own catalogue where the project has none."""
        folders = [root / "arduino_sketches" / self.sketch for root in self.roots]
        return next((folder for folder in folders if folder.is_dir()), folders[0])

    @property
    def roots(self) -> list[Path]:
        """The folders with arduino_sketches/: the project's, then that of one's own catalogue."""
        return [self.project] if self.own is None else [self.project, self.own]

    def files(self, *, hardware: bool = False) -> Iterator[tuple[str, Path]]:
        """Every file that decides the image, with a name that does not tell where the folders lie.

        The image of a real board (`hardware`) is made with PlatformIO's own platform and core.
        """
        board_support = self.project / "bench" / "virtual_board"
        yield "platformio.ini", self.project / "platformio.ini"
        for script in _ESP32_SCRIPTS if hardware else _SCRIPTS:
            yield script, self.project / "arduino_sketches" / script
        folders = {"sketch": self.folder, "libraries": self.project / "arduino_sketches" / "libraries"}
        if not hardware:
            folders |= {part: board_support / part for part in ("arduino_core", "hal", "platform")}
        folders |= {f"workload {name}": folder for name, folder in self.workloads().items()}
        for label, folder in folders.items():
            for file in sorted(folder.rglob("*")):
                if file.is_file() and not file.name.endswith(_GENERATED):
                    yield f"{label}/{file.relative_to(folder).as_posix()}", file

    def workloads(self) -> dict[str, Path]:
        """The folders of the suite's workloads by name; none for another sketch."""
        if self.sketch != "suite":
            return {}
        folders: dict[str, Path] = {}
        for root, file in zip(self.roots, ("bench/workloads.toml", CATALOGUE_FILE), strict=False):
            for name in _workload_names(root / file):
                if name in folders:
                    raise InputError(f"{root / file}: there is a workload {name!r} already: give yours another name")
                folders[name] = root / "arduino_sketches" / name
        return folders


def _workload_names(catalogue: Path) -> list[str]:
    try:
        document = tomllib.loads(catalogue.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {catalogue}: {error}") from error
    return list(document.get("workload", {}))
