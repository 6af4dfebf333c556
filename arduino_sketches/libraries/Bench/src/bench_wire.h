// One line on the serial link, in both directions:
//
//   @B1 <event> key=value key=value *<length><CRC>
//
// Length and CRC-16/XMODEM of what stands between "@B1 " and " *", as four hexadecimal digits each. A line that was cut
// or garbled on its way is recognised and refused; every other line is noise. Values are percent-encoded as in a URL.
#pragma once

#include <stdint.h>

namespace bench {

static const uint16_t MAX_PAYLOAD = 400;
static const uint16_t MAX_LINE = MAX_PAYLOAD + 14; // "@B1 ", " *", eight digits
static const uint8_t MAX_FIELDS = 12;

// A line to the host. Usage: Message("done").number("id", id).number("samples", samples).send();
class Message {
public:
  explicit Message(const char *event);
  Message &text(const char *key, const char *value);
  Message &number(const char *key, uint64_t value);
  Message &hex(const char *key, uint32_t value); // eight digits
  void send();

private:
  void put(const char *verbatim, uint16_t count);
  void put_key(const char *key);

  char payload_[MAX_PAYLOAD];
  uint16_t length_ = 0;
  bool overflowed_ = false;
};

// Sends `error`. `id` is that of the command which failed, 0 where it is not known.
void send_error(uint32_t id, const char *code, const char *message);

// Collects bytes into a line. Takes whatever comes: garbage, lines without end, bytes that no line may hold.
class LineReader {
public:
  // True when `byte` completed a line, which then is in line() until the next call.
  bool take(int byte);
  char *line() { return line_; }
  bool is_overlong() const { return overlong_; }

private:
  char line_[MAX_LINE + 1];
  uint16_t length_ = 0;
  bool complete_ = false;
  bool overlong_ = false;
};

enum class Frame { absent, damaged, intact };

// Finds the frame in `line`, which it cuts: after Frame::intact, `*payload` is a string of its own.
Frame unframe(char *line, char **payload);

// The fields of a payload. Keeps pointers into the text it was given.
class Command {
public:
  // Takes `payload` apart in place; false where it is not an event followed by key=value pairs.
  bool parse(char *payload);
  const char *event() const { return event_; }

  // The decoded value of `key`, null where it is absent.
  const char *text(const char *key) const;

  // Reads the decimal value of `key` into `*value`, and leaves it alone where the key is absent. False where the value
  // is no number below 2^32.
  bool number(const char *key, uint32_t *value) const;

private:
  const char *event_ = "";
  const char *keys_[MAX_FIELDS];
  const char *values_[MAX_FIELDS];
  uint8_t count_ = 0;
};

// Reads all of `digits` as a decimal number below 2^32; false, and `*value` untouched, where it is none.
bool parse_number(const char *digits, uint32_t *value);

} // namespace bench
