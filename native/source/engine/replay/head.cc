#include "head.h"

#include <cstring>

namespace replay {

namespace {

// The engine refuses more lines than this.
constexpr int linesMax = 90;
constexpr char version[] = " HTTP/1.1\r\n";
constexpr std::size_t versionLength = sizeof version - 1;

// RFC 9110 5.6.2; a capital letter is its small one, 0 for what is in no name.
struct NameBytes {
  unsigned char small[256] = {};
  constexpr NameBytes() {
    for (const char* at = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"; *at != 0; ++at) {
      small[static_cast<unsigned char>(*at)] = static_cast<unsigned char>(*at);
    }
    for (unsigned char letter = 'A'; letter <= 'Z'; ++letter) small[letter] = static_cast<unsigned char>(letter + 32);
  }
};
constexpr NameBytes nameBytes;

struct Cursor {
  const char* at;
  const char* end;
};

// What a name means for who may answer.
enum class Meaning { none, host, codings, noneMatch, modifiedSince, connection, userAgent, trace, selects, decides, engine };

template <std::size_t size>
bool is(const char* name, const char (&word)[size]) {
  return std::memcmp(name, word, size - 1) == 0;
}

// Their numbers are those of their bits.
enum Selecting { origin, cookie, authorization, forwardedProto, requestedWith, corsMethod, corsHeaders };

Meaning noted(Head& head, Selecting name) {
  head.present |= 1u << name;
  return Meaning::selects;
}

// `name`: in small letters. What decides is what edge/accept/read.ts makes a mark of; `engine` is what the engine acts on.
Meaning meaningOf(const char* name, std::size_t length, Head& head) {
  switch (length) {
    case 4:
      return is(name, "host") ? Meaning::host : Meaning::none;
    case 5:
      return is(name, "range") ? Meaning::decides : Meaning::none;
    case 6:
      if (is(name, "expect")) return Meaning::engine;
      if (is(name, "cookie")) return noted(head, cookie);
      if (is(name, "origin")) return noted(head, origin);
      return is(name, "pragma") ? Meaning::decides : Meaning::none;
    case 7:
      return is(name, "upgrade") || is(name, "trailer") ? Meaning::engine : Meaning::none;
    case 8:
      return is(name, "if-match") || is(name, "if-range") ? Meaning::decides : Meaning::none;
    case 10:
      if (is(name, "user-agent")) return Meaning::userAgent;
      return is(name, "connection") ? Meaning::connection : Meaning::none;
    case 11:
      return is(name, "traceparent") ? Meaning::trace : Meaning::none;
    case 13:
      if (is(name, "authorization")) return noted(head, authorization);
      if (is(name, "if-none-match")) return Meaning::noneMatch;
      return is(name, "cache-control") ? Meaning::decides : Meaning::none;
    case 14:
      return is(name, "content-length") ? Meaning::engine : Meaning::none;
    case 15:
      return is(name, "accept-encoding") ? Meaning::codings : Meaning::none;
    case 16:
      return is(name, "x-requested-with") ? noted(head, requestedWith) : Meaning::none;
    case 17:
      if (is(name, "x-forwarded-proto")) return noted(head, forwardedProto);
      if (is(name, "transfer-encoding") || is(name, "sec-websocket-key")) return Meaning::engine;
      return is(name, "if-modified-since") ? Meaning::modifiedSince : Meaning::none;
    case 19:
      return is(name, "if-unmodified-since") ? Meaning::decides : Meaning::none;
    case 20:
      return is(name, "available-dictionary") ? Meaning::decides : Meaning::none;
    case 29:
      return is(name, "access-control-request-method") ? noted(head, corsMethod) : Meaning::none;
    case 30:
      return is(name, "access-control-request-headers") ? noted(head, corsHeaders) : Meaning::none;
    default:
      return Meaning::none;
  }
}

// Longer names mean nothing.
constexpr std::size_t nameBytesMax = 32;

// Over the name and its colon. False for what is no name.
bool readName(Cursor& cursor, char* name, std::size_t& length) {
  length = 0;
  for (; cursor.at != cursor.end; ++cursor.at, ++length) {
    const unsigned char byte = nameBytes.small[static_cast<unsigned char>(*cursor.at)];
    if (byte == 0) break;
    if (length < nameBytesMax) name[length] = static_cast<char>(byte);
  }
  if (length == 0 || cursor.at == cursor.end || *cursor.at != ':') return false;
  cursor.at += 1;
  return true;
}

// Eight bytes at once: whether any is below 0x20 or above 0x7e, with others that only may be.
bool mayEnd(const char* at) {
  uint64_t word;
  std::memcpy(&word, at, 8);
  return ((word | (word - 0x2020202020202020) | (word + 0x0101010101010101)) & 0x8080808080808080) != 0;
}

// Over the value and the end of its line. False for what is not printable ASCII with spaces and tabs.
bool readValue(Cursor& cursor, Text& value) {
  const char* from = cursor.at;
  while (from != cursor.end && (*from == ' ' || *from == '\t')) ++from;
  const char* at = from;
  for (;;) {
    while (cursor.end - at >= 8 && !mayEnd(at)) at += 8;
    while (at != cursor.end && *at >= 0x20 && *at < 0x7f) ++at;
    if (at == cursor.end || *at != '\t') break;
    ++at;
  }
  if (cursor.end - at < 2 || at[0] != '\r' || at[1] != '\n') return false;
  cursor.at = at + 2;
  while (at != from && (at[-1] == ' ' || at[-1] == '\t')) --at;
  value = {static_cast<std::size_t>(at - from), from};
  return true;
}

bool startsWith(const Cursor& cursor, const char* word, std::size_t length) {
  return static_cast<std::size_t>(cursor.end - cursor.at) > length && std::memcmp(cursor.at, word, length) == 0;
}

// RFC 9112 3. False for any but `GET target HTTP/1.1` and HEAD.
bool readRequestLine(Cursor& cursor, Head& head) {
  head.isPlain = startsWith(cursor, "GET ", 4);
  if (!head.isPlain && !startsWith(cursor, "HEAD ", 5)) return false;
  cursor.at += head.isPlain ? 4 : 5;
  const char* from = cursor.at;
  if (*from != '/') return false;
  while (cursor.at != cursor.end && *cursor.at > 0x20 && *cursor.at < 0x7f) ++cursor.at;
  head.target = {static_cast<std::size_t>(cursor.at - from), from};
  if (!startsWith(cursor, version, versionLength)) return false;
  cursor.at += versionLength;
  return true;
}

struct Lines {
  int count = 0;
  int hosts = 0;
  int codings = 0;
  int noneMatches = 0;
  int dates = 0;
  // If-Modified-Since.
  Text date{0, nullptr};
};

// Of one condition: the path is to judge what is there twice, or says nothing.
void take(const Text& value, Text& into, int& count, Head& head) {
  into = value;
  if (++count > 1 || value.length == 0) head.isPlain = false;
}

// False for what only the engine can say something about.
bool readLine(Cursor& cursor, Head& head, Lines& lines) {
  char name[nameBytesMax];
  std::size_t length;
  Text value;
  if (++lines.count > linesMax || !readName(cursor, name, length) || !readValue(cursor, value)) return false;
  switch (meaningOf(name, length, head)) {
    case Meaning::none:
    case Meaning::selects:
      return true;
    case Meaning::host:
      head.host = value;
      return ++lines.hosts == 1;
    case Meaning::codings:
      head.codings = value;
      if (++lines.codings > 1) head.isPlain = false;
      return true;
    case Meaning::noneMatch:
      take(value, head.condition, lines.noneMatches, head);
      return true;
    case Meaning::modifiedSince:
      take(value, lines.date, lines.dates, head);
      return true;
    case Meaning::connection:
      // Whoever says anything else may want the connection closed.
      return value.is("keep-alive", 10);
    case Meaning::userAgent:
      if (head.userAgent.bytes == nullptr) head.userAgent = value;
      return true;
    case Meaning::trace:
      head.trace = value;
      head.traces += 1;
      return true;
    case Meaning::decides:
      head.isPlain = false;
      return true;
    case Meaning::engine:
      return false;
  }
  return false;
}

}  // namespace

bool readHead(const char* bytes, std::size_t length, std::size_t bytesMax, Head& head) {
  if (length > bytesMax) return false;
  Cursor cursor{bytes, bytes + length};
  if (!readRequestLine(cursor, head)) return false;
  Lines lines;
  while (cursor.at != cursor.end && *cursor.at != '\r') {
    if (!readLine(cursor, head, lines)) return false;
  }
  // RFC 9110 13.1.3: beside If-None-Match it means nothing.
  if (lines.noneMatches == 0 && lines.dates > 0) {
    head.condition = lines.date;
    head.isDated = true;
  }
  return lines.hosts == 1 && cursor.end - cursor.at == 2 && cursor.at[0] == '\r' && cursor.at[1] == '\n';
}

}  // namespace replay
