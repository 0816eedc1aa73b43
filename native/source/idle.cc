// The scheduling policy of who only works when nobody else wants the core.
#include <sched.h>

#include "arguments.h"
#include "failure.h"
#include "functions.h"

// Of the calling thread, and of those that it begins from then on.
napi_value runWhenIdle(napi_env env, napi_callback_info info) {
  if (!readArguments(env, info, 0, nullptr)) return nullptr;
  const sched_param none = {};
  if (sched_setscheduler(0, SCHED_IDLE, &none) != 0) return failCall(env, errno, "sched_setscheduler");
  return nullptr;
}
