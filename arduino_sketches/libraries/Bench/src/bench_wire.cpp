#include "bench_wire.h"

#include <Arduino.h>
#include <string.h>

namespace bench {

static const char PREFIX[] = "@B1 ";
static const uint8_t PREFIX_LENGTH = 4;
static const uint8_t TRAILER_LENGTH = 10; // " *" and eight digits

// CRC-16/XMODEM: polynomial 0x1021, initial value 0; Python's binascii.crc_hqx(bytes, 0).
static uint16_t crc16(const char *bytes, uint16_t count) {
  uint16_t crc = 0;
  for (uint16_t i = 0; i < count; i++) {
    crc ^= static_cast<uint16_t>(static_cast<uint8_t>(bytes[i])) << 8;
    for (uint8_t bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000) ? static_cast<uint16_t>((crc << 1) ^ 0x1021) : static_cast<uint16_t>(crc << 1);
    }
  }
  return crc;
}

static char hex_digit(uint8_t value) { return "0123456789ABCDEF"[value & 15]; }

// The value of a hexadecimal digit, -1 for any other character.
static int8_t hex_value(char digit) {
  if (digit >= '0' && digit <= '9') {
    return digit - '0';
  }
  if (digit >= 'A' && digit <= 'F') {
    return digit - 'A' + 10;
  }
  return -1;
}

// The value of four hexadecimal digits, -1 where they are none.
static int32_t hex_word(const char *digits) {
  int32_t word = 0;
  for (uint8_t i = 0; i < 4; i++) {
    const int8_t value = hex_value(digits[i]);
    if (value < 0) {
      return -1;
    }
    word = word * 16 + value;
  }
  return word;
}

static bool needs_no_escape(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c != 0 && strchr("._:,/+-", c));
}

Message::Message(const char *event) { put(event, strlen(event)); }

void Message::put(const char *verbatim, uint16_t count) {
  if (count > MAX_PAYLOAD - length_) {
    overflowed_ = true;
    return;
  }
  memcpy(payload_ + length_, verbatim, count);
  length_ += count;
}

void Message::put_key(const char *key) {
  put(" ", 1);
  put(key, strlen(key));
  put("=", 1);
}

Message &Message::text(const char *key, const char *value) {
  put_key(key);
  for (; *value != 0; value++) {
    const uint8_t byte = static_cast<uint8_t>(*value);
    const char escaped[] = {'%', hex_digit(byte >> 4), hex_digit(byte)};
    if (needs_no_escape(*value)) {
      put(value, 1);
    } else {
      put(escaped, sizeof(escaped));
    }
  }
  return *this;
}

