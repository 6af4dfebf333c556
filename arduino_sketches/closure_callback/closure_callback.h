// closure_callback: n calls through a variable that holds a closure: a function together with a value of its own.
#pragma once

#include <Bench.h>

namespace closure_callback {

// A function with two arguments, and the value that it remembers.
struct Mixer {
  uint32_t (*function)(const Mixer *self, uint32_t a, uint32_t b);
  uint32_t factor;
};

// Returns a function that remembers the factor.
static Mixer make_mixer(uint32_t factor) {
  struct Inner {
    static uint32_t mix(const Mixer *self, uint32_t a, uint32_t b) { return (self->factor * a + b) & 0xFFFF; }
  };
  Mixer mixer = {Inner::mix, factor};
  return mixer;
}

static Mixer mixer;
static uint32_t start;
static uint32_t length;

// Calls what the variable holds `length` times and returns what the last call gave.
static BENCH_NOINLINE uint32_t call(const Mixer *mixer, uint32_t start, uint32_t length) {
  uint32_t value = start;
  for (uint32_t i = 0; i < length; i++) {
    value = mixer->function(mixer, value, i);
  }
  return value;
}

static void setup(uint32_t n, uint32_t seed) {
  bench::Lcg generator(seed);
  start = generator.next();
  mixer = make_mixer((generator.next() & 0xFF) | 1);
  length = n;
}

static uint32_t run() { return call(&mixer, start, length); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace closure_callback

BENCH_WORKLOAD(closure_callback)
