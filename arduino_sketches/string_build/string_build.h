// string_build: n numbers of up to five digits written as decimal text, digit by digit, into a buffer that is there
// already.
#pragma once

#include <Bench.h>

namespace string_build {

static uint16_t *values;
static uint8_t *out;
static uint32_t length;

// Writes the number's digits from start on; returns the place behind them.
static BENCH_NOINLINE uint32_t put(uint8_t *out, uint32_t start, uint32_t value) {
  uint32_t end = start + 1;
  uint32_t rest = value / 10;
  while (rest > 0) {
    end += 1;
    rest = rest / 10;
  }
  uint32_t i = end;
  while (i > start) {
    i -= 1;
    rest = value / 10;
    out[i] = (uint8_t)(48 + value - 10 * rest);
    value = rest;
  }
  return end;
}

// Writes `length` numbers, each with a space behind it; returns the length of the text.
static BENCH_NOINLINE uint32_t build(uint8_t *out, const uint16_t *values, uint32_t length) {
  uint32_t end = 0;
  for (uint32_t i = 0; i < length; i++) {
    end = put(out, end, values[i]);
    out[end] = 32;
    end += 1;
  }
  return end;
}

static void setup(uint32_t n, uint32_t seed) {
  bench::Lcg generator(seed);
  values = bench::allocate<uint16_t>(n);
  for (uint32_t i = 0; i < n; i++) {
    values[i] = (uint16_t)(generator.next() >> (i & 7));
  }
  out = bench::allocate<uint8_t>(6 * n);
  length = n;
}

static uint32_t run() { return build(out, values, length); }

static uint32_t checksum(uint32_t result) { return bench::adler32(out, 6 * length) ^ result; }

} // namespace string_build

BENCH_WORKLOAD(string_build)
