// hashlib_sha256: SHA-256 by the functions of sha256, against MicroPython's hashlib.
#pragma once

#include <Bench.h>

#include "sha256_by_hand.h"

namespace hashlib_sha256 {

static uint8_t *data;
static uint32_t length;
static uint32_t *state;
static uint32_t *words;
static uint8_t *tail;
static uint8_t *digest;

// Leaves the digest of the first `length` bytes of data in digest, 32 bytes.
static BENCH_NOINLINE void sha256(uint8_t *digest, const uint8_t *data, uint32_t length) {
  sha256_by_hand::sha256(state, words, tail, data, length);
  for (uint32_t i = 0; i < 8; i++) {
    digest[4 * i] = (uint8_t)(state[i] >> 24);
    digest[4 * i + 1] = (uint8_t)(state[i] >> 16);
    digest[4 * i + 2] = (uint8_t)(state[i] >> 8);
    digest[4 * i + 3] = (uint8_t)state[i];
  }
}

static void setup(uint32_t n, uint32_t seed) {
  data = bench::allocate<uint8_t>(n);
  bench::random_bytes(data, n, seed);
  length = n;
  state = bench::allocate<uint32_t>(8);
  words = bench::allocate<uint32_t>(64);
  tail = bench::allocate<uint8_t>(128);
  digest = bench::allocate<uint8_t>(32);
}

static uint32_t run() {
  sha256(digest, data, length);
  return 0;
}

static uint32_t checksum(uint32_t result) {
  (void)result;
  return bench::adler32(digest, 32);
}

} // namespace hashlib_sha256

BENCH_WORKLOAD(hashlib_sha256)
