"""bit_count for the viper emitter: types added."""


@micropython.viper
def bit_count(words: ptr32, count: int) -> int:
    total = 0
    for i in range(count):
        word = words[i]
        while word != 0:
            total += word & 1
            word = word >> 1
    return total
