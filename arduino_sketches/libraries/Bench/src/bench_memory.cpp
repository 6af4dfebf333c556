#include "bench_memory.h"

#include <stdlib.h>
#include <string.h>

#include "Bench.h"

namespace bench {

#if defined(ARDUINO_ARCH_AVR)
static const uint32_t ARENA_BYTES = 4096; // half the RAM of an ATmega2560
#else
static const uint32_t ARENA_BYTES = 65536; // of some 120 KB that an ESP32's linker has for all static data
#endif
static const uint32_t ALIGNMENT = 8; // suits every type, double and uint64_t included

jmp_buf out_of_memory;
static uint8_t arena[ARENA_BYTES] __attribute__((aligned(8)));
static uint32_t used_bytes = 0;
static bool is_guarded = false;

void reset_arena(bool guarded) {
  used_bytes = 0;
  is_guarded = guarded;
}

void extend_heap() {
  void *volatile block = malloc(4 * ARENA_BYTES); // volatile, or else the compiler removes the pair of calls
  free(block);
}

void give_up_for_memory() {
  if (is_guarded) {
    longjmp(out_of_memory, 1);
  }
}

uint32_t used_arena() { return used_bytes; }

void *allocate_bytes(uint32_t count, uint32_t size) {
  if (count > (ARENA_BYTES - used_bytes) / size) { // the product count * size could overflow
    give_up_for_memory();
    return nullptr;
  }
  uint8_t *block = arena + used_bytes;
  const uint32_t bytes = count * size;
  memset(block, 0, bytes);
  // The block's size is a multiple of ALIGNMENT, so rounding up cannot pass its end.
  used_bytes += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  return block;
}

} // namespace bench
