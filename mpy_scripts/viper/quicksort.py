"""quicksort for the viper emitter: types added."""


@micropython.viper
def load(values: ptr32, unsorted: ptr32, count: int):
    for i in range(count):
        values[i] = unsorted[i]


@micropython.viper
def quicksort(values: ptr32, stack: ptr32, count: int):
    stack[0] = 0
    stack[1] = count - 1
    depth = 2
    while depth > 0:
        depth -= 2
        low = stack[depth]
        high = stack[depth + 1]
        while low < high:
            pivot = values[(low + high) >> 1]
            i = low
            j = high
            while i <= j:
                while values[i] < pivot:
                    i += 1
                while values[j] > pivot:
                    j -= 1
                if i <= j:
                    value = values[i]
                    values[i] = values[j]
                    values[j] = value
                    i += 1
                    j -= 1
            if j - low < high - i:
                stack[depth] = i
                stack[depth + 1] = high
                high = j
            else:
                stack[depth] = low
                stack[depth + 1] = j
                low = i
            depth += 2
