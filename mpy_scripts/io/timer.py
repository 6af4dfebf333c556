# Timer: calls a function each second, and prints how often it was called.

from machine import Timer

PERIOD_MS = 1000

ticks = 0
shown = 0


def on_timer(timer):
    global ticks
    ticks = ticks + 1


timer = Timer(0)
timer.init(period=PERIOD_MS, mode=Timer.PERIODIC, callback=on_timer)

while True:
    if ticks != shown:
        shown = ticks
        print(shown)
