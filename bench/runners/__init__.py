"""How a board is made to run one measurement in each language. Knows the wire protocol, not what samples are for."""

from __future__ import annotations

from bench.board import Board, Image
from bench.runners.arduino import ArduinoRunner
from bench.runners.exchange import Channel
from bench.runners.micropython import MicroPythonRunner

__all__ = ["ArduinoRunner", "Channel", "MicroPythonRunner", "make_runner"]


def make_runner(language: str, board: Board, image: Image, timeout_s: float) -> ArduinoRunner | MicroPythonRunner:
    """The runner of a language on a board prepared with `image`; `timeout_s` is the longest silence that it bears."""
    if language == "arduino":
        return ArduinoRunner(board, image, timeout_s)
    return MicroPythonRunner(board, timeout_s)
