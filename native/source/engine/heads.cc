#include "heads.h"

namespace heads {

namespace {

template <std::size_t size>
bool is(const Text& text, const char (&word)[size]) {
  return std::memcmp(text.bytes, word, size - 1) == 0;
}

// Of what one pass over the fields collects.
struct Pass {
  uint32_t marks = 0;
  uint32_t hosts = 0;
  Text host{0, nullptr};
  uint32_t codingLines = 0;
  Text codings{0, nullptr};
};

// False for what plain heads do not have. The names are those of edge/accept/read.ts, the lengths too.
bool collect(const Field& field, Pass& pass) {
  const Text& name = field.name;
  switch (name.length) {
    case 4:
      if (is(name, "host")) {
        pass.hosts += 1;
        pass.host = field.value;
      }
      return true;
    case 5:
      if (is(name, "range")) pass.marks |= seen::range;
      return true;
    case 6:
      if (is(name, "pragma")) pass.marks |= seen::cacheControl;
      return !is(name, "expect");
    case 8:
      if (is(name, "if-match")) pass.marks |= seen::precondition;
      return true;
    case 10:
      return !is(name, "connection") || field.value.is("keep-alive", 10);
    case 13:
      if (is(name, "if-none-match")) pass.marks |= seen::conditional;
      if (is(name, "cache-control")) pass.marks |= seen::cacheControl;
      return true;
    case 14:
      return !is(name, "content-length");
    case 15:
      if (is(name, "accept-encoding")) {
        pass.codingLines += 1;
        pass.codings = field.value;
      }
      return true;
    case 17:
      if (is(name, "if-modified-since")) pass.marks |= seen::conditional;
      return !is(name, "transfer-encoding");
    case 19:
      if (is(name, "if-unmodified-since")) pass.marks |= seen::precondition;
      return true;
    default:
      return true;
  }
}

}  // namespace

namespace {

template <std::size_t size>
bool startsWith(const Text& text, const char (&word)[size]) {
  return text.length >= size - 1 && is(text, word);
}

// What edge/http/forward.ts, hop-by-hop.ts and those who judge whether a request may be forwarded or shared look at, and
// whatever begins with X-: names that a site does not send on are among these.
bool isOrdinary(const Text& name) {
  if (startsWith(name, "x-") || startsWith(name, "if-") || startsWith(name, "proxy-") || startsWith(name, "trace") ||
      startsWith(name, "sec-websocket-")) {
    return false;
  }
  switch (name.length) {
    case 2:
      return !is(name, "te");
    case 3:
      return !is(name, "via");
    case 5:
      return !is(name, "range");
    case 7:
      return !is(name, "trailer") && !is(name, "upgrade");
    case 8:
      return !is(name, "cdn-loop");
    case 9:
      return !is(name, "forwarded");
    case 10:
      return !is(name, "keep-alive");
    case 12:
      return !is(name, "max-forwards");
    case 13:
      return !is(name, "authorization");
    default:
      return true;
  }
}

}  // namespace

bool Lines::append(const Text& text) {
  if (text.length > sizeof bytes_ - length_) return false;
  std::memcpy(bytes_ + length_, text.bytes, text.length);
  length_ += text.length;
  return true;
}

bool Lines::read(const Field* fields) {
  length_ = 0;
  hasConnection_ = false;
  for (const Field* field = fields + 1; field->name.length != 0; ++field) {
    const Text& name = field->name;
    if (name.length == 4 && is(name, "host")) continue;
    if (name.length == 10 && is(name, "connection")) {
      hasConnection_ = true;
      continue;
    }
    if (!isOrdinary(name) || !isPlain(name) || !isPlain(field->value)) return false;
    if (!append(name) || !append({2, ": "}) || !append(field->value) || !append({2, "\r\n"})) return false;
  }
  return true;
}

uint32_t Heads::scan(const Field* fields, Places& places) {
  Pass pass;
  const Text& method = fields->name;
  if (method.is("HEAD", 4)) pass.marks |= seen::isHead;
  else if (!method.is("GET", 3)) return seen::odd;
  for (const Field* field = fields + 1; field->name.length != 0; ++field) {
    if (!collect(*field, pass)) return seen::odd;
  }
  if (pass.hosts != 1 || pass.codingLines > 1) return seen::odd;
  const Place target = targets_.place(fields->value, places.target);
  const Place host = hosts_.place(pass.host, places.host);
  const Place codings = pass.codingLines == 0 ? Place::known : codings_.place(pass.codings, places.codings);
  if (target == Place::made) pass.marks |= seen::isNewTarget;
  if (host == Place::made) pass.marks |= seen::isNewHost;
  if (codings == Place::made) pass.marks |= seen::isNewCodings;
  if (pass.codingLines == 1) pass.marks |= seen::hasCodings;
  // A target may be strange: most are. Who comes with one of the others is read whole until it has a place.
  if (target == Place::strange) pass.marks |= seen::isStrange;
  const bool isOdd = target == Place::odd || host > Place::made || codings > Place::made;
  if (!isOdd) return pass.marks;
  // What went in is not known to who asked: it will be new again.
  if (target == Place::made) targets_.forget(places.target);
  if (host == Place::made) hosts_.forget(places.host);
  if (codings == Place::made) codings_.forget(places.codings);
  return seen::odd;
}

}  // namespace heads
