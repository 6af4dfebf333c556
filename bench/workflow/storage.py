"""Storage: where the bytes of each image go, what one more workload adds, and whether a source can be read back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import paths
from bench.board import Board
from bench.catalogue import OVERHEAD_WORKLOAD, Workload
from bench.errors import BoardError, LinkLost, NotAvailable, ToolError
from bench.mpy_program import ON_BOARD_RUNNER, read_script
from bench.runners.raw_repl import last_line
from bench.workflow import image_bytes
from bench.workflow.board_repl import FreshRepl, fresh_repl
from bench.workflow.context import Context
from bench.workflow.image_bytes import FLASH, Piece
from bench.workflow.mpy_cross import compile_mpy, find_mpy_cross
from bench.workflow.mpy_loading import loader_of
from bench.workflow.parts import Part, Row

COLUMNS = {
    "language": "str",
    "kind": "str",  # see KINDS
    "name": "str",  # of the owner or the workload
    "bytes": "int",
    "how": "str",  # measured, computed, by construction
    "note": "str",
}
KINDS = {
    "image": "all that is flashed",
    "part": "an owner's share of the image; the parts add up to it",
    "in_suite": "what a workload has in the suite: its functions and constants, by symbols",
    "alone": "what a sketch with the workload alone has more than the sketch `empty`, both built",
    "script": "the text of a script, as it lies in a file system",
    "mpy": "the same, precompiled by mpy-cross",
    "read_back": "bytes of source that were read back from the board",
}
_MEASURED, _CONSTRUCTION = "measured", "by construction"
_PROBE_FILE = "bench_read_back.py"
_NO_FILES = re.compile(r"NameError|ENOENT|ENODEV|OSError: (?:2|19)\b")
_FILES_MEND = "is it full (ENOSPC, 28) or mounted read-only (EROFS, 30)? delete a file, or have it formatted"
_LEAST_LINE = 12  # characters: a shorter line of source may be in any image


def measure(context: Context, names: Sequence[str]) -> Iterator[Row]:
    """The rows, see KINDS; `names` are workloads."""
    chosen = [w for w in context.catalogue.values() if not names or w.name in names]
    arduino, micropython = elf_of(context.board, "arduino"), elf_of(context.board, "micropython")
    if arduino is not None:
        pieces = image_bytes.arduino_pieces(arduino, set(context.catalogue), c_library_names(context.board))
        yield from _image_rows("arduino", pieces)
        sums = image_bytes.workload_sums(pieces, FLASH)
        yield from (_row("arduino", "in_suite", w.name, sums[w.name]) for w in chosen if w.name in sums)
        context.step("arduino image")
        yield from _alone_rows(context, chosen)
        yield _not_in_image(arduino, chosen)
    if micropython is not None:
        yield from _image_rows(
            "micropython", image_bytes.micropython_pieces(micropython, c_library_names(context.board))
        )
    elif (size := context.images["micropython"].provenance.get("size_bytes")) is not None:
        yield _row(
            "micropython", "image", "", int(size), note="the firmware's file; it has no symbols to tell parts by"
        )
    context.step("micropython image")
    yield from _script_rows(chosen)
    yield from _mpy_rows(context, chosen)
    yield _read_back(context, chosen[0])


def elf_of(board: Board, program: str) -> Path | None:
    """The ELF file that a prepared program was linked to; None where there is but a firmware file without symbols."""
    image = getattr(board, "image", None)
    try:
        elf: Path | None = image(program) if callable(image) else None
    except KeyError:
        return None
    return elf if elf is not None and elf.suffix == ".elf" else None


def c_library_names(board: Board) -> frozenset[str]:
    """What the C library of the virtual board defines. Of a chip's it is not known: there it counts as core."""
    return image_bytes.riscv_c_library_names() if board.facts.simulated else frozenset()


def _row(language: str, kind: str, name: str, size: int | None, how: str = _MEASURED, note: str = "") -> Row:
    return {"language": language, "kind": kind, "name": name, "bytes": size, "how": how, "note": note}


def _image_rows(language: str, pieces: Sequence[Piece]) -> Iterator[Row]:
    parts = image_bytes.sums(pieces, FLASH)
    yield _row(language, "image", "", sum(parts.values()))
    for owner in sorted(parts, key=lambda name: (-parts[name], name)):
        yield _row(language, "part", owner, parts[owner])


