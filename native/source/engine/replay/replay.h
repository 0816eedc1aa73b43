// Gives answers again where the bytes of the request come in, before the engine has seen them: those that were taught, to whom
// asks the same on a connection that waits for nothing. Whatever is not that goes to the engine as if this were not here.
// No V8 in here.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "table.h"
#include "usockets.h"

namespace replay {

struct Limits {
  std::size_t answers = 0;
  // Of answers that clients do not take, together: above it none is given again.
  std::size_t unsentBytes = 0;
  // Of one that takes nothing.
  unsigned idleSeconds = 10;
};

// What JavaScript shares.
struct Words {
  // Of what the engine is given at this moment; 0 when that can be neither taught nor released.
  double token;
  // What JavaScript has released meanwhile.
  double released;
  // What was given, of all answers together: how many, their bodies, and those whose clients left before the end. JavaScript
  // takes them.
  double hits;
  double bodyBytes;
  double aborted;
};

// An answer was given since it was told last.
struct Told {
  uint32_t id;
  // 1: nothing will be heard of it any more.
  uint32_t isOver;
};

// What is taught besides the key.
struct Lesson {
  Text beforeAge;
  Text afterAge;
  // But for the key and the texts.
  Answer answer;
};

constexpr std::size_t lessonBytesMax = 4096;
// A head is never longer, with what is added to it: teach() sees to it.
constexpr std::size_t headBytesMax = 16384;
constexpr std::size_t frameBytesMax = 256;

class Replay {
 public:
  Replay(const Usockets& sockets, const Limits& limits, uint64_t seed) : sockets_(sockets), limits_(limits), table_(limits.answers, seed) {}

  // Every context of the engine comes in here once; false when it cannot be seen what it calls.
  bool attach(us_socket_t* socket);
  void opened(us_socket_t* socket);
  void closed(us_socket_t* socket);

  void share(Words* words) { words_ = words; }
  // It is answered and the connection stays: the next request may be answered here.
  void release(double token);

  // What was lent as `token` is to be answered so. Returns its id, or -1 when the request is not at hand any more.
  int64_t teach(double token, const Lesson& lesson);
  void forget(uint32_t id);
  void clear();
  // At most `count`, returns how many there were.
  std::size_t tell(Told* into, std::size_t count);

  // Nothing is given again, and nothing of what was taught is used any more, until renew().
  void end();
  void renew(const Limits& limits);
  bool isEnded() const { return isEnded_; }

  // Answers that wait for their clients.
  std::size_t sending() const { return sending_; }

  bool isOn = false;

  us_socket_t* onData(us_socket_t* socket, char* bytes, int length);
  us_socket_t* onWritable(us_socket_t* socket);

 private:
  enum class State : uint8_t { free, lent, foreign, sending };
  struct Unsent {
    std::shared_ptr<Answer> answer;
    // What is left of both.
    std::string head;
    std::size_t bodyBytes;
    // Of the whole.
    std::size_t bytes;
  };
  struct Connection {
    us_socket_t* socket = nullptr;
    double token = 0;
    State state = State::foreign;
    std::unique_ptr<Unsent> unsent;
  };
  struct Context {
    us_socket_context_t* context;
    OnData onData;
    OnSocket onWritable;
  };

  const Context* contextOf(us_socket_t* socket) const;
  Connection* connectionOf(us_socket_t* socket);
  void lose(Connection& connection);
  us_socket_t* lend(Connection& connection, const Context& context, us_socket_t* socket, char* bytes, int length, const Head& head);
  void copyLesson(const Head& head);
  bool give(Connection& connection, const Head& head);
  std::size_t writeHead(const Answer& answer, double nowMs, char* to);
  void keepUnsent(Connection& connection, const std::shared_ptr<Answer>& answer, const char* head, std::size_t headBytes, std::size_t sent);
  // False when the client takes no more for now.
  bool sendRest(Connection& connection);
  void count(const std::shared_ptr<Answer>& answer, std::size_t bytes, bool isAborted);
  uint32_t takeId();
  void note(const std::shared_ptr<Answer>& answer);
  void leave(const std::shared_ptr<Answer>& answer);

  Usockets sockets_;
  Limits limits_;
  Table table_;
  std::vector<Context> contexts_;
  // By file descriptor.
  std::vector<Connection> connections_;
  uint32_t tokens_ = 0;
  Words* words_ = nullptr;
  // What is lent at this moment: host, codings and target.
  Head lesson_;
  char lessonBytes_[lessonBytesMax];
  std::size_t unsentBytes_ = 0;
  std::size_t sending_ = 0;
  bool isEnded_ = false;
  std::deque<std::shared_ptr<Answer>> noted_;
  // Of these, and of those that are being sent: they are in the table no more.
  std::size_t left_ = 0;
  // By id.
  std::vector<uint64_t> hashes_;
  std::vector<uint32_t> freeIds_;
  double dateSecond_ = -1;
  char date_[40];
};

// What the engine's contexts call: the one of this process.
extern Replay* current;

}  // namespace replay
