// Arduino core for the virtual board. Enough of the Arduino API to run sketches that compute and talk over the serial
// line; the pins exist as a register only. Written to cost about what arduino-esp32 2.0.17 costs on an ESP32.
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hal.h"
#include "peripherals.h"

#define ARDUINO_VIRTUAL_VERSION "1.0.0" // the same as in package.json

// ---- Constants and macros of the Arduino language

#define HIGH 0x1
#define LOW 0x0

#define INPUT 0x01 // the values of arduino-esp32
#define OUTPUT 0x03
#define INPUT_PULLUP 0x05
#define INPUT_PULLDOWN 0x09
#define ANALOG 0xC0

#define LED_BUILTIN 2

#define PI 3.1415926535897932384626433832795
#define DEC 10
#define HEX 16
#define OCT 8
#define BIN 2

#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define constrain(value, low, high) ((value) < (low) ? (low) : ((value) > (high) ? (high) : (value)))

#define bit(b) (1UL << (b))
#define bitRead(value, b) (((value) >> (b)) & 1)
#define bitSet(value, b) ((value) |= bit(b))
#define bitClear(value, b) ((value) &= ~bit(b))
#define lowByte(word) ((uint8_t)((word)&0xff))
#define highByte(word) ((uint8_t)((word) >> 8))

typedef bool boolean;
typedef uint8_t byte;

// There is one address space: what AVR boards keep in flash is ordinary memory here.
#define PROGMEM
#define pgm_read_byte(address) (*(const uint8_t *)(address))
#define pgm_read_word(address) (*(const uint16_t *)(address))
#define pgm_read_dword(address) (*(const uint32_t *)(address))
#define pgm_read_float(address) (*(const float *)(address))
#define PSTR(text) (text)
class __FlashStringHelper;
#define F(text) (reinterpret_cast<const __FlashStringHelper *>(text))

// ---- The sketch

void setup();
void loop();

// ---- Time. All of it is virtual: an instruction takes one nanosecond, a delay no time at all on the host.

unsigned long millis();
unsigned long micros();
void delay(unsigned long ms);
void delayMicroseconds(unsigned int us);
void yield();

// Retired instructions since power-on, modulo 2^32.
static inline uint32_t cycleCount() { return hal_ticks32(); }

static inline void noInterrupts() { __asm__ volatile("csrci mstatus, 8" ::: "memory"); }
static inline void interrupts() { __asm__ volatile("csrsi mstatus, 8" ::: "memory"); }

// ---- Pins 0 to 31

void pinMode(uint8_t pin, uint8_t mode);
void digitalWrite(uint8_t pin, uint8_t level);
int digitalRead(uint8_t pin);

// ---- Analog input on pins 0 to 4: a ramp, since nothing is connected. A pin without it reads 0.

int8_t digitalPinToAnalogChannel(uint8_t pin);
bool adcAttachPin(uint8_t pin);
void analogReadResolution(uint8_t bits);
uint16_t analogRead(uint8_t pin);

// ---- PWM on channels 0 to 7, by the functions of arduino-esp32 2.x

uint32_t ledcSetup(uint8_t channel, uint32_t hertz, uint8_t bits); // the frequency; 0 where it cannot be had
void ledcAttachPin(uint8_t pin, uint8_t channel);
void ledcWrite(uint8_t channel, uint32_t duty);
uint32_t ledcRead(uint8_t channel);

// ---- Numbers

long random(long end);
long random(long start, long end);
void randomSeed(unsigned long seed);
long map(long value, long from_low, long from_high, long to_low, long to_high);

#include "HardwareSerial.h"
#include "WString.h"
