// flock(2) without waiting. The lock belongs to the open file, not to the process: the kernel takes it back when the
// last descriptor of that opening is closed, at the latest when the process dies, however it dies.
#include <sys/file.h>

#include "arguments.h"
#include "failure.h"
#include "functions.h"

namespace {

// In the order of native/addon.ts `lockOperations`.
constexpr int operations[] = {LOCK_UN, LOCK_SH, LOCK_EX};

}  // namespace

napi_value flockNow(napi_env env, napi_callback_info info) {
  napi_value values[2];
  int descriptor;
  int64_t operation;
  napi_value result;
  if (!readArguments(env, info, 2, values) || !readDescriptor(env, values[0], &descriptor) ||
      !readInteger(env, values[1], "operation", 0, 2, &operation)) {
    return nullptr;
  }
  const int outcome = uninterrupted([&] { return flock(descriptor, operations[operation] | LOCK_NB); });
  if (outcome != 0 && errno != EWOULDBLOCK) return failCall(env, errno, "flock");
  return isDone(env, napi_get_boolean(env, outcome == 0, &result)) ? result : nullptr;
}
