// collatz: the longest Collatz chain that begins below n: loops of unknown length, branches, arithmetic on a few locals.
#pragma once

#include <Bench.h>

namespace collatz {

static uint32_t limit;

// Returns 1024 * start + length of the longest chain that begins below limit; of equally long ones, of the first.
static BENCH_NOINLINE uint32_t collatz(uint32_t limit) {
  uint32_t best = 1;
  uint32_t longest = 1;
  for (uint32_t start = 2; start < limit; start++) {
    uint32_t value = start;
    uint32_t length = 1;
    while (value != 1) {
      if (value & 1) {
        value = 3 * value + 1;
      } else {
        value = value >> 1;
      }
      length += 1;
    }
    if (length > longest) {
      best = start;
      longest = length;
    }
  }
  return 1024 * best + longest;
}

static void setup(uint32_t n, uint32_t seed) {
  (void)seed; // there are no inputs but n
  limit = n;
}

static uint32_t run() { return collatz(limit); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace collatz

BENCH_WORKLOAD(collatz)
