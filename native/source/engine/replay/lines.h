// The access log's lines of what was given again, as edge/usage/log.ts writes them: they wait here until JavaScript takes
// them. No V8 in here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "head.h"

namespace replay {

struct LineOptions {
  // JSON up to the time, and what stands between that and who asked.
  std::string before;
  std::string between;
  // One line for so many answers; 0: none for any.
  unsigned every = 0;
  // Of lines that wait: above it nothing is given again.
  std::size_t bytesMax = 0;
};

// What one says.
struct Line {
  // Each begins with a comma, if it is not empty.
  Text client;
  Text answer;
  Text asker;
  uint64_t bodyBytes;
  double durationMs;
  bool isWhole;
};

// The asker's part is never longer.
constexpr std::size_t askerBytesMax = 1024;

class Lines {
 public:
  void begin(const LineOptions& options);
  bool isOn() const { return options_.every > 0; }
  bool hasRoom() const { return !isOn() || waiting_.size() - taken_ <= options_.bytesMax; }
  std::size_t waiting() const { return waiting_.size() - taken_; }

  // Of one that ends now: whether it is one that gets a line.
  bool isDue();
  // What only the request knows; returns its length.
  std::size_t writeAsker(const Head& head, char* to) const;
  void add(const Line& line, double nowMs);
  // As many whole ones as there is room for.
  std::size_t take(char* into, std::size_t room);

 private:
  LineOptions options_;
  unsigned sinceLast_ = 0;
  std::string waiting_;
  std::size_t taken_ = 0;
};

}  // namespace replay
