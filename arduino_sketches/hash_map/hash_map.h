// hash_map: a hash map with open addressing, written by hand: n keys of 15 bits are entered, then n keys are looked up.
//
// The table has the smallest power of two of places that is at least 2 n. n is at most 16384.
#pragma once

#include <Bench.h>

namespace hash_map {

static uint32_t length;
static uint16_t *new_keys;
static uint16_t *wanted;
static uint16_t *keys;
static uint16_t *values;
static uint32_t mask;
static uint32_t shift;

// Marks all places of the table as empty.
static BENCH_NOINLINE void clear(uint16_t *keys, uint32_t mask) {
  for (uint32_t place = 0; place < mask + 1; place++) {
    keys[place] = 0x8000; // no key has more than 15 bits
  }
}

// Returns where the search for a key begins: the upper digits of a product modulo 2^15.
static BENCH_NOINLINE uint32_t hash_of(uint32_t key, uint32_t shift) { return ((key * 20251) & 0x7FFF) >> shift; }

// Returns the place of the key, or the empty place where the search ends.
static BENCH_NOINLINE uint32_t find(const uint16_t *keys, uint32_t mask, uint32_t shift, uint32_t key) {
  uint32_t place = hash_of(key, shift);
  while (keys[place] != key && keys[place] != 0x8000) {
    place = (place + 1) & mask;
  }
  return place;
}

// Enters the keys, each with its number; the last one counts where a key occurs again.
static BENCH_NOINLINE void enter(uint16_t *keys, uint16_t *values, uint32_t mask, uint32_t shift,
                                 const uint16_t *new_keys, uint32_t length) {
  for (uint32_t i = 0; i < length; i++) {
    uint32_t key = new_keys[i];
    uint32_t place = find(keys, mask, shift, key);
    keys[place] = key;
    values[place] = i;
  }
}

// Returns the sum of the values of the wanted keys; a key that is not in the table counts 1.
static BENCH_NOINLINE uint32_t look_up(const uint16_t *keys, const uint16_t *values, uint32_t mask, uint32_t shift,
                                       const uint16_t *wanted, uint32_t length) {
  uint32_t total = 0;
  for (uint32_t i = 0; i < length; i++) {
    uint32_t key = wanted[i];
    uint32_t place = find(keys, mask, shift, key);
    if (keys[place] == key) {
      total += values[place];
    } else {
      total += 1;
    }
  }
  return total;
}

static void setup(uint32_t n, uint32_t seed) {
  length = n;
  new_keys = bench::allocate<uint16_t>(n);
  wanted = bench::allocate<uint16_t>(n);
  uint32_t places = 2;
  shift = 14;
  while (places < 2 * n) {
    places = places * 2;
    shift = shift - 1;
  }
  mask = places - 1;
  keys = bench::allocate<uint16_t>(places);
  values = bench::allocate<uint16_t>(places);
  bench::Lcg generator(seed);
  for (uint32_t i = 0; i < n; i++) {
    new_keys[i] = generator.next();
  }
  for (uint32_t i = 0; i < n; i++) { // every second key is in the table, the others hardly
    wanted[i] = generator.next();
    if (i & 1) {
      wanted[i] = new_keys[n - 1 - i];
    }
  }
}

static uint32_t run() {
  clear(keys, mask);
  enter(keys, values, mask, shift, new_keys, length);
  return look_up(keys, values, mask, shift, wanted, length);
}

static uint32_t checksum(uint32_t result) {
  uint32_t bytes = (mask + 1) * sizeof(uint16_t);
  return bench::adler32(values, bytes, bench::adler32(keys, bytes)) ^ result;
}

} // namespace hash_map

BENCH_WORKLOAD(hash_map)
