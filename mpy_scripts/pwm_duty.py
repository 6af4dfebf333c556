"""Change the duty cycle of a PWM output n times, in steps as a fading lamp needs them."""

from machine import PWM, Pin

PIN = 5  # free on an ESP32, ESP32-S3 and ESP32-C3; leave it unconnected
FREQUENCY = 1000  # Hz

changes = 0
pwm = None


def fade(pwm: PWM, n: int) -> int:
    """Set n duties, of 65536, that rise by 272 and start anew before they are full; return their sum."""
    duty = 1000
    total = 0
    for _ in range(n):
        pwm.duty_u16(duty)
        total += duty
        duty += 272
        if duty >= 65000:
            duty -= 64000
    return total


def setup(n: int, seed: int) -> None:
    global changes, pwm
    changes = n
    pwm = PWM(Pin(PIN), freq=FREQUENCY)


def run() -> int:
    return fade(pwm, changes)


def checksum(result: int) -> int:
    return result
