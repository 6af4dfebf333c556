// fir_f32: finite impulse response filter, 256 taps over n samples, in single precision: products, summed one after
// another.
//
// The latest 256 samples stand in a circular buffer, as in a filter that runs for ever.
#pragma once

#include <Bench.h>

namespace fir_f32 {

static const uint32_t TAPS = 256;

static uint32_t samples;
static float *taps;
static float *delay;
static float *x;
static float *y;

// Filters n samples from x to y, starting from silence.
static BENCH_NOINLINE void fir(const float *x, float *y, uint32_t n, const float *taps, float *delay) {
  for (uint32_t i = 0; i < TAPS; i++) {
    delay[i] = 0.0f;
  }
  uint32_t position = 0;
  for (uint32_t i = 0; i < n; i++) {
    delay[position] = x[i];
    position += 1;
    if (position == TAPS) {
      position = 0;
    }
    float total = 0.0f;
    uint32_t tap = TAPS - 1;
    for (uint32_t j = position; j < TAPS; j++) {
      total += taps[tap] * delay[j];
      tap -= 1;
    }
    for (uint32_t j = 0; j < position; j++) {
      total += taps[tap] * delay[j];
      tap -= 1;
    }
    y[i] = total;
  }
}

static void setup(uint32_t n, uint32_t seed) {
  samples = n;
  taps = bench::allocate<float>(TAPS);
  delay = bench::allocate<float>(TAPS);
  x = bench::allocate<float>(n);
  y = bench::allocate<float>(n);
  bench::Lcg generator(seed);
  for (uint32_t i = 0; i < TAPS; i++) {
    taps[i] = ((int32_t)generator.next() - 16384) / 1048576.0f;
  }
  for (uint32_t i = 0; i < n; i++) {
    x[i] = ((int32_t)generator.next() - 16384) / 16384.0f;
  }
}

static uint32_t run() {
  fir(x, y, samples, taps, delay);
  return 0;
}

static uint32_t checksum(uint32_t result) {
  (void)result;
  return bench::adler32(y, samples * sizeof(float));
}

} // namespace fir_f32

BENCH_WORKLOAD(fir_f32)
