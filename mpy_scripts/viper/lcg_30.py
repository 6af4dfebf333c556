"""lcg_30 for the viper emitter: types added. A uint wraps at 32 bits, as in C++; the mask stays, for the pair's sake."""


@micropython.viper
def lcg(x: uint, steps: int, multiplier: uint, increment: uint, mask: uint) -> uint:
    for _ in range(steps):
        x = (x * multiplier + increment) & mask
    return x
