// iterator: a loop over n numbers that an iterator hands out one by one.
#pragma once

#include <Bench.h>

namespace iterator {

static uint32_t start;
static uint32_t length;

// What a generator of Python keeps between two numbers.
struct Numbers {
  uint32_t value;
  uint32_t length;
  uint32_t i;
};

// Goes on to the next number, made from the one before; returns whether there was one.
static BENCH_NOINLINE bool numbers(Numbers *state) {
  if (state->i < state->length) {
    state->value = (5 * state->value + state->i) & 0xFFFF;
    state->i += 1;
    return true;
  }
  return false;
}

// Returns a sum of all the numbers, modulo 2^24.
static BENCH_NOINLINE uint32_t add_up(uint32_t start, uint32_t length) {
  uint32_t total = 0;
  Numbers state = {start, length, 0};
  while (numbers(&state)) {
    total = (3 * total + state.value) & 0xFFFFFF;
  }
  return total;
}

static void setup(uint32_t n, uint32_t seed) {
  start = bench::Lcg(seed).next();
  length = n;
}

static uint32_t run() { return add_up(start, length); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace iterator

BENCH_WORKLOAD(iterator)
