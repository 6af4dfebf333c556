// bytearray_fill: fill a byte array, byte by byte, with values that change from byte to byte.
#pragma once

#include <Bench.h>

namespace bytearray_fill {

static uint8_t *out;
static uint32_t length;
static uint32_t first;

// Enters an arithmetic sequence, of which every byte holds the low eight bits.
static BENCH_NOINLINE void fill(uint8_t *out, uint32_t length, uint32_t first) {
  for (uint32_t i = 0; i < length; i++) {
    out[i] = (i * 7 + first) & 0xFF;
  }
}

static void setup(uint32_t n, uint32_t seed) {
  out = bench::allocate<uint8_t>(n);
  length = n;
  first = seed & 0xFF;
}

static uint32_t run() {
  fill(out, length, first);
  return 0;
}

static uint32_t checksum(uint32_t result) {
  (void)result;
  return bench::adler32(out, length);
}

} // namespace bytearray_fill

BENCH_WORKLOAD(bytearray_fill)
