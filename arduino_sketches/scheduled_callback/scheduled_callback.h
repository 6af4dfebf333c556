// scheduled_callback: schedule a callback n times, as interrupt handlers do, and wait each time until it has run.
#pragma once

#include <Bench.h>

#include "event_queue.h"

namespace scheduled_callback {

static uint32_t events;
static uint32_t handled;
static uint32_t digest;

// Takes the event: counts it, and adds its value to the digest of all values so far.
static BENCH_NOINLINE void on_event(uint32_t value) {
  handled += 1;
  digest = (digest * 31 + value) & 0xFFFF;
}

// Posts n events, each after the one before it was handled; returns the digest.
static BENCH_NOINLINE uint32_t post_events(uint32_t n) {
  handled = 0;
  digest = 1;
  for (uint32_t i = 0; i < n; i++) {
    event_queue::schedule(on_event, i);
    while (handled <= i) {
      event_queue::dispatch();
    }
  }
  return digest;
}

static void setup(uint32_t n, uint32_t seed) {
  (void)seed; // there are no inputs but n
  events = n;
}

static uint32_t run() { return post_events(events); }

static uint32_t checksum(uint32_t result) { return (handled << 16) | result; }

} // namespace scheduled_callback

BENCH_WORKLOAD(scheduled_callback)
