# UART echo: sends back each byte that arrives.

from machine import UART

RX_PIN = 4
TX_PIN = 5
BAUD = 9600

uart = UART(1, baudrate=BAUD, rx=RX_PIN, tx=TX_PIN)

while True:
    if uart.any() > 0:
        uart.write(uart.read(1))
