"""json_like_parse for the viper emitter: text and results through pointers, numbers as machine words.

Viper calls the functions through their global names, as the interpreter does: buffers go as objects, places as integers.
"""


@micropython.viper
def skip_spaces(text, i: int) -> int:
    t = ptr8(text)
    while t[i] == 32:
        i += 1
    return i


@micropython.viper
def parse_number(text, i: int, out) -> int:
    t = ptr8(text)
    o = ptr32(out)
    sign = 1
    if t[i] == 45:
        sign = -1
        i += 1
    value = 0
    while t[i] >= 48 and t[i] <= 57:
        value = 10 * value + t[i] - 48
        i += 1
    o[0] = o[0] + sign * value
    o[1] = o[1] + 1
    return i


@micropython.viper
def parse_list(text, i: int, depth: int, out) -> int:
    t = ptr8(text)
    o = ptr32(out)
    if depth > o[2]:
        o[2] = depth
    i = int(skip_spaces(text, i + 1))
    while t[i] != 93:
        if t[i] == 91:
            i = int(parse_list(text, i, depth + 1, out))
        else:
            i = int(parse_number(text, i, out))
        i = int(skip_spaces(text, i))
        if t[i] == 44:
            i = int(skip_spaces(text, i + 1))
    return i + 1
