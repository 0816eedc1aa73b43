// Reads what is in the page cache and nothing else, so that a cold disk cannot hold up the event loop.
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <climits>

#include "arguments.h"
#include "failure.h"
#include "functions.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <cstdlib>
#endif

namespace {

// What the kernel writes, AddressSanitizer does not see: a build with it looks before.
void expectWritable([[maybe_unused]] uint8_t* data, [[maybe_unused]] size_t length) {
#if defined(__SANITIZE_ADDRESS__)
  void* poisoned = __asan_region_is_poisoned(data, length);
  if (poisoned == nullptr) return;
  __asan_describe_address(poisoned);
  abort();
#endif
}

// Whether a read of this process had to do without the flag; for the line that tells the operator.
std::atomic<bool> wasPlain{false};

bool refusesFlag(int number) { return number == EOPNOTSUPP || number == ENOSYS || number == EINVAL; }

// Where the kernel or the file system does not know the flag, an ordinary read. That is asked for every read: it
// costs a fraction of the read itself, and one odd file must not make the reads of all others wait for the disk.
ssize_t readCached(int descriptor, uint8_t* data, size_t length, off_t position) {
  expectWritable(data, length);
  const struct iovec vector = {data, length};
  const ssize_t count = uninterrupted([&] { return preadv2(descriptor, &vector, 1, position, RWF_NOWAIT); });
  if (count >= 0 || !refusesFlag(errno)) return count;
  const ssize_t plain = uninterrupted([&] { return pread(descriptor, data, length, position); });
  // EINVAL twice was not about the flag.
  if (plain >= 0) wasPlain.store(true, std::memory_order_relaxed);
  return plain;
}

}  // namespace

// The number of bytes read: fewer than asked for at the end of the file or of what is cached, 0 only at the end of
// the file, -1 when the first byte is not cached.
napi_value readNow(napi_env env, napi_callback_info info) {
  napi_value values[5];
  int descriptor;
  uint8_t* data;
  size_t available;
  int64_t offset;
  int64_t length;
  int64_t position;
  if (!readArguments(env, info, 5, values) || !readDescriptor(env, values[0], &descriptor) ||
      !readBytes(env, values[1], "buffer", &data, &available)) {
    return nullptr;
  }
  const int64_t end = static_cast<int64_t>(available);
  if (!readInteger(env, values[2], "offset", 0, end, &offset) ||
      !readInteger(env, values[3], "length", 0, end - offset < INT_MAX ? end - offset : INT_MAX, &length) ||
      !readInteger(env, values[4], "position", 0, safeIntegerMax, &position)) {
    return nullptr;
  }
  // An empty buffer may be without memory: the kernel is not asked, and offset is not added to nothing.
  const ssize_t count =
      length == 0 ? 0 : readCached(descriptor, data + offset, static_cast<size_t>(length), position);
  if (count < 0 && errno != EAGAIN) return failCall(env, errno, "preadv2");
  napi_value result;
  return isDone(env, napi_create_int32(env, static_cast<int32_t>(count), &result)) ? result : nullptr;
}

napi_value readNowIsPlain(napi_env env, napi_callback_info) {
  napi_value result;
  return isDone(env, napi_get_boolean(env, wasPlain.load(std::memory_order_relaxed), &result)) ? result : nullptr;
}
