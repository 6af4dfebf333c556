#include "Print.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number_text.h"

size_t Print::write(const uint8_t *bytes, size_t count) {
  size_t written = 0;
  while (written < count && write(bytes[written]) == 1) {
    written++;
  }
  return written;
}

size_t Print::write(const char *text) { return text == nullptr ? 0 : write(text, strlen(text)); }

size_t Print::print(long value, int base) {
  return base == 10 ? print(static_cast<long long>(value)) : print(static_cast<unsigned long>(value), base);
}

size_t Print::print(long long value, int base) {
  char buffer[INTEGER_TEXT];
  return write(signed_text(buffer, value, static_cast<unsigned char>(base)));
}

size_t Print::print(unsigned long long value, int base) {
  char buffer[INTEGER_TEXT];
  return write(unsigned_text(buffer, value, static_cast<unsigned char>(base)));
}

size_t Print::print(double value, int decimals) {
  char buffer[FLOAT_TEXT];
  return write(float_text(buffer, value, static_cast<unsigned char>(decimals)));
}

size_t Print::printf(const char *format, ...) {
  char on_stack[128]; // long enough for nearly every line; a longer one goes to the heap
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(on_stack, sizeof(on_stack), format, arguments);
  va_end(arguments);
  if (length < 0) {
    return 0;
  }
  const size_t count = static_cast<size_t>(length);
  if (count < sizeof(on_stack)) {
    return write(on_stack, count);
  }
  char *on_heap = static_cast<char *>(malloc(count + 1));
  if (on_heap == nullptr) {
    return 0;
  }
  va_start(arguments, format);
  vsnprintf(on_heap, count + 1, format, arguments);
  va_end(arguments);
  write(on_heap, count);
  free(on_heap);
  return count;
}
