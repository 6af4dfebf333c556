"""Expressions that a person tries out, in both languages: what has to be there before, and what comes out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bench.errors import ChecksumMismatch
from bench.labels import printable

_NUMBER = re.compile(r"-?\d{1,9}")
_SKETCH = """\
#include <Arduino.h>
{before}
void setup() {{
  Serial.begin(115200);
{start}\
  Serial.println({expression});
}}

void loop() {{}}
"""


@dataclass(frozen=True)
class Expression:
    """One expression. It is typed in every attempt; what stands before it is there already, in both languages."""

    name: str
    python: str
    cpp: str
    value: str  # what is printed; empty: some whole number, as the board's surroundings have it
    python_before: str = ""
    cpp_before: str = ""  # outside of functions
    cpp_start: str = ""  # in setup()

    def sketch(self) -> str:
        """The shortest sketch that prints the value once, when it starts."""
        start = f"  {self.cpp_start}\n" if self.cpp_start else ""
        return _SKETCH.format(before=self.cpp_before, start=start, expression=self.cpp)

    def check(self, printed: str) -> None:
        """ChecksumMismatch where the board printed another value."""
        if printed != self.value if self.value else not _NUMBER.fullmatch(printed):
            expected = self.value or "a whole number"
            raise ChecksumMismatch(
                f"{self.name}: expected {expected}, the board printed {printable(printed, 80)!r}: no figure"
            )


EXPRESSIONS = (
    Expression("arithmetic", "2 + 3 * 4", "2 + 3 * 4", "14"),
    Expression(
        "pin",
        "Pin(4).value()",
        "digitalRead(4)",
        "",
        "from machine import Pin\nPin(4, Pin.IN)",
        "",
        "pinMode(4, INPUT);",
    ),
    Expression(
        "function",
        "square(12)",
        "square(12)",
        "144",
        "def square(x):\n    return x * x\n",
        "static int square(int x) { return x * x; }\n",
    ),
)


def chosen(names: Sequence[str]) -> list[Expression]:
    """Those of these names, all where none of the names is one of theirs."""
    return [each for each in EXPRESSIONS if each.name in names] or list(EXPRESSIONS)
