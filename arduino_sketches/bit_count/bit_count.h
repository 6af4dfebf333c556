// bit_count: counts the set bits of n words of 30 bits, one bit after the other: shifting, masking, adding.
#pragma once

#include <Bench.h>

namespace bit_count {

static uint32_t *words;
static uint32_t count;

// Returns how many bits are set in the first `count` words.
static BENCH_NOINLINE uint32_t bit_count(const uint32_t *words, uint32_t count) {
  uint32_t total = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t word = words[i];
    while (word != 0) {
      total += word & 1;
      word = word >> 1;
    }
  }
  return total;
}

static void setup(uint32_t n, uint32_t seed) {
  words = bench::allocate<uint32_t>(n);
  bench::Lcg generator(seed);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t upper = generator.next();
    words[i] = (upper << 15) | generator.next();
  }
  count = n;
}

static uint32_t run() { return bit_count(words, count); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace bit_count

BENCH_WORKLOAD(bit_count)