// Written out here because the printf of some boards knows no 64-bit numbers.
Message &Message::number(const char *key, uint64_t value) {
  char digits[20]; // 2^64 has twenty
  uint8_t first = sizeof(digits);
  do {
    digits[--first] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  put_key(key);
  put(digits + first, sizeof(digits) - first);
  return *this;
}

Message &Message::hex(const char *key, uint32_t value) {
  put_key(key);
  for (int8_t shift = 28; shift >= 0; shift -= 4) {
    const char digit = "0123456789abcdef"[(value >> shift) & 15];
    put(&digit, 1);
  }
  return *this;
}

void Message::send() {
  if (overflowed_) { // never a line with something missing
    return send_error(0, "exception", "a line to the host would exceed 400 bytes");
  }
  const uint16_t crc = crc16(payload_, length_);
  char trailer[TRAILER_LENGTH] = {' ', '*'};
  for (uint8_t i = 0; i < 4; i++) {
    trailer[2 + i] = hex_digit(static_cast<uint8_t>(length_ >> (12 - 4 * i)));
    trailer[6 + i] = hex_digit(static_cast<uint8_t>(crc >> (12 - 4 * i)));
  }
  Serial.write(reinterpret_cast<const uint8_t *>(PREFIX), PREFIX_LENGTH);
  Serial.write(reinterpret_cast<const uint8_t *>(payload_), length_);
  Serial.write(reinterpret_cast<const uint8_t *>(trailer), TRAILER_LENGTH);
  Serial.write(reinterpret_cast<const uint8_t *>("\r\n"), 2);
}

void send_error(uint32_t id, const char *code, const char *message) {
  Message("error").number("id", id).text("code", code).text("message", message).send();
}

bool LineReader::take(int byte) {
  if (complete_) {
    length_ = 0;
    complete_ = overlong_ = false;
  }
  if (byte == '\n' || byte == '\r') { // the LF after a CR ends an empty line, which is none
    line_[length_] = 0;
    complete_ = length_ > 0;
    return complete_;
  }
  if (length_ == MAX_LINE) {
    overlong_ = true;
    return false;
  }
  // A byte that no line may hold is kept as '?', so that the CRC refuses the line it stood in.
  line_[length_++] = (byte >= ' ' && byte <= '~') ? static_cast<char>(byte) : '?';
  return false;
}

// The last "@B1 " in `line`, null where there is none. It cannot occur inside a payload, so what stands before it is
// the remainder of something that was cut off.
static char *last_prefix(char *line) {
  char *last = nullptr;
  for (char *found = strstr(line, PREFIX); found != nullptr; found = strstr(found + 1, PREFIX)) {
    last = found;
  }
  return last;
}

Frame unframe(char *line, char **payload) {
  char *start = last_prefix(line);
  if (start == nullptr) {
    return Frame::absent;
  }
  start += PREFIX_LENGTH;
  const uint16_t rest = strlen(start);
  if (rest < TRAILER_LENGTH) {
    return Frame::damaged;
  }
  const uint16_t length = rest - TRAILER_LENGTH;
  char *trailer = start + length;
  if (trailer[0] != ' ' || trailer[1] != '*' || hex_word(trailer + 2) != length ||
      hex_word(trailer + 6) != crc16(start, length)) {
    return Frame::damaged;
  }
  *trailer = 0;
  *payload = start;
  return Frame::intact;
}

// Replaces each %XX by its byte, in place; false where a '%' is not followed by two digits, or stands for a zero byte.
static bool decode_percent(char *value) {
  char *out = value;
  while (*value != 0) {
    if (*value != '%') {
      *out++ = *value++;
      continue;
    }
    const int8_t high = hex_value(value[1]);
    const int8_t low = high < 0 ? -1 : hex_value(value[2]);
    if (low < 0 || (high == 0 && low == 0)) {
      return false;
    }
    *out++ = static_cast<char>(high * 16 + low);
    value += 3;
  }
  *out = 0;
  return true;
}

// Cuts `text` at its first `separator`; what follows it, null where there is none.
static char *cut(char *text, char separator) {
  char *found = strchr(text, separator);
  if (found == nullptr) {
    return nullptr;
  }
  *found = 0;
  return found + 1;
}

bool Command::parse(char *payload) {
  event_ = payload;
  count_ = 0;
  char *rest = cut(payload, ' ');
  while (rest != nullptr) {
    char *key = rest;
    rest = cut(key, ' ');
    char *value = cut(key, '=');
    if (value == nullptr || !decode_percent(value) || count_ == MAX_FIELDS) {
      return false;
    }
    keys_[count_] = key;
    values_[count_++] = value;
  }
  return true;
}

const char *Command::text(const char *key) const {
  for (uint8_t i = 0; i < count_; i++) {
    if (strcmp(keys_[i], key) == 0) {
      return values_[i];
    }
  }
  return nullptr;
}

bool Command::number(const char *key, uint32_t *value) const {
  const char *digits = text(key);
  return digits == nullptr || parse_number(digits, value);
}

bool parse_number(const char *digits, uint32_t *value) {
  uint32_t number = 0;
  if (*digits == 0) {
    return false;
  }
  for (; *digits != 0; digits++) {
    const uint8_t digit = static_cast<uint8_t>(*digits - '0');
    if (digit > 9 || number > (UINT32_MAX - digit) / 10) {
      return false;
    }
    number = number * 10 + digit;
  }
  *value = number;
  return true;
}

} // namespace bench
