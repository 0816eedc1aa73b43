// Reads the head of a request as it comes from the socket, as strictly as the engine does: what is not plain is the engine's.
// No V8 in here.
#pragma once

#include "../slots.h"

namespace replay {

using heads::Text;

struct Head {
  // As they came, values without white space around them; `codings` is Accept-Encoding, nothing when there is none.
  Text target{0, nullptr};
  Text host{0, nullptr};
  Text codings{0, nullptr};
  // If-None-Match, or without that If-Modified-Since: `isDated` (RFC 9110 13.1.3). Nothing when there is neither.
  Text condition{0, nullptr};
  bool isDated = false;
  // What is written down of who asks. `trace`: the last of so many.
  Text userAgent{0, nullptr};
  Text trace{0, nullptr};
  int traces = 0;
  // Of the names by which answers vary and which few bring, those that are there: see absentNames of native/replay.ts.
  uint32_t present = 0;
  // What it came over; not read.
  bool isSecure = false;
  // Nothing that it says could change the answer but these.
  bool isPlain = false;
};

// False unless these bytes are one request, whole and alone: a GET or a HEAD without a body, of which the engine keeps nothing
// when it is answered (RFC 9112 2.1). `bytesMax`: the engine refuses longer ones.
bool readHead(const char* bytes, std::size_t length, std::size_t bytesMax, Head& head);

}  // namespace replay
