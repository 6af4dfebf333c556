// pwm_duty: change the duty cycle of a PWM output n times, in steps as a fading lamp needs them.
#pragma once

#include <Bench.h>

namespace pwm_duty {

static const uint8_t PIN = 5; // free on an ESP32, ESP32-S3 and ESP32-C3; leave it unconnected
static const uint8_t CHANNEL = 0;
static const uint32_t FREQUENCY = 1000; // Hz
static const uint8_t RESOLUTION = 12;   // bits

static uint32_t changes;
static uint8_t channel;

// Sets n duties, of 65536, that rise by 272 and start anew before they are full; returns their sum. MicroPython's
// duty_u16() converts them to the resolution of the channel, so that is done here too.
static BENCH_NOINLINE uint32_t fade(uint8_t channel, uint32_t n) {
  uint32_t duty = 1000;
  uint32_t total = 0;
  for (uint32_t i = 0; i < n; i++) {
    ledcWrite(channel, duty >> (16 - RESOLUTION));
    total += duty;
    duty += 272;
    if (duty >= 65000) {
      duty -= 64000;
    }
  }
  return total;
}

static void setup(uint32_t n, uint32_t seed) {
  (void)seed; // there are no inputs but n
  changes = n;
  channel = CHANNEL;
  ledcSetup(channel, FREQUENCY, RESOLUTION);
  ledcAttachPin(PIN, channel);
}

static uint32_t run() { return fade(channel, changes); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace pwm_duty

BENCH_WORKLOAD(pwm_duty)
