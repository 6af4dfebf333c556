"""What the profiler takes each instruction for, held against the toolchain's disassembler, and against arithmetic."""

from __future__ import annotations

import ctypes
import re
import socket
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import paths
from bench.anatomy.profile import KINDS, parse_profile, write_config
from bench.anatomy.rows import COUNTS, function_rows
from bench.anatomy.symbols import Function as Place
from bench.anatomy.symbols import ImageMap
from bench.virtual_board import profiler
from bench.virtual_board.board import VirtualBoard
from bench.virtual_board.profiles import PROFILES
from bench.virtual_board.qemu import Qemu
from bench.virtual_board.toolchain import tool_output

Decode = Callable[[int], tuple[str, int]]
_LINE = re.compile(r"\s*[0-9a-f]+:\t([0-9a-f]{4}|[0-9a-f]{8})\s+\t([\w.]+)\t?(.*)")
_BYTES = {"b": 1, "bu": 1, "h": 2, "hu": 2, "w": 4}
_LINKS = ("ra", "t0")
# Code is read as code, also where the linker put a table among it: the bits decide, in QEMU as here.
_NOT_INSTRUCTIONS = (".2byte", ".4byte", ".insn", ".short", ".word", "unimp", "c.unimp")


class _Decoded(ctypes.Structure):
    _fields_ = (("kind", ctypes.c_int), ("bytes", ctypes.c_uint32))


@pytest.fixture(scope="module")
def decode(tmp_path_factory: pytest.TempPathFactory) -> Decode:
    """The plugin's decoder, as a function from code to kind and bytes."""
    library = tmp_path_factory.mktemp("decoder") / "riscv.so"
    command = [profiler.host_compiler(), "-std=c11", "-O1", "-shared", "-fPIC", "-o", str(library)]
    subprocess.run([*command, str(profiler.SOURCES / "riscv.c")], check=True)
    function = ctypes.CDLL(str(library)).decode
    function.argtypes, function.restype = [ctypes.c_uint32], _Decoded

    def decoded(code: int) -> tuple[str, int]:
        result = function(code)
        return KINDS[result.kind], result.bytes

    return decoded


def disassembled(elf: Path) -> Iterator[tuple[int, str, str]]:
    """Code, mnemonic and operands of every instruction of an image."""
    for line in tool_output("objdump", "-d", "-M", "no-aliases", str(elf)).splitlines():
        if (match := _LINE.match(line)) and match[2] not in _NOT_INSTRUCTIONS:
            yield int(match[1], 16), match[2], match[3]


def said(mnemonic: str, operands: str) -> tuple[str, int]:
    """Kind and bytes of an instruction by its name, after the manual's list of instructions."""
    name, registers = mnemonic.removeprefix("c."), operands.replace("(", ",").replace(")", "").split(",")
    if match := re.fullmatch(r"f?l(b|bu|h|hu|w)(sp)?", name):
        return "loads", _BYTES[match[1]]
    if match := re.fullmatch(r"f?s(b|h|w)(sp)?", name):
        return "stores", _BYTES[match[1]]
    if name in ("jal", "jalr", "j", "jr"):
        return _jump(mnemonic, registers), 0
    for pattern, kind in (
        (r"b(eq|ne|lt|ge|ltu|geu|eqz|nez)", "branches"),
        (r"mul(h|hsu|hu)?", "multiplications"),
        (r"(div|rem)u?", "divisions"),
        (r"f(?!ence).*", "float_operations"),
    ):
        if re.fullmatch(pattern, name):
            return kind, 0
    return "other", 0


def _jump(mnemonic: str, registers: list[str]) -> str:
    if mnemonic in ("c.jal", "c.jalr"):  # into ra, always
        return "calls"
    if mnemonic == "c.j":
        return "jumps"
    links = mnemonic != "c.jr" and registers[0] in _LINKS
    if mnemonic == "jal":
        return "calls" if links else "jumps"
    source = registers[0] if mnemonic == "c.jr" else registers[-1]
    return "calls" if links else "returns" if source in _LINKS else "switches"


