// The scheduling policy of who only works when nobody else wants the core.
#include <sched.h>

#include <cstdint>

#include "arguments.h"
#include "failure.h"
#include "functions.h"

// Of a thread by its number, 0 for the calling one, and of those that it begins from then on.
napi_value runWhenIdle(napi_env env, napi_callback_info info) {
  napi_value values[1];
  int64_t thread;
  if (!readArguments(env, info, 1, values) || !readInteger(env, values[0], "thread", 0, INT32_MAX, &thread)) return nullptr;
  const sched_param none = {};
  if (sched_setscheduler(static_cast<pid_t>(thread), SCHED_IDLE, &none) != 0) return failCall(env, errno, "sched_setscheduler");
  return nullptr;
}
