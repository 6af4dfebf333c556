"""SHA-256 (FIPS 180-4): shifts and sums of 32-bit words, which MicroPython's small integers cannot hold.

Rotations are written out where they are needed, in both languages: as functions they would be calls in MicroPython and
would vanish in C++. A 32-bit mask stands where a word is kept; before it a value may be wider.
"""

from array import array

from benchlib import adler32, random_bytes

H = array("I", (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19))

# fmt: off
K = array(
    "I",
    (
        0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
        0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
        0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
        0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
        0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
        0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
        0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
        0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
    ),
)
# fmt: on

data = bytearray(0)
length = 0
state = array("I")
words = array("I")
tail = bytearray(0)


def expand(words: array, block: bytearray, start: int) -> None:
    """Read the 64 bytes of block from start on as 16 words, and derive 48 more from them."""
    for i in range(16):
        j = start + 4 * i
        words[i] = (block[j] << 24) | (block[j + 1] << 16) | (block[j + 2] << 8) | block[j + 3]
    for i in range(16, 64):
        x = words[i - 15]
        y = words[i - 2]
        s0 = ((x >> 7) | (x << 25)) ^ ((x >> 18) | (x << 14)) ^ (x >> 3)
        s1 = ((y >> 17) | (y << 15)) ^ ((y >> 19) | (y << 13)) ^ (y >> 10)
        words[i] = (words[i - 16] + s0 + words[i - 7] + s1) & 0xFFFFFFFF


def compress(state: array, words: array) -> None:
    """Mix one block's 64 words into the state."""
    a = state[0]
    b = state[1]
    c = state[2]
    d = state[3]
    e = state[4]
    f = state[5]
    g = state[6]
    h = state[7]
    for i in range(64):
        s1 = ((e >> 6) | (e << 26)) ^ ((e >> 11) | (e << 21)) ^ ((e >> 25) | (e << 7))
        t1 = h + s1 + (g ^ (e & (f ^ g))) + K[i] + words[i]
        s0 = ((a >> 2) | (a << 30)) ^ ((a >> 13) | (a << 19)) ^ ((a >> 22) | (a << 10))
        t2 = s0 + ((a & b) | (c & (a | b)))
        h = g
        g = f
        f = e
        e = (d + t1) & 0xFFFFFFFF
        d = c
        c = b
        b = a
        a = (t1 + t2) & 0xFFFFFFFF
    state[0] = (state[0] + a) & 0xFFFFFFFF
    state[1] = (state[1] + b) & 0xFFFFFFFF
    state[2] = (state[2] + c) & 0xFFFFFFFF
    state[3] = (state[3] + d) & 0xFFFFFFFF
    state[4] = (state[4] + e) & 0xFFFFFFFF
    state[5] = (state[5] + f) & 0xFFFFFFFF
    state[6] = (state[6] + g) & 0xFFFFFFFF
    state[7] = (state[7] + h) & 0xFFFFFFFF


def pad(tail: bytearray, data: bytearray, start: int, length: int) -> int:
    """Copy the bytes after the last whole block to tail, add the padding, and return how long that is: 64 or 128."""
    rest = length - start
    for i in range(rest):
        tail[i] = data[start + i]
    tail[rest] = 0x80
    end = 64 if rest < 56 else 128
    for i in range(rest + 1, end - 4):
        tail[i] = 0
    bits = 8 * length
    for i in range(4):
        tail[end - 1 - i] = bits & 0xFF
        bits = bits >> 8
    return end


def sha256(state: array, words: array, tail: bytearray, data: bytearray, length: int) -> None:
    """Leave the digest of the first `length` bytes of data in state, as eight words."""
    for i in range(8):
        state[i] = H[i]
    start = 0
    while start + 64 <= length:
        expand(words, data, start)
        compress(state, words)
        start += 64
    end = pad(tail, data, start, length)
    for start in range(0, end, 64):
        expand(words, tail, start)
        compress(state, words)


def setup(n: int, seed: int) -> None:
    global data, length, state, words, tail
    data = random_bytes(n, seed)
    length = n
    state = array("I", [0] * 8)
    words = array("I", [0] * 64)
    tail = bytearray(128)


def run() -> int:
    sha256(state, words, tail, data, length)
    return 0


def checksum(result: int) -> int:
    return adler32(state)
