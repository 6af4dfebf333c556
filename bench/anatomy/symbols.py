"""What the profiler needs of an image: its functions, where the timed part begins and ends, the bytecodes' handlers."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from bench.errors import ToolError
from bench.virtual_board.toolchain import tool_output

MACHINE_CODE = "(machine code)"  # made on the board, by the native or viper emitter
NO_FUNCTION = "(no function)"  # in the image's code, but in no function that its symbols name
INTERPRETER = "mp_execute_bytecode"
_OPCODES = 256
_READ_COUNTER = (0xC0202073, 0xFFFFF07F)  # rdinstret into any register: code, and the bits that tell it
_GCC_SUFFIX = re.compile(r"\.(?:part|isra|constprop|cold|lto_priv|localalias)(?:\.\d+)?(?=\.|\Z)")
_MEND = "remove the build cache (.bench/) and run again"


@dataclass(frozen=True)
class Clock:
    """The functions of a language's runner that read the counter around the timed part."""

    reader: str  # the function that holds the one or two instructions that do it
    abandons: str = ""  # whoever enters this function has left a timed part without ending it


CLOCKS = {
    "arduino": Clock("bench::time_block"),
    "micropython": Clock("time_ticks_cpu", abandons="time_ticks_us"),
}


@dataclass(frozen=True)
class Function:
    """A function in the image, or a part of one: `end` is the first address behind it."""

    start: int
    end: int
    name: str


@dataclass(frozen=True)
class ImageMap:
    """The places in an image that the profiler watches. Addresses; `handlers` is empty without an interpreter."""

    functions: tuple[Function, ...]  # ascending, without overlap
    code_end: int  # what lies behind was made on the board
    start: int
    stop: int
    abandon: int
    interpreter: tuple[int, int]
    handlers: tuple[int, ...]  # of each of the 256 bytecodes


@lru_cache(maxsize=8)
def read_image(elf: Path, language: str) -> ImageMap:
    """Read the places from an image of a language; ToolError where it has no symbols or they do not fit it."""
    try:
        with elf.open("rb") as stream:
            return _read(_Image(ELFFile(stream), elf), language)
    except (OSError, ELFError, struct.error) as error:
        raise ToolError(f"{elf.name}: expected an image with symbols: {error}; {_MEND}") from error


class _Image:
    """An open ELF file: symbols by name, and bytes by address."""

    def __init__(self, elf: ELFFile, path: Path) -> None:
        self.name = path.name
        self._elf = elf
        table = elf.get_section_by_name(".symtab")
        if not isinstance(table, SymbolTableSection) or table.num_symbols() < 2:
            raise ToolError(f"{self.name}: expected an image with symbols, this one was stripped of them; {_MEND}")
        self.code = [(s["sh_addr"], s["sh_addr"] + s["sh_size"]) for s in elf.iter_sections() if s["sh_flags"] & 4]
        if not self.code:
            raise ToolError(f"{self.name}: expected an image with code, found none; {_MEND}")
        symbols = [s for s in table.iter_symbols() if s["st_info"]["type"] in ("STT_FUNC", "STT_NOTYPE", "STT_OBJECT")]
        self.objects = {s.name: (s["st_value"], s["st_size"]) for s in symbols if s["st_info"]["type"] == "STT_OBJECT"}
        self._code_symbols = [s for s in symbols if s["st_info"]["type"] != "STT_OBJECT" and s.name]

    def functions(self) -> list[Function]:
        """All functions, ascending; one without a size, from assembly, reaches to the next."""
        sizes: dict[int, tuple[int, str]] = {}
        for symbol in self._code_symbols:
            address = symbol["st_value"]
            is_mapping_symbol = symbol.name.startswith(("$", "."))
            if is_mapping_symbol or not self._is_code(address):
                continue
            candidate = (symbol["st_size"], symbol.name)
            sizes[address] = max(sizes.get(address, (0, "")), candidate)  # of two names for one place, always the same
        demangled = _demangle([name for _, name in sizes.values()])
        functions: list[Function] = []
        for address, next_address in _with_next(sorted(sizes), self.code):
            size, name = sizes[address]
            end = address + size if size else next_address
            if end > next_address and next_address in sizes:
                end = next_address  # a label within a function, from assembly
            functions.append(Function(address, end, strip_suffix(demangled[name])))
        return functions

    def _is_code(self, address: int) -> bool:
        return any(start <= address < end for start, end in self.code)

    def read(self, address: int, size: int) -> bytes:
        """The bytes that the image has at an address."""
        for segment in self._elf.iter_segments():
            offset = address - segment["p_vaddr"]
            if segment["p_type"] == "PT_LOAD" and offset >= 0 and offset + size <= segment["p_filesz"]:
                data: bytes = segment.data()[offset : offset + size]
                return data
        raise ToolError(f"{self.name}: expected {size} bytes at {address:#x}, the image ends before; {_MEND}")


