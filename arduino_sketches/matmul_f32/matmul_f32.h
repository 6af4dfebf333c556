// matmul_f32: product of two n x n matrices in single precision, row by column: sums of products over two arrays.
#pragma once

#include <Bench.h>

namespace matmul_f32 {

static uint32_t size;
static float *a;
static float *b;
static float *product;

// Enters the product of the matrices a and b, which are stored row by row.
static BENCH_NOINLINE void multiply(const float *a, const float *b, float *product, uint32_t n) {
  for (uint32_t row = 0; row < n; row++) {
    for (uint32_t column = 0; column < n; column++) {
      float total = 0.0f;
      for (uint32_t k = 0; k < n; k++) {
        total += a[row * n + k] * b[k * n + column];
      }
      product[row * n + column] = total;
    }
  }
}

static void setup(uint32_t n, uint32_t seed) {
  size = n;
  a = bench::allocate<float>(n * n);
  b = bench::allocate<float>(n * n);
  product = bench::allocate<float>(n * n);
  bench::Lcg generator(seed);
  for (uint32_t i = 0; i < n * n; i++) {
    a[i] = ((int32_t)generator.next() - 16384) / 16384.0f;
    b[i] = ((int32_t)generator.next() - 16384) / 16384.0f;
  }
}

static uint32_t run() {
  multiply(a, b, product, size);
  return 0;
}

static uint32_t checksum(uint32_t result) {
  (void)result;
  return bench::adler32(product, size * size * sizeof(float));
}

} // namespace matmul_f32

BENCH_WORKLOAD(matmul_f32)
