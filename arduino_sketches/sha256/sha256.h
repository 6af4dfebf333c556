// sha256: SHA-256 (FIPS 180-4): shifts and sums of 32-bit words, which MicroPython's small integers cannot hold.
//
// Rotations are written out where they are needed, in both languages: as functions they would be calls in MicroPython
// and would vanish in C++. A uint32_t drops what does not fit; the script has masks for that.
#pragma once

#include <Bench.h>

namespace sha256 {

static const uint32_t H[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                              0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};

static const uint32_t K[64] = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2};

static uint8_t *data;
static uint32_t length;
static uint32_t *state;
static uint32_t *words;
static uint8_t *tail;

// Reads the 64 bytes of block from start on as 16 words, and derives 48 more from them.
static BENCH_NOINLINE void expand(uint32_t *words, const uint8_t *block, uint32_t start) {
  for (uint32_t i = 0; i < 16; i++) {
    uint32_t j = start + 4 * i;
    words[i] = ((uint32_t)block[j] << 24) | ((uint32_t)block[j + 1] << 16) | ((uint32_t)block[j + 2] << 8) |
               block[j + 3];
  }
  for (uint32_t i = 16; i < 64; i++) {
    uint32_t x = words[i - 15];
    uint32_t y = words[i - 2];
    uint32_t s0 = ((x >> 7) | (x << 25)) ^ ((x >> 18) | (x << 14)) ^ (x >> 3);
    uint32_t s1 = ((y >> 17) | (y << 15)) ^ ((y >> 19) | (y << 13)) ^ (y >> 10);
    words[i] = words[i - 16] + s0 + words[i - 7] + s1;
  }
}

// Mixes one block's 64 words into the state.
static BENCH_NOINLINE void compress(uint32_t *state, const uint32_t *words) {
  uint32_t a = state[0];
  uint32_t b = state[1];
  uint32_t c = state[2];
  uint32_t d = state[3];
  uint32_t e = state[4];
  uint32_t f = state[5];
  uint32_t g = state[6];
  uint32_t h = state[7];
  for (uint32_t i = 0; i < 64; i++) {
    uint32_t s1 = ((e >> 6) | (e << 26)) ^ ((e >> 11) | (e << 21)) ^ ((e >> 25) | (e << 7));
    uint32_t t1 = h + s1 + (g ^ (e & (f ^ g))) + K[i] + words[i];
    uint32_t s0 = ((a >> 2) | (a << 30)) ^ ((a >> 13) | (a << 19)) ^ ((a >> 22) | (a << 10));
    uint32_t t2 = s0 + ((a & b) | (c & (a | b)));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  state[0] = state[0] + a;
  state[1] = state[1] + b;
  state[2] = state[2] + c;
  state[3] = state[3] + d;
  state[4] = state[4] + e;
  state[5] = state[5] + f;
  state[6] = state[6] + g;
  state[7] = state[7] + h;
}

// Copies the bytes after the last whole block to tail, adds the padding, and returns how long that is: 64 or 128.
static BENCH_NOINLINE uint32_t pad(uint8_t *tail, const uint8_t *data, uint32_t start, uint32_t length) {
  uint32_t rest = length - start;
  for (uint32_t i = 0; i < rest; i++) {
    tail[i] = data[start + i];
  }
  tail[rest] = 0x80;
  uint32_t end = rest < 56 ? 64 : 128;
  for (uint32_t i = rest + 1; i < end - 4; i++) {
    tail[i] = 0;
  }
  uint32_t bits = 8 * length;
  for (uint32_t i = 0; i < 4; i++) {
    tail[end - 1 - i] = bits & 0xFF;
    bits = bits >> 8;
  }
  return end;
}

// Leaves the digest of the first `length` bytes of data in state, as eight words.
static BENCH_NOINLINE void sha256(uint32_t *state, uint32_t *words, uint8_t *tail, const uint8_t *data,
                                  uint32_t length) {
  for (uint32_t i = 0; i < 8; i++) {
    state[i] = H[i];
  }
  uint32_t start = 0;
  while (start + 64 <= length) {
    expand(words, data, start);
    compress(state, words);
    start += 64;
  }
  uint32_t end = pad(tail, data, start, length);
  for (start = 0; start < end; start += 64) {
    expand(words, tail, start);
    compress(state, words);
  }
}

static void setup(uint32_t n, uint32_t seed) {
  data = bench::allocate<uint8_t>(n);
  bench::random_bytes(data, n, seed);
  length = n;
  state = bench::allocate<uint32_t>(8);
  words = bench::allocate<uint32_t>(64);
  tail = bench::allocate<uint8_t>(128);
}

static uint32_t run() {
  sha256(state, words, tail, data, length);
  return 0;
}

static uint32_t checksum(uint32_t result) {
  (void)result;
  return bench::adler32(state, 8 * sizeof(uint32_t));
}

} // namespace sha256

BENCH_WORKLOAD(sha256)
