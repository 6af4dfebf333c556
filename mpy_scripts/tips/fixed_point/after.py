"""The sum of what n temperatures have above 40 degrees; the program computes in sixteenths, as the sensor does."""

from array import array

from benchlib import Lcg

readings = array("H")


def sixteenths_above(readings: array, limit: int) -> int:
    total = 0
    for reading in readings:
        if reading > limit:
            total += reading - limit
    return total


def setup(n: int, seed: int) -> None:
    global readings
    generator = Lcg(seed)
    readings = array("H", [generator.next() & 1023 for _ in range(n)])


def run() -> int:
    return sixteenths_above(readings, 40 * 16)


def checksum(result: int) -> int:
    return result
