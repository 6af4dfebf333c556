"""Where the bytes of an image go: each byte that is flashed, and each of static RAM, to one owner.

Symbols tell it: their names, the file that a local one comes from, and the names that the C library's archives define.
What lies between symbols (texts of string literals, alignment) has the owner `unnamed`.
"""

from __future__ import annotations

import re
import struct
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import Section, SymbolTableSection

from bench.errors import ToolError

FLASH, DATA, BSS = "flash", "data", "bss"  # .data is in two places: its content in flash, its place in RAM
PROGRAM, LIBRARY, CORE, C_LIBRARY = "program", "bench library", "Arduino core", "C library"
COMPILER, RUNTIME, UNNAMED = "compiler on the board", "runtime", "unnamed"
_ALLOCATED = 2  # SHF_ALLOC
_WRITABLE = 1  # SHF_WRITE
_NAMESPACE = re.compile(r"_Z(?:T[VTIS]|GV|GR|Z)*N[VKrO]*(\d+)(\w+)")
_WORKLOAD = re.compile(r"bench_workload_(\w+)")
_GCC_SUFFIX = re.compile(r"\.(?:part|isra|constprop|cold|lto_priv|localalias|\d+)(?=\.|\Z)")
# Files of MicroPython's py/ that turn text into bytecode or machine code.
_COMPILER_FILES = re.compile(
    r"(?:lexer|parse|parsenum|parsenumbase|scope|compile|emitcommon|emitbc|asmbase|asm\w+|emitn\w*|emitinline\w+"
    r"|persistentcode|reader)\.c\Z"
)
_LIBRARY_FOLDER = re.compile(r":(/\S+/lib)/%M")
_COMPILER_NAMES = re.compile(r"(?:mp_lexer|mp_parse|mp_compile|mp_emit|emit_|compile_|asm_|scope_|mp_reader)")


@dataclass(frozen=True)
class Piece:
    """Some bytes of an image that belong together."""

    name: str  # of the symbol, as the linker knows it; empty: none
    memory: str  # FLASH, DATA or BSS; what is initialised stands in FLASH and in DATA
    owner: str
    workload: str  # whose it is, of an Arduino image's program
    size: int


@dataclass(frozen=True)
class _Symbol:
    name: str
    file: str  # of a local one, empty else
    start: int
    size: int


Owner = Callable[[_Symbol], tuple[str, str]]  # owner and workload


def arduino_pieces(elf: Path, workloads: Collection[str], c_library: Collection[str]) -> list[Piece]:
    """The pieces of a suite or a sketch; `c_library` has the names that are of the C library and the compiler's own."""
    known = set(workloads)

    def owner(symbol: _Symbol) -> tuple[str, str]:
        entry = _WORKLOAD.search(symbol.name)
        if entry and entry[1] in known:
            return PROGRAM, entry[1]
        found = _NAMESPACE.match(symbol.name)
        space = found[2][: int(found[1])] if found else ""
        if space in known:
            return PROGRAM, space
        if symbol.file.endswith(".ino.cpp") or symbol.name in ("_Z5setupv", "_Z4loopv"):
            return PROGRAM, ""
        if space == "bench" or (symbol.file.lower().startswith("bench") and symbol.file.endswith(".cpp")):
            return LIBRARY, ""
        return (C_LIBRARY if _base(symbol.name) in c_library else CORE), ""

    return _pieces(elf, owner)


def micropython_pieces(elf: Path, c_library: Collection[str]) -> list[Piece]:
    """The pieces of a MicroPython firmware: its compiler, the C library, and the rest, which is the runtime."""

    def owner(symbol: _Symbol) -> tuple[str, str]:
        if _COMPILER_FILES.match(symbol.file) or _COMPILER_NAMES.match(symbol.name):
            return COMPILER, ""
        is_c = _base(symbol.name) in c_library and not symbol.name.startswith("mp_")
        return (C_LIBRARY if is_c else RUNTIME), ""

    return _pieces(elf, owner)


def sums(pieces: Collection[Piece], memory: str) -> Mapping[str, int]:
    """Bytes of a memory by owner."""
    found: dict[str, int] = defaultdict(int)
    for piece in pieces:
        if piece.memory == memory:
            found[piece.owner] += piece.size
    return found


def workload_sums(pieces: Collection[Piece], memory: str) -> Mapping[str, int]:
    """Bytes of a memory by workload of the program."""
    found: dict[str, int] = defaultdict(int)
    for piece in pieces:
        if piece.memory == memory and piece.workload:
            found[piece.workload] += piece.size
    return found


