// fannkuch: pancake flipping (fannkuch-redux): all permutations of n numbers, each turned around until 0 comes first.
//
// n is at least 2. The order of the permutations is that of the Computer Language Benchmarks Game.
#pragma once

#include <Bench.h>

namespace fannkuch {

static uint32_t size;
static uint8_t *order;
static uint8_t *work;
static uint8_t *turns;

// Returns 65536 * the largest number of flips + their sum, with + and - in turn.
static BENCH_NOINLINE uint32_t fannkuch(uint32_t n, uint8_t *order, uint8_t *work, uint8_t *turns) {
  for (uint32_t i = 0; i < n; i++) {
    order[i] = i;
  }
  uint32_t largest = 0;
  uint32_t total = 0;
  uint32_t even = 1;
  uint32_t place = n;
  while (true) {
    while (place > 1) {
      turns[place - 1] = place;
      place -= 1;
    }

    for (uint32_t i = 0; i < n; i++) {
      work[i] = order[i];
    }
    uint32_t flips = 0;
    uint32_t first = work[0];
    while (first != 0) {
      uint32_t low = 0;
      uint32_t high = first;
      while (low < high) {
        uint8_t value = work[low];
        work[low] = work[high];
        work[high] = value;
        low += 1;
        high -= 1;
      }
      flips += 1;
      first = work[0];
    }
    if (flips > largest) {
      largest = flips;
    }
    if (even != 0) {
      total += flips;
    } else {
      total -= flips;
    }
    even = 1 - even;

    uint32_t turned = 0;
    while (turned == 0) {
      if (place == n) {
        return 65536 * largest + total;
      }
      uint8_t moved = order[0];
      for (int32_t i = place; i >= 0; i--) {
        uint8_t value = order[i];
        order[i] = moved;
        moved = value;
      }
      turns[place] -= 1;
      if (turns[place] > 0) {
        turned = 1;
      } else {
        place += 1;
      }
    }
  }
}

static void setup(uint32_t n, uint32_t seed) {
  (void)seed; // there are no inputs but n
  size = n;
  order = bench::allocate<uint8_t>(n);
  work = bench::allocate<uint8_t>(n);
  turns = bench::allocate<uint8_t>(n);
}

static uint32_t run() { return fannkuch(size, order, work, turns); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace fannkuch

BENCH_WORKLOAD(fannkuch)
