// matmul_i32: the product of two n x n matrices of integers: three nested loops, products, sums, array access.
#pragma once

#include <Bench.h>

namespace matmul_i32 {

static uint32_t size;
static int32_t *a;
static int32_t *b;
static int32_t *c;

// Enters the product of a and b in c; all three are stored row by row.
static BENCH_NOINLINE void matmul(int32_t *c, const int32_t *a, const int32_t *b, uint32_t n) {
  for (uint32_t row = 0; row < n; row++) {
    for (uint32_t column = 0; column < n; column++) {
      int32_t total = 0;
      for (uint32_t k = 0; k < n; k++) {
        total += a[row * n + k] * b[k * n + column];
      }
      c[row * n + column] = total;
    }
  }
}

static void setup(uint32_t n, uint32_t seed) {
  size = n;
  a = bench::allocate<int32_t>(n * n);
  b = bench::allocate<int32_t>(n * n);
  c = bench::allocate<int32_t>(n * n);
  bench::Lcg generator(seed);
  for (uint32_t i = 0; i < n * n; i++) {
    a[i] = (int32_t)(generator.next() & 1023) - 512;
    b[i] = (int32_t)(generator.next() & 1023) - 512;
  }
}

static uint32_t run() {
  matmul(c, a, b, size);
  return 0;
}

static uint32_t checksum(uint32_t result) {
  (void)result;
  return bench::adler32(c, size * size * sizeof(int32_t));
}

} // namespace matmul_i32

BENCH_WORKLOAD(matmul_i32)
