"""bytearray_fill for the viper emitter: the byte array is a ptr8, the integers are machine words."""


@micropython.viper
def fill(out: ptr8, length: int, first: int):
    for i in range(length):
        out[i] = (i * 7 + first) & 0xFF
