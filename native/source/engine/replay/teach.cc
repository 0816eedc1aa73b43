// What is taught, forgotten, counted and told.
#include <utility>

#include "append.h"
#include "replay.h"

namespace replay {

namespace {

// Answers that have left and were not told of, above which nothing is learned: each is as long as its head, and keeps its body.
constexpr std::size_t leftMax = 2048;

}  // namespace

void Replay::count(const std::shared_ptr<Answer>& answer, std::size_t bytes, std::size_t bodyBytes, bool isAborted) {
  const double out = static_cast<double>(bytes);
  words_->hits += 1;
  if (answer->isNotModified) words_->notModified += 1;
  words_->bodyBytes += static_cast<double>(bodyBytes);
  if (isAborted) words_->aborted += 1;
  const Tally& tally = answer->tally;
  if (tally.requests != nullptr) {
    *tally.requests += 1;
    *tally.bytesOut += out;
    *tally.status += 1;
    *tally.hits += 1;
    *tally.bytesSaved += out;
    if (isAborted) *tally.aborted += 1;
  }
  if (tally.formResponses != nullptr) {
    *tally.formResponses += 1;
    *tally.formBytes += tally.bytesShorter;
  }
  note(answer);
}

void Replay::note(const std::shared_ptr<Answer>& answer) {
  if (answer->isNoted) return;
  answer->isNoted = true;
  noted_.push_back(answer);
}

std::size_t Replay::tell(Told* into, std::size_t count) {
  std::size_t told = 0;
  for (std::size_t left = noted_.size(); left > 0 && told < count; --left) {
    const std::shared_ptr<Answer> answer = std::move(noted_.front());
    noted_.pop_front();
    // One that is being sent still will be heard of once more, under its own id.
    const bool isOver = answer->isGone && answer.use_count() == 1;
    answer->isNoted = answer->isGone && !isOver;
    if (answer->isNoted) {
      noted_.push_back(answer);
      continue;
    }
    into[told++] = {answer->id, isOver ? 1u : 0u};
    if (!isOver) continue;
    freeIds_.push_back(answer->id);
    left_ -= 1;
  }
  return told;
}

int64_t Replay::teach(double token, const Lesson& lesson) {
  if (!lesson_.isPlain || token == 0 || words_->token != token) return -1;
  // The kernel knows no key.
  if (lesson_.isSecure && lesson.answer.file != nullptr) return -1;
  // Who tells of what has left is behind.
  if (left_ >= leftMax) return -1;
  const std::size_t keyLength = keyLengthOf(lesson_);
  const std::size_t headLength = lesson.beforeAge.length + lesson.afterAge.length;
  if (headLength + frameBytesMax > headBytesMax) return -1;
  const std::shared_ptr<Answer> answer = makeAnswer(keyLength + headLength + lesson.line.length);
  *answer = lesson.answer;
  answer->id = takeId();
  answer->hash = hashes_[answer->id] = table_.hashOf(lesson_);
  answer->hostLength = static_cast<uint16_t>(lesson_.host.length);
  answer->codingsLength = static_cast<uint16_t>(lesson_.codings.length);
  answer->conditionLength = static_cast<uint16_t>(lesson_.condition.length);
  answer->isDated = lesson_.isDated;
  answer->isSecure = lesson_.isSecure;
  answer->hasCodings = lesson_.codings.bytes != nullptr;
  answer->keyLength = static_cast<uint16_t>(keyLength);
  answer->beforeAge = static_cast<uint32_t>(lesson.beforeAge.length);
  answer->afterAge = static_cast<uint32_t>(lesson.afterAge.length);
  char* at = append(answer->texts(), lessonBytes_, keyLength);
  at = append(at, lesson.beforeAge.bytes, lesson.beforeAge.length);
  at = append(at, lesson.afterAge.bytes, lesson.afterAge.length);
  answer->lineLength = static_cast<uint32_t>(lesson.line.length);
  append(at, lesson.line.bytes, lesson.line.length);
  const std::shared_ptr<Answer> previous = table_.add(answer);
  if (previous != nullptr) leave(previous);
  return answer->id;
}

uint32_t Replay::takeId() {
  if (freeIds_.empty()) {
    hashes_.push_back(0);
    return static_cast<uint32_t>(hashes_.size() - 1);
  }
  const uint32_t id = freeIds_.back();
  freeIds_.pop_back();
  return id;
}

void Replay::forget(uint32_t id) {
  if (id >= hashes_.size()) return;
  const std::shared_ptr<Answer> answer = table_.remove(hashes_[id], id);
  if (answer != nullptr) leave(answer);
}

void Replay::clear() {
  for (const std::shared_ptr<Answer>& answer : table_.clear()) leave(answer);
}

void Replay::end() {
  isOn = false;
  isEnded_ = true;
  clear();
  files_.clear();
  // Whoever counted may be gone by the time that these are sent.
  for (const Connection& connection : connections_) {
    if (connection.unsent != nullptr) connection.unsent->answer->tally = {};
  }
}

void Replay::renew(const Limits& limits) {
  limits_ = limits;
  table_ = Table(limits.answers, table_.seed());
  isEnded_ = false;
  lines_.begin({});
}

void Replay::leave(const std::shared_ptr<Answer>& answer) {
  answer->isGone = true;
  left_ += 1;
  note(answer);
}

}  // namespace replay
