"""crc32 for the viper emitter: types added; words are uint, so that a shift to the right brings in zeros."""


@micropython.viper
def crc32(table: ptr32, data: ptr8, length: int) -> uint:
    crc = uint(0xFFFFFFFF)
    for i in range(length):
        crc = uint(table[int(crc ^ data[i]) & 0xFF]) ^ (crc >> 8)
    return crc ^ uint(0xFFFFFFFF)
