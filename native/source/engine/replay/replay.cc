#include "replay.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <ctime>
#include <utility>

namespace replay {

Replay* current = nullptr;

namespace {

us_socket_t* dataCame(us_socket_t* socket, char* bytes, int length) { return current->onData(socket, bytes, length); }
us_socket_t* mayWrite(us_socket_t* socket) { return current->onWritable(socket); }

void setOnData(us_socket_context_t* context, const Usockets& sockets, void* function) {
  sockets.onData(plain, context, reinterpret_cast<OnData>(function));
}

void setOnWritable(us_socket_context_t* context, const Usockets& sockets, void* function) {
  sockets.onWritable(plain, context, reinterpret_cast<OnSocket>(function));
}

// Above this a body goes out from where it is.
constexpr std::size_t joinedBytesMax = 8192;
// A file descriptor is below it.
constexpr double fdsMax = 1 << 22;
// With a file descriptor below it makes a number that a double holds.
constexpr uint32_t tokensMask = 0x3fffffff;

double wallMs() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<double>(now.tv_sec) * 1000 + static_cast<double>(now.tv_nsec / 1000000);
}

char* append(char* at, const char* bytes, std::size_t length) {
  std::memcpy(at, bytes, length);
  return at + length;
}

template <std::size_t size>
char* append(char* at, const char (&text)[size]) {
  return append(at, text, size - 1);
}

char* appendNumber(char* at, uint64_t number) {
  char digits[20];
  int count = 0;
  do digits[count++] = static_cast<char>('0' + number % 10);
  while ((number /= 10) != 0);
  while (count > 0) *at++ = digits[--count];
  return at;
}

}  // namespace

