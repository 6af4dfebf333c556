"""fft_i16 for the viper emitter: types added; a while loop where the step varies, as such a range makes objects.

ptr16 reads without sign: (x ^ 0x8000) - 0x8000 puts it back.
"""


@micropython.viper
def load(re: ptr16, im: ptr16, n: int, input_re: ptr16, input_im: ptr16, reversed_bits: ptr16):
    for i in range(n):
        j = reversed_bits[i]
        re[i] = input_re[j]
        im[i] = input_im[j]


@micropython.viper
def fft(re: ptr16, im: ptr16, n: int, cosine: ptr16, sine: ptr16):
    half = 1
    while half < n:
        step = n // (2 * half)
        start = 0
        while start < n:
            for k in range(half):
                top = start + k
                bottom = top + half
                c = (cosine[k * step] ^ 0x8000) - 0x8000
                s = (sine[k * step] ^ 0x8000) - 0x8000
                x = (re[bottom] ^ 0x8000) - 0x8000
                y = (im[bottom] ^ 0x8000) - 0x8000
                turned_x = (c * x + s * y) >> 15
                turned_y = (c * y - s * x) >> 15
                x = (re[top] ^ 0x8000) - 0x8000
                y = (im[top] ^ 0x8000) - 0x8000
                re[top] = (x + turned_x) >> 1
                im[top] = (y + turned_y) >> 1
                re[bottom] = (x - turned_x) >> 1
                im[bottom] = (y - turned_y) >> 1
            start += 2 * half
        half = 2 * half
