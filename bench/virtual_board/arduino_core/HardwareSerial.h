// The serial lines of the virtual board: Serial leads to the host, Serial1 nowhere.
#pragma once

#include "Stream.h"

#define SERIAL_8N1 0x800001c

class HardwareSerial : public Stream {
public:
  explicit HardwareSerial(uint8_t port) : port_(port) {}

  // The pins, of which there are none, are accepted as arduino-esp32 does.
  void begin(unsigned long baud, uint32_t config = SERIAL_8N1, int8_t rx_pin = -1, int8_t tx_pin = -1);
  void end();
  explicit operator bool() const { return true; }

  using Print::write;
  size_t write(uint8_t byte) override { return write(&byte, 1); }
  size_t write(const uint8_t *bytes, size_t count) override;
  int availableForWrite() { return 128; } // what arduino-esp32 says; a write waits where it must
  void flush() override {}                // write() returns when the bytes are out

  int available() override; // 1 where at least one byte waits, otherwise 0
  int read() override;
  int peek() override;

private:
  const uint8_t port_;
  int peeked_ = -1;
};

extern HardwareSerial Serial;
extern HardwareSerial Serial1;
