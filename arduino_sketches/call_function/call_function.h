// call_function: n calls of a function with two arguments, each with the result of the one before.
#pragma once

#include <Bench.h>

namespace call_function {

static uint32_t start;
static uint32_t length;

// Returns 16 bits that depend on both arguments.
static BENCH_NOINLINE uint32_t mix(uint32_t a, uint32_t b) { return (5 * a + b) & 0xFFFF; }

// Calls mix `length` times and returns what the last call gave.
static BENCH_NOINLINE uint32_t call(uint32_t start, uint32_t length) {
  uint32_t value = start;
  for (uint32_t i = 0; i < length; i++) {
    value = mix(value, i);
  }
  return value;
}

static void setup(uint32_t n, uint32_t seed) {
  start = bench::Lcg(seed).next();
  length = n;
}

static uint32_t run() { return call(start, length); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace call_function

BENCH_WORKLOAD(call_function)
