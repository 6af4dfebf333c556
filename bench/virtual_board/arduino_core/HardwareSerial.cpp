#include "HardwareSerial.h"

#include "hal.h"

HardwareSerial Serial;

size_t HardwareSerial::write(const uint8_t *bytes, size_t count) {
  hal_uart_write(bytes, count);
  return count;
}

int HardwareSerial::available() { return peeked_ >= 0 || hal_uart_readable(); }

int HardwareSerial::read() {
  const int byte = peek();
  peeked_ = -1;
  return byte;
}

int HardwareSerial::peek() {
  if (peeked_ < 0) {
    peeked_ = hal_uart_read();
  }
  return peeked_;
}
