"""Memory: static RAM of both images, and the heap and stack that each workload takes."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence

from bench import paths
from bench.board import on_all_copies
from bench.catalogue import OVERHEAD_WORKLOAD, Workload
from bench.errors import BoardError, NotAvailable
from bench.mpy_program import program, read_script
from bench.plan import Measurement
from bench.runners import make_runner
from bench.runners.exchange import Patience
from bench.variants import HEADLINE_VARIANT
from bench.workflow import image_bytes
from bench.workflow.board_repl import FreshRepl, fresh_repl
from bench.workflow.context import Context
from bench.workflow.image_bytes import BSS, DATA, LIBRARY
from bench.workflow.parts import Part, Row
from bench.workflow.storage import c_library_names, elf_of

COLUMNS = {
    "language": "str",
    "workload": "str",  # empty: the whole image
    "n": "int",
    "figure": "str",  # see FIGURES
    "bytes": "int",
    "how": "str",
    "note": "str",
}
FIGURES = {
    "data": ".data: static variables with a first value, in RAM and in flash",
    "bss": ".bss: static variables that begin as zero, without what the heap or the workloads' arena takes",
    "arena": "static memory that the Bench library hands to workloads instead of a heap",
    "heap": "RAM that the heap has, or can grow to",
    "heap_at_boot": "heap in use when the board waits for the first program",
    "largest_block_at_boot": "the largest piece that the heap could then give at once",
    "heap_before": "heap in use before the script runs, the on-board runner included",
    "script": "heap that the script takes by being compiled and executed: bytecode, constants, names, functions",
    "inputs": "what setup() makes: inputs and outputs",
    "allocated": "what one execution takes from the heap while nothing is collected",
    "needed": "the peak: the least free heap in which setup() and one execution come to their end, collecting garbage",
    "largest_block": "the largest piece that the heap could give at once after that, everything still held",
    "stack": "the most that one execution had on the stack",
}
_MEASURED = "measured"
_PATIENCE = Patience(answer_s=120.0)  # a heap that is nearly full is collected again and again
_SCRIPT = paths.SCRIPTS / "workflow" / "heap_needed.py"
_TRIED = re.compile(r"tried (\d+) ([01]) (\d+)\s*\Z")
_LARGEST = re.compile(r"max free sz: (\d+)")
_GROWTH = re.compile(r"max new split: (\d+)")
_HEAP_BLOCK_BYTES = 16  # of MicroPython on a 32-bit chip, in which mem_info() counts
_HEAP_AREAS = ("first_heap_area", "system_heap")  # of the virtual board's firmware: static, but the heap's
_ARENA = "_ZN5benchL5arenaE"


def measure(context: Context, names: Sequence[str]) -> Iterator[Row]:
    """The rows, see FIGURES; `names` are workloads. Each is taken at the n of `bench run --quick`."""
    chosen = [w for w in context.catalogue.values() if not names or w.name in names]
    chosen = [w for w in chosen if not w.boards or context.board.facts.name in w.boards]
    yield from _arduino_image(context)
    yield from _arduino_workloads(context, chosen)
    yield from _micropython_image(context)
    found: dict[str, list[Row]] = {}
    lock = threading.Lock()

    def one(workload: Workload) -> None:
        rows = _micropython_workload(context, workload)
        with lock:
            found[workload.name] = rows
            context.step(f"heap of {workload.name}")

    on_all_copies(context.board, one, chosen)
    for workload in chosen:
        yield from found[workload.name]


def _row(language: str, figure: str, size: int | None, workload: Workload | None = None, n: int | None = None,
         note: str = "") -> Row:  # fmt: skip
    name = workload.name if workload else ""
    return {"language": language, "workload": name, "n": n, "figure": figure, "bytes": size, "how": _MEASURED,
            "note": note}  # fmt: skip


def _size(context: Context, workload: Workload) -> int:
    return workload.quick


# ---- C++


def _arduino_image(context: Context) -> Iterator[Row]:
    elf = elf_of(context.board, "arduino")
    if elf is None:
        return
    pieces = image_bytes.arduino_pieces(elf, set(context.catalogue), c_library_names(context.board))
    arena = sum(piece.size for piece in pieces if piece.memory == BSS and piece.name == _ARENA)
    yield _row("arduino", "data", sum(image_bytes.sums(pieces, DATA).values()))
    yield _row("arduino", "bss", sum(image_bytes.sums(pieces, BSS).values()) - arena)
    yield _row("arduino", "arena", arena, note=f"counted apart from what else the {LIBRARY} has in .bss")
    places = image_bytes.symbol_values(elf)
    if "__heap_start" in places and "__heap_end" in places:
        room = places["__heap_end"] - places["__heap_start"]
        yield _row("arduino", "heap", room, note="the virtual board has 8 MB of RAM; an ESP32 has some 300 KB for it")


def _arduino_workloads(context: Context, chosen: Sequence[Workload]) -> Iterator[Row]:
    """What the suite tells of each workload, measured as in a run but for a single sample."""
    runner = make_runner("arduino", context.board, context.images["arduino"], context.catalogue, timeout_s=60.0)
    with runner.open() as channel:
        for workload in chosen:
            n = _size(context, workload)
            memory = channel.measure(_measurement(workload, n), 1).memory
            context.step(f"stack of {workload.name}")
            yield _row("arduino", "inputs", memory.held, workload, n)
            yield _row("arduino", "stack", memory.stack, workload, n)


def _measurement(workload: Workload, n: int) -> Measurement:
    variant = HEADLINE_VARIANT["arduino"]
    return Measurement(workload.name, "arduino", variant, n, workload.seed, 1, workload.checksums[n])


# ---- MicroPython


def _micropython_image(context: Context) -> Iterator[Row]:
    elf = elf_of(context.board, "micropython")
    if elf is not None:
        pieces = image_bytes.micropython_pieces(elf, c_library_names(context.board))
        heap = sum(piece.size for piece in pieces if piece.memory == BSS and piece.name in _HEAP_AREAS)
        yield _row("micropython", "data", sum(image_bytes.sums(pieces, DATA).values()))
        yield _row("micropython", "bss", sum(image_bytes.sums(pieces, BSS).values()) - heap)
    with fresh_repl(context.board, _PATIENCE) as repl:
        repl.ask("import gc\ngc.collect()")
        used, free = _numbers(repl.ask("print(gc.mem_alloc(), gc.mem_free())"), 2)
        largest = _largest_block(repl)
    yield _row("micropython", "heap", used + free, note="what it can grow to is in it")
    yield _row("micropython", "heap_at_boot", used)
    yield _row("micropython", "largest_block_at_boot", largest)


def _micropython_workload(context: Context, workload: Workload) -> list[Row]:
    try:
        return _heap_rows(context, workload)
    except NotAvailable as error:
        context.log(f"left out: {workload.name}: {error}")
        return []


def _heap_rows(context: Context, workload: Workload) -> list[Row]:
    n = _size(context, workload)
    runner, script = program(workload, HEADLINE_VARIANT["micropython"])
    with fresh_repl(context.board, _PATIENCE) as repl:
        repl.run_file(runner.name, runner.text)
        before = _held(repl)
        _run_script(repl, workload, script.name, script.text)
        after = _held(repl)
        call = f"{n}, {workload.seed}"
        (inputs,) = _numbers(repl.ask(f"print(_held_bytes(setup, {call}))"), 1)
        (allocated,) = _numbers(repl.ask("print(_allocated_bytes(run))"), 1)
        repl.ask("gc.collect()")
        largest = _largest_block(repl)
    needed, note = (0, "") if workload.name == OVERHEAD_WORKLOAD else least_heap(context, workload, n)
    rows = (
        ("heap_before", before, ""),
        ("script", after - before, ""),
        ("inputs", inputs, ""),
        ("allocated", allocated if allocated >= 0 else None, "" if allocated >= 0 else "more than the board has"),
        ("needed", needed, note),
        ("largest_block", largest, ""),
    )
    return [_row("micropython", figure, size, workload, n, text) for figure, size, text in rows]


def least_heap(context: Context, workload: Workload, n: int) -> tuple[int | None, str]:
    """The least free heap, in bytes, in which setup() and run() came to their end, and how finely that is known.

    None, with the reason, where not even the whole heap is enough. A freshly filled heap is in many pieces once the
    workload has used it, so that what is needed can be more than what is ever held: that, too, is needed.
    """
    runner, script = program(workload, HEADLINE_VARIANT["micropython"])
    with fresh_repl(context.board, _PATIENCE) as repl:
        repl.run_file(runner.name, runner.text)
        _run_script(repl, workload, script.name, script.text)
        repl.run_file(_SCRIPT.name, read_script(_SCRIPT))

        def try_with(room: int) -> tuple[int, int, int]:
            found = _TRIED.search(repl.ask(f"_try_with({room}, {n}, {workload.seed})"))
            if found is None:
                raise BoardError(f"{workload.name}: expected `tried` and three numbers of {_SCRIPT.name}")
            return int(found[1]), int(found[2]), int(found[3])

        free, works, pieces = try_with(100_000)
        if not works:
            return None, "more than the board has"
        low, high = -1, pieces
        while high - low > 1:
            middle = (low + high) // 2
            tried, works, _ = try_with(middle)
            if works:
                high, free = middle, tried
            else:
                low = middle
        return free, "to 512 bytes"


def _run_script(repl: FreshRepl, workload: Workload, name: str, text: str) -> None:
    try:
        repl.run_file(name, text)
    except BoardError as error:
        for module in workload.needs:
            if f"no module named '{module}'" in str(error):
                raise NotAvailable(f"this board's MicroPython has no module {module}") from None
        raise


def _held(repl: FreshRepl) -> int:
    repl.ask("import gc\ngc.collect()")
    return _numbers(repl.ask("print(gc.mem_alloc())"), 1)[0]


def _largest_block(repl: FreshRepl) -> int | None:
    """By micropython.mem_info(), in bytes, with what the heap can grow by; None where the firmware lacks it."""
    output, traceback = repl.repl.run("import micropython\nmicropython.mem_info()")
    largest, growth = _LARGEST.search(output), _GROWTH.search(output)
    if traceback or largest is None:
        return None
    return max(int(largest[1]) * _HEAP_BLOCK_BYTES, int(growth[1]) if growth else 0)


def _numbers(output: str, count: int) -> list[int]:
    words = output.split()
    if len(words) != count or not all(re.fullmatch(r"-?\d{1,10}", word) for word in words):
        raise BoardError(f"expected {count} numbers from the board, got {output.strip()!r:.60}")
    return [int(word) for word in words]


PART = Part(
    name="memory",
    title="Memory: static RAM, heap and stack",
    columns=COLUMNS,
    exact=("n", "bytes", "how", "note"),
    keys=("language", "workload", "figure"),
    measure=measure,
)
