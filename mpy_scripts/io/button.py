# Button: each press switches the LED over.

from machine import Pin
from time import sleep_ms

BUTTON_PIN = 4  # the button connects it to ground
LED_PIN = 2  # the LED of many ESP32 boards
DEBOUNCE_MS = 20  # longer than contacts bounce

button = Pin(BUTTON_PIN, Pin.IN, Pin.PULL_UP)
led = Pin(LED_PIN, Pin.OUT)
last_level = 1
led_level = 0

while True:
    level = button.value()
    if level != last_level:
        last_level = level
        if level == 0:
            led_level = 1 - led_level
            led.value(led_level)
    sleep_ms(DEBOUNCE_MS)
