// mandelbrot: the Mandelbrot set, n x n points, in single precision: arithmetic on a few local numbers, hardly any
// memory.
#pragma once

#include <Bench.h>

namespace mandelbrot {

static const uint32_t LIMIT = 50;

static uint32_t size;
static uint8_t *image;

// Returns after how many steps the point leaves the circle of radius 2, or LIMIT when it stays that long.
static BENCH_NOINLINE uint32_t escape_time(float cx, float cy) {
  float x = 0.0f;
  float y = 0.0f;
  for (uint32_t step = 0; step < LIMIT; step++) {
    float xx = x * x;
    float yy = y * y;
    if (xx + yy > 4.0f) {
      return step;
    }
    y = 2.0f * x * y + cy;
    x = xx - yy + cx;
  }
  return LIMIT;
}

// Fills the image, row by row: -2 to 1 from left to right, -1.5 to 1.5 from the first row to the last.
static BENCH_NOINLINE void mandelbrot(uint8_t *image, uint32_t n) {
  float pixel = 3.0f / n;
  for (uint32_t row = 0; row < n; row++) {
    float cy = row * pixel - 1.5f;
    for (uint32_t column = 0; column < n; column++) {
      float cx = column * pixel - 2.0f;
      image[row * n + column] = escape_time(cx, cy);
    }
  }
}

static void setup(uint32_t n, uint32_t seed) {
  (void)seed; // there are no inputs but n
  size = n;
  image = bench::allocate<uint8_t>(n * n);
}

static uint32_t run() {
  mandelbrot(image, size);
  return 0;
}

static uint32_t checksum(uint32_t result) {
  (void)result;
  return bench::adler32(image, size * size);
}

} // namespace mandelbrot

BENCH_WORKLOAD(mandelbrot)
