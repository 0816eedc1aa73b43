// The heads of responses, read in one pass over their bytes: what is the same in the answers of an origin is found again in
// its slot, so that what was made of it once holds; what differs each time is measured. No V8 in here.
#pragma once

#include <cstddef>
#include <cstdint>

#include "slots.h"

namespace answers {

// What native/answers.ts says of the same names; the lower ten bits are the status.
namespace seen {
constexpr uint32_t hasLength = 1 << 16;
constexpr uint32_t isNewShape = 1 << 17;
constexpr uint32_t hasDate = 1 << 18;
constexpr uint32_t isSameDate = 1 << 19;
constexpr uint32_t odd = 1u << 31;
}  // namespace seen

struct Found {
  uint32_t slot = 0;
  uint32_t headBytes = 0;
  // Where the value of Date begins, if there is one of 29 bytes.
  uint32_t dateAt = 0;
  uint64_t contentLength = 0;
};

constexpr std::size_t linesMax = 64;
// Of an IMF-fixdate (RFC 9110 5.6.7).
constexpr std::size_t dateBytes = 29;

class Answers {
 public:
  // Bits of `seen`; `odd` alone when the head is not whole, or of a kind that is to be read by who knows all kinds: anything
  // but HTTP/1.1 with a final status, framed by one Content-Length of digits or by chunks, with at most `linesMax` lines that
  // are sound (RFC 9112 5) and whose texts are not long. `bytes` are looked at once more by keep().
  uint32_t scan(const char* bytes, std::size_t length, Found& found);

  // Writes the lines of the last head whose bits are set in `mask`, `name: value` and CRLF; returns their length. There must
  // be room for as many bytes as the head had, and two for each line.
  std::size_t keep(uint64_t mask, char* to) const;

 private:
  struct Line {
    const char* name;
    const char* value;
    uint32_t nameBytes;
    uint32_t valueBytes;
  };

  bool readLine(const char*& at, const char* end);
  // Adds it to the shape, or to what is measured; false for what makes a head odd.
  bool note(const Line& line, Found& found, uint32_t& marks);
  bool noteLength(const Line& line, Found& found, uint32_t& marks);
  uint32_t noteDate(Found& found, const char* bytes);
  bool append(const char* bytes, std::size_t length);

  Line lines_[linesMax];
  std::size_t count_ = 0;
  const char* dateAt_ = nullptr;
  bool isChunked_ = false;
  std::size_t shapeBytes_ = 0;
  char shape_[1024];
  char name_[64];
  char date_[dateBytes] = {};
  heads::Slots shapes_{512, sizeof shape_};
};

}  // namespace answers
