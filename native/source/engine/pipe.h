// Moves what has come over one socket to another within the kernel, without a copy of it (splice). No V8 in here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gather {

class Pipe {
 public:
  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe();

  // What came of one call, in bytes. `left`: what could not be moved on is in the caller's memory. `error`: what broke `from`.
  struct Moved {
    std::size_t moved = 0;
    std::size_t left = 0;
    int error = 0;
  };

  // At most `bytes` of what is there now, until `to` takes no more; what that leaves, at most `roomBytes`, goes into `room`.
  // Nothing stays in the pipe. The end of `from` and what is wrong with `to` are for the next who reads and writes there.
  Moved move(int from, int to, std::size_t bytes, uint8_t* room, std::size_t roomBytes);

 private:
  bool open();
  std::size_t takeOut(uint8_t* room, std::size_t bytes);

  int in_ = -1;
  int out_ = -1;
  // This kernel, or who rules here, does not let us.
  bool isRefused_ = false;
};

}  // namespace gather
