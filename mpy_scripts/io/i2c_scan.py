# I2C scan: prints the address of each device on the bus, every five seconds.

from machine import I2C, Pin
from time import sleep_ms

SDA_PIN = 4
SCL_PIN = 5
FREQUENCY = 100000  # Hz
PERIOD_MS = 5000

i2c = I2C(0, sda=Pin(SDA_PIN), scl=Pin(SCL_PIN), freq=FREQUENCY)

while True:
    for address in i2c.scan():
        print("0x%X" % address)
    sleep_ms(PERIOD_MS)
