"""The sum of what n temperatures have above 40 degrees; the sensor counts sixteenths, the program computes in floats."""

from array import array

from benchlib import Lcg

readings = array("H")


def degrees_above(readings: array, limit: float) -> float:
    total = 0.0
    for reading in readings:
        degrees = reading * 0.0625
        if degrees > limit:
            total += degrees - limit
    return total


def setup(n: int, seed: int) -> None:
    global readings
    generator = Lcg(seed)
    readings = array("H", [generator.next() & 1023 for _ in range(n)])


def run() -> int:
    return int(degrees_above(readings, 40.0) * 16)


def checksum(result: int) -> int:
    return result
