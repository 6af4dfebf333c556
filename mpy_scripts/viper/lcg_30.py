"""lcg_30 for the viper emitter: types added; uint wraps at 32 bits. The mask stays: both overlays are one program."""


@micropython.viper
def lcg(x: uint, steps: int, multiplier: uint, increment: uint, mask: uint) -> uint:
    for _ in range(steps):
        x = (x * multiplier + increment) & mask
    return x
