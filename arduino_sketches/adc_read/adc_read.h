// adc_read: read the analog-to-digital converter n times, and count the values that lie within its 12 bits.
#pragma once

#include <Bench.h>

namespace adc_read {

static const uint8_t PIN = 4; // an analog input of an ESP32, ESP32-S3 and ESP32-C3; leave it unconnected

static uint32_t reads;
static uint8_t pin;

// Returns how many of n readings gave a value from 0 to 4095.
static BENCH_NOINLINE uint32_t count_valid(uint8_t pin, uint32_t n) {
  uint32_t valid = 0;
  for (uint32_t i = 0; i < n; i++) {
    if (analogRead(pin) < 4096) {
      valid += 1;
    }
  }
  return valid;
}

static void setup(uint32_t n, uint32_t seed) {
  (void)seed; // there are no inputs but n
  reads = n;
  pin = PIN;
}

static uint32_t run() { return count_valid(pin, reads); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace adc_read

BENCH_WORKLOAD(adc_read)
