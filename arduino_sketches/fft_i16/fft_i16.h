// fft_i16: fast Fourier transform, radix 2, in place, of n complex 16-bit points: integer products, sums, shifts, array
// access.
//
// Factors have 15 binary digits after the point. Every stage halves its results, so that the values fit 16 bits, and
// the products 31: the output is the transform divided by n. n is a power of two, from 2 to 1024.
#pragma once

#include <Bench.h>

namespace fft_i16 {

static const uint32_t CIRCLE = 1024; // steps in a full turn
static const int64_t STEP_COSINE = 1073721611; // cos(2 pi / 1024) * 2^30
static const int64_t STEP_SINE = 6588356; // sin(2 pi / 1024) * 2^30

static uint32_t points;
static int16_t *input_re;
static int16_t *input_im;
static int16_t *re;
static int16_t *im;
static int16_t *cosine;
static int16_t *sine;
static uint16_t *reversed_bits;

// Enters cosine and sine of the first half turn, in n / 2 steps: exact integers, turned one small step at a time.
static void fill_factors(int16_t *cosine, int16_t *sine, uint32_t n) {
  int64_t c = (int64_t)1 << 30;
  int64_t s = 0;
  for (uint32_t step = 0; step < CIRCLE / 2; step++) {
    if (step * n % CIRCLE == 0) {
      cosine[step * n / CIRCLE] = min((int32_t)((c + 16384) >> 15), (int32_t)32767);
      sine[step * n / CIRCLE] = min((int32_t)((s + 16384) >> 15), (int32_t)32767);
    }
    int64_t next_c = (c * STEP_COSINE - s * STEP_SINE) >> 30;
    s = (s * STEP_COSINE + c * STEP_SINE) >> 30;
    c = next_c;
  }
}

// Enters, for every position, the one with the binary digits in reverse order.
static void fill_reversed_bits(uint16_t *reversed_bits, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    uint32_t rest = i;
    uint32_t place = 1;
    while (place < n) {
      reversed_bits[i] = reversed_bits[i] * 2 + (rest & 1);
      rest = rest >> 1;
      place = place * 2;
    }
  }
}

// Copies the input to re and im, in bit-reversed order.
static BENCH_NOINLINE void load(int16_t *re, int16_t *im, uint32_t n, const int16_t *input_re,
                                const int16_t *input_im, const uint16_t *reversed_bits) {
  for (uint32_t i = 0; i < n; i++) {
    uint32_t j = reversed_bits[i];
    re[i] = input_re[j];
    im[i] = input_im[j];
  }
}

// Transforms the n points, which are in bit-reversed order, in place.
static BENCH_NOINLINE void fft(int16_t *re, int16_t *im, uint32_t n, const int16_t *cosine,
                               const int16_t *sine) {
  uint32_t half = 1;
  while (half < n) {
    uint32_t step = n / (2 * half);
    for (uint32_t start = 0; start < n; start += 2 * half) {
      for (uint32_t k = 0; k < half; k++) {
        uint32_t top = start + k;
        uint32_t bottom = top + half;
        int32_t c = cosine[k * step];
        int32_t s = sine[k * step];
        int32_t x = re[bottom];
        int32_t y = im[bottom];
        int32_t turned_x = (c * x + s * y) >> 15;
        int32_t turned_y = (c * y - s * x) >> 15;
        x = re[top];
        y = im[top];
        re[top] = (x + turned_x) >> 1;
        im[top] = (y + turned_y) >> 1;
        re[bottom] = (x - turned_x) >> 1;
        im[bottom] = (y - turned_y) >> 1;
      }
    }
    half = 2 * half;
  }
}

static void setup(uint32_t n, uint32_t seed) {
  points = n;
  input_re = bench::allocate<int16_t>(n);
  input_im = bench::allocate<int16_t>(n);
  re = bench::allocate<int16_t>(n);
  im = bench::allocate<int16_t>(n);
  cosine = bench::allocate<int16_t>(n / 2);
  sine = bench::allocate<int16_t>(n / 2);
  reversed_bits = bench::allocate<uint16_t>(n);
  fill_factors(cosine, sine, n);
  fill_reversed_bits(reversed_bits, n);
  bench::Lcg generator(seed);
  for (uint32_t i = 0; i < n; i++) {
    input_re[i] = generator.next() - 16384;
    input_im[i] = generator.next() - 16384;
  }
}

static uint32_t run() {
  load(re, im, points, input_re, input_im, reversed_bits);
  fft(re, im, points, cosine, sine);
  return 0;
}

static uint32_t checksum(uint32_t result) {
  (void)result;
  uint32_t bytes = points * sizeof(int16_t);
  return bench::adler32(im, bytes, bench::adler32(re, bytes));
}

} // namespace fft_i16

BENCH_WORKLOAD(fft_i16)
