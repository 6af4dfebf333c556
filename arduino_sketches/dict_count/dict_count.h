// dict_count: how often each word occurs among n words out of 64: a hash table with open addressing, written by hand.
#pragma once

#include <Bench.h>

namespace dict_count {

static const uint32_t VOCABULARY = 64;
static const uint32_t SLOTS = 128; // a power of two, and twice as many as there are different words

// A string of Python knows its length and its hash too.
struct Word {
  uint32_t hash;
  uint32_t length;
  uint8_t text[8];
};

struct Slot {
  const Word *word; // null: nothing has come here
  uint32_t count;
};

static Word *words;
static Word *vocabulary;
static Slot *slots;
static uint32_t length;

// Leaves in slots how often each word occurs; returns how many different ones there are.
static BENCH_NOINLINE uint32_t count(Slot *slots, const Word *words, uint32_t length) {
  for (uint32_t i = 0; i < SLOTS; i++) {
    slots[i].word = nullptr;
  }
  uint32_t used = 0;
  for (uint32_t i = 0; i < length; i++) {
    const Word *word = words + i;
    uint32_t place = word->hash % SLOTS;
    for (;;) {
      Slot *slot = slots + place;
      if (slot->word == nullptr) {
        slot->word = word;
        slot->count = 1;
        used += 1;
        break;
      }
      if (slot->word->hash == word->hash && slot->word->length == word->length) {
        uint32_t k = 0;
        while (k < word->length && slot->word->text[k] == word->text[k]) {
          k += 1;
        }
        if (k == word->length) {
          slot->count += 1;
          break;
        }
      }
      place = (place + 1) % SLOTS;
    }
  }
  return used;
}

static void setup(uint32_t n, uint32_t seed) {
  bench::Lcg generator(seed);
  vocabulary = bench::allocate<Word>(VOCABULARY);
  for (uint32_t i = 0; i < VOCABULARY; i++) {
    Word *word = vocabulary + i;
    word->length = 3 + generator.next() % 6;
    word->hash = 5381; // times 33, exclusive-or the letter: the hash function of MicroPython
    for (uint32_t k = 0; k < word->length; k++) {
      word->text[k] = (uint8_t)(97 + generator.next() % 26);
      word->hash = (33 * word->hash) ^ word->text[k];
    }
  }
  words = bench::allocate<Word>(n);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t first = generator.next() % VOCABULARY;
    uint32_t second = generator.next() % VOCABULARY;
    words[i] = vocabulary[first < second ? first : second];
  }
  slots = bench::allocate<Slot>(SLOTS);
  length = n;
}

static uint32_t run() { return count(slots, words, length); }

static uint32_t checksum(uint32_t result) {
  uint32_t out[VOCABULARY];
  for (uint32_t i = 0; i < VOCABULARY; i++) {
    out[i] = 0;
    for (uint32_t place = 0; place < SLOTS; place++) {
      const Word *word = slots[place].word;
      if (word == nullptr || word->length != vocabulary[i].length) {
        continue;
      }
      uint32_t k = 0;
      while (k < word->length && word->text[k] == vocabulary[i].text[k]) {
        k += 1;
      }
      if (k == word->length) {
        out[i] = slots[place].count;
      }
    }
  }
  return bench::adler32(out, sizeof(out)) ^ result;
}

} // namespace dict_count

BENCH_WORKLOAD(dict_count)