def strip_suffix(name: str) -> str:
    """The function that a symbol is a part or a copy of: what GCC appends says only how it was optimised."""
    return _GCC_SUFFIX.sub("", name)


def _demangle(names: list[str]) -> dict[str, str]:
    mangled = [name for name in names if name.startswith("_Z")]
    if not mangled:
        return {name: name for name in names}
    shown = tool_output("c++filt", "--no-params", *mangled).splitlines()
    return {name: name for name in names} | dict(zip(mangled, shown, strict=True))


def _with_next(addresses: list[int], code: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for i, address in enumerate(addresses):
        section_end = next(end for start, end in code if start <= address < end)
        following = addresses[i + 1] if i + 1 < len(addresses) else section_end
        yield address, min(following, section_end)


def _read(image: _Image, language: str) -> ImageMap:
    functions = tuple(image.functions())
    clock = CLOCKS[language]
    reads = _counter_reads(image, _find(image, functions, clock.reader))
    if not 1 <= len(reads) <= 2:
        raise ToolError(
            f"{image.name}: expected {clock.reader} to read the counter once or twice, found {len(reads)} places: its "
            f"symbols do not fit it; {_MEND}"
        )
    abandon = _find(image, functions, clock.abandons).start if clock.abandons else 0
    interpreter: tuple[int, int] = (0, 0)
    handlers: tuple[int, ...] = ()
    if language == "micropython":
        interpreter, handlers = _interpreter(image, functions)
    code_end = max(end for _, end in image.code)
    return ImageMap(functions, code_end, reads[0], reads[-1], abandon, interpreter, handlers)


def _find(image: _Image, functions: tuple[Function, ...], name: str) -> Function:
    for function in functions:
        if function.name == name:
            return function
    raise ToolError(f"{image.name}: expected a function {name}, its symbols name none; {_MEND}")


def _counter_reads(image: _Image, function: Function) -> list[int]:
    code = image.read(function.start, function.end - function.start)
    value, mask = _READ_COUNTER
    words = ((function.start + i, struct.unpack_from("<I", code, i)[0]) for i in range(0, len(code) - 3, 2))
    return [address for address, word in words if word & mask == value]


def _interpreter(image: _Image, functions: tuple[Function, ...]) -> tuple[tuple[int, int], tuple[int, ...]]:
    """The interpreter's function and its table of handlers, a static variable within it."""
    loop = _find(image, functions, INTERPRETER)
    tables = [place for name, place in image.objects.items() if re.fullmatch(r"entry_table(\.\d+)?", name)]
    if len(tables) != 1 or tables[0][1] != 4 * _OPCODES:
        raise ToolError(
            f"{image.name}: expected the interpreter's table of {_OPCODES} bytecodes (entry_table), its symbols name "
            f"{len(tables)}: this MicroPython was built without computed goto; {_MEND}"
        )
    handlers = struct.unpack(f"<{_OPCODES}I", image.read(*tables[0]))
    if not all(loop.start <= handler < loop.end for handler in handlers):
        raise ToolError(f"{image.name}: expected all handlers in {INTERPRETER}: the symbols do not fit it; {_MEND}")
    return (loop.start, loop.end), handlers
