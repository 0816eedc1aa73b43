#include "lines.h"

#include <cmath>
#include <cstring>

#include "append.h"

namespace replay {

namespace {

// As edge/usage/log.ts cuts it: what JSON may write in six bytes each, or as it is.
constexpr std::size_t userAgentMax = 512;
constexpr std::size_t escapedBytesMax = 6;

bool isEscaped(char byte) { return byte == '"' || byte == '\\' || byte == '\t'; }

bool isAsItIs(const Text& text) {
  for (std::size_t at = 0; at < text.length; ++at) {
    if (isEscaped(text.bytes[at])) return false;
  }
  return true;
}

// Printable ASCII and tabs are all that a head has.
char* appendEscaped(char* at, const char* bytes, std::size_t length) {
  for (const char* end = bytes + length; bytes != end; ++bytes) {
    if (isEscaped(*bytes)) *at++ = '\\';
    *at++ = *bytes == '\t' ? 't' : *bytes;
  }
  return at;
}

char* appendUserAgent(char* at, const Text& text) {
  if (text.length * escapedBytesMax <= userAgentMax) return appendEscaped(at, text.bytes, text.length);
  const bool isPlain = isAsItIs(text);
  const std::size_t most = isPlain ? userAgentMax : userAgentMax / escapedBytesMax;
  if (text.length <= most) return appendEscaped(at, text.bytes, text.length);
  return append(appendEscaped(at, text.bytes, most), "...");
}

// As JavaScript writes it, to a thousandth.
char* appendMs(char* at, double durationMs) {
  const auto micros = static_cast<uint64_t>(std::llround(durationMs * 1000));
  at = appendNumber(at, micros / 1000);
  uint64_t rest = micros % 1000;
  if (rest == 0) return at;
  *at++ = '.';
  for (uint64_t unit = 100; rest > 0; unit /= 10) {
    *at++ = static_cast<char>('0' + rest / unit);
    rest %= unit;
  }
  return at;
}

bool isHex(const char* bytes, std::size_t length) {
  for (std::size_t at = 0; at < length; ++at) {
    if ((bytes[at] < '0' || bytes[at] > '9') && (bytes[at] < 'a' || bytes[at] > 'f')) return false;
  }
  return true;
}

bool isNobody(const char* bytes, std::size_t length) {
  for (std::size_t at = 0; at < length; ++at) {
    if (bytes[at] != '0') return false;
  }
  return true;
}

constexpr std::size_t traceIdAt = 3;
constexpr std::size_t traceIdLength = 32;

// Of `traceparent`, by the rules of edge/http/trace-context.ts.
bool isTrace(const Text& text) {
  constexpr std::size_t parentAt = traceIdAt + traceIdLength + 1;
  constexpr std::size_t flagsAt = parentAt + 17;
  constexpr std::size_t length = flagsAt + 2;
  const char* bytes = text.bytes;
  if (text.length < length || !isHex(bytes, 2) || !isHex(bytes + traceIdAt, traceIdLength)) return false;
  if (!isHex(bytes + parentAt, 16) || !isHex(bytes + flagsAt, 2)) return false;
  if (bytes[traceIdAt - 1] != '-' || bytes[parentAt - 1] != '-' || bytes[flagsAt - 1] != '-') return false;
  if (text.length > length && (bytes[length] != '-' || std::memcmp(bytes, "00", 2) == 0)) return false;
  if (std::memcmp(bytes, "ff", 2) == 0) return false;
  return !isNobody(bytes + traceIdAt, traceIdLength) && !isNobody(bytes + parentAt, 16);
}

}  // namespace

void Lines::begin(const LineOptions& options) {
  options_ = options;
  sinceLast_ = 0;
}

bool Lines::isDue() {
  if (!isOn() || ++sinceLast_ < options_.every) return false;
  sinceLast_ = 0;
  return true;
}

std::size_t Lines::writeAsker(const Head& head, char* to) const {
  char* at = append(to, ",\"userAgent\":\"");
  at = append(appendUserAgent(at, head.userAgent), "\"");
  if (head.traces == 1 && isTrace(head.trace)) {
    at = append(at, ",\"trace\":\"");
    at = append(append(at, head.trace.bytes + traceIdAt, traceIdLength), "\"");
  }
  return static_cast<std::size_t>(at - to);
}

void Lines::add(const Line& line, double nowMs) {
  waiting_ += options_.before;
  waiting_ += std::to_string(static_cast<uint64_t>(nowMs));
  waiting_ += options_.between;
  waiting_.append(line.client.bytes, line.client.length);
  waiting_.append(line.answer.bytes, line.answer.length);
  char numbers[96];
  char* at = appendNumber(append(numbers, ",\"bytesOut\":"), line.bodyBytes);
  at = appendMs(append(at, ",\"durationMs\":"), line.durationMs);
  at = append(at, ",\"completed\":");
  at = line.isWhole ? append(at, "true") : append(at, "false");
  waiting_.append(numbers, static_cast<std::size_t>(at - numbers));
  waiting_.append(line.asker.bytes, line.asker.length);
  waiting_ += ",\"msg\":\"access\"}\n";
}

std::size_t Lines::take(char* into, std::size_t room) {
  const std::size_t left = waiting();
  std::size_t length = left < room ? left : room;
  while (length > 0 && waiting_[taken_ + length - 1] != '\n') --length;
  std::memcpy(into, waiting_.data() + taken_, length);
  taken_ += length;
  if (taken_ == waiting_.size()) {
    waiting_.clear();
    taken_ = 0;
  }
  return length;
}

}  // namespace replay
