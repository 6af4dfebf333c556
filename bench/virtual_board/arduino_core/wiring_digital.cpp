// Pins. arduino-esp32 2.0.17 passes each call on to a function of the driver, which checks the pin number before it
// touches the register; so does this, since the detour is most of what digitalWrite() costs.
#include "Arduino.h"

static bool is_valid(uint8_t pin) { return pin < HAL_GPIO_COUNT; }

static __attribute__((noinline)) bool set_level(uint8_t pin, uint8_t level) {
  if (!is_valid(pin)) {
    return false;
  }
  hal_gpio_write(pin, level);
  return true;
}

static __attribute__((noinline)) int get_level(uint8_t pin) { return is_valid(pin) ? hal_gpio_read(pin) : 0; }

void pinMode(uint8_t pin, uint8_t mode) {
  if (!is_valid(pin)) {
    return;
  }
  const uint32_t mask = 1UL << pin;
  if (mode == OUTPUT) {
    hal_gpio.enable |= mask;
    return;
  }
  hal_gpio.enable &= ~mask;
  if (mode == INPUT_PULLUP) { // nothing is connected, so the resistor decides
    hal_gpio.in |= mask;
  } else {
    hal_gpio.in &= ~mask;
  }
}

void digitalWrite(uint8_t pin, uint8_t level) { set_level(pin, level); }

int digitalRead(uint8_t pin) { return get_level(pin); }
