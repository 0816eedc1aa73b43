// How a call fails: an exception of JavaScript becomes pending, and the call returns nullptr at once.
// Nothing is ever thrown in C++.
#pragma once

#include <node_api.h>

#include <cerrno>

/** An Error as Node's own file calls make it: `code` such as ENOSPC, `errno` negative, `syscall`. */
napi_value failCall(napi_env env, int number, const char* syscall);

/** An Error with a code of ours, for what no call of the kernel says. */
napi_value failWith(napi_env env, const char* code, const char* message);

/** False, with an exception pending, when a call into Node-API did not succeed. */
bool isDone(napi_env env, napi_status status);

// A call that signals keep interrupting is given up, so that no loop is without an end.
constexpr int interruptionsMax = 100;

/** Calls until it is not interrupted: what `call` returned last, errno as it left it. */
template <typename Call>
auto uninterrupted(Call call) {
  auto result = call();
  for (int i = 1; i < interruptionsMax && result < 0 && errno == EINTR; i++) result = call();
  return result;
}
