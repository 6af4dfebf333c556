// string_search: naive search for all places of a pattern of eight letters in n letters of an alphabet of two; n is at
// least 8.
#pragma once

#include <Bench.h>

namespace string_search {

static uint8_t *text;
static uint32_t length;
static uint8_t *pattern;
static uint32_t pattern_length;

// Returns a sum over the places where the pattern begins, modulo 2^24, that depends on their order.
static BENCH_NOINLINE uint32_t search(const uint8_t *text, uint32_t length, const uint8_t *pattern,
                                      uint32_t pattern_length) {
  uint32_t total = 1;
  for (uint32_t i = 0; i < length - pattern_length + 1; i++) {
    uint32_t j = 0;
    while (j < pattern_length && text[i + j] == pattern[j]) {
      j += 1;
    }
    if (j == pattern_length) {
      total = (5 * total + i) & 0xFFFFFF;
    }
  }
  return total;
}

static void setup(uint32_t n, uint32_t seed) {
  text = bench::allocate<uint8_t>(n);
  bench::random_bytes(text, n, seed);
  for (uint32_t i = 0; i < n; i++) {
    text[i] = 97 + (text[i] & 1);
  }
  length = n;
  pattern_length = 8;
  pattern = bench::allocate<uint8_t>(pattern_length);
  for (uint32_t j = 0; j < pattern_length; j++) {
    pattern[j] = text[n - pattern_length + j];
  }
}

static uint32_t run() { return search(text, length, pattern, pattern_length); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace string_search

BENCH_WORKLOAD(string_search)