def flashed_bytes(elf: Path) -> bytes:
    """All that goes into the flash, section after section."""
    with _opened(elf) as image:
        return b"".join(section.data() for section in _sections(image) if section["sh_type"] != "SHT_NOBITS")


def symbol_values(elf: Path) -> Mapping[str, int]:
    """The address, or the value, of each symbol, those of the linker's script included."""
    with _opened(elf) as image:
        return {symbol.name: symbol["st_value"] for symbol in _table(image, elf).iter_symbols() if symbol.name}


class _opened:
    """The ELF file, open; what is wrong with it becomes a ToolError."""

    def __init__(self, elf: Path) -> None:
        self._elf = elf

    def __enter__(self) -> ELFFile:
        try:
            self._stream = self._elf.open("rb")
            return ELFFile(self._stream)
        except (OSError, ELFError) as error:
            raise self._wrong(error) from error

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._stream.close()
        if isinstance(error, (ELFError, struct.error)):
            raise self._wrong(error) from error

    def _wrong(self, error: BaseException) -> ToolError:
        return ToolError(f"{self._elf.name}: expected an image with symbols: {error}; remove the build cache (.bench/)")


def _pieces(elf: Path, owner: Owner) -> list[Piece]:
    with _opened(elf) as image:
        _table(image, elf)
        symbols = sorted(_symbols(image), key=lambda s: (s.start, -s.size, s.name))
        return [piece for section in _sections(image) for piece in _of_section(section, symbols, owner)]


def _of_section(section: Section, symbols: list[_Symbol], owner: Owner) -> Iterator[Piece]:
    """Every byte of the section once: of two symbols that overlap, the first one's."""
    start, size = section["sh_addr"], section["sh_size"]
    memories = [BSS] if section["sh_type"] == "SHT_NOBITS" else [FLASH]
    if memories == [FLASH] and section["sh_flags"] & _WRITABLE:
        memories.append(DATA)
    reached, named = start, 0
    for symbol in symbols:
        if not start <= symbol.start < start + size:
            continue
        end = min(symbol.start + symbol.size, start + size)
        length = end - max(symbol.start, reached)
        if length <= 0:
            continue
        reached, named = end, named + length
        whose, workload = owner(symbol)
        for memory in memories:
            yield Piece(symbol.name, memory, whose, workload, length)
    for memory in memories:
        if size > named:
            yield Piece("", memory, UNNAMED, "", size - named)


def _sections(image: ELFFile) -> list[Section]:
    return [
        section
        for section in image.iter_sections()
        if section["sh_flags"] & _ALLOCATED and section["sh_size"] and section.name not in (".tbss", ".irq_stack")
    ]


def _symbols(image: ELFFile) -> Iterator[_Symbol]:
    """Functions and objects with a size; local ones stand behind the name of their file."""
    file = ""
    for symbol in _table(image, Path("the image")).iter_symbols():
        kind, bind = symbol["st_info"]["type"], symbol["st_info"]["bind"]
        if kind == "STT_FILE":
            file = symbol.name
        elif kind in ("STT_FUNC", "STT_OBJECT", "STT_NOTYPE") and symbol["st_size"]:
            yield _Symbol(symbol.name, file if bind == "STB_LOCAL" else "", symbol["st_value"], symbol["st_size"])


def _table(image: ELFFile, elf: Path) -> SymbolTableSection:
    table = image.get_section_by_name(".symtab")
    if not isinstance(table, SymbolTableSection) or table.num_symbols() < 2:
        raise ToolError(f"{elf.name}: expected an image with symbols, this one was stripped of them")
    return table


def _base(name: str) -> str:
    return _GCC_SUFFIX.sub("", name)


@lru_cache(maxsize=1)
def riscv_c_library_names() -> frozenset[str]:
    """What the archives of the virtual board's C library and compiler define. ToolError where they cannot be read."""
    from bench.virtual_board.toolchain import tool_output

    target = ("-march=rv32imc", "-mabi=ilp32")  # the names are those of every other target
    specs = Path(tool_output("gcc", "-print-file-name=picolibc.specs").strip())
    folder = tool_output("gcc", *target, "-print-multi-directory").strip()
    roots = _LIBRARY_FOLDER.findall(specs.read_text(encoding="utf-8")) if specs.is_absolute() else []
    archives = [Path(root, folder, name) for root in roots for name in ("libc.a", "libm.a")]
    archives.append(Path(tool_output("gcc", *target, "-print-libgcc-file-name").strip()))
    names: set[str] = set()
    for archive in archives:
        if archive.is_file():
            lines = tool_output("nm", "--defined-only", "--format=posix", "--quiet", str(archive)).splitlines()
            names.update(_base(line.split()[0]) for line in lines if " " in line)
    return frozenset(names)
