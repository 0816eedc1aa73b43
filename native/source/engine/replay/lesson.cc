#include "lesson.h"

namespace replay {

namespace {

// The numbers of teach(), in their order.
struct Numbers {
  double token;
  double fromMs;
  double untilMs;
  double bornAtMs;
  double freshUntilMs;
  // The memory in which it is counted, -1 for none; where in it.
  double cells;
  double places[6];
  // The same of what forms save, two numbers; and by how much this one is shorter.
  double formCells;
  double formPlace;
  double bytesShorter;
  double absent;
  // Not 0: it is a 304.
  double isNotModified;
  // Of the file that the body is in, or -1; how long it is.
  double file;
  double bodyBytes;
  double watches;
  // Of each: which memory, where in it, what it was.
  double watched[watchesMax][3];
};

// Null when there is no such place.
double* cellOf(const Memory& memory, double index, double at) {
  if (!(index >= 0) || index >= static_cast<double>(memory.cells.size())) return nullptr;
  const Kept& cells = memory.cells[static_cast<std::size_t>(index)];
  if (!(at >= 0) || (at + 1) * sizeof(double) > static_cast<double>(cells.length)) return nullptr;
  return reinterpret_cast<double*>(cells.bytes) + static_cast<std::size_t>(at);
}

bool readTally(const Memory& memory, const Numbers& numbers, Tally& tally) {
  if (numbers.cells >= 0) {
    double* places[6];
    for (int each = 0; each < 6; ++each) {
      places[each] = cellOf(memory, numbers.cells, numbers.places[each]);
      if (places[each] == nullptr) return false;
    }
    tally = {places[0], places[1], places[2], places[3], places[4], places[5]};
  }
  if (numbers.formCells < 0) return true;
  tally.formResponses = cellOf(memory, numbers.formCells, numbers.formPlace);
  tally.formBytes = cellOf(memory, numbers.formCells, numbers.formPlace + 1);
  tally.bytesShorter = numbers.bytesShorter;
  return tally.formResponses != nullptr && tally.formBytes != nullptr;
}

bool readWatches(const Memory& memory, const Numbers& numbers, Answer& answer) {
  if (!(numbers.watches >= 0) || numbers.watches > watchesMax) return false;
  answer.watchesCount = static_cast<uint8_t>(numbers.watches);
  for (int each = 0; each < answer.watchesCount; ++each) {
    const double* watched = numbers.watched[each];
    if (!(watched[0] >= 0) || watched[0] >= static_cast<double>(memory.watched.size())) return false;
    const Kept& words = memory.watched[static_cast<std::size_t>(watched[0])];
    if (!(watched[1] >= 0) || (watched[1] + 1) * sizeof(int32_t) > static_cast<double>(words.length)) return false;
    const char* word = words.bytes + static_cast<std::size_t>(watched[1]) * sizeof(int32_t);
    answer.watches[each] = {reinterpret_cast<const std::atomic<int32_t>*>(word), static_cast<int32_t>(watched[2])};
  }
  return true;
}

// `extents`: pairs of numbers.
bool readFile(const Numbers& numbers, const Kept& extents, const Files& files, Answer& answer) {
  if (numbers.file < 0) return true;
  answer.file = files.find(numbers.file);
  if (answer.file == nullptr || extents.store == nullptr) return false;
  answer.bodyBytes = static_cast<std::size_t>(numbers.bodyBytes);
  const double* values = reinterpret_cast<const double*>(extents.bytes);
  uint64_t bytes = 0;
  for (std::size_t at = 0; (at + 2) * sizeof(double) <= extents.length; at += 2) {
    answer.extents.push_back({static_cast<uint64_t>(values[at]), static_cast<uint64_t>(values[at + 1])});
    bytes += answer.extents.back().bytes;
  }
  return bytes == answer.bodyBytes && bytes > 0;
}

Text textOf(const Kept& kept) { return {kept.length, kept.bytes}; }

}  // namespace

bool readLesson(const v8::FunctionCallbackInfo<v8::Value>& info, const Memory& memory, const Files& files, Taught& taught) {
  const Kept kept = keep(info[0]);
  if (kept.length < sizeof(Numbers)) return false;
  for (int at = 0; at < 5; ++at) {
    taught.parts[at] = keep(info[at + 1]);
    if (taught.parts[at].store == nullptr) return false;
  }
  const auto& [beforeAge, afterAge, body, line, extents] = taught.parts;
  const Numbers& numbers = *reinterpret_cast<const Numbers*>(kept.bytes);
  taught.token = numbers.token;
  taught.lesson = {textOf(beforeAge), textOf(afterAge), textOf(line), {}};
  Answer& answer = taught.lesson.answer;
  answer.fromMs = numbers.fromMs;
  answer.untilMs = numbers.untilMs;
  answer.bornAtMs = numbers.bornAtMs;
  answer.freshUntilMs = numbers.freshUntilMs;
  answer.body = body.bytes;
  answer.bodyBytes = body.length;
  answer.owner = body.store;
  answer.absent = static_cast<uint32_t>(numbers.absent);
  answer.isNotModified = numbers.isNotModified != 0;
  return readFile(numbers, extents, files, answer) && readTally(memory, numbers, answer.tally) && readWatches(memory, numbers, answer);
}

}  // namespace replay
