// Declarations of our own, of that part of arduino-esp32 2.0 which the sketches use: the ESP32 branch is compiled against
// them where the real core is not. Each names the file of arduino-esp32 (or of its ESP-IDF 4.4) that declares it. They
// were read in versions of the 2.0 series; only a build with the package of 2.0.17 itself proves that they are its.
#pragma once

// cores/esp32/Arduino.h includes these for everybody.
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

// cores/esp32/esp_arduino_version.h
#define ESP_ARDUINO_VERSION_MAJOR 2
#define ESP_ARDUINO_VERSION_MINOR 0
#define ESP_ARDUINO_VERSION_PATCH 17

// cores/esp32/esp32-hal-gpio.h
#define HIGH 0x1
#define OUTPUT 0x03
#define INPUT_PULLUP 0x05

// cores/esp32/Arduino.h: the C++ library's, which take two of one type only.
template <class T> const T &min(const T &a, const T &b) { return b < a ? b : a; }
template <class T> const T &max(const T &a, const T &b) { return a < b ? b : a; }

extern "C" {
// cores/esp32/esp32-hal-cpu.h
bool setCpuFrequencyMhz(uint32_t cpu_freq_mhz);
uint32_t getCpuFrequencyMhz();

// cores/esp32/esp32-hal.h
unsigned long micros();
void delay(uint32_t ms);
void disableCore0WDT();
#ifndef CONFIG_FREERTOS_UNICORE
void disableCore1WDT();
#endif

// cores/esp32/esp32-hal-gpio.h
void pinMode(uint8_t pin, uint8_t mode);
void digitalWrite(uint8_t pin, uint8_t val);
int digitalRead(uint8_t pin);

// cores/esp32/esp32-hal-adc.h
uint16_t analogRead(uint8_t pin);

// cores/esp32/esp32-hal-ledc.h
uint32_t ledcSetup(uint8_t channel, uint32_t freq, uint8_t resolution_bits);
void ledcAttachPin(uint8_t pin, uint8_t channel);
void ledcWrite(uint8_t channel, uint32_t duty);
}

// cores/esp32/Esp.h
class EspClass {
public:
  void restart();
  uint16_t getChipRevision();
  const char *getChipModel();
  const char *getSdkVersion();
  uint32_t getCycleCount();
};
extern EspClass ESP;

// cores/esp32/Print.h, Stream.h
class Stream {
public:
  size_t print(const char *text);
  size_t println(const char *text);
  virtual size_t write(const uint8_t *buffer, size_t size) = 0;
  virtual int available() = 0;
  virtual int read() = 0;
  virtual void flush() = 0;
};

// cores/esp32/HardwareSerial.h
enum SerialConfig { SERIAL_8N1 = 0x800001c };

class HardwareSerial : public Stream {
public:
  void begin(unsigned long baud, uint32_t config = SERIAL_8N1, int8_t rxPin = -1, int8_t txPin = -1,
             bool invert = false, unsigned long timeout_ms = 20000UL, uint8_t rxfifo_full_thrhd = 112);
  size_t setRxBufferSize(size_t new_size);
  int available() override;
  int read() override;
  void flush() override;
  size_t write(const uint8_t *buffer, size_t size) override;
};

// cores/esp32/HWCDC.h: the S3's and C3's own USB.
class HWCDC : public Stream {
public:
  void begin(unsigned long baud = 0);
  size_t setRxBufferSize(size_t new_size);
  void setTxTimeoutMs(uint32_t timeout);
  int available() override;
  int read() override;
  void flush() override;
  size_t write(const uint8_t *buffer, size_t size) override;
};

// cores/esp32/HardwareSerial.h, HWCDC.h
extern HardwareSerial Serial1;
#if ARDUINO_USB_CDC_ON_BOOT
extern HWCDC Serial;
#else
extern HardwareSerial Serial;
#endif

// cores/esp32/Arduino.h
void setup();
void loop();
