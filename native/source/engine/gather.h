// Reads sockets past the streams of Node: what has come for all of them in one turn of the loop is handed on in one call.
#pragma once

#include <node.h>
#include <uv.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "pipe.h"

namespace gather {

// A record is three numbers: the slot of a socket, where its bytes are, and how many. 0 is their end, and a negated error
// number what ended them.
constexpr int32_t recordWords = 3;
// Behind the records: what passOn() had to leave, in bytes, and the error number of what broke the socket.
constexpr int32_t passedWords = 2;
// The slot of a record whose socket was left before it was handed on.
constexpr int32_t nobody = -1;

class Gatherer;

// A socket. Its descriptor is its own, a duplicate: libuv watches a descriptor but once, and that one is its stream's.
struct Source {
  uv_poll_t poll;
  Gatherer* gatherer;
  int fd;
  int32_t slot;
  // In one read.
  std::size_t bytesMax = SIZE_MAX;
  // In which it was read last: it has at most one record in each.
  uint64_t batch = 0;
};

// Of one environment.
class Gatherer {
 public:
  Gatherer(v8::Isolate* isolate, v8::Local<v8::Context> context);

  struct Memory {
    // At least `bytesMin` and one record long.
    v8::Local<v8::ArrayBuffer> bytes;
    v8::Local<v8::ArrayBuffer> words;
    // At least `bytesMin`: of passOn().
    v8::Local<v8::ArrayBuffer> rest;
  };
  // Once.
  void begin(const Memory& memory, v8::Local<v8::Function> deliver);
  bool hasBegun() const { return bytes_ != nullptr; }
  // Reads it from now on. Its slot, or a negated error number.
  int32_t add(int fd);
  // Nothing of these does anything for a slot that nobody has.
  void stop(int32_t slot);
  void goOn(int32_t slot);
  void leave(int32_t slot);
  // How much is read of it at once.
  void limit(int32_t slot, std::size_t bytesMax);
  // Moves what is there of it on to another socket, past this process; returns how many bytes. What the other does not take is
  // in `rest`. Nothing when there is no other, at -1.
  std::size_t passOn(int32_t slot, int to, std::size_t bytes);
  // The environment ends: `done` is called when nothing of this is used any more, and it is deleted.
  void end(void (*done)(void*), void* argument);

 private:
  static void onReadable(uv_poll_t* poll, int status, int events);
  static void onTurn(uv_check_t* check);
  Source* at(int32_t slot) const;
  void start(Source* source);
  void read(Source* source);
  void note(Source* source, int32_t length);
  void deliver();
  void closed();

  v8::Isolate* isolate_;
  v8::Global<v8::Context> context_;
  v8::Global<v8::Function> deliver_;
  std::shared_ptr<v8::BackingStore> bytesStore_;
  std::shared_ptr<v8::BackingStore> wordsStore_;
  std::shared_ptr<v8::BackingStore> restStore_;
  uint8_t* bytes_ = nullptr;
  std::size_t bytesMax_ = 0;
  std::size_t bytesUsed_ = 0;
  int32_t* words_ = nullptr;
  int32_t recordsMax_ = 0;
  int32_t records_ = 0;
  uint64_t batch_ = 1;
  // By slot.
  std::vector<Source*> sources_;
  std::vector<int32_t> freeSlots_;
  Pipe pipe_;
  uv_check_t check_;
  // Handles that are not closed.
  std::size_t handles_ = 1;
  void (*done_)(void*) = nullptr;
  void* doneArgument_ = nullptr;
};

// With less room what is there is handed on before another socket is read. It is small pieces that are worth to be
// gathered; large ones are handed on while they are in the caches of the processor.
constexpr std::size_t bytesMin = 65'536;

}  // namespace gather
