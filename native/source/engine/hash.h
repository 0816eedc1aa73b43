// A hash of texts, for tables in memory of one process.
#pragma once

#include <cstdint>
#include <cstring>

#include "slots.h"

namespace heads {

// Of what was hashed so far, and this text.
inline uint64_t hashed(uint64_t state, Text text) {
  constexpr uint64_t multiplier = 0x9e3779b97f4a7c15;
  const auto mixed = [](uint64_t before, uint64_t word) {
    const uint64_t product = (before ^ word) * multiplier;
    return product ^ (product >> 32);
  };
  const char* at = text.bytes;
  std::size_t left = text.length;
  state = mixed(state, left);
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    state = mixed(state, word);
  }
  if (left == 0) return state;
  uint64_t word = 0;
  std::memcpy(&word, at, left);
  return mixed(state, word);
}

}  // namespace heads
