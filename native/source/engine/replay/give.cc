// Sends an answer once more, and writes its line.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <ctime>

#include "append.h"
#include "clock.h"
#include "replay.h"

namespace replay {

namespace {

// Above this a body goes out from where it is.
constexpr std::size_t joinedBytesMax = 8192;

constexpr uint64_t beginBytesMax = 4 << 20;

// Of a body in a file: the rest is looked at, and brought, while it is sent.
std::size_t beginBytesOf(const Answer& answer) {
  return static_cast<std::size_t>(std::min(answer.extents.front().bytes, beginBytesMax));
}

bool isBeginCached(const Answer& answer) {
  return answer.file == nullptr || answer.file->isCached({answer.extents.front().at, beginBytesOf(answer)});
}

}  // namespace

bool Replay::give(Connection& connection, const Head& head, double startedMs) {
  const std::shared_ptr<Answer>* found = table_.find(head, table_.hashOf(head));
  if (found == nullptr || unsentBytes_ > limits_.unsentBytes || !lines_.hasRoom()) return false;
  const Answer& answer = **found;
  const double nowMs = wallMs();
  if (!answer.isValid(nowMs) || !isBeginCached(answer)) return false;
  char room[headBytesMax + joinedBytesMax];
  const std::size_t headBytes = writeHead(answer, nowMs, room);
  const std::size_t bytes = headBytes + answer.bodyBytes;
  us_socket_t* socket = connection.socket;
  const int ssl = connection.ssl;
  // What is in `room`. Whoever encrypts it has to be given the same again if it was not taken.
  std::size_t roomBytes = headBytes;
  int sent;
  if (answer.file == nullptr && answer.bodyBytes <= joinedBytesMax) {
    append(room + headBytes, answer.body, answer.bodyBytes);
    roomBytes = bytes;
    sent = sockets_.write(ssl, socket, room, static_cast<int>(bytes), 0);
  } else if (answer.file == nullptr && ssl == plain) {
    sent = sockets_.writeBoth(ssl, socket, room, static_cast<int>(headBytes), answer.body, static_cast<int>(answer.bodyBytes));
  } else {
    sent = sockets_.write(ssl, socket, room, static_cast<int>(headBytes), 1);
  }
  sockets_.timeout(ssl, socket, limits_.idleSeconds);
  const std::size_t taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
  char asker[askerBytesMax];
  if (taken < bytes) {
    Unsent& unsent = keepUnsent(connection, *found, {roomBytes, room}, headBytes, taken);
    unsent.startedMs = startedMs;
    if (lines_.isOn()) unsent.asker.assign(asker, lines_.writeAsker(head, asker));
    if (answer.file != nullptr) unsent.cachedBytes = beginBytesOf(answer);
    // Whoever does not take this is not heard either: its next request waits in the kernel.
    if (taken < roomBytes || (ssl == plain && answer.file == nullptr)) watch(connection, writable);
    else proceed(connection, readable);
    return true;
  }
  count(*found, bytes, answer.bodyBytes, false);
  if (lines_.isDue()) addLine(connection, answer, {lines_.writeAsker(head, asker), asker}, startedMs, answer.bodyBytes, true);
  return true;
}

void Replay::addLine(const Connection& connection, const Answer& answer, const Text& asker, double startedMs, std::size_t bodyBytes,
                     bool isWhole) {
  const Text client{connection.client.size(), connection.client.data()};
  lines_.add({client, answer.line(), asker, bodyBytes, steadyMs() - startedMs, isWhole}, wallMs());
  words_->lines = static_cast<double>(lines_.waiting());
}

void Replay::countLate(const Connection& connection, const Unsent& unsent, bool isAborted) {
  const std::size_t sent = unsent.bytes - unsent.head.size() - unsent.bodyBytes;
  const std::size_t headBytes = unsent.bytes - unsent.answer->bodyBytes;
  const std::size_t bodyBytes = sent > headBytes ? sent - headBytes : 0;
  count(unsent.answer, sent, bodyBytes, isAborted);
  if (!lines_.isDue()) return;
  const Text asker{unsent.asker.size(), unsent.asker.data()};
  addLine(connection, *unsent.answer, asker, unsent.startedMs, bodyBytes, !isAborted);
}

std::size_t Replay::takeLines(char* into, std::size_t room) {
  const std::size_t taken = lines_.take(into, room);
  words_->lines = static_cast<double>(lines_.waiting());
  return taken;
}

std::size_t Replay::writeHead(const Answer& answer, double nowMs, char* to) {
  const double second = std::floor(nowMs / 1000);
  if (second != dateSecond_) {
    dateSecond_ = second;
    const auto seconds = static_cast<std::time_t>(second);
    std::tm parts;
    gmtime_r(&seconds, &parts);
    // RFC 9110 5.6.7; the process is in the C locale.
    std::strftime(date_, sizeof date_, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  }
  const double ageMs = nowMs > answer.bornAtMs ? nowMs - answer.bornAtMs : 0;
  const char* texts = answer.texts();
  char* at = append(to, texts + answer.keyLength, answer.beforeAge);
  at = appendNumber(at, static_cast<uint64_t>(ageMs / 1000));
  const std::size_t used = answer.keyLength + answer.beforeAge;
  at = append(at, texts + used, answer.afterAge);
  at = appendNumber(at, static_cast<uint64_t>((answer.freshUntilMs - nowMs) / 1000));
  at = append(at, "\r\nDate: ");
  at = append(at, date_, 29);
  if (!answer.isNotModified) at = appendNumber(append(at, "\r\nContent-Length: "), answer.bodyBytes);
  at = append(at, "\r\n\r\n");
  return static_cast<std::size_t>(at - to);
}

}  // namespace replay
