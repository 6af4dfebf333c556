// What depends on the board: its clocks, and how it describes itself. The only file with a branch per board.
//
// A block is timed with two clocks. The fine clock counts single cycles (instructions on the virtual board), but in 32
// bits: at 240 MHz it wraps every 18 seconds. The coarse clock, in microseconds, tells how often it wrapped.
#pragma once

#include <Arduino.h>
#include <stdint.h>

namespace bench {

#if defined(ARDUINO_ARCH_VIRTUAL)

static const char TICK_UNIT[] = "instruction";
static const char BOARD[] = ARDUINO_BOARD;
static const char CORE_VERSION[] = ARDUINO_VIRTUAL_VERSION;
static const bool IS_SIMULATED = true;

static inline uint32_t fine_clock() { return cycleCount(); }
static inline uint32_t fine_clock_hz() { return F_CPU; }
static inline uint32_t processor_hz() { return F_CPU; }

// Derived from the same counter, and not from micros(): virtual time also passes in delay(), which retires nothing.
static inline uint32_t coarse_clock_us() { return static_cast<uint32_t>(hal_ticks64() / 1000); }

// A byte that arrives costs some 175 instructions of interrupt. Held back, it waits on the host's side of the line.
static inline void enter_timed_part() { noInterrupts(); }
static inline void leave_timed_part() { interrupts(); }

// Stops the processor until a byte arrives, so that an idle virtual board leaves the host's processor alone.
static inline void wait_for_input() { hal_wait_for_input(); }

#elif defined(ARDUINO_ARCH_ESP32)

#define BENCH_QUOTE(text) #text
#define BENCH_VERSION(major, minor, patch) BENCH_QUOTE(major) "." BENCH_QUOTE(minor) "." BENCH_QUOTE(patch)

static const char TICK_UNIT[] = "cycle";
static const char BOARD[] = ARDUINO_BOARD;
static const char CORE_VERSION[] =
    BENCH_VERSION(ESP_ARDUINO_VERSION_MAJOR, ESP_ARDUINO_VERSION_MINOR, ESP_ARDUINO_VERSION_PATCH);
static const bool IS_SIMULATED = false;

static inline uint32_t fine_clock() { return ESP.getCycleCount(); }
static inline uint32_t fine_clock_hz() { return getCpuFrequencyMhz() * 1000000UL; }
static inline uint32_t processor_hz() { return fine_clock_hz(); }
static inline uint32_t coarse_clock_us() { return micros(); }

// Interrupts stay on: with them off for long, the interrupt watchdog resets the chip.
static inline void enter_timed_part() {}
static inline void leave_timed_part() {}

static inline void wait_for_input() { delay(1); } // lets the idle task run and feed its watchdog

#else // any other Arduino board: micros() is its fine clock too

static const char TICK_UNIT[] = "us";
static const char BOARD[] = "arduino";
static const char CORE_VERSION[] = "unknown";
static const bool IS_SIMULATED = false;

static inline uint32_t fine_clock() { return micros(); }
static inline uint32_t fine_clock_hz() { return 1000000UL; }
static inline uint32_t processor_hz() { return F_CPU; }
static inline uint32_t coarse_clock_us() { return micros(); }

static inline void enter_timed_part() {}
static inline void leave_timed_part() {}

static inline void wait_for_input() {}

#endif

// How many ticks really passed: the number that equals `fine` modulo 2^32 and lies nearest to what the coarse clock
// says. Exact as long as the coarse clock is off by less than 2^31 ticks, for blocks of up to 71 minutes.
static inline uint64_t widen(uint32_t fine, uint32_t coarse_us, uint32_t ticks_per_s) {
  const uint64_t estimate = static_cast<uint64_t>(coarse_us) * ticks_per_s / 1000000UL;
  const int32_t error = static_cast<int32_t>(fine - static_cast<uint32_t>(estimate));
  return estimate + static_cast<int64_t>(error);
}

} // namespace bench
