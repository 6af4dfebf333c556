// list_append: append n small integers to a list that begins empty, then add them up: memory that grows while it is
// filled.
#pragma once

#include <Bench.h>
#include <stdlib.h>

namespace list_append {

static uint32_t length;
static uint32_t first;

// Returns a list of an arithmetic sequence, of which every element holds the low twelve bits. The memory begins with
// four elements and doubles when it is full, as that of a MicroPython list.
static BENCH_NOINLINE uint32_t *build(uint32_t length, uint32_t first) {
  uint32_t capacity = 4;
  uint32_t *values = bench::take<uint32_t>(capacity);
  for (uint32_t i = 0; i < length; i++) {
    if (i == capacity) {
      capacity = capacity * 2;
      values = bench::grow(values, i, capacity);
    }
    values[i] = (i * 7 + first) & 0xFFF;
  }
  return values;
}

// Returns the sum of the elements.
static BENCH_NOINLINE uint32_t add_up(const uint32_t *values, uint32_t length) {
  uint32_t total = 0;
  for (uint32_t i = 0; i < length; i++) {
    total += values[i];
  }
  return total;
}

static void setup(uint32_t n, uint32_t seed) {
  length = n;
  first = seed & 0xFFF;
}

static uint32_t run() {
  uint32_t *values = build(length, first);
  uint32_t total = add_up(values, length);
  free(values); // in MicroPython the garbage collector does that
  return total;
}

static uint32_t checksum(uint32_t result) { return result; }

} // namespace list_append

BENCH_WORKLOAD(list_append)
