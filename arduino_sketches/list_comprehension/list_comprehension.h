// list_comprehension: the squares of the odd ones of n numbers, and their sum: two loops over arrays.
#pragma once

#include <Bench.h>

namespace list_comprehension {

static uint32_t *values;
static uint32_t *squares;
static uint32_t length;

// Returns the sum of the squares of the odd values; leaves the squares in an array that is large enough for all.
static BENCH_NOINLINE uint32_t odd_squares(uint32_t *squares, const uint32_t *values, uint32_t length) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < length; i++) {
    if (values[i] & 1) {
      squares[count] = values[i] * values[i];
      count += 1;
    }
  }
  uint32_t total = 0;
  for (uint32_t i = 0; i < count; i++) {
    total += squares[i];
  }
  return total;
}

static void setup(uint32_t n, uint32_t seed) {
  bench::Lcg generator(seed);
  values = bench::allocate<uint32_t>(n);
  for (uint32_t i = 0; i < n; i++) {
    values[i] = generator.next() & 0x3FF;
  }
  squares = bench::allocate<uint32_t>(n);
  length = n;
}

static uint32_t run() { return odd_squares(squares, values, length); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace list_comprehension

BENCH_WORKLOAD(list_comprehension)
