"""Precompiled MicroPython, .mpy files: which of them a firmware loads, and what is in one."""

from __future__ import annotations

from dataclasses import dataclass

from bench.errors import InputError

# In the order of MicroPython's numbers, in the words of mpy-cross -march.
_ARCHITECTURES = (
    "", "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp", "xtensa", "xtensawin",
    "rv32imc", "rv64imc",
)  # fmt: skip
_HAS_FLAGS = 0x40  # of a header's third byte: a number with options of the architecture follows
_BYTECODE, _NATIVE, _VIPER, _ASSEMBLER = range(4)
_RELOCATED, _RODATA, _BSS = 0x10, 0x20, 0x40  # flags of viper code
_NO_DATA, _TUPLE, _ENDS_WITH_0 = (0, 1, 2, 3, 4), 10, (5, 6)  # kinds of constants


@dataclass(frozen=True)
class MpyFormat:
    """A version of the .mpy format. `sub_version` and `arch` matter to machine code only."""

    version: int
    sub_version: int
    arch: str  # as `mpy-cross -march` takes it; empty: no machine code

    def __str__(self) -> str:
        return f"{self.version}.{self.sub_version}" + (f" ({self.arch})" if self.arch else "")


def decode_number(number: int) -> MpyFormat:
    """The format that a firmware tells as `sys.implementation._mpy`."""
    return _decoded(number & 0xFF, number >> 8 & 0xFF)


def format_of_file(mpy: bytes) -> MpyFormat:
    """Which format a .mpy file has; InputError where it is none."""
    if len(mpy) < 4 or mpy[0] != ord("M"):
        raise InputError(f"expected a .mpy file, which begins with an M, got {mpy[:4]!r}")
    return _decoded(mpy[1], mpy[2])


def check_version(writes: str, board: MpyFormat, name: str, made_by: str) -> None:
    """InputError, which names both versions, where files of the version `writes` (6.3) are not for this board."""
    if writes.partition(".")[0] != str(board.version):
        raise InputError(_other_version(writes, board, name, made_by))


def check_loadable(mpy: bytes, board: MpyFormat, name: str, made_by: str) -> None:
    """InputError, which names both versions, where the board's firmware does not load this file."""
    mine = format_of_file(mpy)
    fits = mine.version == board.version
    if mine.arch:  # bytecode does not depend on the sub-version
        fits = mine == board
    if not fits:
        raise InputError(_other_version(str(mine), board, name, made_by))


def _other_version(writes: str, board: MpyFormat, name: str, made_by: str) -> str:
    return (
        f"{name}: {made_by} writes .mpy version {writes}, the board's MicroPython loads {board}: install the mpy-cross "
        "of the firmware's version, or let the variable MPY_CROSS name it"
    )


def code_bytes(mpy: bytes) -> int:
    """Bytes of all functions' code in a .mpy file, of the module itself too: bytecode, or machine code.

    Names and constants, which the functions share, are not in it. InputError where the file is damaged.
    """
    format_of_file(mpy)
    reader = _Reader(mpy, 4)
    try:
        if mpy[2] & _HAS_FLAGS:
            reader.number()
        names, constants = reader.number(), reader.number()
        for _ in range(names):
            reader.skip_name()
        for _ in range(constants):
            reader.skip_constant()
        size = reader.code()
    except (IndexError, RecursionError):
        raise InputError("the .mpy file is damaged: it ends in the middle of something") from None
    if reader.place != len(mpy):
        raise InputError(f"the .mpy file is damaged: {len(mpy) - reader.place} bytes behind its end")
    return size


class _Reader:
    """Walks through a .mpy file; IndexError behind its end."""

    def __init__(self, data: bytes, place: int) -> None:
        self._data = data
        self.place = place

    def number(self) -> int:
        value = 0
        while True:
            byte = self._data[self.place]
            self.place += 1
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value

    def skip(self, count: int) -> None:
        self.place += count
        if self.place > len(self._data):
            raise IndexError

    def skip_name(self) -> None:
        length = self.number()
        if not length & 1:  # else the number of a name that every MicroPython has
            self.skip((length >> 1) + 1)

    def skip_constant(self) -> None:
        kind = self._data[self.place]
        self.skip(1)
        if kind in _NO_DATA:
            return
        length = self.number()
        if kind == _TUPLE:
            for _ in range(length):
                self.skip_constant()
        else:
            self.skip(length + (kind in _ENDS_WITH_0))

    def code(self) -> int:
        """Bytes of a function's code and of those defined in it."""
        head = self.number()
        kind, size = head & 3, head >> 3
        self.skip(size)
        if kind == _NATIVE:
            self.number()  # where its description begins
        elif kind != _BYTECODE:
            self._skip_facts(kind)
        children = self.number() if head & 4 else 0
        return size + sum(self.code() for _ in range(children))

    def _skip_facts(self, kind: int) -> None:
        flags = self.number()
        if flags & _RELOCATED:
            raise InputError("a .mpy file that was linked from C cannot be read")
        if kind == _ASSEMBLER:
            self.number()
            self.number()
        rodata = self.number() if kind == _VIPER and flags & _RODATA else 0
        if kind == _VIPER and flags & _BSS:
            self.number()
        self.skip(rodata)


def _decoded(version: int, feature: int) -> MpyFormat:
    number = feature >> 2 & 0x0F
    arch = _ARCHITECTURES[number] if number < len(_ARCHITECTURES) else f"architecture {number}"
    return MpyFormat(version, feature & 3, arch)
