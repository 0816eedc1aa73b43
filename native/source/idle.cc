// The scheduling policies of who works when nobody else wants the core, and of who leaves it to those that serve.
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "arguments.h"
#include "failure.h"
#include "functions.h"

namespace {

// The kernel's (linux/sched/types.h); what the C library has of it differs by version.
struct Attributes {
  uint32_t size = sizeof(Attributes);
  uint32_t policy = 0;
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t runtimeNs = 0;
  uint64_t deadlineNs = 0;
  uint64_t periodNs = 0;
};

// The longest that sched_setattr(2) takes.
constexpr uint64_t turnNs = 100'000'000;

// Linux from 6.12 on lets who wakes go before who runs when its turns are the shorter ones, and a thread keeps the length of its
// turns when it becomes idle. The policies alone do not do that for threads of other sessions and groups: they would wait for the
// end of the turn, up to 4 ms. Older ones take no length, and all else is the same.
bool takeLongTurns(pid_t thread) {
  Attributes attributes;
  attributes.policy = SCHED_BATCH;
  // It sets that, too.
  attributes.nice = getpriority(PRIO_PROCESS, static_cast<id_t>(thread));
  attributes.runtimeNs = turnNs;
  return syscall(SYS_sched_setattr, thread, &attributes, 0) == 0;
}

bool readThread(napi_env env, napi_callback_info info, pid_t* thread) {
  napi_value values[1];
  int64_t number;
  if (!readArguments(env, info, 1, values) || !readInteger(env, values[0], "thread", 0, INT32_MAX, &number)) return false;
  *thread = static_cast<pid_t>(number);
  return true;
}

}  // namespace

// Of a thread by its number, 0 for the calling one, and of those that it begins from then on: here and below.
napi_value giveWay(napi_env env, napi_callback_info info) {
  pid_t thread;
  if (!readThread(env, info, &thread)) return nullptr;
  return takeLongTurns(thread) ? nullptr : failCall(env, errno, "sched_setattr");
}

napi_value runWhenIdle(napi_env env, napi_callback_info info) {
  pid_t thread;
  if (!readThread(env, info, &thread)) return nullptr;
  // Where it is forbidden, being idle still is worth it.
  takeLongTurns(thread);
  const sched_param none = {};
  if (sched_setscheduler(thread, SCHED_IDLE, &none) != 0) return failCall(env, errno, "sched_setscheduler");
  return nullptr;
}
