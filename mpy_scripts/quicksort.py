"""Quicksort of n integers, with a stack of its own instead of recursion: comparisons, swaps, unpredictable branches."""

from array import array

from benchlib import Lcg, adler32

STACK = 64  # the larger part of an interval waits, so that n = 2^32 would need no more

unsorted = array("i")
values = array("i")
stack = array("i")
count = 0


def load(values: array, unsorted: array, count: int) -> None:
    """Copy the input to values, element by element."""
    for i in range(count):
        values[i] = unsorted[i]


def quicksort(values: array, stack: array, count: int) -> None:
    """Sort the first `count` values, at least one, in place; the stack holds first and last index of unsorted parts."""
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


def setup(n: int, seed: int) -> None:
    global unsorted, values, stack, count
    unsorted = array("i", [0] * n)
    values = array("i", [0] * n)
    stack = array("i", [0] * STACK)
    count = n
    generator = Lcg(seed)
    for i in range(n):
        unsorted[i] = generator.next() - 16384


def run() -> int:
    load(values, unsorted, count)
    quicksort(values, stack, count)
    return 0


def checksum(result: int) -> int:
    return adler32(values)
