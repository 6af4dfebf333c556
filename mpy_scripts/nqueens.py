"""In how many ways n queens can stand on an n x n board without attacking: recursion, loops, flags in byte arrays."""

size = 0
columns = bytearray(0)
rising = bytearray(0)
falling = bytearray(0)


def place(row: int, n: int, columns: bytearray, rising: bytearray, falling: bytearray) -> int:
    """Return in how many ways queens can be added in this row and those after it; a flag is 1 where a queen attacks."""
    if row == n:
        return 1
    ways = 0
    for column in range(n):
        if columns[column] == 0 and rising[row + column] == 0 and falling[n + row - column] == 0:
            columns[column] = 1
            rising[row + column] = 1
            falling[n + row - column] = 1
            ways += place(row + 1, n, columns, rising, falling)
            columns[column] = 0
            rising[row + column] = 0
            falling[n + row - column] = 0
    return ways


def setup(n: int, seed: int) -> None:
    global size, columns, rising, falling
    size = n
    columns = bytearray(n)
    rising = bytearray(2 * n)
    falling = bytearray(2 * n)


def run() -> int:
    return place(0, size, columns, rising, falling)


def checksum(result: int) -> int:
    return result
