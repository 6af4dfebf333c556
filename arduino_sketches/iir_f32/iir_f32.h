// iir_f32: infinite impulse response filter, one biquad (direct form II) over n samples in single precision.
//
// The coefficients make a low-pass filter (Butterworth, a tenth of the sampling rate), rounded to 1/1024 so that both
// languages hold exactly the same.
#pragma once

#include <Bench.h>

namespace iir_f32 {

static uint32_t samples;
static float *coefficients;
static float *x;
static float *y;

// Filters n samples from x to y, starting from silence.
static BENCH_NOINLINE void biquad(const float *x, float *y, uint32_t n, const float *coefficients) {
  float b0 = coefficients[0];
  float b1 = coefficients[1];
  float b2 = coefficients[2];
  float a1 = coefficients[3];
  float a2 = coefficients[4];
  float w1 = 0.0f;
  float w2 = 0.0f;
  for (uint32_t i = 0; i < n; i++) {
    float w0 = x[i] - a1 * w1 - a2 * w2;
    y[i] = b0 * w0 + b1 * w1 + b2 * w2;
    w2 = w1;
    w1 = w0;
  }
}

static void setup(uint32_t n, uint32_t seed) {
  samples = n;
  coefficients = bench::allocate<float>(5);
  coefficients[0] = 69 / 1024.0f;
  coefficients[1] = 138 / 1024.0f;
  coefficients[2] = 69 / 1024.0f;
  coefficients[3] = -1170 / 1024.0f;
  coefficients[4] = 423 / 1024.0f;
  x = bench::allocate<float>(n);
  y = bench::allocate<float>(n);
  bench::Lcg generator(seed);
  for (uint32_t i = 0; i < n; i++) {
    x[i] = ((int32_t)generator.next() - 16384) / 16384.0f;
  }
}

static uint32_t run() {
  biquad(x, y, samples, coefficients);
  return 0;
}

static uint32_t checksum(uint32_t result) {
  (void)result;
  return bench::adler32(y, samples * sizeof(float));
}

} // namespace iir_f32

BENCH_WORKLOAD(iir_f32)
