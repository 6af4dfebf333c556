"""binary_search for the viper emitter: types added; the global KEYS is converted to an int once."""


@micropython.viper
def find(positions: ptr32, keys: ptr32, values: ptr32, count: int) -> int:
    key_count = int(KEYS)
    found = 0
    for i in range(key_count):
        key = keys[i]
        low = 0
        high = count
        while low < high:
            middle = (low + high) >> 1
            if values[middle] < key:
                low = middle + 1
            else:
                high = middle
        if low < count and values[low] == key:
            positions[i] = low
            found += 1
        else:
            positions[i] = -1
    return found
