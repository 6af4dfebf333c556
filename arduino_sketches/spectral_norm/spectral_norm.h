// spectral_norm: spectral norm of an n x n matrix whose elements are computed when needed: a function call and a
// division each.
#pragma once

#include <Bench.h>
#include <math.h>

namespace spectral_norm {

static const uint32_t ROUNDS = 2; // of the power iteration

static uint32_t size;
static float *u;
static float *v;
static float *between;
static float *norm;

// Returns what 1 is divided by in row i, column j of the matrix.
static BENCH_NOINLINE uint32_t divisor(uint32_t i, uint32_t j) {
  return (((i + j) * (i + j + 1)) >> 1) + i + 1;
}

// Enters the matrix times the vector.
static BENCH_NOINLINE void multiply(const float *vector, float *product, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    float total = 0.0f;
    for (uint32_t j = 0; j < n; j++) {
      total += vector[j] / divisor(i, j);
    }
    product[i] = total;
  }
}

// Enters the transposed matrix times the vector.
static BENCH_NOINLINE void multiply_transposed(const float *vector, float *product, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    float total = 0.0f;
    for (uint32_t j = 0; j < n; j++) {
      total += vector[j] / divisor(j, i);
    }
    product[i] = total;
  }
}

// Estimates the norm from ROUNDS rounds of the power iteration, which starts with ones.
static BENCH_NOINLINE void spectral_norm(float *u, float *v, float *between, float *norm, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    u[i] = 1.0f;
  }
  for (uint32_t round = 0; round < ROUNDS; round++) {
    multiply(u, between, n);
    multiply_transposed(between, v, n);
    multiply(v, between, n);
    multiply_transposed(between, u, n);
  }
  float uv = 0.0f;
  float vv = 0.0f;
  for (uint32_t i = 0; i < n; i++) {
    uv += u[i] * v[i];
    vv += v[i] * v[i];
  }
  norm[0] = sqrtf(uv / vv);
}

static void setup(uint32_t n, uint32_t seed) {
  (void)seed; // there are no inputs but n
  size = n;
  u = bench::allocate<float>(n);
  v = bench::allocate<float>(n);
  between = bench::allocate<float>(n);
  norm = bench::allocate<float>(1);
}

static uint32_t run() {
  spectral_norm(u, v, between, norm, size);
  return 0;
}

static uint32_t checksum(uint32_t result) {
  (void)result;
  uint32_t bytes = size * sizeof(float);
  return bench::adler32(norm, sizeof(float), bench::adler32(v, bytes, bench::adler32(u, bytes)));
}

} // namespace spectral_norm

BENCH_WORKLOAD(spectral_norm)
