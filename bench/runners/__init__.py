"""How a board is made to run one measurement in each language. Knows the wire protocol, not what samples are for."""

from __future__ import annotations

from collections.abc import Mapping

from bench.board import Board, Image
from bench.catalogue import Workload
from bench.runners.arduino import ArduinoRunner
from bench.runners.exchange import Channel, Patience
from bench.runners.micropython import MicroPythonRunner

__all__ = ["ArduinoRunner", "Channel", "MicroPythonRunner", "Patience", "make_runner"]


def make_runner(
    program: str, board: Board, image: Image, workloads: Mapping[str, Workload], timeout_s: float | Patience
) -> ArduinoRunner | MicroPythonRunner:
    """The runner of a program (see `Measurement.program`) on a board prepared with `image`.

    `timeout_s` is the longest silence that it bears, or all that it bears.
    """
    patience = timeout_s if isinstance(timeout_s, Patience) else Patience(silence_s=timeout_s)
    if program == "micropython":
        return MicroPythonRunner(board, workloads, patience)
    return ArduinoRunner(board, program, image, patience)
