#include "table.h"

#include <cstring>
#include <new>

#include "../hash.h"

namespace replay {

namespace {

bool isSame(const char* bytes, const Text& text) { return text.length == 0 || std::memcmp(bytes, text.bytes, text.length) == 0; }

constexpr std::size_t lineBytes = 64;
// Of the texts: key and head of most.
constexpr std::size_t broughtTextsBytes = 768;
// Of the body: the processor goes on by itself.
constexpr std::size_t broughtBodyBytes = 256;

void bringFrom(const void* from, std::size_t bytes) {
  const char* at = static_cast<const char*>(from);
  for (const char* end = at + bytes; at < end; at += lineBytes) __builtin_prefetch(at);
}

std::size_t bucketsFor(std::size_t count) {
  std::size_t buckets = 1;
  // Half of the places stay free, so that seldom a bucket is full before all are.
  while (buckets * 4 < count) buckets *= 2;
  return buckets;
}

}  // namespace

void Answer::bring() const { bringFrom(this, sizeof(Answer) + broughtTextsBytes); }

void Answer::bringRest() const {
  for (int at = 0; at < watchesCount; ++at) __builtin_prefetch(watches[at].word);
  if (body != nullptr) bringFrom(body, broughtBodyBytes);
}

bool Answer::isOf(const Head& head) const {
  if (head.host.length != hostLength || head.codings.length != codingsLength || hasCodings != (head.codings.bytes != nullptr)) {
    return false;
  }
  if ((head.present & absent) != 0 || head.isSecure != isSecure) return false;
  if (head.condition.length != conditionLength || head.isDated != isDated) return false;
  if (keyLength != hostLength + codingsLength + head.target.length + conditionLength) return false;
  const char* key = texts();
  return isSame(key + hostLength + codingsLength, head.target) && isSame(key, head.host) && isSame(key + hostLength, head.codings) &&
         isSame(key + keyLength - conditionLength, head.condition);
}

bool Answer::isValid(double nowMs) const {
  if (nowMs < fromMs || nowMs >= untilMs || (file != nullptr && file->isLeaving)) return false;
  for (int at = 0; at < watchesCount; ++at) {
    if (watches[at].word->load(std::memory_order_seq_cst) != watches[at].value) return false;
  }
  return true;
}

std::shared_ptr<Answer> makeAnswer(std::size_t textsBytes) {
  constexpr std::align_val_t line{alignof(Answer)};
  Answer* answer = new (::operator new(sizeof(Answer) + textsBytes, line)) Answer();
  return std::shared_ptr<Answer>(answer, [](Answer* made) {
    made->~Answer();
    ::operator delete(made, line);
  });
}

Table::Table(std::size_t count, uint64_t seed) : seed_(seed), hashes_(bucketsFor(count)), answers_(hashes_.size() * ways) {}

uint64_t Table::hashOf(const Head& head) const {
  using heads::hashed;
  const uint64_t seed = head.isSecure ? ~seed_ : seed_;
  uint64_t hash = hashed(hashed(hashed(seed, head.target), head.host), head.codings);
  if (head.condition.length > 0) hash = hashed(hash, head.condition);
  // 0 is where nothing is.
  return hash == 0 ? 1 : hash;
}

const std::shared_ptr<Answer>* Table::find(const Head& head, uint64_t hash) const {
  const std::size_t bucket = bucketOf(hash);
  const Hashes& hashes = hashes_[bucket];
  bringFrom(&answers_[bucket * ways], ways * sizeof answers_[0]);
  for (std::size_t way = 0; way < ways; ++way) {
    if (hashes.of[way] != hash) continue;
    const std::shared_ptr<Answer>& answer = answers_[bucket * ways + way];
    answer->bring();
    if (!answer->isOf(head)) continue;
    answer->bringRest();
    return &answer;
  }
  return nullptr;
}

std::shared_ptr<Answer> Table::add(std::shared_ptr<Answer> answer) {
  const std::size_t bucket = bucketOf(answer->hash);
  Hashes& hashes = hashes_[bucket];
  std::size_t place = ways;
  for (std::size_t way = 0; way < ways; ++way) {
    if (hashes.of[way] == answer->hash) {
      place = way;
      break;
    }
    if (hashes.of[way] == 0) place = way;
  }
  // All are taken: what leaves is left to chance, as far as a counter is chance.
  if (place == ways) place = turn_++ % ways;
  hashes.of[place] = answer->hash;
  std::shared_ptr<Answer>& at = answers_[bucket * ways + place];
  at.swap(answer);
  return answer;
}

std::shared_ptr<Answer> Table::remove(uint64_t hash, uint32_t id) {
  const std::size_t bucket = bucketOf(hash);
  for (std::size_t way = 0; way < ways; ++way) {
    std::shared_ptr<Answer>& at = answers_[bucket * ways + way];
    if (hashes_[bucket].of[way] != hash || at->id != id) continue;
    hashes_[bucket].of[way] = 0;
    return std::move(at);
  }
  return nullptr;
}

std::vector<std::shared_ptr<Answer>> Table::clear() {
  std::vector<std::shared_ptr<Answer>> left;
  for (std::shared_ptr<Answer>& at : answers_) {
    if (at != nullptr) left.push_back(std::move(at));
  }
  hashes_.assign(hashes_.size(), Hashes{});
  return left;
}

}  // namespace replay
