#include "Arduino.h"

// The C library keeps errno and the position of strtok() in thread-local storage. There is one thread, and this is its
// storage; all of it starts as zero.
static uint64_t thread_storage[32];

int main() {
  __asm__ volatile("mv tp, %0" ::"r"(thread_storage));
  hal_init();
  setup();
  for (;;) {
    loop();
  }
}
