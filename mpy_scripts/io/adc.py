# ADC: prints the position of a potentiometer, from 0 to 4095, ten times a second.

from machine import ADC, Pin
from time import sleep_ms

POT_PIN = 4  # an analog input of an ESP32, ESP32-S3 and ESP32-C3
PERIOD_MS = 100

pot = ADC(Pin(POT_PIN), atten=ADC.ATTN_11DB)

while True:
    position = pot.read_u16() >> 4
    print(position)
    sleep_ms(PERIOD_MS)
