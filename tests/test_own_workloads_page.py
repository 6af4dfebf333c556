"""docs/own-workloads.md, followed step by step as a person would, on the real virtual board."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from bench import paths

PAGE = paths.PROJECT / "docs" / "own-workloads.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OWN = "my-workloads"


def run_commands(text: str, folder: Path) -> str:
    """Run the block in a shell where `bench` is this project's, and return what it prints."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "bench").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bench "$@"\n')
    (programs / "bench").chmod(0o755)
    environment = os.environ | {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(paths.PROJECT),
        "BENCH_CACHE": str(paths.cache_dir()),
        "COLUMNS": "200",
    }
    done = subprocess.run(
        ["sh", "-e", "-c", text], cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def edit_files(text: str, folder: Path) -> None:
    """A block of source begins with its file's name and is the whole file."""
    name = text.split("\n", 1)[0].lstrip("#/ ")
    assert (folder / name).is_file(), f"the page edits {name}, which `bench new` does not make"
    (folder / name).write_text(text, encoding="utf-8")


def edit_table(text: str, folder: Path) -> None:
    catalogue = folder / OWN / "workloads.toml"
    content = catalogue.read_text(encoding="utf-8")
    for line in text.splitlines():
        present = re.findall(rf"^{line.partition(' ')[0]} = .*$", content, flags=re.MULTILINE)
        assert len(present) == 1, line
        content = content.replace(present[0], line)
    catalogue.write_text(content, encoding="utf-8")


def test_the_page_works(tmp_path: Path) -> None:
    printed = []
    for language, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if language == "sh":
            printed.append(run_commands(text, tmp_path))
        elif language == "toml":
            edit_table(text, tmp_path)
        else:
            edit_files(text, tmp_path)
    begun, answers, proofs, figures = printed
    assert "bench check moving_average --catalogue my-workloads" in begun
    assert answers == "moving_average: n = 64, n = 256, n = 1024\n"
    assert proofs.count(": ok\n") == len(proofs.splitlines()) == 5
    assert figures.count("moving_average") >= 4, "the run's table has a row, and that of every n has three"
