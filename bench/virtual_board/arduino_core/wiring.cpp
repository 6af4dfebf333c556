// Time and numbers.
#include "Arduino.h"

unsigned long millis() { return static_cast<unsigned long>(hal_micros() / 1000); }

unsigned long micros() { return static_cast<unsigned long>(hal_micros()); }

void delay(unsigned long ms) { hal_sleep_us(ms * 1000ULL); }

void delayMicroseconds(unsigned int us) { // waits actively, as arduino-esp32 does
  const uint64_t end = hal_micros() + us;
  while (hal_micros() < end) {
  }
}

void yield() {}

static uint32_t random_state = 1;

void randomSeed(unsigned long seed) {
  if (seed != 0) { // zero is the one state that xorshift never leaves
    random_state = seed;
  }
}

// Marsaglia's xorshift, 32 bits. Starts the same way at each boot: everything on this board repeats.
static uint32_t next_random() {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state;
}

long random(long end) { return end <= 0 ? 0 : static_cast<long>(next_random() % static_cast<uint32_t>(end)); }

long random(long start, long end) { return start >= end ? start : start + random(end - start); }

long map(long value, long from_low, long from_high, long to_low, long to_high) {
  return (value - from_low) * (to_high - to_low) / (from_high - from_low) + to_low;
}
