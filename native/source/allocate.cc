// Reserves the space of a file, so that later writes to it cannot meet a full disk. fallocate(2) and not
// posix_fallocate(3): where the file system has no such call, the C library writes into the blocks one by one, which
// can undo what another process writes at that moment. Here the caller is told instead.
#include <fcntl.h>

#include "arguments.h"
#include "failure.h"
#include "functions.h"

// Whether the space is reserved; false where the file system cannot.
napi_value allocate(napi_env env, napi_callback_info info) {
  napi_value values[4];
  int descriptor;
  int64_t offset;
  int64_t bytes;
  bool keepSize;
  napi_value result;
  if (!readArguments(env, info, 4, values) || !readDescriptor(env, values[0], &descriptor) ||
      !readInteger(env, values[1], "offset", 0, safeIntegerMax, &offset) ||
      !readInteger(env, values[2], "bytes", 1, safeIntegerMax, &bytes) ||
      !readFlag(env, values[3], "keepSize", &keepSize)) {
    return nullptr;
  }
  const int mode = keepSize ? FALLOC_FL_KEEP_SIZE : 0;
  const int outcome = uninterrupted([&] { return fallocate(descriptor, mode, offset, bytes); });
  if (outcome != 0 && errno != EOPNOTSUPP && errno != ENOSYS) return failCall(env, errno, "fallocate");
  return isDone(env, napi_get_boolean(env, outcome == 0, &result)) ? result : nullptr;
}
