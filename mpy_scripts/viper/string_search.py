"""string_search for the viper emitter: the text and the pattern through pointers, numbers as machine words."""


@micropython.viper
def search(text, length: int, pattern, pattern_length: int) -> int:
    t = ptr8(text)
    p = ptr8(pattern)
    total = 1
    for i in range(length - pattern_length + 1):
        j = 0
        while j < pattern_length and t[i + j] == p[j]:
            j += 1
        if j == pattern_length:
            total = (5 * total + i) & 0xFFFFFF
    return total
