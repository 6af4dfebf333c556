// call_method: n calls of a method with two arguments: call_function with the function in a class.
#pragma once

#include <Bench.h>

namespace call_method {

// An object without fields: those are the subject of attribute_access.
struct Mixer {
  // Returns 16 bits that depend on both arguments.
  BENCH_NOINLINE uint32_t mix(uint32_t a, uint32_t b) { return (5 * a + b) & 0xFFFF; }
};

static Mixer mixer;
static uint32_t start;
static uint32_t length;

// Calls the method `length` times and returns what the last call gave.
static BENCH_NOINLINE uint32_t call(Mixer *mixer, uint32_t start, uint32_t length) {
  uint32_t value = start;
  for (uint32_t i = 0; i < length; i++) {
    value = mixer->mix(value, i);
  }
  return value;
}

static void setup(uint32_t n, uint32_t seed) {
  start = bench::Lcg(seed).next();
  length = n;
}

static uint32_t run() { return call(&mixer, start, length); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace call_method

BENCH_WORKLOAD(call_method)
