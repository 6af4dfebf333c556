"""The Mandelbrot set, n x n points, in single precision: arithmetic on a few local numbers, hardly any memory."""

from benchlib import adler32, float32

LIMIT = 50

size = 0
image = bytearray(0)


def escape_time(cx: float, cy: float) -> int:
    """Return after how many steps the point leaves the circle of radius 2, or LIMIT when it stays that long."""
    x = 0.0
    y = 0.0
    for step in range(LIMIT):
        xx = x * x
        yy = y * y
        if xx + yy > 4.0:
            return step
        y = 2.0 * x * y + cy
        x = xx - yy + cx
    return LIMIT


def mandelbrot(image: bytearray, n: int) -> None:
    """Fill the image, row by row: -2 to 1 from left to right, -1.5 to 1.5 from the first row to the last."""
    pixel = float32(3.0) / n
    for row in range(n):
        cy = row * pixel - 1.5
        for column in range(n):
            cx = column * pixel - 2.0
            image[row * n + column] = escape_time(cx, cy)


def setup(n: int, seed: int) -> None:
    global size, image
    size = n
    image = bytearray(n * n)


def run() -> int:
    mandelbrot(image, size)
    return 0


def checksum(result: int) -> int:
    return adler32(image)
