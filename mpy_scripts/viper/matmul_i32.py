"""matmul_i32 for the viper emitter: types added."""


@micropython.viper
def matmul(c: ptr32, a: ptr32, b: ptr32, n: int):
    for row in range(n):
        for column in range(n):
            total = 0
            for k in range(n):
                total += a[row * n + k] * b[k * n + column]
            c[row * n + column] = total
