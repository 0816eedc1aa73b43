#include "slots.h"

#include "hash.h"

namespace heads {

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
  const uint64_t hash = hashed(0, text);
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
