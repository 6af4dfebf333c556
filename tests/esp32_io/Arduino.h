// Declarations of our own, of what the I/O sketches call of arduino-esp32 2.0.17 (files of cores/esp32): against them
// they are compiled where the real core is not. stand_ins.cpp lets the sketches run on a computer.
#pragma once

#include <stddef.h>
#include <stdint.h>

extern "C" {
// esp32-hal-gpio.h
#define LOW 0x0
#define HIGH 0x1
#define INPUT_PULLUP 0x05
#define OUTPUT 0x03
void pinMode(uint8_t pin, uint8_t mode);
void digitalWrite(uint8_t pin, uint8_t val);
int digitalRead(uint8_t pin);

// esp32-hal.h
#define IRAM_ATTR
void delay(uint32_t ms);

// esp32-hal-adc.h
uint16_t analogRead(uint8_t pin);

// esp32-hal-ledc.h
uint32_t ledcSetup(uint8_t channel, uint32_t freq, uint8_t resolution_bits);
void ledcAttachPin(uint8_t pin, uint8_t channel);
void ledcWrite(uint8_t channel, uint32_t duty);

// esp32-hal-timer.h
struct hw_timer_s;
typedef struct hw_timer_s hw_timer_t;
hw_timer_t *timerBegin(uint8_t timer, uint16_t divider, bool countUp);
void timerAttachInterrupt(hw_timer_t *timer, void (*fn)(void), bool edge);
void timerAlarmWrite(hw_timer_t *timer, uint64_t interruptAt, bool autoreload);
void timerAlarmEnable(hw_timer_t *timer);
}

// Print.h
#define DEC 10
#define HEX 16

// HardwareSerial.h
#define SERIAL_8N1 0x800001c
class HardwareSerial {
public:
  void begin(unsigned long baud, uint32_t config = SERIAL_8N1, int8_t rxPin = -1, int8_t txPin = -1,
             bool invert = false, unsigned long timeout_ms = 20000UL, uint8_t rxfifo_full_thrhd = 112);
  int available();
  int read();
  size_t write(uint8_t byte);
  size_t write(int n) { return write(static_cast<uint8_t>(n)); }
  size_t print(const char *text);
  size_t println(int value, int base = DEC);
};
extern HardwareSerial Serial;
extern HardwareSerial Serial1;

// Arduino.h
void setup();
void loop();
