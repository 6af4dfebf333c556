"""collatz for the viper emitter: types added."""


@micropython.viper
def collatz(limit: int) -> int:
    best = 1
    longest = 1
    for start in range(2, limit):
        value = start
        length = 1
        while value != 1:
            if value & 1:
                value = 3 * value + 1
            else:
                value = value >> 1
            length += 1
        if length > longest:
            best = start
            longest = length
    return 1024 * best + longest