def _alone_rows(context: Context, chosen: Sequence[Workload]) -> Iterator[Row]:
    """Sketches with one workload against the sketch `empty`: what the linker puts in for it, libraries included."""
    empty = _sketch_bytes(context, OVERHEAD_WORKLOAD)
    for workload in chosen:
        if workload.name == OVERHEAD_WORKLOAD or not workload.sketch.is_file() or workload.root != paths.PROJECT:
            continue
        size = _sketch_bytes(context, workload.name) - empty
        context.step(f"sketch {workload.name}")
        yield _row("arduino", "alone", workload.name, size)


def _sketch_bytes(context: Context, sketch: str) -> int:
    from bench.platformio_build import build_sketch

    built = build_sketch(context.board.facts.name, sketch, cache_dir=paths.cache_dir(), log=context.log)
    return len(image_bytes.flashed_bytes(built.elf))


def _not_in_image(elf: Path, chosen: Sequence[Workload]) -> Row:
    """Look for every line of source in what is flashed."""
    image = image_bytes.flashed_bytes(elf)
    lines = {line for workload in chosen for line in _code_lines(read_script(workload.header))}
    found = sorted(line for line in lines if line.encode() in image)
    note = f"{len(found)} of {len(lines)} lines of source are in the bytes that are flashed"
    return _row("arduino", "read_back", "", sum(map(len, found)), note=note)


def _code_lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        code = re.sub(r"//.*", "", line).strip()
        if len(code) >= _LEAST_LINE:
            yield code


def _script_rows(chosen: Sequence[Workload]) -> Iterator[Row]:
    for workload in chosen:
        if workload.script.is_file():
            yield _row("micropython", "script", workload.name, len(read_script(workload.script).encode()))
    note = "every script needs it to be measured; a program of one's own does not"
    yield _row("micropython", "script", ON_BOARD_RUNNER.stem, len(read_script(ON_BOARD_RUNNER).encode()), note=note)


def _mpy_rows(context: Context, chosen: Sequence[Workload]) -> Iterator[Row]:
    """None where mpy-cross is missing, or the firmware loads no such files: then the log says so."""
    try:
        board_format = loader_of(context.board).format
        for workload in chosen:
            if workload.script.is_file():
                mpy = compile_mpy(read_script(workload.script), workload.script.name, board=board_format)
                yield _row("micropython", "mpy", workload.name, len(mpy))
    except LinkLost:
        raise
    except (ToolError, NotAvailable) as error:
        context.log(f"left out, .mpy files: {error}")


def _inputs(context: Context, names: Sequence[str]) -> str:
    """What makes .mpy files here."""
    try:
        return find_mpy_cross().sha256
    except ToolError:
        return ""


def _read_back(context: Context, workload: Workload) -> Row:
    """Store a script on the board, start it anew, and read it as anybody could."""
    text = read_script(workload.script)
    with fresh_repl(context.board) as repl:
        if not has_files(repl):
            note = (
                "this board has no file system to store a script in; on one that has, open(name).read() gives the text"
            )
            return _row("micropython", "read_back", "", None, _CONSTRUCTION, note)
        repl.ask(f"f = open({_PROBE_FILE!r}, 'w')")
        for start in range(0, len(text), 256):
            repl.ask(f"f.write({text[start : start + 256]!r})")
        repl.ask("f.close()")
    with fresh_repl(context.board) as repl:
        came = repl.ask(f"print(open({_PROBE_FILE!r}).read(), end='')").replace("\r\n", "\n")
        repl.ask(f"import os\nos.remove({_PROBE_FILE!r})")
    if came != text:
        raise BoardError(
            f"the board's file system gave {workload.script.name} back with {len(came)} characters, {len(text)} were "
            "written: is it full or damaged?"
        )
    return _row("micropython", "read_back", "", len(text.encode()), note=f"{workload.script.name}, after a restart")


def has_files(repl: FreshRepl) -> bool:
    """Whether the board can store files; BoardError where it has a file system that takes none, full or read-only."""
    _, traceback = repl.repl.run(f"f = open({_PROBE_FILE!r}, 'w')\nf.close()")
    if _NO_FILES.search(traceback):
        return False
    if traceback:
        raise BoardError(f"cannot write to the board's file system: {last_line(traceback)}; {_FILES_MEND}")
    return True


PART = Part(
    name="storage",
    title="Storage: what is where in flash",
    columns=COLUMNS,
    exact=("bytes", "how", "note"),
    keys=("language", "kind", "name"),
    measure=measure,
    inputs=_inputs,
)
