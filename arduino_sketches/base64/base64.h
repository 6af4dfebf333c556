// base64: Base64 (RFC 4648): three bytes become four characters by shifts, masks and a table.
#pragma once

#include <Bench.h>

namespace base64 {

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const uint8_t PADDING = 61; // an equals sign

static uint8_t *data;
static uint8_t *out;
static uint32_t length;

// Encodes the first `length` bytes of data into out; returns the number of characters.
static BENCH_NOINLINE uint32_t base64(uint8_t *out, const uint8_t *data, uint32_t length, const char *alphabet) {
  uint32_t end = 0;
  uint32_t rest = length % 3;
  uint32_t whole = length - rest;
  for (uint32_t i = 0; i < whole; i += 3) {
    uint32_t group = ((uint32_t)data[i] << 16) | ((uint32_t)data[i + 1] << 8) | data[i + 2];
    out[end] = alphabet[group >> 18];
    out[end + 1] = alphabet[(group >> 12) & 63];
    out[end + 2] = alphabet[(group >> 6) & 63];
    out[end + 3] = alphabet[group & 63];
    end += 4;
  }
  if (rest != 0) {
    uint32_t group = (uint32_t)data[whole] << 16;
    if (rest == 2) {
      group |= (uint32_t)data[whole + 1] << 8;
    }
    out[end] = alphabet[group >> 18];
    out[end + 1] = alphabet[(group >> 12) & 63];
    if (rest == 2) {
      out[end + 2] = alphabet[(group >> 6) & 63];
    } else {
      out[end + 2] = PADDING;
    }
    out[end + 3] = PADDING;
    end += 4;
  }
  return end;
}

static void setup(uint32_t n, uint32_t seed) {
  data = bench::allocate<uint8_t>(n);
  bench::random_bytes(data, n, seed);
  out = bench::allocate<uint8_t>((n + 2) / 3 * 4);
  length = n;
}

static uint32_t run() { return base64(out, data, length, ALPHABET); }

static uint32_t checksum(uint32_t result) { return bench::adler32(out, result) ^ result; }

} // namespace base64

BENCH_WORKLOAD(base64)
