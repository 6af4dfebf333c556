#include "Stream.h"

#include "Arduino.h"

// Waits actively, as on real boards. Sleeping would end at once here: virtual time passes without wall time while the
// board sleeps, and the host would never get the second it needs to answer.
int Stream::timedRead() {
  const unsigned long start_ms = millis();
  do {
    const int byte = read();
    if (byte >= 0) {
      return byte;
    }
  } while (millis() - start_ms < timeout_ms_);
  return -1;
}

size_t Stream::readBytes(uint8_t *buffer, size_t count) {
  size_t taken = 0;
  for (; taken < count; taken++) {
    const int byte = timedRead();
    if (byte < 0) {
      break;
    }
    buffer[taken] = static_cast<uint8_t>(byte);
  }
  return taken;
}

String Stream::readString() {
  String text;
  for (int byte = timedRead(); byte >= 0; byte = timedRead()) {
    text += static_cast<char>(byte);
  }
  return text;
}

String Stream::readStringUntil(char terminator) {
  String text;
  for (int byte = timedRead(); byte >= 0 && byte != static_cast<uint8_t>(terminator); byte = timedRead()) {
    text += static_cast<char>(byte);
  }
  return text;
}
