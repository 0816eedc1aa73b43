#include "replay.h"

#include <cmath>
#include <utility>

#include "append.h"
#include "clock.h"

namespace replay {

Replay* current = nullptr;

namespace {

us_socket_t* dataCame(us_socket_t* socket, char* bytes, int length) { return current->onData(socket, bytes, length); }
us_socket_t* mayWrite(us_socket_t* socket) { return current->onWritable(socket); }

void setOnData(int ssl, us_socket_context_t* context, const Usockets& sockets, void* function) {
  sockets.onData(ssl, context, reinterpret_cast<OnData>(function));
}

void setOnWritable(int ssl, us_socket_context_t* context, const Usockets& sockets, void* function) {
  sockets.onWritable(ssl, context, reinterpret_cast<OnSocket>(function));
}

// A file descriptor is below it.
constexpr double fdsMax = 1 << 22;
// With a file descriptor below it makes a number that a double holds.
constexpr uint32_t tokensMask = 0x3fffffff;

}  // namespace

bool Replay::attach(us_socket_t* socket, int ssl) {
  us_socket_context_t* context = sockets_.contextOf(plain, socket);
  for (const Context& known : contexts_) {
    if (known.context == context) return known.onData != nullptr;
  }
  const auto onData = reinterpret_cast<OnData>(exchange(ssl, context, setOnData, sockets_, reinterpret_cast<void*>(dataCame)));
  const auto onWritable =
      onData == nullptr ? nullptr
                        : reinterpret_cast<OnSocket>(exchange(ssl, context, setOnWritable, sockets_, reinterpret_cast<void*>(mayWrite)));
  contexts_.push_back({context, onData, onWritable});
  return onWritable != nullptr;
}

const Replay::Context* Replay::contextOf(us_socket_t* socket) const {
  us_socket_context_t* context = sockets_.contextOf(plain, socket);
  for (const Context& known : contexts_) {
    if (known.context == context) return &known;
  }
  return nullptr;
}

Replay::Connection* Replay::connectionOf(us_socket_t* socket) {
  const auto fd = static_cast<std::size_t>(sockets_.fdOf(socket));
  if (fd >= connections_.size() || connections_[fd].socket != socket) return nullptr;
  return &connections_[fd];
}

void Replay::opened(us_socket_t* socket, int ssl, const std::string& client) {
  const auto fd = static_cast<std::size_t>(sockets_.fdOf(socket));
  if (fd >= fdsMax) return;
  if (fd >= connections_.size()) connections_.resize(fd + 64);
  Connection& connection = connections_[fd];
  if (connection.unsent != nullptr) lose(connection);
  connection.socket = socket;
  connection.token = 0;
  connection.client = client;
  connection.ssl = ssl;
  connection.state = State::free;
}

void Replay::closed(us_socket_t* socket) {
  Connection* connection = connectionOf(socket);
  if (connection != nullptr) lose(*connection);
}

void Replay::lose(Connection& connection) {
  connection.socket = nullptr;
  connection.state = State::foreign;
  if (connection.unsent != nullptr) countLate(connection, *takeUnsent(connection), true);
}

us_socket_t* Replay::onData(us_socket_t* socket, char* bytes, int length) {
  const Context* context = contextOf(socket);
  Connection* connection = connectionOf(socket);
  if (connection == nullptr) return context->onData(socket, bytes, length);
  // Nobody reads from it now; were anything to come all the same, the engine's answer would get into this one.
  if (connection->unsent != nullptr) return sockets_.close(connection->ssl, socket, 0, nullptr);
  const double startedMs = lines_.isOn() ? steadyMs() : 0;
  Head head;
  head.isSecure = connection->ssl == secure;
  if (connection->state != State::free || !readHead(bytes, static_cast<std::size_t>(length), limits_.headBytes, head)) {
    connection->state = State::foreign;
    return context->onData(socket, bytes, length);
  }
  // What the engine has to send still comes first.
  const bool isBehind = (sockets_.events(socket) & writable) != 0;
  if (isOn && head.isPlain && !isBehind && give(*connection, head, startedMs)) return socket;
  return lend(*connection, *context, socket, bytes, length, head);
}

us_socket_t* Replay::lend(Connection& connection, const Context& context, us_socket_t* socket, char* bytes, int length,
                          const Head& head) {
  const auto fd = static_cast<std::size_t>(sockets_.fdOf(socket));
  tokens_ = (tokens_ + 1) & tokensMask;
  const double token = static_cast<double>(tokens_) * fdsMax + static_cast<double>(fd);
  connection.state = State::lent;
  connection.token = token;
  const bool mayTeach = head.isPlain && keyLengthOf(head) <= lessonBytesMax;
  if (mayTeach) copyLesson(head);
  words_->token = token;
  words_->released = 0;
  lesson_.isPlain = mayTeach;
  lesson_.isSecure = head.isSecure;
  us_socket_t* after = context.onData(socket, bytes, length);
  lesson_.isPlain = false;
  words_->token = 0;
  if (words_->released == token) release(token);
  return after;
}

// The engine writes into what it is given.
void Replay::copyLesson(const Head& head) {
  char* at = lessonBytes_;
  const auto copy = [&](const Text& text) {
    const Text copied{text.length, text.bytes == nullptr ? nullptr : at};
    if (text.length > 0) at = append(at, text.bytes, text.length);
    return copied;
  };
  lesson_.host = copy(head.host);
  lesson_.codings = copy(head.codings);
  lesson_.target = copy(head.target);
  lesson_.condition = copy(head.condition);
  lesson_.isDated = head.isDated;
}

void Replay::release(double token) {
  const auto fd = static_cast<std::size_t>(std::fmod(token, fdsMax));
  if (fd >= connections_.size()) return;
  Connection& connection = connections_[fd];
  if (connection.token == token && connection.state == State::lent && connection.socket != nullptr) connection.state = State::free;
}

us_socket_t* Replay::onWritable(us_socket_t* socket) {
  Connection* connection = connectionOf(socket);
  if (connection == nullptr || connection->state != State::sending) return contextOf(socket)->onWritable(socket);
  // The caller leaves of these what is to be read.
  return proceed(*connection, readable | writable);
}

}  // namespace replay
