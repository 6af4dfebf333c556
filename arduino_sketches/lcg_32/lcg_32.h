// lcg_32: a linear congruential generator of 32 bits: its numbers and products do not fit MicroPython's small integers.
//
// lcg_30 is the same program with other constants: that nothing else differs is the point of the two.
#pragma once

#include <Bench.h>

namespace lcg_32 {

static const uint32_t MULTIPLIER = 1664525;
static const uint32_t INCREMENT = 1013904223;
static const uint32_t MASK = 0xFFFFFFFF;

static uint32_t start;
static uint32_t steps;
static uint32_t multiplier; // variables, so that GCC cannot drop a mask of 32 ones from one of the two programs
static uint32_t increment;
static uint32_t mask;

// Returns the number that many steps after x.
static BENCH_NOINLINE uint32_t lcg(uint32_t x, uint32_t steps, uint32_t multiplier, uint32_t increment, uint32_t mask) {
  for (uint32_t i = 0; i < steps; i++) {
    x = (x * multiplier + increment) & mask;
  }
  return x;
}

static void setup(uint32_t n, uint32_t seed) {
  start = bench::Lcg(seed).next();
  steps = n;
  multiplier = MULTIPLIER;
  increment = INCREMENT;
  mask = MASK;
}

static uint32_t run() { return lcg(start, steps, multiplier, increment, mask); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace lcg_32

BENCH_WORKLOAD(lcg_32)
