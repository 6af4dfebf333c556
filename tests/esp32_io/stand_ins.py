# Stands in for the classes of machine that the virtual board lacks: a bus with devices at 0x03 (reserved), 0x3C and
# 0x68, a timer that has run down each time that the program's loop has come around often enough to have seen it.
import sys
import time

from micropython import schedule


class Pin:
    def __init__(self, number):
        self.number = number


class I2C:
    def __init__(self, id, *, scl, sda, freq=400000):
        print("bus sda", sda.number, "scl", scl.number, "Hz", freq)

    def scan(self):  # extmod/machine_i2c.c asks the addresses from 0x08 to 0x77
        return [address for address in range(0x08, 0x78) if address in (0x03, 0x3C, 0x68)]


class Timer:
    PERIODIC = 1

    def __init__(self, id):
        self.rounds = 0

    def init(self, *, mode=PERIODIC, period=-1, callback=None):
        print("timer ms", period, "again", mode)
        self.callback = callback
        schedule(self.go_round, None)

    def go_round(self, _):
        self.rounds += 1
        if self.rounds % 50 == 0:
            self.callback(self)
        schedule(self.go_round, None)


class Machine:
    Pin = Pin
    I2C = I2C
    Timer = Timer


class Time:
    @staticmethod
    def sleep_ms(ms):
        print("sleep_ms", ms)
        time.sleep_ms(ms)


sys.modules["machine"] = Machine
sys.modules["time"] = Time
