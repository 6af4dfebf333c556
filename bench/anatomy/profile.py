"""The raw profile of one timed part, as the QEMU plugin writes it: what it is told, and what it tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bench.anatomy.symbols import MACHINE_CODE, NO_FUNCTION, ImageMap
from bench.errors import ToolError
from bench.virtual_board.qemu import RAM_BYTES, RAM_START

NO_OPCODE = 256  # before the first bytecode of the timed part, and in a language without
_UNKNOWN = 0xFFFFFF  # the plugin's number for code outside all functions
# The kinds of instructions, in the order of bench/virtual_board/plugin/riscv.h.
KINDS = ("other", "loads", "stores", "branches", "jumps", "switches", "calls", "returns", "multiplications",
         "divisions", "float_operations")  # fmt: skip


@dataclass(frozen=True)
class Block:
    """A piece of code that runs from its first instruction to its last."""

    function: str
    instructions: int
    bytes_loaded: int
    bytes_stored: int
    kinds: tuple[int, ...]  # how many instructions of each of KINDS


@dataclass(frozen=True)
class Profile:
    """Where the instructions of one timed part went. Everything adds up to `instructions`."""

    instructions: int
    blocks: dict[int, Block]
    parents: dict[int, int]  # of each node, a path of calls; 0 is the empty path
    functions: dict[int, str]  # the last function of each path
    counts: list[tuple[int, int, int, int]]  # node, block, executions, branches taken at its end
    opcodes: list[tuple[int, int, int]]  # bytecode, block, executions
    pairs: list[tuple[int, int, int]]  # bytecode, the one after it, how often
    _paths: dict[int, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    def path(self, node: int) -> tuple[str, ...]:
        """The functions of a path of calls, outermost first."""
        if node == 0:
            return ()
        if node not in self._paths:
            chain = []
            while node and node not in self._paths:
                chain.append(node)
                node = self.parents[node]
            for one in reversed(chain):
                above = self._paths.get(self.parents[one], ())
                self._paths[one] = (*above, self.functions[one])
            node = chain[0]
        return self._paths[node]

    @cached_property
    def executions(self) -> dict[int, int]:
        """How often each bytecode was begun."""
        totals: dict[int, int] = {}
        for _, opcode, times in self.pairs:
            totals[opcode] = totals.get(opcode, 0) + times
        return totals


def write_config(config: Path, image: ImageMap, out: Path) -> list[str]:
    """Tell the plugin what to watch; the names of the functions by the numbers that it will use."""
    names: dict[str, int] = {MACHINE_CODE: 0, NO_FUNCTION: 1}
    lines = [
        f"out {out}",
        f"ram {RAM_START:x} {RAM_BYTES:x}",
        f"start {image.start:x}",
        f"stop {image.stop:x}",
    ]
    if image.abandon:
        lines.append(f"abandon {image.abandon:x}")
    if image.handlers:
        lines.append(f"interpreter {image.interpreter[0]:x} {image.interpreter[1]:x}")
        lines += [f"handler {opcode:x} {address:x}" for opcode, address in enumerate(image.handlers)]
    for function in image.functions:
        number = names.setdefault(function.name, len(names))
        lines.append(f"function {function.start:x} {function.end:x} {number:x}")
    lines.append(f"function {image.code_end:x} {RAM_START + RAM_BYTES:x} {names[MACHINE_CODE]:x}")
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return list(names)


def read_text(out: Path) -> str:
    """What the plugin wrote; ToolError where it wrote nothing."""
    try:
        return out.read_text(encoding="ascii")
    except FileNotFoundError:
        raise ToolError(
            "the profiler saw no timed part: expected the program to read the board's clock before and after it; does "
            "the workload read the clock itself?"
        ) from None


def parse_profile(text: str, names: Sequence[str]) -> Profile:
    """Understand what the plugin wrote; ToolError where that cannot be trusted.

    `names`: of the functions by the plugin's numbers, from `write_config`.
    """
    try:
        return _parse(text.splitlines(), names)
    except (ValueError, KeyError, IndexError) as error:
        raise ToolError(
            f"the profiler's output is not understood ({error}): remove .bench/plugin and run again"
        ) from error


def _parse(lines: Sequence[str], names: Sequence[str]) -> Profile:
    blocks: dict[int, Block] = {}
    parents: dict[int, int] = {}
    functions: dict[int, str] = {}
    counts, opcodes, pairs = [], [], []
    head, last = lines[0].split(), lines[-1].split()
    if head[0] != "region" or last[0] != "end":
        raise ValueError("it is cut")
    if int(head[3], 16) != 1:
        raise ToolError("this QEMU does not end a block where the counter is read: its profiles would not be exact")
    if int(head[5], 16) != 0:
        raise ToolError("the profiler lost track of the bytecodes: the symbols do not fit this MicroPython")
    for line in lines[1:-1]:
        kind, *fields = line.split()
        values = [int(value, 16) for value in fields]
        if kind == "count":
            counts.append((values[0], values[1], values[2], values[3]))
        elif kind == "opcode":
            opcodes.append((values[0], values[1], values[2]))
        elif kind == "pair":
            pairs.append((values[0], values[1], values[2]))
        elif kind == "node":
            parents[values[0]] = values[1]
            functions[values[0]] = _name(names, values[2])
        elif kind == "block":
            blocks[values[0]] = Block(_name(names, values[1]), values[2], values[3], values[4], tuple(values[5:]))
        else:
            raise ValueError(f"no such line: {line:.40}")
    return Profile(int(last[1], 16), blocks, parents, functions, counts, opcodes, pairs)


def _name(names: Sequence[str], number: int) -> str:
    return NO_FUNCTION if number == _UNKNOWN else names[number]
