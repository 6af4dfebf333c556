// Text out. A class that implements write() for one byte gets all of print().
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "WString.h"

class Print {
public:
  virtual ~Print() {}
  virtual size_t write(uint8_t byte) = 0;
  virtual size_t write(const uint8_t *bytes, size_t count);
  size_t write(const char *text);
  size_t write(const char *bytes, size_t count) { return write(reinterpret_cast<const uint8_t *>(bytes), count); }

  size_t print(const char *text) { return write(text); }
  size_t print(const __FlashStringHelper *text) { return write(reinterpret_cast<const char *>(text)); }
  size_t print(const String &text) { return write(text.c_str(), text.length()); }
  size_t print(char c) { return write(static_cast<uint8_t>(c)); }
  size_t print(unsigned char value, int base = 10) { return print(static_cast<unsigned long long>(value), base); }
  size_t print(int value, int base = 10) { return print(static_cast<long>(value), base); }
  size_t print(unsigned int value, int base = 10) { return print(static_cast<unsigned long long>(value), base); }
  // Only decimal numbers have a sign: in another base the bits of a 32-bit number are shown.
  size_t print(long value, int base = 10);
  size_t print(unsigned long value, int base = 10) { return print(static_cast<unsigned long long>(value), base); }
  size_t print(long long value, int base = 10);
  size_t print(unsigned long long value, int base = 10);
  size_t print(double value, int decimals = 2);

  size_t println() { return write("\r\n", 2); }
  template <class... Arguments> size_t println(const Arguments &...arguments) {
    const size_t count = print(arguments...);
    return count + println();
  }

  size_t printf(const char *format, ...) __attribute__((format(printf, 2, 3)));
};
