#include "bench_stack.h"

#include "Bench.h"

#if defined(ARDUINO_ARCH_ESP32)
#include <freertos/FreeRTOS.h>
#include <freertos/task.h>
#endif

namespace bench {

#if defined(ARDUINO_ARCH_VIRTUAL) || defined(ARDUINO_ARCH_ESP32)

// What FreeRTOS fills a new stack with, too: its own search for unused stack is not misled.
static const uint32_t PAINT = 0xa5a5a5a5;

#if defined(ARDUINO_ARCH_VIRTUAL)
extern "C" uint8_t __stack_bottom[]; // from the linker script
static uintptr_t lowest_painted() { return reinterpret_cast<uintptr_t>(__stack_bottom); }
#else
// FreeRTOS may set a watchpoint on the lowest bytes of a stack, up to 63 of them: writing there stops the chip.
static const uint32_t GUARDED = 64;
static uintptr_t lowest_painted() { return reinterpret_cast<uintptr_t>(pxTaskGetStackStart(nullptr)) + GUARDED; }
#endif

#if defined(__XTENSA__)
static const uint32_t SAVE_AREA = 32; // the processor may store registers of earlier frames just below the stack pointer
#else
static const uint32_t SAVE_AREA = 0;
#endif

static inline __attribute__((always_inline)) uintptr_t stack_pointer() {
  uintptr_t address;
#if defined(__XTENSA__)
  __asm__ volatile("mov %0, sp" : "=r"(address));
#else
  __asm__ volatile("mv %0, sp" : "=r"(address));
#endif
  return address;
}

// Paints the unused stack, lets run() write over it, and looks how far it came. All in one function that calls nothing
// else: what it paints lies below its own frame, and its own frame is where that of run() begins.
BENCH_NOINLINE bool measure_stack(uint32_t (*run)(), uint32_t *bytes) {
  const uintptr_t top = stack_pointer();
  const uintptr_t painted_end = top - SAVE_AREA;
  const uintptr_t bottom = lowest_painted();
  for (uintptr_t address = bottom; address < painted_end; address += sizeof(uint32_t)) {
    *reinterpret_cast<volatile uint32_t *>(address) = PAINT;
  }
  run();
  uintptr_t lowest_used = bottom;
  while (lowest_used < painted_end && *reinterpret_cast<volatile uint32_t *>(lowest_used) == PAINT) {
    lowest_used += sizeof(uint32_t);
  }
  *bytes = lowest_used < painted_end ? static_cast<uint32_t>(top - lowest_used) : 0;
  return lowest_used > bottom;
}

#else // any other board: how much stack is free is not known, so nothing is painted

bool measure_stack(uint32_t (*)(), uint32_t *) { return false; }

#endif

} // namespace bench
