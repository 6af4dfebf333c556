// exception_or_error: n calls of a function that fails in every eighth, which the caller notices and counts.
#pragma once

#include <Bench.h>

namespace exception_or_error {

static uint8_t *data;
static uint32_t length;

// Returns the byte's double; -1 where it is above 127.
static BENCH_NOINLINE int32_t checked(uint32_t byte) {
  if (byte > 127) {
    return -1;
  }
  return (int32_t)(2 * byte);
}

// Returns a sum of the doubles, modulo 2^16, and above it the number of failures.
static BENCH_NOINLINE uint32_t count(const uint8_t *data, uint32_t length) {
  uint32_t failures = 0;
  uint32_t total = 0;
  for (uint32_t i = 0; i < length; i++) {
    int32_t doubled = checked(data[i]);
    if (doubled >= 0) {
      total = (3 * total + (uint32_t)doubled) & 0xFFFF;
    } else {
      failures += 1;
    }
  }
  return (failures << 16) | total;
}

static void setup(uint32_t n, uint32_t seed) {
  data = bench::allocate<uint8_t>(n);
  bench::random_bytes(data, n, seed);
  for (uint32_t i = 0; i < n; i++) {
    data[i] = data[i] & 0x7F;
    if ((i & 7) == 7) {
      data[i] = data[i] | 0x80;
    }
  }
  length = n;
}

static uint32_t run() { return count(data, length); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace exception_or_error

BENCH_WORKLOAD(exception_or_error)
