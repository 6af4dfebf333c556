"""fib for the viper emitter: types added; it calls itself by its global name, with objects as argument and result."""


@micropython.viper
def fib(n: int) -> int:
    if n < 2:
        return n
    return int(fib(n - 1)) + int(fib(n - 2))
