// Text behind text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace replay {

inline char* append(char* at, const char* bytes, std::size_t length) {
  if (length > 0) std::memcpy(at, bytes, length);
  return at + length;
}

template <std::size_t size>
char* append(char* at, const char (&text)[size]) {
  return append(at, text, size - 1);
}

inline char* appendNumber(char* at, uint64_t number) {
  char digits[20];
  int count = 0;
  do digits[count++] = static_cast<char>('0' + number % 10);
  while ((number /= 10) != 0);
  while (count > 0) *at++ = digits[--count];
  return at;
}

}  // namespace replay
