"""The line format: what is sent arrives, and what was damaged on its way never arrives as something else."""

from __future__ import annotations

import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import paths
from bench.wire import MAX_PAYLOAD_BYTES, Event, WireError, format_line, parse_line

BENCHLIB = compile((paths.SCRIPTS / "benchlib.py").read_text(encoding="utf-8"), "benchlib.py", "exec")
NAMES = st.text(alphabet="abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=8)
VALUES = st.text(max_size=15) | st.text(alphabet="aZ09._:,/+-~ %=@*\r\n\0\x1b\x7f", max_size=15)
EVENTS = st.builds(Event, NAMES, st.dictionaries(NAMES, VALUES, max_size=3))


def frame(payload: bytes) -> bytes:
    """A line with intact framing around any payload."""
    return b"@B1 %s *%04X%04X\r\n" % (payload, len(payload), binascii.crc_hqx(payload, 0))


def parsed_or_refused(line: bytes) -> Event | None:
    """The event on the line; None where it is noise or refused."""
    try:
        return parse_line(line)
    except WireError:
        return None


@given(EVENTS)
def test_every_event_arrives_as_it_was_sent(event: Event) -> None:
    assert parse_line(format_line(event.name, event.fields)) == event


@given(EVENTS)
def test_a_line_is_printable_ascii_and_one_line(event: Event) -> None:
    line = format_line(event.name, event.fields)
    assert line.endswith(b"\r\n")
    assert all(0x20 <= byte <= 0x7E for byte in line[:-2])


def test_a_line_looks_as_documented() -> None:
    line = format_line("done", {"id": 7, "message": "a b~"})
    assert line == b"@B1 done id=7 message=a%20b%7E *001A9CD8\r\n"


@given(EVENTS, st.binary(max_size=20))
def test_a_frame_may_follow_what_a_program_printed_without_a_newline(event: Event, noise: bytes) -> None:
    assert parse_line(noise + format_line(event.name, event.fields)) == event


@given(EVENTS, st.data())
def test_a_frame_that_follows_a_cut_one_is_read(event: Event, data: st.DataObject) -> None:
    line = format_line(event.name, event.fields)
    cut = line[: data.draw(st.integers(0, len(line) - 3))]
    assert parse_line(cut + line) == event


@given(EVENTS, st.data())
def test_a_changed_byte_never_makes_another_event(event: Event, data: st.DataObject) -> None:
    line = bytearray(format_line(event.name, event.fields))
    line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.integers(0, 255))
    assert parsed_or_refused(bytes(line)) in (None, event)


@given(EVENTS)
def test_no_line_with_one_byte_lost_doubled_or_cut_off_makes_another_event(event: Event) -> None:
    line = format_line(event.name, event.fields)
    for place in range(len(line)):
        lost = line[:place] + line[place + 1 :]
        doubled = line[:place] + line[place : place + 1] + line[place:]
        for damaged in (lost, doubled, line[:place], line[place:]):
            assert parsed_or_refused(damaged) in (None, event)


def test_every_change_of_one_bit_in_a_frame_is_noticed() -> None:
    line = format_line("sample", {"id": 3, "ticks": 123456, "checksum": "0a1b2c3d"})
    for place in range(len(line) - 2):
        for bit in range(8):
            damaged = bytearray(line)
            damaged[place] ^= 1 << bit
            assert parsed_or_refused(bytes(damaged)) is None


@given(st.binary(max_size=600) | st.binary(max_size=60).map(lambda noise: b"@B1 " + noise) | st.binary().map(frame))
def test_whatever_comes_is_an_event_noise_or_a_wire_error(line: bytes) -> None:
    parsed_or_refused(line)


@given(st.text(alphabet="abz =%09AF._@*~", max_size=40))
def test_whatever_is_framed_is_an_event_or_a_wire_error(payload: str) -> None:
    event = parsed_or_refused(frame(payload.encode()))
    if event:
        assert parse_line(format_line(event.name, event.fields)) == event


@pytest.mark.parametrize("line", [b"", b"\r\n", b">>> ", b"ets Jul 29 2019 12:21:46\r\n", b"@B2 done *0004ABCD\r\n"])
def test_other_output_is_noise(line: bytes) -> None:
    assert parse_line(line) is None


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"Done",
        b"done ",
        b"done  id=1",
        b"done id",
        b"done =1",
        b"done Id=1",
        b"done id=1 id=2",
        b"done id=1=2",
        b"done id=%",
        b"done id=%4",
        b"done id=%4a",
        b"done id=%FF",
        b"done id=%C3",
        b"done id=a@b",
        b"done id=1\t",
        b"done id=\xff",
    ],
)
def test_an_intact_frame_around_nonsense_is_refused(payload: bytes) -> None:
    with pytest.raises(WireError):
        parse_line(frame(payload))


@pytest.mark.parametrize("trailer", [b"", b"\n", b"\r\n"])
def test_the_end_of_a_line_may_be_cut(trailer: bytes) -> None:
    assert parse_line(format_line("done").rstrip() + trailer) == Event("done")


def test_the_longest_payload_is_read_and_a_longer_one_neither_sent_nor_read() -> None:
    longest = {"message": "x" * (MAX_PAYLOAD_BYTES - len("error message="))}
    assert parse_line(format_line("error", longest)) == Event("error", longest)
    too_long = {"message": longest["message"] + "x"}
    with pytest.raises(WireError, match="at most 400 bytes, this one has 401"):
        format_line("error", too_long)
    with pytest.raises(WireError, match="at most 400 bytes, got 401"):
        parse_line(frame(b"error message=" + too_long["message"].encode()))


@pytest.mark.parametrize("name", ["", "Done", "do ne", "done\n", "donné", "done1"])
def test_a_name_that_is_no_word_is_not_sent(name: str) -> None:
    with pytest.raises(WireError):
        format_line(name)
    with pytest.raises(WireError):
        format_line("done", {name: 1})


def test_a_value_that_utf8_cannot_hold_is_not_sent() -> None:
    with pytest.raises(WireError, match="UTF-8"):
        format_line("error", {"message": "\ud800"})


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", "1e3", "0x10", "²", "٣", " 1", "1_000"])
def test_a_field_that_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(WireError, match="whole number"):
        Event("sample", {"ticks": text}).integer("ticks")


def test_a_field_that_is_missing_is_refused_or_has_its_default() -> None:
    event = Event("sample", {"ticks": "12"})
    assert event.integer("ticks", 5) == 12
    assert event.integer("loops", 5) == 5
    assert event.text("code", "none") == "none"
    with pytest.raises(WireError, match="loops"):
        event.integer("loops")
    with pytest.raises(WireError, match="code"):
        event.text("code")


@given(
    st.dictionaries(NAMES, st.integers(0, 2**70) | st.text(alphabet="aZ09._:,/+-~ %=@\nµ€", max_size=20), max_size=3)
)
def test_the_on_board_runner_frames_an_event_byte_for_byte_as_the_harness_does(fields: dict[str, object]) -> None:
    namespace: dict[str, object] = {"__name__": "benchlib", "print": lambda line: printed.append(line)}
    printed: list[str] = []
    exec(BENCHLIB, namespace)
    send = namespace["_send"]
    assert callable(send)
    send("sample", *fields.items())
    assert printed[0].encode("ascii") + b"\r\n" == format_line("sample", fields)
