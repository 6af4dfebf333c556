"""sieve for the viper emitter: types added; a while loop where the step varies, as such a range makes objects."""


@micropython.viper
def sieve(flags: ptr8, limit: int) -> int:
    flags[0] = 0
    flags[1] = 0
    for i in range(2, limit + 1):
        flags[i] = 1

    primes = 0
    for i in range(2, limit + 1):
        if flags[i]:
            primes += 1
            multiple = i + i
            while multiple < limit + 1:
                flags[multiple] = 0
                multiple += i
    return primes
