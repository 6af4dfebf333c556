"""`bench repl`: the virtual board as people's own tools see it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bench import paths
from bench.virtual_board.board import VirtualBoard
from tests.conftest import Project, guests_of


@pytest.fixture
def open_board(board: VirtualBoard) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """A started `bench repl` and the addresses that it names."""
    process = Project(paths.PROJECT).start("repl", "--board", board.facts.name)
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


def test_mpremote_connects_by_socket_and_by_pty(open_board: tuple[subprocess.Popen[str], dict[str, str]]) -> None:
    _, addresses = open_board
    assert mpremote(addresses["socket"], "import sys; print(sys.platform)") == "virtual-esp32"
    assert mpremote(addresses["pty"], "print(2 ** 70)") == str(2**70)
    assert mpremote(addresses["socket"], "from machine import Pin; print(Pin(2, Pin.OUT, value=1).value())") == "1"


def test_ctrl_c_powers_the_board_off(open_board: tuple[subprocess.Popen[str], dict[str, str]]) -> None:
    process, _ = open_board
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "powered off" in out
    assert "Traceback" not in err
    assert not guests_of(process.pid)


def test_a_taken_port_is_answered(open_board: tuple[subprocess.Popen[str], dict[str, str]]) -> None:
    _, addresses = open_board
    port = addresses["socket"].rpartition(":")[2]
    done = Project(paths.PROJECT).bench("repl", "--port", port)
    assert done.returncode == 3
    assert "choose another --port" in done.stderr
