// bytearray_copy: copy a byte array, byte by byte, in reverse order.
#pragma once

#include <Bench.h>

namespace bytearray_copy {

static uint8_t *data;
static uint8_t *out;
static uint32_t length;

// Copies the bytes, the last one first.
static BENCH_NOINLINE void copy_reversed(const uint8_t *data, uint8_t *out, uint32_t length) {
  uint32_t last = length - 1;
  for (uint32_t i = 0; i < length; i++) {
    out[i] = data[last - i];
  }
}

static void setup(uint32_t n, uint32_t seed) {
  data = bench::allocate<uint8_t>(n);
  bench::random_bytes(data, n, seed);
  out = bench::allocate<uint8_t>(n);
  length = n;
}

static uint32_t run() {
  copy_reversed(data, out, length);
  return 0;
}

static uint32_t checksum(uint32_t result) {
  (void)result;
  return bench::adler32(out, length);
}

} // namespace bytearray_copy

BENCH_WORKLOAD(bytearray_copy)
