"""Puts the table of the reference run into the README, as `bench show` prints it; `--check` only compares."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
BLOCK = re.compile(r"(<!-- bench show reference-virtual-esp32:.*?-->\n```\n)(.*?)(```\n<!-- end -->)", re.DOTALL)


def printed_table() -> str:
    """What `bench show` prints on a terminal of 80 columns, trailing spaces left out."""
    command = [sys.executable, "-m", "bench", "show", "reference-virtual-esp32"]
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=README.parent, env=environment, capture_output=True, text=True, check=True)
    return "".join(line.rstrip() + "\n" for line in done.stdout.splitlines())


def main() -> None:
    """Update or check the block between the marks."""
    text = README.read_text(encoding="utf-8")
    updated = BLOCK.sub(lambda match: match[1] + printed_table() + match[3], text)
    if "--check" not in sys.argv:
        README.write_text(updated, encoding="utf-8")
    elif updated != text:
        sys.exit("README.md shows other figures than the reference run: run `python tools/update_readme.py`")


if __name__ == "__main__":
    main()
