// Arduino's String: text that owns its memory on the heap.
#pragma once

#include <stddef.h>

class __FlashStringHelper;

class String {
public:
  String(const char *text = "");
  String(const __FlashStringHelper *text) : String(reinterpret_cast<const char *>(text)) {}
  String(const String &other);
  String(String &&other);
  explicit String(char c);
  explicit String(int value, unsigned char base = 10);
  explicit String(unsigned int value, unsigned char base = 10);
  explicit String(long value, unsigned char base = 10);
  explicit String(unsigned long value, unsigned char base = 10);
  explicit String(double value, unsigned char decimals = 2);
  ~String();

  String &operator=(const String &other);
  String &operator=(String &&other);

  const char *c_str() const { return text_ != nullptr ? text_ : ""; }
  size_t length() const { return length_; }
  bool isEmpty() const { return length_ == 0; }
  char charAt(size_t index) const { return index < length_ ? text_[index] : 0; }
  char operator[](size_t index) const { return charAt(index); }

  // Makes room for `length` characters in advance; false where the heap has none.
  bool reserve(size_t length);
  bool concat(const char *text, size_t count);
  bool concat(const String &other) { return concat(other.c_str(), other.length_); }
  bool concat(char c) { return concat(&c, 1); }
  template <class T> String &operator+=(const T &value) {
    concat(String(value));
    return *this;
  }
  String &operator+=(char c) {
    concat(c);
    return *this;
  }

  int compareTo(const String &other) const;
  bool equals(const String &other) const { return compareTo(other) == 0; }
  bool startsWith(const String &prefix) const;
  bool endsWith(const String &suffix) const;

  // The position of the first occurrence at or after `from`, -1 where there is none.
  int indexOf(char c, size_t from = 0) const;
  int indexOf(const String &part, size_t from = 0) const;
  String substring(size_t start) const { return substring(start, length_); }
  String substring(size_t start, size_t end) const;

  void trim(); // removes white space at both ends
  void toUpperCase();
  void toLowerCase();
  long toInt() const;
  float toFloat() const;

private:
  char *text_ = nullptr;
  size_t length_ = 0;
  size_t capacity_ = 0; // without the zero at the end
};

template <class T> String operator+(String left, const T &right) {
  left += right;
  return left;
}
inline bool operator==(const String &left, const String &right) { return left.equals(right); }
inline bool operator!=(const String &left, const String &right) { return !left.equals(right); }
inline bool operator<(const String &left, const String &right) { return left.compareTo(right) < 0; }
