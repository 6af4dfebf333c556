"""Puts what commands print of the reference run into README.md and docs/; `--check` only compares.

A block begins with the line <!-- bench ARGUMENTS: any words --> and ends with <!-- end -->.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).parent.parent
PAGES = (PROJECT / "README.md", PROJECT / "docs" / "anatomy.md")
BLOCK = re.compile(r"(<!-- bench ([\w -]+?):.*?-->\n```\n)(.*?)(```\n<!-- end -->)", re.DOTALL)


@cache
def printed(arguments: str) -> str:
    """What `bench ARGUMENTS` prints on a terminal of 80 columns, trailing spaces left out."""
    command = [sys.executable, "-m", "bench", *arguments.split()]
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    return "".join(line.rstrip() + "\n" for line in done.stdout.splitlines())


def main() -> None:
    """Update or check the blocks between the marks."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        updated = BLOCK.sub(lambda match: match[1] + printed(match[2]) + match[4], text)
        if "--check" not in sys.argv:
            page.write_text(updated, encoding="utf-8")
        elif updated != text:
            sys.exit(f"{page.name} shows other figures than the reference run: run `python tools/update_readme.py`")


if __name__ == "__main__":
    main()
