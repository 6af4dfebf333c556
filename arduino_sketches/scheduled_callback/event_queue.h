// A queue of callbacks that wait for the main program: the part of MicroPython's scheduler that a sketch has to bring
// along. Eight places, as MicroPython has. One side posts (an interrupt handler, say), the other one dispatches: as each
// writes an index of its own only, neither has to mask interrupts.
#pragma once

#include <Bench.h>

namespace event_queue {

typedef void (*Handler)(uint32_t value);

struct Event {
  Handler handler;
  uint32_t value;
};

static const uint8_t PLACES = 8; // a power of two

static Event events[PLACES];
static volatile uint8_t posted = 0;     // both count up for ever, and wrap
static volatile uint8_t dispatched = 0;

// Appends a call of handler(value); false where all places are taken.
static BENCH_NOINLINE bool schedule(Handler handler, uint32_t value) {
  if (static_cast<uint8_t>(posted - dispatched) == PLACES) {
    return false;
  }
  Event &event = events[posted % PLACES];
  event.handler = handler;
  event.value = value;
  posted = posted + 1;
  return true;
}

// Makes the oldest call that waits, if there is one.
static BENCH_NOINLINE void dispatch() {
  if (posted == dispatched) {
    return;
  }
  const Event event = events[dispatched % PLACES];
  dispatched = dispatched + 1;
  event.handler(event.value);
}

} // namespace event_queue
