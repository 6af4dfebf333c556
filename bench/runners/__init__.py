"""How a board is made to run one measurement in each language. Knows the wire protocol, not what samples are for."""

from __future__ import annotations

from collections.abc import Mapping

from bench.board import Board, Image
from bench.catalogue import Workload
from bench.runners.arduino import ArduinoRunner
from bench.runners.exchange import Channel
from bench.runners.micropython import MicroPythonRunner

__all__ = ["ArduinoRunner", "Channel", "MicroPythonRunner", "make_runner"]


def make_runner(
    program: str, board: Board, image: Image, workloads: Mapping[str, Workload], timeout_s: float
) -> ArduinoRunner | MicroPythonRunner:
    """The runner of a program (see `Measurement.program`) on a board prepared with `image`.

    `timeout_s` is the longest silence that it bears.
    """
    if program == "micropython":
        return MicroPythonRunner(board, workloads, timeout_s)
    return ArduinoRunner(board, program, image, timeout_s)
