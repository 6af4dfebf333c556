// binascii_crc32: CRC-32 by the table look-ups of crc32, against MicroPython's binascii.
#pragma once

#include <Bench.h>

namespace binascii_crc32 {

static uint32_t *table;
static uint8_t *data;
static uint32_t length;

// Returns the CRC of the first `length` bytes of data.
static BENCH_NOINLINE uint32_t crc32(const uint32_t *table, const uint8_t *data, uint32_t length) {
  uint32_t crc = 0xFFFFFFFF;
  for (uint32_t i = 0; i < length; i++) {
    crc = table[(crc ^ data[i]) & 0xFF] ^ (crc >> 8);
  }
  return crc ^ 0xFFFFFFFF;
}

// The table holds the CRC of every single byte; 0xEDB88320 is the polynomial with its bits reversed.
static void setup(uint32_t n, uint32_t seed) {
  table = bench::allocate<uint32_t>(256);
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (uint32_t bit = 0; bit < 8; bit++) {
      crc = (crc & 1) ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
    }
    table[byte] = crc;
  }
  data = bench::allocate<uint8_t>(n);
  bench::random_bytes(data, n, seed);
  length = n;
}

static uint32_t run() { return crc32(table, data, length); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace binascii_crc32

BENCH_WORKLOAD(binascii_crc32)
