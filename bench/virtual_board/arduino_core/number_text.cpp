#include "number_text.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

const char *unsigned_text(char *buffer, unsigned long long value, unsigned char base) {
  if (base < 2 || base > 36) {
    base = 10;
  }
  char *first = buffer + INTEGER_TEXT - 1;
  *first = 0;
  do {
    *--first = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[value % base];
    value /= base;
  } while (value != 0);
  return first;
}

const char *signed_text(char *buffer, long long value, unsigned char base) {
  if (value >= 0) {
    return unsigned_text(buffer, static_cast<unsigned long long>(value), base);
  }
  char *first = const_cast<char *>(unsigned_text(buffer, 0ULL - static_cast<unsigned long long>(value), base));
  *--first = '-';
  return first;
}

// Appends the fraction `rest`, 0 <= rest < 1, behind a point.
static char *append_fraction(char *end, double rest, unsigned char decimals) {
  *end++ = '.';
  for (; decimals > 0; decimals--) {
    rest *= 10;
    const int digit = static_cast<int>(rest);
    *end++ = static_cast<char>('0' + digit);
    rest -= digit;
  }
  return end;
}

const char *float_text(char *buffer, double value, unsigned char decimals) {
  if (isnan(value)) {
    return "nan";
  }
  if (isinf(value)) {
    return value < 0 ? "-inf" : "inf";
  }
  const double magnitude = fabs(value);
  if (magnitude > 4294967040.0) { // the largest float below 2^32
    return "ovf";
  }
  decimals = decimals > MAX_DECIMALS ? MAX_DECIMALS : decimals;
  double rounding = 0.5;
  for (unsigned char i = 0; i < decimals; i++) {
    rounding /= 10;
  }
  const uint32_t whole = static_cast<uint32_t>(magnitude + rounding);
  char whole_buffer[INTEGER_TEXT];
  const char *whole_text = unsigned_text(whole_buffer, whole, 10);
  char *end = buffer;
  if (value < 0) {
    *end++ = '-';
  }
  strcpy(end, whole_text);
  end += strlen(whole_text);
  if (decimals > 0) {
    end = append_fraction(end, magnitude + rounding - whole, decimals);
  }
  *end = 0;
  return buffer;
}
