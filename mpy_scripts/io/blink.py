# Blink: switches a LED on and off, half a second each.

from machine import Pin
from time import sleep_ms

LED_PIN = 2  # the LED of many ESP32 boards
HALF_PERIOD_MS = 500

led = Pin(LED_PIN, Pin.OUT)

while True:
    led.value(1)
    sleep_ms(HALF_PERIOD_MS)
    led.value(0)
    sleep_ms(HALF_PERIOD_MS)
