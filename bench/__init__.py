"""MicroPython against Arduino C++ on the same board. `bench.load_run(path)` gives a run as a pandas DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.frames import load_run
    from bench.workflow.frames import load_workflow

__all__ = ["load_run", "load_workflow"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # pandas takes longer to import than most commands take to run, so it waits for the first use.
    if name == "load_run":
        from bench.frames import load_run

        return load_run
    if name == "load_workflow":
        from bench.workflow.frames import load_workflow

        return load_workflow
    raise AttributeError(f"module 'bench' has no attribute {name!r}")
