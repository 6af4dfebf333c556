// What Arduino.h beside it declares, for a program on the computer that runs the tests: the serial line is stdin and
// stdout, and stderr tells in which order the library called what. An ESP32 is not imitated.
#include <Arduino.h>
#include <esp_heap_caps.h>
#include <stdio.h>

#include "bench_stack.h"

static const uint32_t MHZ = 160;

static void called(const char *name) { fprintf(stderr, "%s\n", name); }

bool setCpuFrequencyMhz(uint32_t mhz) {
  called(mhz == 240 ? "clock 240" : "clock");
  return false; // as a chip that is made for 160 MHz
}
uint32_t getCpuFrequencyMhz() { return MHZ; }
unsigned long micros() {
  static unsigned long now = 0;
  return now += 1000;
}
void delay(uint32_t) {}
void disableCore0WDT() { called("no watchdog of core 0"); }
void disableCore1WDT() { called("no watchdog of core 1"); }
void heap_caps_malloc_extmem_enable(size_t limit) { called(limit == SIZE_MAX ? "no PSRAM" : "PSRAM"); }
BaseType_t xPortGetCoreID() { return 1; }
esp_reset_reason_t esp_reset_reason() { return ESP_RST_TASK_WDT; }

void EspClass::restart() {
  called("restart");
  exit(0);
}
uint16_t EspClass::getChipRevision() { return 301; }
const char *EspClass::getChipModel() { return "ESP32-PICO-V3-02"; }             // the longest that it tells
const char *EspClass::getSdkVersion() { return "v4.4.7-dirty-0123456789abcd"; } // 31 characters are the most
uint32_t EspClass::getCycleCount() { return micros() * MHZ; }
EspClass ESP;

void HardwareSerial::begin(unsigned long baud, uint32_t, int8_t, int8_t, bool, unsigned long, uint8_t) {
  called(baud == 115200 ? "serial line" : "another line");
}
size_t HardwareSerial::setRxBufferSize(size_t size) {
  called(size > 414 ? "buffer" : "too small a buffer");
  return size;
}
int HardwareSerial::available() {
  const int byte = getchar();
  if (byte == EOF) {
    exit(0);
  }
  ungetc(byte, stdin);
  return 1;
}
int HardwareSerial::read() { return getchar(); }
void HardwareSerial::flush() { fflush(stdout); }
size_t HardwareSerial::write(const uint8_t *bytes, size_t count) { return fwrite(bytes, 1, count, stdout); }
size_t Stream::print(const char *text) { return printf("%s", text); }
size_t Stream::println(const char *text) { return printf("%s\r\n", text); }
HardwareSerial Serial;

bool bench::measure_stack(uint32_t (*)(), uint32_t *) { return false; } // the library's is for the chip's processors

int main() {
  setup();
  for (;;) {
    loop();
  }
}
