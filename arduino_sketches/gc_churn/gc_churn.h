// gc_churn: n blocks of 16 to 64 bytes taken from the heap; each is given up when eight newer ones have been taken.
#pragma once

#include <Bench.h>
#include <stdlib.h>

namespace gc_churn {

static const uint32_t RING = 8;
static const uint32_t HEAP_BYTES = 4096; // more than ever lives at a time, gaps included

static uint8_t *sizes;
static uint8_t **ring;
static uint32_t length;

// Takes `length` blocks, keeps the last eight, and returns a sum over what all of them held, modulo 2^24. Without memory
// it returns 0, which is a wrong answer.
static BENCH_NOINLINE uint32_t churn(uint8_t **ring, const uint8_t *sizes, uint32_t length) {
  for (uint32_t i = 0; i < 8; i++) {
    ring[i] = (uint8_t *)calloc(16, 1);
    if (ring[i] == nullptr) {
      return 0;
    }
  }
  uint32_t total = 0;
  for (uint32_t i = 0; i < length; i++) {
    uint8_t *block = (uint8_t *)calloc(sizes[i], 1);
    if (block == nullptr) {
      return 0;
    }
    block[0] = i & 0xFF;
    block[15] = sizes[i];
    uint8_t *old = ring[i & 7];
    total = (3 * total + old[0] + old[15]) & 0xFFFFFF;
    ring[i & 7] = block;
    free(old);
  }
  for (uint32_t i = 0; i < 8; i++) {
    uint8_t *old = ring[i];
    total = (3 * total + old[0] + old[15]) & 0xFFFFFF;
    ring[i] = nullptr;
    free(old);
  }
  return total;
}

static void setup(uint32_t n, uint32_t seed) {
  sizes = bench::allocate<uint8_t>(n);
  bench::random_bytes(sizes, n, seed);
  for (uint32_t i = 0; i < n; i++) {
    sizes[i] = 16 + sizes[i] % 49;
  }
  ring = bench::allocate<uint8_t *>(RING);
  // One free block that is large enough: malloc then finds the same places, however far the heap had grown before.
  ring[0] = (uint8_t *)malloc(HEAP_BYTES);
  free(ring[0]);
  length = n;
}

static uint32_t run() { return churn(ring, sizes, length); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace gc_churn

BENCH_WORKLOAD(gc_churn)
