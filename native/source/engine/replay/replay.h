// Gives answers again where the bytes of the request come in, before the engine has seen them: those that were taught, to whom
// asks the same on a connection that waits for nothing. Whatever is not that goes to the engine as if this were not here.
// No V8 in here.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "lines.h"
#include "table.h"
#include "timer.h"
#include "usockets.h"

namespace replay {

struct Limits {
  std::size_t answers = 0;
  // Of answers that clients do not take, together: above it none is given again.
  std::size_t unsentBytes = 0;
  // Of one that takes nothing.
  unsigned idleSeconds = 10;
  // Of a head: the engine refuses longer ones.
  std::size_t headBytes = 0;
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
  // Bytes of lines that wait.
  double lines;
  // Of the hits: those of status 304.
  double notModified;
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
  Text line;
  // But for the key and the texts.
  Answer answer;
};

// Of a key.
constexpr std::size_t lessonBytesMax = 4096;

inline std::size_t keyLengthOf(const Head& head) {
  return head.host.length + head.codings.length + head.target.length + head.condition.length;
}
// A head is never longer, with what is added to it: teach() sees to it.
constexpr std::size_t headBytesMax = 16384;
constexpr std::size_t frameBytesMax = 256;

class Replay {
 public:
  Replay(const Usockets& sockets, const Limits& limits, uint64_t seed) : sockets_(sockets), limits_(limits), table_(limits.answers, seed) {}

  // Every context of the engine comes in here once; false when it cannot be seen what it calls.
  bool attach(us_socket_t* socket, int ssl);
  // `client`: as its lines have it.
  void opened(us_socket_t* socket, int ssl, const std::string& client);
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

  void begin(uv_loop_t* loop);

  Files& files() { return files_; }
  // Whoever is sent to out of it is cut off.
  void cut(const File* file);
  // Goes on with those that waited for anything but their clients.
  void goOn();

  // Nothing is given again, and nothing of what was taught is used any more, until renew().
  void end();
  void renew(const Limits& limits);
  bool isEnded() const { return isEnded_; }

  void log(const LineOptions& options) { lines_.begin(options); }
  std::size_t takeLines(char* into, std::size_t room);

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
    // Of a body in a file: from its beginning on memory had so much, lately.
    std::size_t cachedBytes = 0;
    double startedMs;
    // Of its line.
    std::string asker;
    // It goes on by itself, and not when the client takes more.
    bool isWaiting = false;
  };
  struct Connection {
    us_socket_t* socket = nullptr;
    double token = 0;
    State state = State::foreign;
    int ssl = plain;
    std::string client;
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
  bool give(Connection& connection, const Head& head, double startedMs);
  std::size_t writeHead(const Answer& answer, double nowMs, char* to);
  // `room`: the head, or all of it.
  Unsent& keepUnsent(Connection& connection, const std::shared_ptr<Answer>& answer, const Text& room, std::size_t headBytes, std::size_t sent);
  // `full`: until the client has taken more; `later`: until goOn().
  enum class Rest { sent, full, later, broken };
  // `free`: what is to be watched for when all is sent.
  us_socket_t* proceed(Connection& connection, int free);
  Rest sendRest(Connection& connection);
  Rest sendBody(Connection& connection);
  Rest sendFile(Connection& connection);
  void watch(const Connection& connection, int events);
  std::unique_ptr<Unsent> takeUnsent(Connection& connection);
  void wait(Connection& connection);
  void count(const std::shared_ptr<Answer>& answer, std::size_t bytes, std::size_t bodyBytes, bool isAborted);
  void addLine(const Connection& connection, const Answer& answer, const Text& asker, double startedMs, std::size_t bodyBytes, bool isWhole);
  void countLate(const Connection& connection, const Unsent& unsent, bool isAborted);
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
  // What is lent at this moment: host, codings, target and condition.
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
  Lines lines_;
  Files files_;
  // File descriptors of connections.
  std::vector<std::size_t> waiting_;
  Timer timer_;
  double dateSecond_ = -1;
  char date_[40];
};

// What the engine's contexts call: the one of this process.
extern Replay* current;

}  // namespace replay
