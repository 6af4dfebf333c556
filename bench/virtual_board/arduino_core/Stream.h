// Bytes in. A read that has to wait gives up after the time-out, one second where nothing else was set.
#pragma once

#include "Print.h"

class Stream : public Print {
public:
  virtual int available() = 0;
  virtual int read() = 0; // -1 where nothing waits, as with peek()
  virtual int peek() = 0;
  virtual void flush() = 0;

  void setTimeout(unsigned long timeout_ms) { timeout_ms_ = timeout_ms; }
  unsigned long getTimeout() const { return timeout_ms_; }

  // Up to `count` bytes; fewer where the time-out came first. Returns how many.
  size_t readBytes(uint8_t *buffer, size_t count);
  size_t readBytes(char *buffer, size_t count) { return readBytes(reinterpret_cast<uint8_t *>(buffer), count); }

  String readString();
  String readStringUntil(char terminator); // the terminator is taken, but not returned

protected:
  int timedRead(); // the next byte, -1 after the time-out

private:
  unsigned long timeout_ms_ = 1000;
};
