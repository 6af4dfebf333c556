"""Scripts to a board over a line that may change them: nothing runs before its checksum came back right.

The raw REPL has no checksum. A changed character in a script can be a syntax error, but also another number of
rounds, a missing `gc.collect()`, another comparison: a program that gives the right answer in another time, which no
checksum of answers would notice. So a script goes into a bytearray on the board first, in pieces. The board adds up
what it has, the harness compares, and only then is the bytearray executed. The last line of the script, added here,
says that it was executed to its end. What is damaged in the few lines around that ends in an exception, or in a
missing answer.

What this leaves on the board must not be seen in a measurement. So it has no place among the script's global names,
whose dictionary would grow, but in one of its own, behind `sys.modules`; it makes no new names at all, but takes those
that every firmware knows; and garbage is collected before the script runs. What does no work on the heap then costs the
same to the tick as with a script that was simply sent. Where objects lie on the heap does change, as with any change of
a script, and with it what the heap costs: by up to some percent.

The sum is Adler-32, by hand, as binascii is not on every board. At the few thousand bytes of a script it finds every
change of one or two bytes, and all but one in 2^32 of the others.
"""

from __future__ import annotations

import zlib

from bench.errors import BoardError, LinkLost
from bench.labels import printable
from bench.runners.raw_repl import RawRepl, last_line

_PIECE = 1024  # bytes a command carries: mpremote's file copy goes by a few hundred, and each costs a round trip
_OWN = '__import__("sys").modules["hash"]'
_SUM = f"""\
{_OWN} = {{}}
exec('''
def sum():
    min = 1
    max = 0
    for id in all:
        min = (min + id) % 65521
        max = (max + min) % 65521
    print("the board has", len(all), min, max)
''', {_OWN})
"""
_COLLECT = '__import__("gc").collect()'
_RUN = f'exec({_OWN}["all"], globals())'
_RUN_NAME = '"<string>"'  # what a traceback calls code that exec() was given


class CheckedUpload:
    """Runs scripts on a raw REPL, each checked before it runs. LinkLost where one arrives damaged: boot, try again."""

    def __init__(self, repl: RawRepl) -> None:
        self._repl = repl
        self._knows_sum = False

    def run_file(self, name: str, source: str) -> str:
        """Execute a script to its end; what it printed. BoardError names the script, its line and the exception."""
        receipt = f"@ran {zlib.adler32(source.encode())}"
        self._send(f"{source}\nprint({receipt!r})\n".encode())
        output, traceback = self._repl.run(_RUN)
        # Else it is the command that was damaged, not the script that failed; nobody but the line sends a Ctrl-C here.
        if _RUN_NAME in traceback and "KeyboardInterrupt" not in traceback:
            raise BoardError(f"{name}: {printable(last_line(traceback))}")
        if traceback or not output.endswith(f"{receipt}\r\n"):
            raise LinkLost(f"{name} did not run as it was sent: {printable(traceback or output) or 'no answer'}")
        return output.removesuffix(f"{receipt}\r\n")

    def start(self, code: str) -> None:
        """Let code run; what it prints is the caller's to read."""
        self._send(code.encode())
        self._repl.start(_RUN)

    def forget(self) -> None:
        """Let go of the text of the last script, which else stays on the heap until the next one comes."""
        if self._knows_sum:
            self._quietly(f'{_OWN}["all"] = b""')

    def _send(self, text: bytes) -> None:
        if not self._knows_sum:
            self._quietly(_SUM)
            self._knows_sum = True
        self._quietly(f'{_OWN}["all"] = bytearray({len(text)})')
        for start in range(0, len(text), _PIECE):
            piece = text[start : start + _PIECE]
            self._quietly(f'{_OWN}["all"][{start}:{start + len(piece)}] = {piece!r}')
        output, traceback = self._repl.run(f'{_OWN}["sum"]()')
        check = zlib.adler32(text)
        expected = f"the board has {len(text)} {check & 0xFFFF} {check >> 16}\r\n"
        if traceback or output != expected:
            raise LinkLost(
                f"a script arrived damaged: expected {expected.strip()}, got {printable(traceback or output)}"
            )
        self._quietly(_COLLECT)

    def _quietly(self, code: str) -> None:
        output, traceback = self._repl.run(code)
        if output or traceback:
            raise LinkLost(f"a part of a script was damaged on its way: {printable(traceback or output)}")
