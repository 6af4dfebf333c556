// quicksort: quicksort of n integers, with a stack of its own instead of recursion: comparisons, swaps, unpredictable
// branches.
#pragma once

#include <Bench.h>

namespace quicksort {

static const uint32_t STACK = 64; // the larger part of an interval waits, so that n = 2^32 would need no more

static int32_t *unsorted;
static int32_t *values;
static int32_t *stack;
static uint32_t count;

// Copies the input to values, element by element.
static BENCH_NOINLINE void load(int32_t *values, const int32_t *unsorted, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    values[i] = unsorted[i];
  }
}

// Sorts the first `count` values, at least one, in place; the stack holds first and last index of unsorted parts.
static BENCH_NOINLINE void quicksort(int32_t *values, int32_t *stack, uint32_t count) {
  stack[0] = 0;
  stack[1] = count - 1;
  uint32_t depth = 2;
  while (depth > 0) {
    depth -= 2;
    int32_t low = stack[depth];
    int32_t high = stack[depth + 1];
    while (low < high) {
      int32_t pivot = values[(low + high) >> 1];
      int32_t i = low;
      int32_t j = high;
      while (i <= j) {
        while (values[i] < pivot) {
          i += 1;
        }
        while (values[j] > pivot) {
          j -= 1;
        }
        if (i <= j) {
          int32_t value = values[i];
          values[i] = values[j];
          values[j] = value;
          i += 1;
          j -= 1;
        }
      }
      if (j - low < high - i) {
        stack[depth] = i;
        stack[depth + 1] = high;
        high = j;
      } else {
        stack[depth] = low;
        stack[depth + 1] = j;
        low = i;
      }
      depth += 2;
    }
  }
}

static void setup(uint32_t n, uint32_t seed) {
  unsorted = bench::allocate<int32_t>(n);
  values = bench::allocate<int32_t>(n);
  stack = bench::allocate<int32_t>(STACK);
  count = n;
  bench::Lcg generator(seed);
  for (uint32_t i = 0; i < n; i++) {
    unsorted[i] = (int32_t)generator.next() - 16384;
  }
}

static uint32_t run() {
  load(values, unsorted, count);
  quicksort(values, stack, count);
  return 0;
}

static uint32_t checksum(uint32_t result) {
  (void)result;
  return bench::adler32(values, count * sizeof(int32_t));
}

} // namespace quicksort

BENCH_WORKLOAD(quicksort)