def test_every_instruction_of_all_images_is_what_its_name_says(decode: Decode, any_board: VirtualBoard) -> None:
    """Both firmware images and both suites, to the last instruction."""
    seen: Counter[str] = Counter()
    for program in ("micropython", "arduino"):
        for code, mnemonic, operands in disassembled(any_board.image(program)):
            assert decode(code) == said(mnemonic, operands), f"{code:08x} {mnemonic} {operands}"
            seen[decode(code)[0]] += 1
    expected = set(KINDS) - (set() if any_board.profile.fpu else {"float_operations"})
    assert set(seen) == expected, "a kind that no image has is not tested"
    assert seen.total() > 20_000


def test_instructions_that_no_image_need_hold(decode: Decode, tmp_path: Path) -> None:
    """All loads, stores, jumps and multiplications of RV32IMFC, compressed and not, as the assembler makes them."""
    lines = [f"{name} a0, 4(a1)" for name in ("lb", "lbu", "lh", "lhu", "lw", "sb", "sh", "sw", "c.lw", "c.sw")]
    lines += [f"{name} fa0, 4(a1)" for name in ("flw", "fsw", "c.flw", "c.fsw")]
    lines += [f"{name}, 4(sp)" for name in ("c.lwsp a0", "c.swsp a0", "c.flwsp fa0", "c.fswsp fa0")]
    names = ("mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu", "add", "sub", "sll", "sltu", "sra", "and")
    lines += [f"{name} a0, a1, a2" for name in names]
    lines += [f"{name} a0, a1, 1b" for name in ("beq", "bne", "blt", "bge", "bltu", "bgeu")]
    lines += ["c.beqz a0, 1b", "c.bnez a0, 1b", "c.j 1b", "c.jal 1b", "jal zero, 1b", "jal ra, 1b", "jal t0, 1b"]
    lines += ["c.jr ra", "c.jr t0", "c.jr a0", "c.jalr a0", "c.jalr t0", "jalr zero, 0(ra)", "jalr zero, 0(t0)"]
    lines += ["jalr zero, 8(a5)", "jalr ra, 0(a5)", "jalr t0, 4(t0)", "jalr a0, 0(a5)", "jal a0, 1b", "c.mv a0, a1"]
    lines += ["fmadd.s fa0, fa1, fa2, fa3", "fnmsub.s fa0, fa1, fa2, fa3", "fsqrt.s fa0, fa1", "fclass.s a0, fa0"]
    lines += [
        "c.add a0, a1",
        "c.ebreak",
        "ecall",
        "mret",
        "wfi",
        "fence",
        "fence.i",
        "rdinstret a0",
        "frcsr a0",
        "c.nop",
    ]
    source = "1:\n" + "\n".join(lines) + "\n"
    image = assembled(tmp_path, source, "rv32imfc_zicsr_zifencei")
    instructions = list(disassembled(image))
    assert len(instructions) == len(lines)
    for code, mnemonic, operands in instructions:
        assert decode(code) == said(mnemonic, operands), f"{code:08x} {mnemonic} {operands}"
    assert {said(mnemonic, operands)[0] for _, mnemonic, operands in instructions} == set(KINDS)


@settings(max_examples=1000, deadline=None)
@given(code=st.integers(0, 2**32 - 1))
def test_any_word_is_decoded(decode: Decode, code: int) -> None:
    """Data among code, or an instruction of an extension that is not known, does no harm."""
    kind, size = decode(code)
    assert kind in KINDS
    assert (size > 0) == (kind in ("loads", "stores"))
    assert size <= 128
    if code & 3 != 3:
        assert decode(code & 0xFFFF) == (kind, size), "of a compressed instruction only its own 16 bits count"


