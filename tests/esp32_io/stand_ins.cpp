// Stands in for what the I2C and the timer sketch call: a bus with devices at 0x03 (reserved), 0x3C and 0x68, a timer that
// has run down each time that loop() is entered. Runs loop() three times; prints how bus and timer were set up.
#include "Arduino.h"
#include "Wire.h"

#include <stdio.h>

HardwareSerial Serial;
TwoWire Wire;

void HardwareSerial::begin(unsigned long, uint32_t, int8_t, int8_t, bool, unsigned long, uint8_t) {}
size_t HardwareSerial::print(const char *text) { return printf("%s", text); }
size_t HardwareSerial::println(int value, int base) { return printf(base == HEX ? "%X\r\n" : "%d\r\n", value); }

void delay(uint32_t ms) { printf("sleep_ms %u\r\n", static_cast<unsigned>(ms)); }

static int asked;
bool TwoWire::begin(int sda, int scl, uint32_t frequency) {
  printf("bus sda %d scl %d Hz %u\r\n", sda, scl, static_cast<unsigned>(frequency));
  return true;
}
void TwoWire::beginTransmission(int address) { asked = address; }
uint8_t TwoWire::endTransmission() {
  const uint8_t nothing_answered = 2;
  return asked == 0x03 || asked == 0x3C || asked == 0x68 ? 0 : nothing_answered;
}

struct hw_timer_s {
  unsigned divider;
  void (*call)();
  bool enabled;
};
static hw_timer_s only;

hw_timer_t *timerBegin(uint8_t, uint16_t divider, bool) {
  only.divider = divider;
  return &only;
}
void timerAttachInterrupt(hw_timer_t *timer, void (*fn)(void), bool) { timer->call = fn; }
void timerAlarmWrite(hw_timer_t *timer, uint64_t interrupt_at, bool autoreload) {
  const unsigned clock_mhz = 80;
  printf("timer ms %u again %d\r\n", static_cast<unsigned>(interrupt_at * timer->divider / clock_mhz / 1000), autoreload);
}
void timerAlarmEnable(hw_timer_t *timer) { timer->enabled = true; }

int main() {
  setup();
  for (int i = 0; i < 3; i++) {
    if (only.enabled) {
      only.call();
    }
    loop();
  }
}
