"""hash_map for the viper emitter: the arrays are ptr16, the integers are machine words."""


@micropython.viper
def clear(keys: ptr16, mask: int):
    for place in range(mask + 1):
        keys[place] = 0x8000


@micropython.viper
def hash_of(key: int, shift: int) -> int:
    return ((key * 20251) & 0x7FFF) >> shift


@micropython.viper
def find(keys: ptr16, mask: int, shift: int, key: int) -> int:
    place = int(hash_of(key, shift))
    while keys[place] != key and keys[place] != 0x8000:
        place = (place + 1) & mask
    return place


@micropython.viper
def enter(keys, values: ptr16, mask: int, shift: int, new_keys: ptr16, length: int):
    places = ptr16(keys)
    for i in range(length):
        key = new_keys[i]
        place = int(find(keys, mask, shift, key))
        places[place] = key
        values[place] = i


@micropython.viper
def look_up(keys, values: ptr16, mask: int, shift: int, wanted: ptr16, length: int) -> int:
    places = ptr16(keys)
    total = 0
    for i in range(length):
        key = wanted[i]
        place = int(find(keys, mask, shift, key))
        if places[place] == key:
            total += values[place]
        else:
            total += 1
    return total
