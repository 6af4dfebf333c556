"""What can go wrong, sorted by who can mend it.

A message is one line: what was expected, what came, what to do next. The command line turns an exception into that
line and the exception's exit code; library code never prints and never exits.
"""

from __future__ import annotations


class BenchError(Exception):
    """Root of every error that the harness raises on purpose."""

    exit_code = 1


class InputError(BenchError):
    """What a person gave cannot be used: an argument, a catalogue, a run folder."""

    exit_code = 2


class ToolError(BenchError):
    """The link or a tool failed: port busy, time-out, missing compiler, broken build. Not the program's fault."""

    exit_code = 3


class Unusable(ToolError):
    """The board cannot serve any measurement as things are: the wrong chip, a flash that is worn or too small."""


class LinkLost(ToolError):
    """The board went silent or away in the middle of something; a retry on a fresh boot may succeed."""


class LinkSilent(LinkLost):
    """Nothing that was expected came in time; the link itself may be whole."""


class BoardError(BenchError):
    """The board or its program failed: an exception on the device, a reset, a failed self-test."""

    exit_code = 4


class ChecksumMismatch(BoardError):
    """The board computed another answer than the reference. There is no figure for such a measurement."""


class NotAvailable(BenchError):
    """This board cannot do what the measurement needs, as the contract foresees. It is left out, with the reason."""

    exit_code = 0
