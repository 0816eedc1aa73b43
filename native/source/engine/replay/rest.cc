// What the client did not take at once.
#include <sys/sendfile.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "replay.h"

namespace replay {

namespace {

// Others have their turn after so many bytes.
constexpr std::size_t turnBytesMax = 4 << 20;
// What must be at hand before it is begun; what is brought at once.
constexpr uint64_t askedBytes = 1 << 20;
constexpr uint64_t broughtBytes = 4 << 20;

// The part of the body that begins `from` bytes into it.
Extent partAt(const std::vector<Extent>& extents, uint64_t from) {
  for (const Extent& extent : extents) {
    if (from < extent.bytes) return {extent.at + from, extent.bytes - from};
    from -= extent.bytes;
  }
  return {0, 0};
}

}  // namespace

Replay::Unsent& Replay::keepUnsent(Connection& connection, const std::shared_ptr<Answer>& answer, const Text& room, std::size_t headBytes,
                                   std::size_t sent) {
  auto unsent = std::make_unique<Unsent>();
  unsent->answer = answer;
  unsent->bytes = headBytes + answer->bodyBytes;
  if (sent < room.length) unsent->head.assign(room.bytes + sent, room.length - sent);
  const std::size_t taken = std::max(sent, room.length);
  unsent->bodyBytes = unsent->bytes - taken;
  if (answer->file == nullptr) unsentBytes_ += unsent->bodyBytes;
  else answer->file->senders += 1;
  sending_ += 1;
  connection.unsent = std::move(unsent);
  connection.state = State::sending;
  return *connection.unsent;
}

std::unique_ptr<Replay::Unsent> Replay::takeUnsent(Connection& connection) {
  std::unique_ptr<Unsent> unsent = std::move(connection.unsent);
  if (unsent->answer->file == nullptr) unsentBytes_ -= unsent->bodyBytes;
  else unsent->answer->file->senders -= 1;
  sending_ -= 1;
  return unsent;
}

us_socket_t* Replay::proceed(Connection& connection, int free) {
  us_socket_t* socket = connection.socket;
  const auto left = [&] { return connection.unsent->head.size() + connection.unsent->bodyBytes; };
  const std::size_t before = left();
  const Rest rest = sendRest(connection);
  if (rest == Rest::broken) return sockets_.close(connection.ssl, socket, 0, nullptr);
  if (rest == Rest::later) wait(connection);
  if (left() < before) sockets_.timeout(connection.ssl, socket, limits_.idleSeconds);
  if (rest != Rest::sent) {
    watch(connection, rest == Rest::full ? writable : 0);
    return socket;
  }
  const std::unique_ptr<Unsent> unsent = takeUnsent(connection);
  connection.state = State::free;
  watch(connection, free);
  countLate(connection, *unsent, false);
  return socket;
}

Replay::Rest Replay::sendRest(Connection& connection) {
  Unsent& unsent = *connection.unsent;
  if (!unsent.head.empty()) {
    const int more = unsent.bodyBytes > 0 ? 1 : 0;
    const int sent = sockets_.write(connection.ssl, connection.socket, unsent.head.data(), static_cast<int>(unsent.head.size()), more);
    if (sent > 0) unsent.head.erase(0, static_cast<std::size_t>(sent));
    if (!unsent.head.empty()) return Rest::full;
  }
  if (unsent.bodyBytes == 0) return Rest::sent;
  return unsent.answer->file == nullptr ? sendBody(connection) : sendFile(connection);
}

Replay::Rest Replay::sendBody(Connection& connection) {
  Unsent& unsent = *connection.unsent;
  const Answer& answer = *unsent.answer;
  const char* rest = answer.body + answer.bodyBytes - unsent.bodyBytes;
  const int sent = sockets_.write(connection.ssl, connection.socket, rest, static_cast<int>(unsent.bodyBytes), 0);
  if (sent <= 0) return Rest::full;
  unsent.bodyBytes -= static_cast<std::size_t>(sent);
  unsentBytes_ -= static_cast<std::size_t>(sent);
  return unsent.bodyBytes == 0 ? Rest::sent : Rest::full;
}

Replay::Rest Replay::sendFile(Connection& connection) {
  us_socket_t* socket = connection.socket;
  Unsent& unsent = *connection.unsent;
  const Answer& answer = *unsent.answer;
  File& file = *answer.file;
  for (std::size_t turnBytes = 0; unsent.bodyBytes > 0; ) {
    if (turnBytes >= turnBytesMax) return Rest::later;
    const std::size_t done = answer.bodyBytes - unsent.bodyBytes;
    const Extent part = partAt(answer.extents, done);
    if (part.bytes == 0 || file.isGone()) return Rest::broken;
    if (unsent.cachedBytes <= done) {
      const uint64_t asked = std::min(part.bytes, askedBytes);
      if (!file.isCached({part.at, asked})) {
        file.bring({part.at, std::min(part.bytes, broughtBytes)});
        return Rest::later;
      }
      unsent.cachedBytes = done + asked;
    }
    const uint64_t wanted = std::min<uint64_t>(part.bytes, unsent.cachedBytes - done);
    off_t at = static_cast<off_t>(part.at);
    ssize_t sent = sendfile(sockets_.fdOf(socket), file.fd(), &at, static_cast<std::size_t>(wanted));
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      // Of what the kernel has not taken the sockets know only when it was they who tried: the next byte.
      const char* byte = file.byteAt(part.at);
      sent = byte == nullptr ? 0 : sockets_.write(plain, socket, byte, 1, 0);
      if (sent == 0) return byte == nullptr ? Rest::later : Rest::full;
    } else if (sent <= 0) {
      // The file is shorter than it was, or cannot be read, or the client is gone.
      return Rest::broken;
    }
    unsent.bodyBytes -= static_cast<std::size_t>(sent);
    turnBytes += static_cast<std::size_t>(sent);
  }
  return Rest::sent;
}

void Replay::begin(uv_loop_t* loop) {
  timer_.begin(loop, [] { current->goOn(); });
}

void Replay::watch(const Connection& connection, int events) {
  us_socket_context_t* context = sockets_.contextOf(connection.ssl, connection.socket);
  sockets_.watch(connection.socket, sockets_.loopOf(connection.ssl, context), events);
}

void Replay::wait(Connection& connection) {
  if (connection.unsent->isWaiting) return;
  connection.unsent->isWaiting = true;
  if (waiting_.empty()) timer_.start();
  waiting_.push_back(static_cast<std::size_t>(sockets_.fdOf(connection.socket)));
}

void Replay::goOn() {
  const std::vector<std::size_t> waiting = std::move(waiting_);
  waiting_.clear();
  for (const std::size_t fd : waiting) {
    Connection& connection = connections_[fd];
    if (connection.unsent == nullptr || !connection.unsent->isWaiting) continue;
    connection.unsent->isWaiting = false;
    proceed(connection, readable);
  }
  if (waiting_.empty()) timer_.stop();
}

void Replay::cut(const File* file) {
  for (Connection& connection : connections_) {
    if (connection.unsent != nullptr && connection.unsent->answer->file.get() == file) {
      sockets_.close(connection.ssl, connection.socket, 0, nullptr);
    }
  }
}

}  // namespace replay
