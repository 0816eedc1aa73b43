#include "slots.h"

namespace heads {

namespace {

constexpr uint64_t multiplier = 0x9e3779b97f4a7c15;

uint64_t mixed(uint64_t state, uint64_t word) {
  state = (state ^ word) * multiplier;
  return state ^ (state >> 32);
}

uint64_t hashOf(Text text) {
  uint64_t state = text.length * multiplier;
  const char* at = text.bytes;
  std::size_t left = text.length;
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    state = mixed(state, word);
  }
  uint64_t word = 0;
  std::memcpy(&word, at, left);
  return mixed(state, word);
}

}  // namespace

bool isPlain(Text text) {
  const char* at = text.bytes;
  std::size_t left = text.length;
  uint64_t odd = 0;
  // Eight bytes at once: their highest bits, those that are below 0x20, and those that are 0x7f.
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    odd |= word | (word - 0x2020202020202020) | (word + 0x0101010101010101);
  }
  for (; left > 0; ++at, --left) {
    const unsigned char byte = static_cast<unsigned char>(*at);
    if (byte < 0x20 || byte > 0x7e) return false;
  }
  return (odd & 0x8080808080808080) == 0;
}

Place Slots::place(Text text, uint32_t& slot) { return find(text, slot, false); }

Place Slots::placeChecked(Text text, uint32_t& slot) { return find(text, slot, true); }

Place Slots::find(Text text, uint32_t& slot, bool isChecked) {
  if (text.length > bytesMax_) return Place::odd;
  const uint64_t hash = hashOf(text);
  slot = static_cast<uint32_t>(hash % count_);
  Entry& entry = entries_[slot];
  char* kept = &texts_[static_cast<std::size_t>(slot) * bytesMax_];
  if (entry.hash == hash && entry.length == text.length && std::memcmp(kept, text.bytes, text.length) == 0) {
    return Place::known;
  }
  if (!isChecked && !isPlain(text)) return Place::odd;
  if (entry.length != UINT32_MAX && entry.candidate != hash) {
    entry.candidate = hash;
    return Place::strange;
  }
  entry = {hash, 0, static_cast<uint32_t>(text.length)};
  std::memcpy(kept, text.bytes, text.length);
  return Place::made;
}

}  // namespace heads