# A program whose counts are known: each line, and what one execution of it counts beside being an instruction.
LOOPS = 1000
BODY: tuple[tuple[str, dict[str, int]], ...] = (
    ("lw a2, 0(s2)", {"loads": 1, "bytes_loaded": 4}),
    ("lbu a2, 1(s2)", {"loads": 1, "bytes_loaded": 1}),
    ("lh a2, 2(s2)", {"loads": 1, "bytes_loaded": 2}),
    ("flw fa0, 0(s2)", {"loads": 1, "bytes_loaded": 4}),
    ("sw a2, 8(s2)", {"stores": 1, "bytes_stored": 4}),
    ("c.swsp a2, 0(sp)", {"stores": 1, "bytes_stored": 4}),
    ("sb a2, 8(s2)", {"stores": 1, "bytes_stored": 1}),
    ("mul a3, a2, a2", {"multiplications": 1}),
    ("mulhu a3, a2, a2", {"multiplications": 1}),
    ("remu a3, a2, s1", {"divisions": 1}),
    ("fadd.s fa1, fa0, fa0", {"float_operations": 1}),
    ("beq zero, zero, 1f; wfi", {"branches_taken": 1}),  # over an instruction that is never executed
    ("1: bne zero, zero, 2f", {"branches_not_taken": 1}),
    ("jal zero, 1f; wfi", {"jumps": 1}),
    ("1: jal ra, callee", {"calls": 1}),  # callee: xor, and a return
    ("jalr ra, 0(s3)", {"calls": 1}),  # callee again, through a pointer
    ("jalr zero, 0(s4); wfi", {"jumps": 1}),  # to `behind`
    ("behind: c.addi s0, 1", {}),
)
PROGRAM = """
.option norelax
.globl _start
_start:
  li t0, 0x2000
  csrs mstatus, t0
  la s2, data
  la sp, data + 64
  la s3, callee
  la s4, behind
  li s0, 0
  li s1, {loops}
start:
  rdinstret a0
loop:
  {body}
  andi a4, s0, 3
  bnez a4, 2f
  addi a5, a5, 1
2:
  blt s0, s1, loop
stop:
  rdinstret a1
  sub a1, a1, a0
  la t0, ticks
  sw a1, 0(t0)
  li t0, 0x100000
  li t1, 0x5555
  sw t1, 0(t0)
3: j 3b
callee:
  xor a3, a3, a4
  ret
end:
.data
.balign 4
data: .zero 128
ticks: .word 0
"""


def assembled(folder: Path, source: str, isa: str, *link: str) -> Path:
    """An image of assembly source; an object file where there is nothing to link."""
    text, image = folder / "program.S", folder / "program.elf"
    text.write_text(source, encoding="utf-8")
    how = ["-nostdlib", "-static", *link] if link else ["-c"]
    tool_output("gcc", f"-march={isa}", "-mabi=ilp32f", *how, "-o", str(image), str(text))
    return image


def test_a_program_whose_counts_are_known(tmp_path: Path) -> None:
    """Branches taken and not, loads, bytes, jumps, calls: as QEMU ran them under the plugin, and by arithmetic."""
    source = PROGRAM.format(loops=LOOPS, body="\n  ".join(line for line, _ in BODY))
    image = assembled(tmp_path, source, "rv32imfc_zicsr", "-Wl,-Ttext=0x80000000")
    listing = (line.split() for line in tool_output("nm", str(image)).splitlines())
    at = {name: int(address, 16) for address, _, name in listing}
    places = (Place(at["_start"], at["callee"], "program"), Place(at["callee"], at["end"], "callee"))
    code = ImageMap(places, at["end"], at["start"], at["stop"], 0, (0, 0), ())
    names = write_config(tmp_path / "config", code, tmp_path / "profile")
    plugin = profiler.provide_plugin(paths.cache_dir(), lambda text: None)
    options = profiler.plugin_option(plugin, tmp_path / "config")
    with Qemu(PROFILES["virtual-esp32"], image, options=options) as guest:
        host, _, port = guest.url.removeprefix("socket://").partition(":")
        with socket.create_connection((host, int(port))):
            assert guest.wait_for_exit(20).status == 0
    profile = parse_profile((tmp_path / "profile").read_text(encoding="ascii"), names)
    counted: dict[str, dict[str, int]] = {}
    for row in function_rows(profile, "arduino"):
        totals = counted.setdefault(str(row[0]), dict.fromkeys(COUNTS, 0))
        for name, value in zip(COUNTS, row[-len(COUNTS) :], strict=True):
            totals[name] += int(value)

    expected = dict.fromkeys(COUNTS, 0)
    for _, counts in BODY:
        for name, value in ({"instructions": 1} | counts).items():
            expected[name] += LOOPS * value
    every_fourth = LOOPS // 4  # the loop's counter begins at 1 there
    expected["instructions"] += 3 * LOOPS + every_fourth + 1  # andi, bnez, blt; addi; the reading that ends it
    expected["branches_taken"] += LOOPS - every_fourth + LOOPS - 1
    expected["branches_not_taken"] += every_fourth + 1
    assert counted["program"] == expected
    callee = dict.fromkeys(COUNTS, 0) | {"instructions": 4 * LOOPS, "returns": 2 * LOOPS}
    assert counted["callee"] == callee
    assert profile.instructions == expected["instructions"] + callee["instructions"]
