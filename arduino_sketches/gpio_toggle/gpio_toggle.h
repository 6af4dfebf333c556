// gpio_toggle: switch a pin n times, and read each time whether it followed: calls into the hardware library.
#pragma once

#include <Bench.h>

namespace gpio_toggle {

static const uint8_t PIN = 4; // free on most boards; leave it unconnected

static uint32_t toggles;
static uint8_t pin;

// Switches the pin n times, starting with high; returns how often it read back what was written.
static BENCH_NOINLINE uint32_t toggle(uint8_t pin, uint32_t n) {
  int level = 0;
  uint32_t followed = 0;
  for (uint32_t i = 0; i < n; i++) {
    level = 1 - level;
    digitalWrite(pin, level);
    if (digitalRead(pin) == level) {
      followed += 1;
    }
  }
  return followed;
}

static void setup(uint32_t n, uint32_t seed) {
  (void)seed; // there are no inputs but n
  toggles = n;
  pin = PIN;
  pinMode(pin, OUTPUT);
}

static uint32_t run() { return toggle(pin, toggles); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace gpio_toggle

BENCH_WORKLOAD(gpio_toggle)
