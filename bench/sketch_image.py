"""A built image as it lies in the cache: an entry is whole and intact, or it is not there."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

_FACTS = "image.json"


@dataclass(frozen=True)
class FlashFile:
    """A file and where in the flash it belongs."""

    offset: int  # bytes from the start of the flash
    path: Path
    sha256: str


@dataclass(frozen=True)
class SketchImage:
    """One built image: where it is, and everything a figure measured with it has to say about it."""

    elf: Path
    sha256: str  # of the ELF file
    image_hash: str  # hash of all inputs of the build; the image tells it in its `ready` line
    board: str
    sketch: str
    optimisation: str
    text_bytes: int
    data_bytes: int
    bss_bytes: int
    compiler: str
    c_library: str
    flags: str
    platformio: str
    scons: str
    layout: int = 0  # 0: functions as the sources have them; else the seed of their order and addresses
    core: str = ""  # the Arduino core and its version; empty where it is part of this project
    platform: str = ""  # PlatformIO's platform and its version; empty where it is part of this project
    packages: tuple[str, ...] = ()  # name@version of what PlatformIO fetched for it
    partitions: str = ""  # the partition table's name
    flash_files: tuple[FlashFile, ...] = ()  # what is written to a real board, by offset; empty for a virtual one

    def provenance(self) -> dict[str, Any]:
        """All facts of the image for run.json; where its files lie says something of this computer only."""
        facts = asdict(self) | {"packages": list(self.packages)}
        del facts["elf"]
        facts["flash_files"] = [{"offset": file.offset, "sha256": file.sha256} for file in self.flash_files]
        absent = ("layout", "core", "platform", "packages", "partitions", "flash_files")
        return {name: value for name, value in facts.items() if value or name not in absent}


def load_image(entry: Path) -> SketchImage | None:
    """The image in that folder of the cache, if it is complete and intact."""
    try:
        facts = json.loads((entry / _FACTS).read_text(encoding="utf-8"))
        facts["elf"] = _inside(entry, facts["elf"])
        facts["flash_files"] = tuple(
            FlashFile(file["offset"], _inside(entry, file["path"]), file["sha256"]) for file in facts["flash_files"]
        )
        image = SketchImage(**facts | {"packages": tuple(facts["packages"])})
        files = [(image.elf, image.sha256), *((file.path, file.sha256) for file in image.flash_files)]
        intact = all(sha256_of(path) == expected for path, expected in files)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return image if intact else None


def store_image(image: SketchImage, entry: Path) -> SketchImage:
    """Copy the image's files and its facts into a folder of the cache in one step, and return it as it lies there."""
    entry.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=entry.parent, prefix=".new-", ignore_cleanup_errors=True) as temporary:
        new = Path(temporary) / entry.name
        new.mkdir()
        shutil.copy2(image.elf, new)
        for file in image.flash_files:
            shutil.copy2(file.path, new / _flash_name(file))
        facts = asdict(image) | {"elf": image.elf.name}
        facts["flash_files"] = [asdict(file) | {"path": _flash_name(file)} for file in image.flash_files]
        (new / _FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")
        _put_in_place(new, entry)
    files = (replace(file, path=entry / _flash_name(file)) for file in image.flash_files)
    return replace(image, elf=entry / image.elf.name, flash_files=tuple(files))


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def section_sizes(elf: Path) -> tuple[int, int, int]:
    """Bytes of text (with constants), data and bss, as the compiler's `size` counts them."""
    from elftools.elf.constants import SH_FLAGS
    from elftools.elf.elffile import ELFFile

    text = data = bss = 0
    with elf.open("rb") as stream:
        for section in ELFFile(stream).iter_sections():
            size, flags = section["sh_size"], section["sh_flags"]
            if not flags & SH_FLAGS.SHF_ALLOC:
                continue
            if section["sh_type"] == "SHT_NOBITS":
                bss += size
            elif flags & SH_FLAGS.SHF_EXECINSTR or not flags & SH_FLAGS.SHF_WRITE:
                text += size
            else:
                data += size
    return text, data, bss


def _flash_name(file: FlashFile) -> str:
    return f"{file.offset:#07x}-{file.path.name.removeprefix(f'{file.offset:#07x}-')}"


def _inside(entry: Path, name: str) -> Path:
    if Path(name).name != name:
        raise ValueError("a file outside the cache's folder")
    return entry / name


def _put_in_place(new: Path, entry: Path) -> None:
    if load_image(entry) is None:
        shutil.rmtree(entry, ignore_errors=True)  # damaged
    try:
        new.rename(entry)
    except OSError:
        if load_image(entry) is None:  # otherwise another checkout has just published the same image
            raise
