// json_like_parse: recursive-descent parser over n characters of nested lists of whole numbers, written as in JSON; n is
// at least 16.
#pragma once

#include <Bench.h>

namespace json_like_parse {

static const uint8_t SPACE = 32;
static const uint8_t COMMA = 44;
static const uint8_t MINUS = 45;
static const uint8_t ZERO = 48;
static const uint8_t OPEN = 91;
static const uint8_t CLOSE = 93;
static const uint32_t DEEPEST = 6;

static uint8_t *text;
static int32_t *out;

// Returns the place of the first character from i on that is not a space.
static BENCH_NOINLINE uint32_t skip_spaces(const uint8_t *text, uint32_t i) {
  while (text[i] == 32) {
    i += 1;
  }
  return i;
}

// Adds the number at i to the sum, out[0], and counts it in out[1]; returns the place behind it.
static BENCH_NOINLINE uint32_t parse_number(const uint8_t *text, uint32_t i, int32_t *out) {
  int32_t sign = 1;
  if (text[i] == 45) {
    sign = -1;
    i += 1;
  }
  int32_t value = 0;
  while (text[i] >= 48 && text[i] <= 57) {
    value = 10 * value + text[i] - 48;
    i += 1;
  }
  out[0] = out[0] + sign * value;
  out[1] = out[1] + 1;
  return i;
}

// Parses the list whose bracket stands at i; out[2] keeps the greatest depth. Returns the place behind the list.
static BENCH_NOINLINE uint32_t parse_list(const uint8_t *text, uint32_t i, int32_t depth, int32_t *out) {
  if (depth > out[2]) {
    out[2] = depth;
  }
  i = skip_spaces(text, i + 1);
  while (text[i] != 93) {
    if (text[i] == 91) {
      i = parse_list(text, i, depth + 1, out);
    } else {
      i = parse_number(text, i, out);
    }
    i = skip_spaces(text, i);
    if (text[i] == 44) {
      i = skip_spaces(text, i + 1);
    }
  }
  return i + 1;
}

// Fills the text: numbers of up to four digits and lists of them, spaces up to the last brackets.
static void write_text(uint8_t *text, uint32_t n, uint32_t seed) {
  bench::Lcg generator(seed);
  uint32_t depth = 1;
  bool wants_comma = false;
  text[0] = OPEN;
  uint32_t i = 1;
  while (i + depth + 8 < n) {
    uint32_t choice = generator.next() & 15;
    if (wants_comma && depth > 1 && choice < 3) {
      text[i] = CLOSE;
      i += 1;
      depth -= 1;
      continue;
    }
    if (wants_comma) {
      text[i] = COMMA;
      text[i + 1] = SPACE;
      i += 2;
    }
    if (depth < DEEPEST && choice > 11) {
      text[i] = OPEN;
      i += 1;
      depth += 1;
      wants_comma = false;
      continue;
    }
    if (choice & 1) {
      text[i] = MINUS;
      i += 1;
    }
    uint32_t value = generator.next() & 0x1FFF;
    uint32_t digits = 1 + (value & 3);
    for (uint32_t k = 0; k < digits; k++) {
      text[i] = (uint8_t)(ZERO + 1 + value % 9);
      value = value / 9;
      i += 1;
    }
    wants_comma = true;
  }
  while (i + depth < n) {
    text[i] = SPACE;
    i += 1;
  }
  while (i < n) {
    text[i] = CLOSE;
    i += 1;
  }
}

static void setup(uint32_t n, uint32_t seed) {
  text = bench::allocate<uint8_t>(n);
  write_text(text, n, seed);
  out = bench::allocate<int32_t>(4);
}

static uint32_t run() {
  out[0] = 0;
  out[1] = 0;
  out[2] = 0;
  out[3] = (int32_t)parse_list(text, 0, 1, out);
  return 0;
}

static uint32_t checksum(uint32_t result) {
  (void)result;
  return bench::adler32(out, 4 * sizeof(int32_t));
}

} // namespace json_like_parse

BENCH_WORKLOAD(json_like_parse)
