// sieve: the sieve of Eratosthenes: loops, comparisons, and bytes written one by one.
#pragma once

#include <Bench.h>

namespace sieve {

static uint8_t *flags;
static uint32_t limit;

// Sets flags[i] to 1 for every prime i up to limit, to 0 for the rest; returns how many primes there are.
static BENCH_NOINLINE uint32_t sieve(uint8_t *flags, uint32_t limit) {
  flags[0] = 0;
  flags[1] = 0;
  for (uint32_t i = 2; i < limit + 1; i++) {
    flags[i] = 1;
  }

  uint32_t primes = 0;
  for (uint32_t i = 2; i < limit + 1; i++) {
    if (flags[i]) {
      primes += 1;
      for (uint32_t multiple = i + i; multiple < limit + 1; multiple += i) {
        flags[multiple] = 0;
      }
    }
  }
  return primes;
}

static void setup(uint32_t n, uint32_t seed) {
  (void)seed; // there are no inputs but n
  flags = bench::allocate<uint8_t>(n + 1);
  limit = n;
}

static uint32_t run() { return sieve(flags, limit); }

static uint32_t checksum(uint32_t result) { return bench::adler32(flags, limit + 1) ^ result; }

} // namespace sieve

BENCH_WORKLOAD(sieve)
