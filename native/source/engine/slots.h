// Texts that come again and again, each in a slot of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace heads {

// As libstdc++ lays out a std::string_view.
struct Text {
  std::size_t length;
  const char* bytes;

  bool is(const char* word, std::size_t wordLength) const {
    return length == wordLength && std::memcmp(bytes, word, wordLength) == 0;
  }
};

// Printable ASCII only.
bool isPlain(Text text);

// What became of a text: it was in its slot, it is now, it is not kept yet, or it never will be.
enum class Place { known, made, strange, odd };

// Texts in slots: one that is seen again is found in the slot where it was put, unless another has come in its place. Where
// there is one already, another comes in its place only when it is seen twice before a third: what is asked for once drives
// nothing out, and is kept by nobody.
class Slots {
 public:
  Slots(uint32_t count, uint32_t bytesMax)
      : count_(count), bytesMax_(bytesMax), entries_(count), texts_(static_cast<std::size_t>(count) * bytesMax) {}

  // A text that is not plain is odd.
  Place place(Text text, uint32_t& slot);

  // The same for a text of which nothing is to be checked.
  Place placeChecked(Text text, uint32_t& slot);

  void forget(uint32_t slot) { entries_[slot].length = UINT32_MAX; }

 private:
  struct Entry {
    uint64_t hash = 0;
    uint64_t candidate = 0;
    uint32_t length = UINT32_MAX;
  };

  Place find(Text text, uint32_t& slot, bool isChecked);

  uint32_t count_;
  uint32_t bytesMax_;
  std::vector<Entry> entries_;
  std::vector<char> texts_;
};

}  // namespace heads
