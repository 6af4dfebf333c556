// What compiled code expects of a C++ runtime; there is no C++ library for this target.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hal.h"

static const int EXIT_PROGRAM_ERROR = 88; // beside the exit codes of board support

static HAL_NORETURN void stop(const char *message) {
  hal_uart_write(message, strlen(message));
  hal_exit(EXIT_PROGRAM_ERROR);
}

// `new` cannot throw here and may not return null: the compiler relies on that.
void *operator new(size_t size) {
  void *memory = malloc(size);
  if (memory == nullptr) {
    stop("\r\nout of memory in operator new\r\n");
  }
  return memory;
}

void *operator new[](size_t size) { return operator new(size); }

void operator delete(void *memory) noexcept { free(memory); }
void operator delete[](void *memory) noexcept { free(memory); }
void operator delete(void *memory, size_t) noexcept { free(memory); }
void operator delete[](void *memory, size_t) noexcept { free(memory); }

extern "C" {

void __cxa_pure_virtual() { stop("\r\npure virtual function called\r\n"); }

// -fstack-protector, as arduino-esp32 has it: a function that overran its array stops the program at its return.
uintptr_t __stack_chk_guard = 0x00000aff; // a zero byte stops string functions, a line feed input functions
void __stack_chk_fail() { stop("\r\nstack smashing detected\r\n"); }

void _exit(int code) { hal_exit(code); } // beneath exit() and abort()
}
