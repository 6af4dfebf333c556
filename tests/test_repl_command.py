"""`bench repl`: the virtual board as people's own tools see it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress

import pytest

from bench import paths
from bench.errors import LinkLost
from bench.link import Link
from bench.runners.exchange import wait_ready
from bench.virtual_board.board import VirtualBoard
from bench.wire import format_line
from tests.conftest import Project, guests_of

OpenBoard = tuple[subprocess.Popen[str], dict[str, str]]  # `bench repl`, and the addresses that it names


@pytest.fixture
def open_board(board: VirtualBoard) -> Iterator[OpenBoard]:
    """A virtual board that runs MicroPython."""
    with opened(board, "micropython") as started:
        yield started


@contextmanager
def opened(board: VirtualBoard, language: str) -> Iterator[OpenBoard]:
    """A started `bench repl` and the addresses that it names."""
    process = Project(paths.PROJECT).start("repl", "--board", board.facts.name, "--language", language)
    assert process.stdout is not None
    text = ""
    while "Ctrl-C" not in text:
        line = process.stdout.readline()
        assert line, process.communicate()
        text += line
    addresses = {"socket": re.search(r"socket://\S+", text), "pty": re.search(r"/dev/pts/\d+", text)}
    try:
        yield process, {kind: match[0] for kind, match in addresses.items() if match}
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def mpremote(address: str, code: str) -> str:
    """What mpremote prints when it runs code on the board at that address."""
    command = [sys.executable, "-m", "mpremote", "connect", address, "exec", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout.strip()


def test_mpremote_connects_by_socket_and_by_pty(open_board: OpenBoard) -> None:
    _, addresses = open_board
    assert mpremote(addresses["socket"], "import sys; print(sys.platform)") == "virtual-esp32"
    assert mpremote(addresses["pty"], "print(2 ** 70)") == str(2**70)
    assert mpremote(addresses["socket"], "from machine import Pin; print(Pin(2, Pin.OUT, value=1).value())") == "1"


def says_hello(link: Link) -> Mapping[str, str]:
    """The suite's ready line; asked for again where it was asked while the suite still booted, and so not heard."""
    for request_id in range(7, 17):
        link.write(format_line("hello", {"id": request_id}))
        with suppress(LinkLost):
            return wait_ready(link, 1, request_id=request_id).fields
    raise AssertionError(link.transcript)


def test_the_cpp_suite_is_asked_by_the_harness_and_typed_to_by_a_person(board: VirtualBoard) -> None:
    with opened(board, "arduino") as (process, addresses):
        with closing(Link.open(addresses["socket"])) as link:
            fields = says_hello(link)
            assert (fields["language"], fields["board"]) == ("arduino", board.facts.name)
        with closing(Link.open(addresses["pty"])) as link:
            link.write(b"run crc32 64\r")
            assert b"workload=crc32 n=64" in link.read_until(b"@B1 done", 10)
        os.kill(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=20)
    assert process.returncode == 0 and "powered off" in out


def test_ctrl_c_powers_the_board_off(open_board: OpenBoard) -> None:
    process, _ = open_board
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "powered off" in out
    assert "Traceback" not in err
    assert not guests_of(process.pid)


def test_a_taken_port_is_answered(open_board: OpenBoard) -> None:
    _, addresses = open_board
    port = addresses["socket"].rpartition(":")[2]
    done = Project(paths.PROJECT).bench("repl", "--port", port)
    assert done.returncode == 3
    assert "choose another --port" in done.stderr
