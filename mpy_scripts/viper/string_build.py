"""string_build for the viper emitter: numbers and text through pointers, numbers as machine words.

Viper calls put through its global name, as the interpreter does: the buffer goes as an object and the rest as integers.
"""


@micropython.viper
def put(out, start: int, value: int) -> int:
    o = ptr8(out)
    end = start + 1
    rest = value // 10
    while rest > 0:
        end += 1
        rest = rest // 10
    i = end
    while i > start:
        i -= 1
        rest = value // 10
        o[i] = 48 + value - 10 * rest
        value = rest
    return end


@micropython.viper
def build(out, values, length: int) -> int:
    o = ptr8(out)
    v = ptr16(values)
    end = 0
    for i in range(length):
        end = int(put(out, end, v[i]))
        o[end] = 32
        end += 1
    return end
