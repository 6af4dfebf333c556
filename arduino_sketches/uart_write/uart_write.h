// uart_write: send n bytes over a serial line in pieces of eight (n: a multiple of 8): calls into the hardware library.
#pragma once

#include <Bench.h>

namespace uart_write {

static const int8_t TX_PIN = 5; // both free on an ESP32, ESP32-S3 and ESP32-C3; leave them unconnected
static const int8_t RX_PIN = 4;
static const uint32_t BAUD = 5000000; // as fast as an ESP32 can

static uint8_t *data;
static uint32_t length;
static HardwareSerial *uart;

// Writes the data in pieces of eight bytes; returns how many bytes were taken.
static BENCH_NOINLINE uint32_t send(HardwareSerial &uart, const uint8_t *data, uint32_t length) {
  uint32_t sent = 0;
  for (uint32_t offset = 0; offset < length; offset += 8) {
    sent += uart.write(data + offset, 8);
  }
  return sent;
}

static void setup(uint32_t n, uint32_t seed) {
  length = n;
  data = bench::allocate<uint8_t>(n);
  bench::random_bytes(data, n, seed);
  uart = &Serial1;
  uart->begin(BAUD, SERIAL_8N1, RX_PIN, TX_PIN);
}

static uint32_t run() { return send(*uart, data, length); }

static uint32_t checksum(uint32_t result) { return result; }

} // namespace uart_write

BENCH_WORKLOAD(uart_write)
