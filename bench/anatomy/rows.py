"""A profile as rows: by function, by bytecode, by pair of bytecodes, by path of calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from bench.anatomy.attribution import cause_of, component_at
from bench.anatomy.profile import KINDS, NO_OPCODE, Block, Profile
from bench.anatomy.symbols import INTERPRETER
from bench.plan import KEY_COLUMNS

MEASUREMENT = (*KEY_COLUMNS, "loops")
COUNTS = ("instructions", "loads", "stores", "bytes_loaded", "bytes_stored", "branches_taken", "branches_not_taken",
          "jumps", "calls", "returns", "multiplications", "divisions", "float_operations")  # fmt: skip
FUNCTION_COLUMNS = (*MEASUREMENT, "function", "component", "cause", *COUNTS)
OPCODE_COLUMNS = (*MEASUREMENT, "opcode", "executions", "instructions", "loop_instructions")
PAIR_COLUMNS = (*MEASUREMENT, "first", "second", "executions")
STACK_COLUMNS = (*MEASUREMENT, "path", "instructions")
OUTSIDE = "(outside)"  # before the first bytecode of the timed part
Row = tuple[str | int, ...]
_KIND = {name: place for place, name in enumerate(KINDS)}


def function_rows(profile: Profile, language: str) -> Iterator[Row]:
    """Function, component, cause, and COUNTS; a function that works for others has a row for each that it did."""
    totals: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0] * len(COUNTS))
    keys: dict[int, tuple[str, str, str]] = {}
    for node, number, executions, taken in profile.counts:
        if node not in keys:
            path = profile.path(node)
            keys[node] = path[-1], component_at(path, language), cause_of(path, language)
        total = totals[keys[node]]
        for place, count in enumerate(_counts(profile.blocks[number], executions, taken)):
            total[place] += count
    for key, total in sorted(totals.items(), key=lambda item: (-item[1][0], item[0])):
        yield (*key, *total)


def _counts(block: Block, executions: int, taken: int) -> Iterator[int]:
    """The block's part in each of COUNTS. A block has one branch at most, at its end."""
    kinds = block.kinds
    yield executions * block.instructions
    yield executions * kinds[_KIND["loads"]]
    yield executions * kinds[_KIND["stores"]]
    yield executions * block.bytes_loaded
    yield executions * block.bytes_stored
    yield taken
    yield executions * kinds[_KIND["branches"]] - taken
    yield executions * (kinds[_KIND["jumps"]] + kinds[_KIND["switches"]])
    for name in COUNTS[8:]:
        yield executions * kinds[_KIND[name]]


def opcode_rows(profile: Profile, names: Mapping[int, str]) -> Iterator[Row]:
    """Bytecode, how often, its instructions up to the next bytecode, and those of them in the interpreter itself."""
    totals: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for opcode, number, executions in profile.opcodes:
        block = profile.blocks[number]
        instructions = executions * block.instructions
        totals[opcode][0] += instructions
        if block.function == INTERPRETER:
            totals[opcode][1] += instructions
    for opcode, (instructions, inside) in sorted(totals.items(), key=lambda item: (-item[1][0], item[0])):
        yield opcode_name(opcode, names), profile.executions.get(opcode, 0), instructions, inside


def pair_rows(profile: Profile, names: Mapping[int, str]) -> Iterator[Row]:
    """Bytecode, the one after it, how often."""
    for first, second, executions in sorted(profile.pairs, key=lambda pair: (-pair[2], pair[:2])):
        yield opcode_name(first, names), opcode_name(second, names), executions


def stack_rows(profile: Profile) -> Iterator[Row]:
    """Path of calls, outermost first, and the instructions of its last function itself."""
    totals: dict[str, int] = defaultdict(int)
    for node, number, executions, _ in profile.counts:
        totals[";".join(profile.path(node))] += executions * profile.blocks[number].instructions
    yield from sorted(totals.items())


def opcode_name(opcode: int, names: Mapping[int, str]) -> str:
    """The name of a bytecode as the firmware's source has it."""
    return OUTSIDE if opcode == NO_OPCODE else names.get(opcode, f"0x{opcode:02x}")
