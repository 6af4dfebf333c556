// The serial line of the virtual board, on the UART of board support.
#pragma once

#include "Stream.h"

class HardwareSerial : public Stream {
public:
  void begin(unsigned long baud) { (void)baud; } // board support has opened the line, which has no speed
  void end() {}
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
  int peeked_ = -1;
};

extern HardwareSerial Serial;
