"""bytearray_copy for the viper emitter: the byte arrays are ptr8, the integers are machine words."""


@micropython.viper
def copy_reversed(data: ptr8, out: ptr8, length: int):
    last = length - 1
    for i in range(length):
        out[i] = data[last - i]
