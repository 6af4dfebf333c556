#include "WString.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "number_text.h"

String::String(const char *text) {
  if (text != nullptr) {
    concat(text, strlen(text));
  }
}

String::String(const String &other) { concat(other); }

String::String(String &&other) { *this = static_cast<String &&>(other); }

String::String(char c) { concat(c); }

String::String(int value, unsigned char base) : String(static_cast<long>(value), base) {}

String::String(unsigned int value, unsigned char base) : String(static_cast<unsigned long>(value), base) {}

String::String(long value, unsigned char base) {
  char buffer[INTEGER_TEXT];
  concat(String(signed_text(buffer, value, base)));
}

String::String(unsigned long value, unsigned char base) {
  char buffer[INTEGER_TEXT];
  concat(String(unsigned_text(buffer, value, base)));
}

String::String(double value, unsigned char decimals) {
  char buffer[FLOAT_TEXT];
  concat(String(float_text(buffer, value, decimals)));
}

String::~String() { free(text_); }

String &String::operator=(const String &other) {
  if (this != &other) {
    length_ = 0;
    concat(other);
  }
  return *this;
}

String &String::operator=(String &&other) {
  if (this != &other) {
    free(text_);
    text_ = other.text_;
    length_ = other.length_;
    capacity_ = other.capacity_;
    other.text_ = nullptr;
    other.length_ = other.capacity_ = 0;
  }
  return *this;
}

bool String::reserve(size_t length) {
  if (text_ != nullptr && length <= capacity_) {
    return true;
  }
  char *grown = static_cast<char *>(realloc(text_, length + 1));
  if (grown == nullptr) {
    return false;
  }
  text_ = grown;
  capacity_ = length;
  text_[length_] = 0;
  return true;
}

bool String::concat(const char *text, size_t count) {
  // Growing may move the memory that `text` points into, when a string is appended to itself.
  const bool is_own = text_ != nullptr && text >= text_ && text <= text_ + length_;
  const size_t offset = is_own ? static_cast<size_t>(text - text_) : 0;
  if (!reserve(length_ + count)) {
    return false;
  }
  memmove(text_ + length_, is_own ? text_ + offset : text, count);
  length_ += count;
  text_[length_] = 0;
  return true;
}

int String::compareTo(const String &other) const { return strcmp(c_str(), other.c_str()); }

bool String::startsWith(const String &prefix) const { return strncmp(c_str(), prefix.c_str(), prefix.length_) == 0; }

bool String::endsWith(const String &suffix) const {
  return length_ >= suffix.length_ && strcmp(c_str() + length_ - suffix.length_, suffix.c_str()) == 0;
}

int String::indexOf(char c, size_t from) const { return indexOf(String(c), from); }

int String::indexOf(const String &part, size_t from) const {
  if (from > length_) {
    return -1;
  }
  const char *found = strstr(c_str() + from, part.c_str());
  return found == nullptr ? -1 : static_cast<int>(found - c_str());
}

String String::substring(size_t start, size_t end) const {
  String part;
  if (end > length_) {
    end = length_;
  }
  if (start < end) {
    part.concat(text_ + start, end - start);
  }
  return part;
}

void String::trim() {
  size_t start = 0;
  size_t end = length_;
  while (start < end && isspace(static_cast<unsigned char>(text_[start]))) {
    start++;
  }
  while (end > start && isspace(static_cast<unsigned char>(text_[end - 1]))) {
    end--;
  }
  *this = substring(start, end);
}

void String::toUpperCase() {
  for (size_t i = 0; i < length_; i++) {
    text_[i] = static_cast<char>(toupper(static_cast<unsigned char>(text_[i])));
  }
}

void String::toLowerCase() {
  for (size_t i = 0; i < length_; i++) {
    text_[i] = static_cast<char>(tolower(static_cast<unsigned char>(text_[i])));
  }
}

long String::toInt() const { return strtol(c_str(), nullptr, 10); }

float String::toFloat() const { return strtof(c_str(), nullptr); }
