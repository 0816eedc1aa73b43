// Makes exceptions pending; see failure.h.
#include "failure.h"

#include <uv.h>

#include <cstdio>

namespace {

void setProperty(napi_env env, napi_value error, const char* name, napi_value value) {
  isDone(env, napi_set_named_property(env, error, name, value));
}

bool makeError(napi_env env, const char* code, const char* message, napi_value* error) {
  napi_value codeText;
  napi_value messageText;
  return isDone(env, napi_create_string_utf8(env, code, NAPI_AUTO_LENGTH, &codeText)) &&
         isDone(env, napi_create_string_utf8(env, message, NAPI_AUTO_LENGTH, &messageText)) &&
         isDone(env, napi_create_error(env, codeText, messageText, error));
}

}  // namespace

napi_value failCall(napi_env env, int number, const char* syscall) {
  // libuv has the names and words that Node itself uses.
  char message[160];
  snprintf(message, sizeof message, "%s: %s, %s", uv_err_name(-number), uv_strerror(-number), syscall);
  napi_value error;
  napi_value value;
  if (!makeError(env, uv_err_name(-number), message, &error)) return nullptr;
  if (!isDone(env, napi_create_int32(env, -number, &value))) return nullptr;
  setProperty(env, error, "errno", value);
  if (!isDone(env, napi_create_string_utf8(env, syscall, NAPI_AUTO_LENGTH, &value))) return nullptr;
  setProperty(env, error, "syscall", value);
  isDone(env, napi_throw(env, error));
  return nullptr;
}

napi_value failWith(napi_env env, const char* code, const char* message) {
  napi_throw_error(env, code, message);
  return nullptr;
}

bool isDone(napi_env env, napi_status status) {
  if (status == napi_ok) return true;
  bool isPending = false;
  napi_is_exception_pending(env, &isPending);
  if (!isPending) napi_throw_error(env, "native-failed", "a call into Node-API did not succeed");
  return false;
}
