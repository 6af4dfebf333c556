// attribute_access: n steps along a ring of eight objects; a step reads three attributes and writes two.
//
// The next object is known only when the program runs, so the compiler cannot keep fields in registers.
#pragma once

#include <Bench.h>

namespace attribute_access {

static const uint32_t RING = 8;

// An object of the ring.
struct Item {
  explicit Item(uint32_t start) : start(start), visits(0), value(0), next(this) {}

  uint32_t start;
  uint32_t visits;
  uint32_t value;
  Item *next;
};

static Item *first;
static uint32_t length;

// Gives all objects of the ring their first values.
static BENCH_NOINLINE void load(Item *item) {
  for (uint32_t i = 0; i < RING; i++) {
    item->visits = 0;
    item->value = item->start;
    item = item->next;
  }
}

// Visits `length` objects, beginning with this one.
static BENCH_NOINLINE void walk(Item *item, uint32_t length) {
  for (uint32_t i = 0; i < length; i++) {
    item->visits = item->visits + 1;
    item->value = (5 * item->value + i) & 0xFFFF;
    item = item->next;
  }
}

static void setup(uint32_t n, uint32_t seed) {
  uint8_t *starts = bench::allocate<uint8_t>(RING);
  bench::random_bytes(starts, RING, seed);
  first = bench::allocate<Item>(RING);
  for (uint32_t i = 0; i < RING; i++) {
    first[i] = Item(starts[i]);
    first[i].next = first + (i + 1) % RING;
  }
  length = n;
}

static uint32_t run() {
  load(first);
  walk(first, length);
  return 0;
}

static uint32_t checksum(uint32_t result) {
  (void)result;
  uint32_t out[2 * RING];
  const Item *item = first;
  for (uint32_t i = 0; i < RING; i++) {
    out[2 * i] = item->visits;
    out[2 * i + 1] = item->value;
    item = item->next;
  }
  return bench::adler32(out, sizeof(out));
}

} // namespace attribute_access

BENCH_WORKLOAD(attribute_access)
