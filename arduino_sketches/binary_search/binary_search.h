// binary_search: binary search for 256 keys in a sorted array of n integers; every second key is not there.
#pragma once

#include <Bench.h>

namespace binary_search {

static const uint32_t KEYS = 256;

static int32_t *values;
static int32_t *keys;
static int32_t *positions;
static uint32_t count;

// Enters the position of every key among the first `count` values, or -1; returns how many keys are there.
static BENCH_NOINLINE uint32_t find(int32_t *positions, const int32_t *keys, const int32_t *values, uint32_t count) {
  uint32_t found = 0;
  for (uint32_t i = 0; i < KEYS; i++) {
    int32_t key = keys[i];
    uint32_t low = 0;
    uint32_t high = count;
    while (low < high) {
      uint32_t middle = (low + high) >> 1;
      if (values[middle] < key) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low < count && values[low] == key) {
      positions[i] = low;
      found += 1;
    } else {
      positions[i] = -1;
    }
  }
  return found;
}

static void setup(uint32_t n, uint32_t seed) {
  values = bench::allocate<int32_t>(n);
  keys = bench::allocate<int32_t>(KEYS);
  positions = bench::allocate<int32_t>(KEYS);
  count = n;
  bench::Lcg generator(seed);
  int32_t value = 0;
  for (uint32_t i = 0; i < n; i++) {
    value += 2 + 2 * (generator.next() & 7);
    values[i] = value;
  }
  for (uint32_t i = 0; i < KEYS; i++) {
    keys[i] = values[generator.next() % n] + (i & 1); // all values are even
  }
}

static uint32_t run() { return find(positions, keys, values, count); }

static uint32_t checksum(uint32_t result) { return bench::adler32(positions, KEYS * sizeof(int32_t)) ^ result; }

} // namespace binary_search

BENCH_WORKLOAD(binary_search)
