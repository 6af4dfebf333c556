"""The changes that are made to a program, and which of its files they concern."""

from __future__ import annotations

from bench.workflow.generated import BUILD, LIBRARY, Program, generate

ONE_LINE, SHARED, CLONE = SCENARIOS = ("one_line", "shared_header", "fresh_clone")
_SHARED_FILE = "edit_shared.py"


def versions(size: str, scenario: str, repetitions: int) -> list[Program]:
    """What is saved in each repetition: a version that was not there before, but after `git clone` always the same."""
    if scenario == ONE_LINE:
        return [generate(size, build=BUILD + 1 + number) for number in range(repetitions)]
    if scenario == SHARED:
        return [generate(size, library=LIBRARY + 1 + number) for number in range(repetitions)]
    return [generate(size)] * repetitions


def changed_files(program: Program, scenario: str) -> list[str]:
    """The Python files that are new to a board that has the version before."""
    if scenario == CLONE:
        return list(program.python)
    return [_SHARED_FILE if scenario == SHARED else f"edit_{program.changed}.py"]
