// Declarations of our own, of what the I/O sketches call of arduino-esp32 2.0.17, libraries/Wire/src/Wire.h.
#pragma once

#include <stdint.h>

class TwoWire {
public:
  bool begin(int sda, int scl, uint32_t frequency = 0);
  void beginTransmission(uint16_t address);
  void beginTransmission(uint8_t address);
  void beginTransmission(int address);
  uint8_t endTransmission(bool sendStop);
  uint8_t endTransmission();
};
extern TwoWire Wire;
