"""The line format in which boards and harness talk, version 1. Knows nothing of what a workload is for.

A framed line is ``@B1 <payload> *<LLLL><CCCC>``: LLLL is the payload's length in bytes and CCCC its CRC-16/XMODEM, both
as four upper-case hexadecimal digits. The payload is an event name followed by ``key=value`` pairs, values
percent-encoded. Everything else on the line is noise. CRC-16 rather than CRC-32 because MicroPython computes it in
31-bit small integers, without the heap.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

PROTOCOL_VERSION = 1
MAX_PAYLOAD_BYTES = 400
_SAFE_IN_VALUES = "._:,/+-"
_FRAME = re.compile(rb"@B1 (?P<payload>[\x20-\x7e]*) \*(?P<length>[0-9A-F]{4})(?P<crc>[0-9A-F]{4})\r?\n?")
_WORD = re.compile(r"[a-z_]+\Z")
_VALUE = re.compile(r"(?:[A-Za-z0-9._:,/+-]|%[0-9A-F]{2})*\Z")


class WireError(ValueError):
    """A line began like a framed one and is not: cut, garbled, or from a newer protocol."""


@dataclass(frozen=True)
class Event:
    """One parsed line: its name, and its fields as decoded text."""

    name: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def integer(self, key: str, default: int | None = None) -> int:
        """The field as a decimal number >= 0; WireError where it is absent or is none."""
        text = self.fields.get(key)
        if text is None and default is not None:
            return default
        if text is None or not text.isascii() or not text.isdigit():
            raise WireError(f"{self.name}: expected a whole number in {key!r}, got {text!r}")
        return int(text)

    def text(self, key: str, default: str | None = None) -> str:
        """The field as text; WireError where it is absent and has no default."""
        value = self.fields.get(key, default)
        if value is None:
            raise WireError(f"{self.name}: the field {key!r} is missing")
        return value


def format_line(name: str, fields: Mapping[str, object] | None = None) -> bytes:
    """The framed line, ending in CR LF. Raises WireError where the result would not be a valid line."""
    words = [name]
    for key, value in (fields or {}).items():
        if not _WORD.match(key):
            raise WireError(f"a key is lower-case letters and underscores, got {key!r}")
        words.append(f"{key}={_encode(str(value))}")
    if not _WORD.match(name):
        raise WireError(f"an event name is lower-case letters and underscores, got {name!r}")
    payload = " ".join(words).encode("ascii")
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise WireError(f"a payload has at most {MAX_PAYLOAD_BYTES} bytes, this one has {len(payload)}")
    return b"@B1 %s *%04X%04X\r\n" % (payload, len(payload), binascii.crc_hqx(payload, 0))


def parse_line(line: bytes) -> Event | None:
    """The event on a line, None where the line is noise. Raises WireError for a damaged frame.

    A frame may follow other output on its line (a program that printed without a newline), never precede it.
    """
    start = line.rfind(b"@B1 ")  # it cannot occur inside a payload: what stands before the last one was cut off
    if start < 0:
        return None
    match = _FRAME.fullmatch(line[start:])
    if not match:
        raise WireError(f"damaged line {_shown(line)}")
    payload = match["payload"]
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise WireError(f"a payload has at most {MAX_PAYLOAD_BYTES} bytes, got {len(payload)}: {_shown(line)}")
    if len(payload) != int(match["length"], 16) or binascii.crc_hqx(payload, 0) != int(match["crc"], 16):
        raise WireError(f"length or CRC does not fit: {_shown(line)}")
    return _parse_payload(payload.decode("ascii"))


def _parse_payload(payload: str) -> Event:
    name, *pairs = payload.split(" ")
    if not _WORD.match(name):
        raise WireError(f"expected an event name, got {name!r}")
    fields: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not _WORD.match(key) or not _VALUE.match(value) or key in fields:
            raise WireError(f"{name}: expected one key=value, got {pair!r}")
        try:
            fields[key] = unquote(value, errors="strict")
        except UnicodeDecodeError as error:
            raise WireError(f"{name}: {key!r} is not UTF-8") from error
    return Event(name, fields)


def _encode(value: str) -> str:
    try:
        return quote(value, safe=_SAFE_IN_VALUES).replace("~", "%7E")  # which quote() never encodes
    except UnicodeEncodeError as error:
        raise WireError(f"a value is text that UTF-8 can hold, got {value[:40]!a}") from error


def _shown(line: bytes) -> str:
    text = ascii(line[:80].decode("latin-1"))
    return text + " ..." if len(line) > 80 else text
