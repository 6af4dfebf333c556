// str_methods: a text of n words taken apart, put together, changed and searched: loops over letters, written by hand.
#pragma once

#include <Bench.h>

namespace str_methods {

// A word of the text, which stays where it is.
struct Word {
  const uint8_t *start;
  uint32_t length;
};

static uint8_t *text;
static uint32_t length;
static const uint8_t *wanted;
static uint32_t wanted_length;
static Word *words;
static uint32_t word_count;
static uint8_t *joined;
static uint32_t joined_length;
static uint8_t *replaced;
static uint32_t replaced_length;

// Finds the words of the text; returns how many there are.
static BENCH_NOINLINE uint32_t split(Word *words, const uint8_t *text, uint32_t length) {
  uint32_t count = 0;
  uint32_t i = 0;
  while (i < length) {
    if (text[i] == ' ') {
      i += 1;
      continue;
    }
    uint32_t start = i;
    while (i < length && text[i] != ' ') {
      i += 1;
    }
    words[count].start = text + start;
    words[count].length = i - start;
    count += 1;
  }
  return count;
}

// Writes the words with commas between them; returns how long that is.
static BENCH_NOINLINE uint32_t join(uint8_t *out, const Word *words, uint32_t count) {
  uint32_t end = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (i > 0) {
      out[end] = ',';
      end += 1;
    }
    for (uint32_t k = 0; k < words[i].length; k++) {
      out[end] = words[i].start[k];
      end += 1;
    }
  }
  return end;
}

// Writes the text with xyz for every ab; returns how long that is.
static BENCH_NOINLINE uint32_t replace(uint8_t *out, const uint8_t *text, uint32_t length) {
  uint32_t end = 0;
  uint32_t i = 0;
  while (i < length) {
    if (i + 1 < length && text[i] == 'a' && text[i + 1] == 'b') {
      out[end] = 'x';
      out[end + 1] = 'y';
      out[end + 2] = 'z';
      end += 3;
      i += 2;
    } else {
      out[end] = text[i];
      end += 1;
      i += 1;
    }
  }
  return end;
}

// Returns the first place where the wanted letters begin; `length` where there is none.
static BENCH_NOINLINE uint32_t find(const uint8_t *text, uint32_t length, const uint8_t *wanted,
                                    uint32_t wanted_length) {
  for (uint32_t i = 0; i + wanted_length <= length; i++) {
    uint32_t k = 0;
    while (k < wanted_length && text[i + k] == wanted[k]) {
      k += 1;
    }
    if (k == wanted_length) {
      return i;
    }
  }
  return length;
}

static void setup(uint32_t n, uint32_t seed) {
  bench::Lcg generator(seed);
  text = bench::allocate<uint8_t>(8 * n);
  length = 0;
  for (uint32_t i = 0; i < n; i++) {
    if (i) {
      text[length] = 32;
      length += 1;
    }
    uint32_t letters = 1 + generator.next() % 7;
    for (uint32_t k = 0; k < letters; k++) {
      text[length] = (uint8_t)(97 + generator.next() % 4);
      length += 1;
    }
  }
  wanted = text + length / 2;
  wanted_length = 12;
  words = bench::allocate<Word>(n);
  joined = bench::allocate<uint8_t>(8 * n);
  replaced = bench::allocate<uint8_t>(12 * n);
}

static uint32_t run() {
  word_count = split(words, text, length);
  joined_length = join(joined, words, word_count);
  replaced_length = replace(replaced, text, length);
  return find(text, length, wanted, wanted_length);
}

static uint32_t checksum(uint32_t result) {
  uint32_t sum = bench::adler32(joined, joined_length);
  return bench::adler32(replaced, replaced_length, sum) ^ (word_count << 16) ^ result;
}

} // namespace str_methods

BENCH_WORKLOAD(str_methods)
