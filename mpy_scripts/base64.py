"""Base64 (RFC 4648): three bytes become four characters by shifts, masks and a table."""

from benchlib import adler32, random_bytes

ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
PADDING = 61  # an equals sign

data = bytearray(0)
out = bytearray(0)
length = 0


def base64(out: bytearray, data: bytearray, length: int, alphabet: bytes) -> int:
    """Encode the first `length` bytes of data into out; return the number of characters."""
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
            out[end + 2] = PADDING
        out[end + 3] = PADDING
        end += 4
    return end


def setup(n: int, seed: int) -> None:
    global data, out, length
    data = random_bytes(n, seed)
    out = bytearray((n + 2) // 3 * 4)
    length = n


def run() -> int:
    return base64(out, data, length, ALPHABET)


def checksum(result: int) -> int:
    return adler32(out) ^ result
