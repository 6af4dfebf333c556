// gpio_read: read an input pin n times, and count how often it is high: calls into the hardware library.
#pragma once

#include <Bench.h>

namespace gpio_read {

// Free on an ESP32, ESP32-S3 and ESP32-C3; leave it unconnected: its pull-up resistor makes it high.
static const uint8_t PIN = 4;

static uint32_t reads;
static uint8_t pin;

// Returns how often the pin was high in n readings.
static BENCH_NOINLINE uint32_t count_high(uint8_t pin, uint32_t n) {
  uint32_t high = 0;
  for (uint32_t i = 0; i < n; i++) {
    if (digitalRead(pin) == 1) {
      high += 1;
    }
  }
  return high;
}

static void setup(uint32_t n, uint32_t seed) {
  (void)seed; // there are no inputs but n
  reads = n;
  pin = PIN;
  pinMode(pin, INPUT_PULLUP);
}

static uint32_t run() { return count_high(pin, reads); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace gpio_read

BENCH_WORKLOAD(gpio_read)
