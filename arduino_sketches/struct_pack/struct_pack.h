// struct_pack: n records of five bytes, an int16_t, a uint8_t and a uint16_t, packed into a buffer and unpacked again.
#pragma once

#include <Bench.h>
#include <string.h>

namespace struct_pack {

// As it lies in the buffer. All boards are little-endian, as the format of the script asks for.
struct __attribute__((packed)) Record {
  int16_t level;
  uint8_t flag;
  uint16_t time;
};

static int16_t *levels;
static uint8_t *flags;
static uint16_t *times;
static uint8_t *buffer;
static uint32_t length;

// Writes `length` records, one behind the other, in little-endian order and without gaps.
static BENCH_NOINLINE void pack(uint8_t *buffer, const int16_t *levels, const uint8_t *flags, const uint16_t *times,
                                uint32_t length) {
  for (uint32_t i = 0; i < length; i++) {
    Record record = {levels[i], flags[i], times[i]};
    memcpy(buffer + 5 * i, &record, sizeof(record));
  }
}

// Returns a sum over the fields of `length` records, modulo 2^24.
static BENCH_NOINLINE uint32_t unpack(const uint8_t *buffer, uint32_t length) {
  uint32_t total = 0;
  for (uint32_t i = 0; i < length; i++) {
    Record record;
    memcpy(&record, buffer + 5 * i, sizeof(record));
    total = (3 * total + (uint32_t)(int32_t)record.level + record.flag + record.time) & 0xFFFFFF;
  }
  return total;
}

static void setup(uint32_t n, uint32_t seed) {
  bench::Lcg generator(seed);
  levels = bench::allocate<int16_t>(n);
  flags = bench::allocate<uint8_t>(n);
  times = bench::allocate<uint16_t>(n);
  for (uint32_t i = 0; i < n; i++) {
    levels[i] = (int16_t)((int32_t)generator.next() - 16384);
    flags[i] = (uint8_t)(generator.next() & 0xFF);
    times[i] = (uint16_t)(2 * generator.next());
  }
  buffer = bench::allocate<uint8_t>(5 * n);
  length = n;
}

static uint32_t run() {
  pack(buffer, levels, flags, times, length);
  return unpack(buffer, length);
}

static uint32_t checksum(uint32_t result) { return bench::adler32(buffer, 5 * length) ^ result; }

} // namespace struct_pack

BENCH_WORKLOAD(struct_pack)
