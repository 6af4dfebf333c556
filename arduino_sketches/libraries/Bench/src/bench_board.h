// What depends on the board: its clocks, how it starts, restarts and describes itself. All that differs from board to
// board is here, but for the stack, which is in bench_stack.cpp, and the size of the arena.
//
// A block is timed with two clocks. The fine clock counts single cycles (instructions on the virtual board), but in 32
// bits: at 240 MHz it wraps every 18 seconds. The coarse clock, in microseconds, tells how often it wrapped.
#pragma once

#include <Arduino.h>
#include <stdint.h>

#include "bench_wire.h"

#if defined(ARDUINO_ARCH_ESP32)
#include <esp_heap_caps.h>
#include <esp_system.h>
#include <freertos/FreeRTOS.h>
#include <freertos/task.h>
#endif

namespace bench {

#if defined(ARDUINO_ARCH_VIRTUAL)

static const char TICK_UNIT[] = "instruction";
static const char BOARD[] = ARDUINO_BOARD;
static const char CORE_VERSION[] = ARDUINO_VIRTUAL_VERSION;
static const bool IS_SIMULATED = true;
static const char SELFTEST[] = "ok"; // a virtual board that fails its self-test never comes this far

static inline void prepare_board() {}
static inline void describe_board(Message &) {}
static inline void restart_board() {} // returns: it cannot

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
static const char SELFTEST[] = "none";

#if CONFIG_IDF_TARGET_ESP32C3
static const uint32_t WANTED_MHZ = 160;
#else
static const uint32_t WANTED_MHZ = 240;
#endif
static const uint16_t RECEIVE_BUFFER = 512; // a whole command can come while a workload runs; the core's own holds 256

// Before the serial line is opened. Wi-Fi and Bluetooth need no word: the core starts neither by itself, and a call to
// turn Bluetooth off would link its driver, to which the core then leaves 54 KB that otherwise become heap.
static inline void prepare_board() {
  setCpuFrequencyMhz(WANTED_MHZ); // where it is refused, the ready line tells the clock that was read back
  // On a module with PSRAM malloc() would take larger blocks from there, which is slower than the chip's own memory.
  heap_caps_malloc_extmem_enable(SIZE_MAX);
  // A workload keeps this core's idle task waiting, and where the task watchdog minds that one, it resets the chip
  // after 5 s. As a rule it does not: it minds core 0's on chips with two cores, whose sketches run on core 1.
#if CONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU0
  if (xPortGetCoreID() == 0) {
    disableCore0WDT();
  }
#endif
#if CONFIG_ESP_TASK_WDT_CHECK_IDLE_TASK_CPU1
  if (xPortGetCoreID() == 1) {
    disableCore1WDT();
  }
#endif
  Serial.setRxBufferSize(RECEIVE_BUFFER);
#if ARDUINO_USB_CDC_ON_BOOT
  Serial.setTxTimeoutMs(1000); // a host that is late by the core's own fraction of a second would get cut lines
#endif
}

static inline const char *reset_reason() {
  switch (esp_reset_reason()) {
  case ESP_RST_POWERON: // the reset button and line of an ESP32 too
    return "power_on";
  case ESP_RST_SW:
    return "software";
  case ESP_RST_PANIC:
    return "panic";
  case ESP_RST_INT_WDT:
  case ESP_RST_TASK_WDT:
  case ESP_RST_WDT:
    return "watchdog";
  case ESP_RST_BROWNOUT:
    return "brownout";
  default:
    return "other";
  }
}

static inline void describe_board(Message &ready) {
  ready.text("chip", ESP.getChipModel())
      .number("revision", ESP.getChipRevision())
      .text("idf", ESP.getSdkVersion())
      .text("reset", reset_reason());
}

static inline void restart_board() { ESP.restart(); }

static inline uint32_t fine_clock() { return ESP.getCycleCount(); }
static inline uint32_t fine_clock_hz() { return getCpuFrequencyMhz() * 1000000UL; }
static inline uint32_t processor_hz() { return fine_clock_hz(); }
static inline uint32_t coarse_clock_us() { return micros(); } // the low half of esp_timer_get_time()

// The last line must have left: the interrupts that feed it would fall into the block. Interrupts stay on all the same:
// with them off for 300 ms, the interrupt watchdog resets the chip.
static inline void enter_timed_part() { Serial.flush(); }
static inline void leave_timed_part() {}

static inline void wait_for_input() { delay(1); } // lets the idle task run

#else // any other Arduino board: micros() is its fine clock too

static const char TICK_UNIT[] = "us";
static const char BOARD[] = "arduino";
static const char CORE_VERSION[] = "unknown";
static const bool IS_SIMULATED = false;
static const char SELFTEST[] = "none";

static inline void prepare_board() {}
static inline void describe_board(Message &) {}
static inline void restart_board() {} // returns: not every board can

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
