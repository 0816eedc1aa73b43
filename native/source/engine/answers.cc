#include "answers.h"

#include <cstring>

namespace answers {

namespace {

using heads::Place;

template <std::size_t size>
bool startsWith(const char* bytes, std::size_t length, const char (&word)[size]) {
  return length >= size - 1 && std::memcmp(bytes, word, size - 1) == 0;
}

template <std::size_t size>
bool is(const char* bytes, std::size_t length, const char (&word)[size]) {
  return length == size - 1 && std::memcmp(bytes, word, size - 1) == 0;
}

// RFC 9110 5.6.2.
struct TokenTable {
  bool isToken[256] = {};
  constexpr TokenTable() {
    for (const char* at = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"; *at != 0; ++at) {
      isToken[static_cast<unsigned char>(*at)] = true;
    }
  }
};
constexpr TokenTable tokens;

bool isDigit(char code) { return code >= '0' && code <= '9'; }
bool isBlank(char code) { return code == ' ' || code == '\t'; }

// The fields whose values anything is decided by when an answer only passes: everything that edge/ asks a response for, and
// every name that may be that of a targeted Cache-Control (RFC 9213). Of all others the names count.
bool isWatched(const char* name, std::size_t length) {
  if (length >= 8 && std::memcmp(name + length - 8, "-control", 8) == 0) return true;
  switch (length) {
    case 4:
      return is(name, length, "vary");
    case 6:
      return is(name, length, "pragma");
    case 10:
      return is(name, length, "connection") || is(name, length, "keep-alive");
    case 12:
      return is(name, length, "content-type");
    case 16:
      return is(name, length, "content-encoding");
    case 17:
      return is(name, length, "transfer-encoding");
    default:
      return false;
  }
}

// `HTTP/1.1 200 `, with or without words behind it; 0 when it is another line.
uint32_t statusOf(const char* bytes, const char* end) {
  if (end - bytes < 14 || std::memcmp(bytes, "HTTP/1.1 ", 9) != 0) return 0;
  if (!isDigit(bytes[9]) || !isDigit(bytes[10]) || !isDigit(bytes[11])) return 0;
  if (bytes[12] != ' ' && bytes[12] != '\r') return 0;
  const uint32_t status = static_cast<uint32_t>((bytes[9] - '0') * 100 + (bytes[10] - '0') * 10 + (bytes[11] - '0'));
  return status >= 200 && status <= 599 ? status : 0;
}

// Of eight bytes.
bool hasNoControls(const char* at) {
  constexpr uint64_t each = 0x0101010101010101;
  constexpr uint64_t highest = each * 0x80;
  uint64_t word;
  std::memcpy(&word, at, 8);
  const uint64_t deletes = word ^ each * 0x7f;
  // Whether a byte is less than n: (x - n) & ~x has its highest bit (Anderson, Bit Twiddling Hacks, "hasless").
  return (((word - each * 0x20) & ~word) & highest) == 0 && (((deletes - each) & ~deletes) & highest) == 0;
}

// Where the CRLF is that ends the line; null when there is none, or something before it that no line has (RFC 9110 5.5).
const char* endOfLine(const char* at, const char* end) {
  while (end - at >= 8 && hasNoControls(at)) at += 8;
  for (; at < end; ++at) {
    const unsigned char code = static_cast<unsigned char>(*at);
    if ((code >= 32 && code != 127) || code == '\t') continue;
    return code == '\r' && end - at > 1 && at[1] == '\n' ? at : nullptr;
  }
  return nullptr;
}

}  // namespace

bool Answers::append(const char* bytes, std::size_t length) {
  if (length > sizeof shape_ - shapeBytes_) return false;
  std::memcpy(shape_ + shapeBytes_, bytes, length);
  shapeBytes_ += length;
  return true;
}

// At its beginning, which is moved behind its end.
bool Answers::readLine(const char*& at, const char* end) {
  if (count_ == linesMax) return false;
  Line& line = lines_[count_++];
  line.name = at;
  while (at < end && tokens.isToken[static_cast<unsigned char>(*at)]) ++at;
  line.nameBytes = static_cast<uint32_t>(at - line.name);
  // A longer name is no more to us than a malformed one.
  if (line.nameBytes == 0 || line.nameBytes > sizeof name_ || at == end || *at != ':') return false;
  const char* lineEnd = endOfLine(++at, end);
  if (lineEnd == nullptr) return false;
  const char* valueEnd = lineEnd;
  while (at < valueEnd && isBlank(*at)) ++at;
  while (valueEnd > at && isBlank(valueEnd[-1])) --valueEnd;
  line.value = at;
  line.valueBytes = static_cast<uint32_t>(valueEnd - at);
  at = lineEnd + 2;
  return true;
}

// RFC 9110 8.6: digits, once. What else may be meant is for who knows.
bool Answers::noteLength(const Line& line, Found& found, uint32_t& marks) {
  if ((marks & seen::hasLength) != 0 || line.valueBytes == 0 || line.valueBytes > 15) return false;
  uint64_t length = 0;
  for (uint32_t at = 0; at < line.valueBytes; ++at) {
    if (!isDigit(line.value[at])) return false;
    length = length * 10 + static_cast<uint64_t>(line.value[at] - '0');
  }
  found.contentLength = length;
  marks |= seen::hasLength;
  return true;
}

bool Answers::note(const Line& line, Found& found, uint32_t& marks) {
  for (uint32_t at = 0; at < line.nameBytes; ++at) {
    const char code = line.name[at];
    name_[at] = code >= 'A' && code <= 'Z' ? static_cast<char>(code + 32) : code;
  }
  if (!append(name_, line.nameBytes) || !append(":", 1)) return false;
  if (is(name_, line.nameBytes, "content-length") && !noteLength(line, found, marks)) return false;
  if (is(name_, line.nameBytes, "date")) {
    if (dateAt_ != nullptr || line.valueBytes != dateBytes) return false;
    dateAt_ = line.value;
  }
  if (is(name_, line.nameBytes, "transfer-encoding")) {
    if (isChunked_ || !is(line.value, line.valueBytes, "chunked")) return false;
    isChunked_ = true;
  }
  if (isWatched(name_, line.nameBytes) && !append(line.value, line.valueBytes)) return false;
  return append("\n", 1);
}

// Only of a head that is not odd: who asked knows the date that was told last.
uint32_t Answers::noteDate(Found& found, const char* bytes) {
  found.dateAt = static_cast<uint32_t>(dateAt_ - bytes);
  if (std::memcmp(date_, dateAt_, dateBytes) == 0) return seen::hasDate | seen::isSameDate;
  std::memcpy(date_, dateAt_, dateBytes);
  return seen::hasDate;
}

uint32_t Answers::scan(const char* bytes, std::size_t length, Found& found) {
  const char* const end = bytes + length;
  count_ = 0;
  shapeBytes_ = 0;
  dateAt_ = nullptr;
  isChunked_ = false;
  uint32_t marks = statusOf(bytes, end);
  if (marks == 0) return seen::odd;
  append(bytes + 9, 3);
  const char* at = endOfLine(bytes, end);
  if (at == nullptr) return seen::odd;
  at += 2;
  // RFC 9112 2.1: an empty line ends the head.
  while (end - at < 2 || at[0] != '\r' || at[1] != '\n') {
    if (!readLine(at, end) || !note(lines_[count_ - 1], found, marks)) return seen::odd;
  }
  // RFC 9112 6.3: exactly one of them says where the body ends.
  if (isChunked_ == ((marks & seen::hasLength) != 0)) return seen::odd;
  found.headBytes = static_cast<uint32_t>(at + 2 - bytes);
  const Place place = shapes_.placeChecked({shapeBytes_, shape_}, found.slot);
  if (place > Place::made) return seen::odd;
  if (dateAt_ != nullptr) marks |= noteDate(found, bytes);
  return place == Place::made ? marks | seen::isNewShape : marks;
}

std::size_t Answers::keep(uint64_t mask, char* to) const {
  char* at = to;
  for (std::size_t each = 0; each < count_; ++each) {
    if ((mask >> each & 1) == 0) continue;
    const Line& line = lines_[each];
    std::memcpy(at, line.name, line.nameBytes);
    at += line.nameBytes;
    *at++ = ':';
    *at++ = ' ';
    std::memcpy(at, line.value, line.valueBytes);
    at += line.valueBytes;
    *at++ = '\r';
    *at++ = '\n';
  }
  return static_cast<std::size_t>(at - to);
}

}  // namespace answers