bool Replay::attach(us_socket_t* socket) {
  us_socket_context_t* context = sockets_.contextOf(plain, socket);
  for (const Context& known : contexts_) {
    if (known.context == context) return known.onData != nullptr;
  }
  const auto onData = reinterpret_cast<OnData>(exchange(context, setOnData, sockets_, reinterpret_cast<void*>(dataCame)));
  const auto onWritable =
      onData == nullptr ? nullptr
                        : reinterpret_cast<OnSocket>(exchange(context, setOnWritable, sockets_, reinterpret_cast<void*>(mayWrite)));
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

void Replay::opened(us_socket_t* socket) {
  const auto fd = static_cast<std::size_t>(sockets_.fdOf(socket));
  if (fd >= fdsMax) return;
  if (fd >= connections_.size()) connections_.resize(fd + 64);
  Connection& connection = connections_[fd];
  if (connection.unsent != nullptr) lose(connection);
  connection.socket = socket;
  connection.token = 0;
  connection.state = State::free;
}

void Replay::closed(us_socket_t* socket) {
  Connection* connection = connectionOf(socket);
  if (connection != nullptr) lose(*connection);
}

void Replay::lose(Connection& connection) {
  connection.socket = nullptr;
  connection.state = State::foreign;
  if (connection.unsent == nullptr) return;
  const std::unique_ptr<Unsent> unsent = std::move(connection.unsent);
  unsentBytes_ -= unsent->bodyBytes;
  sending_ -= 1;
  count(unsent->answer, unsent->bytes - unsent->head.size() - unsent->bodyBytes, true);
}

us_socket_t* Replay::onData(us_socket_t* socket, char* bytes, int length) {
  const Context* context = contextOf(socket);
  Connection* connection = connectionOf(socket);
  if (connection == nullptr) return context->onData(socket, bytes, length);
  // Nobody reads from it now; were anything to come all the same, the engine's answer would get into this one.
  if (connection->unsent != nullptr) return sockets_.close(plain, socket, 0, nullptr);
  Head head;
  if (connection->state != State::free || !readHead(bytes, static_cast<std::size_t>(length), head)) {
    connection->state = State::foreign;
    return context->onData(socket, bytes, length);
  }
  // What the engine has to send still comes first.
  const bool isBehind = (sockets_.events(socket) & writable) != 0;
  if (isOn && head.isPlain && !isBehind && give(*connection, head)) return socket;
  return lend(*connection, *context, socket, bytes, length, head);
}

us_socket_t* Replay::lend(Connection& connection, const Context& context, us_socket_t* socket, char* bytes, int length,
                          const Head& head) {
  const auto fd = static_cast<std::size_t>(sockets_.fdOf(socket));
  tokens_ = (tokens_ + 1) & tokensMask;
  const double token = static_cast<double>(tokens_) * fdsMax + static_cast<double>(fd);
  connection.state = State::lent;
  connection.token = token;
  if (head.isPlain) copyLesson(head);
  words_->token = token;
  words_->released = 0;
  lesson_.isPlain = head.isPlain;
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
}

void Replay::release(double token) {
  const auto fd = static_cast<std::size_t>(std::fmod(token, fdsMax));
  if (fd >= connections_.size()) return;
  Connection& connection = connections_[fd];
  if (connection.token == token && connection.state == State::lent && connection.socket != nullptr) connection.state = State::free;
}

bool Replay::give(Connection& connection, const Head& head) {
  const std::shared_ptr<Answer>* found = table_.find(head, table_.hashOf(head));
  if (found == nullptr || unsentBytes_ > limits_.unsentBytes) return false;
  const Answer& answer = **found;
  const double nowMs = wallMs();
  if (!answer.isValid(nowMs)) return false;
  char room[headBytesMax + joinedBytesMax];
  const std::size_t headBytes = writeHead(answer, nowMs, room);
  const std::size_t bytes = headBytes + answer.bodyBytes;
  us_socket_t* socket = connection.socket;
  int sent;
  if (answer.bodyBytes <= joinedBytesMax) {
    if (answer.bodyBytes > 0) append(room + headBytes, answer.body, answer.bodyBytes);
    sent = sockets_.write(plain, socket, room, static_cast<int>(bytes), 0);
  } else {
    sent = sockets_.writeBoth(plain, socket, room, static_cast<int>(headBytes), answer.body, static_cast<int>(answer.bodyBytes));
  }
  sockets_.timeout(plain, socket, limits_.idleSeconds);
  const std::size_t taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
  if (taken < bytes) keepUnsent(connection, *found, room, headBytes, taken);
  else count(*found, bytes, false);
  return true;
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
  at = append(at, "\r\nContent-Length: ");
  at = appendNumber(at, answer.bodyBytes);
  at = append(at, "\r\n\r\n");
  return static_cast<std::size_t>(at - to);
}

void Replay::keepUnsent(Connection& connection, const std::shared_ptr<Answer>& answer, const char* head, std::size_t headBytes,
                        std::size_t sent) {
  auto unsent = std::make_unique<Unsent>();
  unsent->answer = answer;
  unsent->bytes = headBytes + answer->bodyBytes;
  if (sent < headBytes) unsent->head.assign(head + sent, headBytes - sent);
  unsent->bodyBytes = answer->bodyBytes - (sent > headBytes ? sent - headBytes : 0);
  unsentBytes_ += unsent->bodyBytes;
  sending_ += 1;
  connection.unsent = std::move(unsent);
  connection.state = State::sending;
  // Whoever does not take this is not heard either: its next request waits in the kernel.
  sockets_.watch(connection.socket, sockets_.loopOf(plain, sockets_.contextOf(plain, connection.socket)), writable);
}

bool Replay::sendRest(Connection& connection) {
  Unsent& unsent = *connection.unsent;
  us_socket_t* socket = connection.socket;
  if (!unsent.head.empty()) {
    const int sent = sockets_.write(plain, socket, unsent.head.data(), static_cast<int>(unsent.head.size()), 1);
    if (sent > 0) unsent.head.erase(0, static_cast<std::size_t>(sent));
    if (!unsent.head.empty()) return false;
  }
  if (unsent.bodyBytes == 0) return true;
  const Answer& answer = *unsent.answer;
  const char* rest = answer.body + answer.bodyBytes - unsent.bodyBytes;
  const int sent = sockets_.write(plain, socket, rest, static_cast<int>(unsent.bodyBytes), 0);
  if (sent <= 0) return false;
  unsent.bodyBytes -= static_cast<std::size_t>(sent);
  unsentBytes_ -= static_cast<std::size_t>(sent);
  return unsent.bodyBytes == 0;
}

us_socket_t* Replay::onWritable(us_socket_t* socket) {
  Connection* connection = connectionOf(socket);
  if (connection == nullptr || connection->state != State::sending) return contextOf(socket)->onWritable(socket);
  const std::size_t before = connection->unsent->head.size() + connection->unsent->bodyBytes;
  const bool isDone = sendRest(*connection);
  us_loop_t* loop = sockets_.loopOf(plain, sockets_.contextOf(plain, socket));
  if (isDone || connection->unsent->head.size() + connection->unsent->bodyBytes < before) {
    sockets_.timeout(plain, socket, limits_.idleSeconds);
  }
  if (!isDone) {
    sockets_.watch(socket, loop, writable);
    return socket;
  }
  const std::unique_ptr<Unsent> unsent = std::move(connection->unsent);
  connection->state = State::free;
  sending_ -= 1;
  // The caller leaves of these what is to be read.
  sockets_.watch(socket, loop, readable | writable);
  count(unsent->answer, unsent->bytes, false);
  return socket;
}

}  // namespace replay
