"""The serial link over real ports: a TCP connection and a pseudo-terminal, with this test at the far end."""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import pairwise
from typing import Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.errors import LinkLost, ToolError
from bench.link import MAX_LINE_BYTES, TRANSCRIPT_BYTES, Link, open_when_there
from bench.serial_port import open_serial

POLL_AND_SLACK_S = 1.5  # by how much a busy computer may overrun a deadline


class FarEnd(Protocol):
    """The other end of a link's line."""

    def send(self, data: bytes) -> None: ...
    def receive(self, count: int) -> bytes: ...
    def hang_up(self) -> None: ...


class TcpEnd:
    """A TCP server that takes one connection."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"socket://127.0.0.1:{self._server.getsockname()[1]}"

    def accept(self) -> None:
        self._peer, _ = self._server.accept()

    def send(self, data: bytes) -> None:
        self._peer.sendall(data)

    def receive(self, count: int) -> bytes:
        return self._peer.recv(count, socket.MSG_WAITALL)

    def hang_up(self) -> None:
        self._peer.close()

    def close(self) -> None:
        self._peer.close()
        self._server.close()


class PtyEnd:
    """The master side of a pseudo-terminal; the link opens the other side by its device path."""

    def __init__(self) -> None:
        self._master, self._slave = os.openpty()
        self.url = os.ttyname(self._slave)

    def accept(self) -> None:
        os.close(self._slave)  # from now on only the link has it open

    def send(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._master, data) :]

    def receive(self, count: int) -> bytes:
        return os.read(self._master, count)

    def hang_up(self) -> None:
        os.close(self._master)

    def close(self) -> None:
        with suppress(OSError):  # hung up already
            os.close(self._master)


@contextmanager
def line_to(far: TcpEnd | PtyEnd) -> Iterator[tuple[Link, FarEnd]]:
    """A link with its far end."""
    with closing(far), closing(Link.open(far.url)) as link:
        far.accept()
        yield link, far


@pytest.fixture(params=[TcpEnd, PtyEnd])
def line(request: pytest.FixtureRequest) -> Iterator[tuple[Link, FarEnd]]:
    """A link of either kind with its far end."""
    with line_to(request.param()) as ends:
        yield ends


def wait_for_bytes(link: Link, count: int) -> None:
    """Return when `count` bytes have arrived."""
    deadline = time.monotonic() + 10
    while link.inWaiting() < count:
        assert time.monotonic() < deadline


@contextmanager
def babbling(far: FarEnd, text: bytes) -> Iterator[None]:
    """The far end sends `text` again and again, as a board in an endless loop does."""
    is_over = threading.Event()

    def babble() -> None:
        with suppress(OSError):
            while not is_over.is_set():
                far.send(text)

    babbler = threading.Thread(target=babble, daemon=True)
    babbler.start()
    try:
        yield
    finally:
        is_over.set()


def test_lines_come_one_by_one_with_their_newlines(line: tuple[Link, FarEnd]) -> None:
    link, far = line
    far.send(b"one\r\ntwo\n\nfour")
    assert [link.read_line(5) for _ in range(3)] == [b"one\r\n", b"two\n", b"\n"]
    far.send(b"th\n")
    assert link.read_line(5) == b"fourth\n"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=30), min_size=1, max_size=6), st.data())
def test_lines_are_the_same_however_they_are_split_into_packets(lines: list[bytes], data: st.DataObject) -> None:
    whole_lines = [line.replace(b"\n", b" ") + b"\n" for line in lines]
    text = b"".join(whole_lines)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1), max_size=6)))
    with line_to(PtyEnd()) as (link, far):
        for start, end in pairwise([0, *cuts, len(text)]):
            far.send(text[start:end])
            wait_for_bytes(link, end)
        assert [link.read_line(5) for _ in lines] == whole_lines
        assert link.transcript == text.decode("utf-8", "backslashreplace")


def test_a_line_split_over_packets_of_a_connection_is_one_line(line: tuple[Link, FarEnd]) -> None:
    link, far = line
    for count, byte in enumerate(b"split\n", start=1):
        far.send(bytes([byte]))
        wait_for_bytes(link, count)
    assert link.read_line(5) == b"split\n"


def test_every_byte_value_passes_both_ways(line: tuple[Link, FarEnd]) -> None:
    link, far = line
    everything = bytes(range(256))
    far.send(everything)
    assert link.read(256) == everything
    link.write(everything)
    assert far.receive(256) == everything


@pytest.mark.parametrize("timeout_s", [0.0, 0.3])
def test_a_silent_board_is_waited_for_until_the_deadline(line: tuple[Link, FarEnd], timeout_s: float) -> None:
    link, far = line
    far.send(b"half a li")
    wait_for_bytes(link, 9)
    started = time.monotonic()
    with pytest.raises(LinkLost, match=rf"silent: expected a line within {timeout_s:g} s, got b'half a li'"):
        link.read_line(timeout_s)
    assert timeout_s <= time.monotonic() - started < timeout_s + POLL_AND_SLACK_S
    far.send(b"ne\n")
    assert link.read_line(5) == b"half a line\n", "what came before the deadline is not lost"


def test_what_is_there_is_read_without_any_time_left(line: tuple[Link, FarEnd]) -> None:
    link, far = line
    far.send(b"ready\n")
    wait_for_bytes(link, 6)
    assert link.read_line(0) == b"ready\n"


def test_a_board_that_never_ends_its_output_does_not_put_off_the_deadline(line: tuple[Link, FarEnd]) -> None:
    link, far = line
    started = time.monotonic()
    with babbling(far, b"."), pytest.raises(LinkLost, match=r"expected b'>>> ' within 0.3 s, got b'\.\."):
        link.read_until(b">>> ", 0.3)
    assert time.monotonic() - started < 0.3 + POLL_AND_SLACK_S


def test_a_board_that_is_known_to_be_dead_is_not_waited_for() -> None:
    far = PtyEnd()
    with closing(far), closing(Link.open(far.url, is_alive=lambda: False)) as link:
        far.accept()
        far.send(b"last words\n")
        wait_for_bytes(link, 11)
        assert link.read_line(60) == b"last words\n"
        started = time.monotonic()
        with pytest.raises(LinkLost, match="went away"):
            link.read_line(60)
        assert time.monotonic() - started < POLL_AND_SLACK_S


def test_what_came_before_the_far_end_hung_up_is_read_first(line: tuple[Link, FarEnd]) -> None:
    link, far = line
    far.send(b"one\ntwo\nthr")
    wait_for_bytes(link, 11)
    far.hang_up()
    assert [link.read_line(5), link.read_line(5)] == [b"one\n", b"two\n"]
    with pytest.raises(LinkLost, match="the serial link broke"):
        link.read_line(5)
    assert link.transcript == "one\ntwo\nthr"


@pytest.mark.parametrize("last", [b"\n", b" and the rest\n", b"\nnext"])
def test_a_line_whose_end_is_the_last_thing_sent_is_read(last: bytes) -> None:
    with line_to(TcpEnd()) as (link, far):
        far.send(b"a line")
        wait_for_bytes(link, 6)
        far.send(last)
        far.hang_up()
        assert link.read_line(5) == b"a line" + last.partition(b"\n")[0] + b"\n"
        with pytest.raises(LinkLost):
            link.read_line(5)


def test_sending_to_a_far_end_that_hung_up_is_an_error(line: tuple[Link, FarEnd]) -> None:
    link, far = line
    far.hang_up()
    with pytest.raises(LinkLost, match="broke while sending"):
        for _ in range(1000):  # TCP takes some before it notices
            link.write(b"hello\r\n" * 100)


def test_an_overlong_line_is_given_in_pieces(line: tuple[Link, FarEnd]) -> None:
    link, far = line
    text = b"x" * (2 * MAX_LINE_BYTES + 100) + b"\n" + b"short\n"
    sender = threading.Thread(target=far.send, args=(text,))
    sender.start()
    pieces = [link.read_line(5) for _ in range(4)]
    sender.join()
    assert [len(piece) for piece in pieces] == [MAX_LINE_BYTES, MAX_LINE_BYTES, 101, 6]
    assert b"".join(pieces) == text


def test_read_until_ends_right_after_what_was_expected(line: tuple[Link, FarEnd]) -> None:
    link, far = line
    far.send(b"MicroPython v1.28\r\n>>> rest")
    assert link.read_until(b">>> ", 5) == b"MicroPython v1.28\r\n>>> "
    assert link.read(4) == b"rest"


def test_an_ending_split_over_packets_is_found(line: tuple[Link, FarEnd]) -> None:
    link, far = line
    far.send(b"banner\r\n>>")
    wait_for_bytes(link, 10)
    far.send(b"> ")
    assert link.read_until(b">>> ", 5) == b"banner\r\n>>> "


def test_pending_input_can_be_drained_as_mpremote_does(line: tuple[Link, FarEnd]) -> None:
    link, far = line
    assert link.inWaiting() == 0
    far.send(b"old output")
    wait_for_bytes(link, 10)
    while (count := link.inWaiting()) > 0:
        assert len(link.read(count)) == count
    far.send(b"R\x01")
    assert link.read(2) == b"R\x01"


def test_polling_a_far_end_that_hung_up_is_an_error_once_all_is_read() -> None:
    with line_to(TcpEnd()) as (link, far):
        far.send(b"bye")
        wait_for_bytes(link, 3)
        far.hang_up()
        assert link.inWaiting() == 3
        assert link.read(3) == b"bye"
        with pytest.raises(LinkLost):
            for _ in range(1000):  # until the end has arrived
                link.inWaiting()
            link.read(1)


def test_the_transcript_keeps_the_end_of_a_long_conversation(line: tuple[Link, FarEnd]) -> None:
    link, far = line
    for number in range(100):
        far.send(b"%04d " % number + b"." * 1000 + b"\n")
        link.read_line(5)
    assert len(link.transcript) == TRANSCRIPT_BYTES
    assert link.transcript.endswith("0099 " + "." * 1000 + "\n")


def test_the_transcript_shows_bytes_that_are_no_text(line: tuple[Link, FarEnd]) -> None:
    link, far = line
    far.send("µs \N{EURO SIGN}".encode() + b" \xff\n")
    link.read_line(5)
    assert link.transcript == "µs € \\xff\n"


def test_closing_twice_or_after_the_far_end_is_harmless(line: tuple[Link, FarEnd]) -> None:
    link, far = line
    far.hang_up()
    link.close()
    link.close()
    with pytest.raises(LinkLost):
        link.read_line(0)
    with pytest.raises(LinkLost):
        link.write(b"hello")


def test_a_port_that_is_open_is_refused_to_a_second_program() -> None:
    refusal = "the port /dev/.* is busy: another program has it open; close that"
    with closing(PtyEnd()) as far, closing(Link.open(far.url)), pytest.raises(ToolError, match=refusal):
        Link.open(far.url)


def test_a_port_can_be_opened_again_after_it_was_closed() -> None:
    with closing(PtyEnd()) as far:
        Link.open(far.url).close()
        Link.open(far.url).close()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("/dev/no-such-port", "is not there"),
        ("/dev/null", "Could not configure port"),
        ("/tmp", "Is a directory"),
        ("", "the port '' is not there"),
        ("pigeon://coop", "protocol 'pigeon' not known"),
        ("socket://127.0.0.1:1", "nothing listens at"),
        ("socket://127.0.0.1", "Could not open port"),
        ("rfc2217://127.0.0.1:1", "nothing listens at"),
    ],
)
def test_a_port_that_cannot_be_opened_is_named_with_the_systems_reason(url: str, reason: str) -> None:
    with pytest.raises(ToolError, match=f"{re.escape(url)}.*{reason}|{reason}.*{re.escape(url)}"):
        Link.open(url)


@pytest.mark.parametrize("kind", [TcpEnd, PtyEnd])
def test_a_far_end_that_reads_no_more_is_an_error_and_not_a_wait_for_ever(kind: type[TcpEnd | PtyEnd]) -> None:
    far = kind()
    with closing(far), closing(Link.open(far.url, write_timeout_s=0.3)) as link:
        far.accept()
        started = time.monotonic()
        with pytest.raises(LinkLost, match="takes no more bytes"):
            link.write(b"x" * 50_000_000)
        assert time.monotonic() - started < 0.3 + POLL_AND_SLACK_S


SIGNS = {re.compile(rb"rst:0x"): "the board restarted"}


@pytest.mark.parametrize("last", [b"ets Jul\r\nrst:0x1 (POW", b"ets Jul\r\nrst:0x1 (POWERON)\r\n"])
def test_what_is_watched_for_ends_the_waiting_at_once(line: tuple[Link, FarEnd], last: bytes) -> None:
    link, far = line
    link.watch_for(SIGNS)
    far.send(b"one\n" + last)
    assert link.read_line(5) == b"one\n", "what came before is read first"
    started = time.monotonic()
    with pytest.raises(LinkLost, match="the board restarted"):
        for _ in range(2):
            link.read_line(30)
    assert time.monotonic() - started < POLL_AND_SLACK_S


def test_discarding_waits_until_the_board_is_quiet(line: tuple[Link, FarEnd]) -> None:
    link, far = line
    far.send(b"old output")
    link.discard(quiet_s=0.2, at_most_s=5)
    far.send(b"new\n")
    assert link.read_line(5) == b"new\n"
    started = time.monotonic()
    with babbling(far, b"."):
        link.discard(quiet_s=0.2, at_most_s=0.5)
    assert time.monotonic() - started < 0.5 + POLL_AND_SLACK_S


def test_a_port_that_returns_under_another_name_is_found() -> None:
    with closing(PtyEnd()) as far:
        names = iter([None, "/dev/no-such-port", far.url])
        with closing(open_when_there(lambda: next(names), 5, Link.open)) as link:
            far.accept()
            far.send(b"here\n")
            assert link.read_line(5) == b"here\n"


@pytest.mark.parametrize(("name", "reason"), [(None, "no such port"), ("/dev/no-such-port", "is not there")])
def test_a_port_that_does_not_return_is_an_error(name: str | None, reason: str) -> None:
    with pytest.raises(LinkLost, match=f"did not come back within 0.2 s: .*{reason}"):
        open_when_there(lambda: name, 0.2, Link.open)


def test_the_lines_can_be_set_before_the_port_opens() -> None:
    seen = []
    with (
        closing(PtyEnd()) as far,
        closing(open_serial(far.url, before_open=lambda port: seen.append(port.is_open))) as port,
    ):
        assert seen == [False]
        assert port.is_open
