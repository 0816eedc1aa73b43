// The head of a request as uWebSockets.js 20.51 holds it while the handler runs, and the texts of heads that were seen
// before. No V8 in here: tests drive it with heads of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "slots.h"

namespace heads {

// As libstdc++ lays out the two std::string_view of which the engine's request begins to be an array: the first pair is
// the method and the whole target, then come the fields, names in lower case, and a pair without a name.
struct Field {
  Text name;
  Text value;
};

// What native/heads.ts says of the same names.
namespace seen {
constexpr uint32_t conditional = 1;
constexpr uint32_t precondition = 2;
constexpr uint32_t range = 4;
constexpr uint32_t cacheControl = 32;
constexpr uint32_t isHead = 1 << 16;
constexpr uint32_t hasCodings = 1 << 17;
constexpr uint32_t isNewTarget = 1 << 18;
constexpr uint32_t isNewHost = 1 << 19;
constexpr uint32_t isNewCodings = 1 << 20;
constexpr uint32_t isStrange = 1 << 21;
constexpr uint32_t odd = 1u << 31;
}  // namespace seen

struct Places {
  uint32_t target = 0;
  uint32_t host = 0;
  uint32_t codings = 0;
};

// The lines of all fields but Host and Connection, in their order, when they may go on to an origin as they are: none of them
// means anything on the way (ordinary names), and all values are printable ASCII. False when not so, or when they are too long.
// `fields`: of a request whose scan was not odd.
class Lines {
 public:
  bool read(const Field* fields);

  const char* bytes() const { return bytes_; }
  std::size_t length() const { return length_; }
  // There is a Connection, which says keep-alive.
  bool hasConnection() const { return hasConnection_; }

 private:
  bool append(const Text& text);

  std::size_t length_ = 0;
  bool hasConnection_ = false;
  char bytes_[8192];
};

class Heads {
 public:
  // What is plain about a head, as bits of `seen`, and where its texts are; `odd` alone when it is to be read whole.
  uint32_t scan(const Field* fields, Places& places);

 private:
  Slots targets_{16384, 192};
  Slots hosts_{256, 128};
  Slots codings_{64, 128};
};

}  // namespace heads
