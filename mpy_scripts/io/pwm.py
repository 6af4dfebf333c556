# PWM: fades a LED up and down, one second each.

from machine import PWM, Pin
from time import sleep_ms

LED_PIN = 2  # the LED of many ESP32 boards
FREQUENCY = 5000  # Hz
MAX_DUTY = 1000  # of 1023
STEP = 10
STEP_MS = 10

led = PWM(Pin(LED_PIN), freq=FREQUENCY, duty=0)

while True:
    for duty in range(0, MAX_DUTY, STEP):
        led.duty(duty)
        sleep_ms(STEP_MS)
    for duty in range(MAX_DUTY, 0, -STEP):
        led.duty(duty)
        sleep_ms(STEP_MS)
