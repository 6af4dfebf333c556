"""base64 for the viper emitter: types added; the global PADDING is converted to an int once."""


@micropython.viper
def base64(out: ptr8, data: ptr8, length: int, alphabet: ptr8) -> int:
    padding = int(PADDING)
    end = 0
    rest = length % 3
    whole = length - rest
    for i in range(0, whole, 3):
        group = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2]
        out[end] = alphabet[group >> 18]
        out[end + 1] = alphabet[(group >> 12) & 63]
        out[end + 2] = alphabet[(group >> 6) & 63]
        out[end + 3] = alphabet[group & 63]
        end += 4
    if rest != 0:
        group = data[whole] << 16
        if rest == 2:
            group |= data[whole + 1] << 8
        out[end] = alphabet[group >> 18]
        out[end + 1] = alphabet[(group >> 12) & 63]
        if rest == 2:
            out[end + 2] = alphabet[(group >> 6) & 63]
        else:
            out[end + 2] = padding
        out[end + 3] = padding
        end += 4
    return end
