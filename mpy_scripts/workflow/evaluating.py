"""What an expression costs on the board once its characters are there: compiling, executing, printing the value.

The harness sends this, then what the expression needs, then calls `_measure(text, mode)`. Mode "single" prints the value
as the prompt does, "exec" is the raw REPL's. Reading characters is no part of it: how often the board is interrupted for
them depends on the host.
"""

import time


def _measure(text: str, mode: str) -> None:
    """Compile and execute the text once, and print the ticks that took."""
    ticks_cpu = time.ticks_cpu
    translate = compile
    execute = exec
    start = ticks_cpu()
    execute(translate(text, "<stdin>", mode))
    stop = ticks_cpu()
    print("ticks", (stop - start) & 0x3FFFFFFF)
