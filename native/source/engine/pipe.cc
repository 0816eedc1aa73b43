#include "pipe.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace gather {

namespace {

// What a process without privileges may ask for (fs.pipe-max-size). The pipe holds the places of its pieces, not the bytes.
constexpr int pipeBytes = 1 << 20;

ssize_t spliceNow(int from, int to, std::size_t bytes) {
  ssize_t moved;
  do moved = ::splice(from, nullptr, to, nullptr, bytes, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
  while (moved < 0 && errno == EINTR);
  return moved;
}

bool isNothingNow(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

// Not for these sockets alone, but for all.
bool isRefusal(int error) { return error == ENOSYS || error == EPERM || error == EACCES || error == EINVAL || error == EOPNOTSUPP; }

}  // namespace

Pipe::~Pipe() {
  if (in_ < 0) return;
  ::close(in_);
  ::close(out_);
}

bool Pipe::open() {
  if (isRefused_) return false;
  if (in_ >= 0) return true;
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0) return false;
  out_ = ends[0];
  in_ = ends[1];
  // It does without, in more steps.
  static_cast<void>(::fcntl(in_, F_SETPIPE_SZ, pipeBytes));
  return true;
}

Pipe::Moved Pipe::move(int from, int to, std::size_t bytes, uint8_t* room, std::size_t roomBytes) {
  Moved result;
  if (!open()) return result;
  while (result.moved < bytes) {
    const ssize_t came = spliceNow(from, in_, std::min(bytes - result.moved, roomBytes));
    if (came < 0 && isRefusal(errno)) isRefused_ = true;
    else if (came < 0 && !isNothingNow(errno)) result.error = errno;
    if (came <= 0) return result;
    std::size_t inPipe = static_cast<std::size_t>(came);
    while (inPipe > 0) {
      const ssize_t went = spliceNow(out_, to, inPipe);
      if (went <= 0) {
        // Be it that a filter lets nothing out to this one: whether it may be done at all was said above.
        result.left = takeOut(room, inPipe);
        return result;
      }
      inPipe -= static_cast<std::size_t>(went);
      result.moved += static_cast<std::size_t>(went);
    }
  }
  return result;
}

// All of it: it is there.
std::size_t Pipe::takeOut(uint8_t* room, std::size_t bytes) {
  std::size_t taken = 0;
  while (taken < bytes) {
    const ssize_t came = ::read(out_, room + taken, bytes - taken);
    if (came > 0) taken += static_cast<std::size_t>(came);
    else if (came == 0 || errno != EINTR) break;
  }
  return taken;
}

}  // namespace gather
