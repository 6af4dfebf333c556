#include "HardwareSerial.h"

#include "hal.h"
#include "peripherals.h"

HardwareSerial Serial(0);
HardwareSerial Serial1(1);

void HardwareSerial::begin(unsigned long baud, uint32_t config, int8_t rx_pin, int8_t tx_pin) {
  (void)config, (void)rx_pin, (void)tx_pin;
  if (port_ == 1) { // the other line has been opened by board support, and has no speed
    hal_serial1_open(baud);
  }
}

void HardwareSerial::end() {
  if (port_ == 1) {
    hal_serial1_close();
  }
}

// arduino-esp32 guards each line with a lock of its own. There is one thread, so taking it costs the call only.
static volatile bool serial1_is_locked;
static __attribute__((noinline)) bool lock_serial1() {
  serial1_is_locked = true;
  return true;
}
static __attribute__((noinline)) void unlock_serial1() { serial1_is_locked = false; }

static __attribute__((noinline)) void write_serial1(const uint8_t *bytes, size_t count) {
  if (bytes == nullptr || count == 0) {
    return;
  }
  while (!lock_serial1()) {
  }
  hal_serial1_write(bytes, count);
  unlock_serial1();
}

size_t HardwareSerial::write(const uint8_t *bytes, size_t count) {
  if (port_ == 1) {
    write_serial1(bytes, count);
  } else {
    hal_uart_write(bytes, count);
  }
  return count;
}

int HardwareSerial::available() { return peeked_ >= 0 || (port_ == 0 && hal_uart_readable()); }

int HardwareSerial::read() {
  const int byte = peek();
  peeked_ = -1;
  return byte;
}

int HardwareSerial::peek() {
  if (peeked_ < 0 && port_ == 0) {
    peeked_ = hal_uart_read();
  }
  return peeked_;
}
