// Answers that may be given again, by what they were asked with: bounded in number, each valid while the words that it hangs on
// are what they were. No V8 in here.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "files.h"
#include "head.h"

namespace replay {

// A word that others change, and what it was.
struct Watch {
  const std::atomic<int32_t>* word;
  int32_t value;
};

constexpr int watchesMax = 8;

// Where a site's use is counted (edge/usage/meter.ts), and what its forms save. All are null where nobody counts.
struct Tally {
  double* requests = nullptr;
  double* bytesOut = nullptr;
  double* status = nullptr;
  double* hits = nullptr;
  double* bytesSaved = nullptr;
  double* aborted = nullptr;
  double* formResponses = nullptr;
  double* formBytes = nullptr;
  double bytesShorter = 0;
};

// What a request looks at comes first, and its texts stand behind it: a hit of one that was not asked for lately waits for
// memory more than for anything else.
struct alignas(64) Answer {
  // Wall clock, milliseconds: when it may be given; and what its Age and the ttl of its Cache-Status count from.
  double fromMs = 0;
  double untilMs = 0;
  double bornAtMs = 0;
  double freshUntilMs = 0;
  // Of the key: host, codings, target and condition one behind the other.
  uint16_t hostLength = 0;
  uint16_t codingsLength = 0;
  uint16_t conditionLength = 0;
  uint16_t keyLength = 0;
  // Of the head, which follows: up to the number of Age, and from there to that of the ttl.
  uint32_t beforeAge = 0;
  uint32_t afterAge = 0;
  // Bits of Head::present: it is for who has none of these.
  uint32_t absent = 0;
  bool hasCodings = false;
  bool isDated = false;
  bool isSecure = false;
  // A 304: it has no body, and does not say how long one would be.
  bool isNotModified = false;
  bool isNoted = false;
  bool isGone = false;
  uint8_t watchesCount = 0;
  const char* body = nullptr;
  Watch watches[watchesMax];
  std::size_t bodyBytes = 0;
  Tally tally;
  uint64_t hash = 0;
  // Of whoever taught it.
  uint32_t id = 0;
  // Of its part of the log's line, the last of the texts.
  uint32_t lineLength = 0;
  // Keeps the body where it is.
  std::shared_ptr<const void> owner;
  // Or it is here, in these parts.
  std::shared_ptr<File> file;
  std::vector<Extent> extents;

  const char* texts() const { return reinterpret_cast<const char*>(this + 1); }
  heads::Text line() const { return {lineLength, texts() + keyLength + beforeAge + afterAge}; }
  char* texts() { return reinterpret_cast<char*>(this + 1); }

  // Have memory bring what a hit looks at in it, all at once: it would else wait for one line after the other. First what is in
  // here, then what it points to.
  void bring() const;
  void bringRest() const;

  bool isOf(const Head& head) const;
  bool isValid(double nowMs) const;
};

// With room for so many bytes of texts.
std::shared_ptr<Answer> makeAnswer(std::size_t textsBytes);

class Table {
 public:
  // `count`: at most so many answers, rounded up.
  Table(std::size_t count, uint64_t seed);

  uint64_t seed() const { return seed_; }
  uint64_t hashOf(const Head& head) const;
  // Null when there is none.
  const std::shared_ptr<Answer>* find(const Head& head, uint64_t hash) const;
  // Another one may have to leave for it, or one of the same key: that is returned.
  std::shared_ptr<Answer> add(std::shared_ptr<Answer> answer);
  // Null when it has left.
  std::shared_ptr<Answer> remove(uint64_t hash, uint32_t id);
  std::vector<std::shared_ptr<Answer>> clear();

 private:
  static constexpr std::size_t ways = 8;
  struct alignas(64) Hashes {
    uint64_t of[ways] = {};
  };

  std::size_t bucketOf(uint64_t hash) const { return (hash >> 16) & (hashes_.size() - 1); }

  uint64_t seed_;
  std::size_t turn_ = 0;
  std::vector<Hashes> hashes_;
  // By bucket and way.
  std::vector<std::shared_ptr<Answer>> answers_;
};

}  // namespace replay
