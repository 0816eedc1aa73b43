// Checks of what a caller handed over; see arguments.h.
#include "arguments.h"

#include <cinttypes>
#include <climits>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "failure.h"

namespace {

// Longest message: a name of ours, 20 characters, and two numbers of at most 20 digits.
constexpr size_t messageBytesMax = 160;

bool refuseKind(napi_env env, const char* name, const char* expected) {
  char message[messageBytesMax];
  snprintf(message, sizeof message, "%s must be %s", name, expected);
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message);
  return false;
}

bool refuseValue(napi_env env, const char* message) {
  napi_throw_range_error(env, "ERR_OUT_OF_RANGE", message);
  return false;
}

}  // namespace

bool readArguments(napi_env env, napi_callback_info info, size_t count, napi_value* values) {
  return isDone(env, napi_get_cb_info(env, info, &count, values, nullptr, nullptr));
}

bool readInteger(napi_env env, napi_value value, const char* name, int64_t min, int64_t max, int64_t* result) {
  double number;
  if (napi_get_value_double(env, value, &number) != napi_ok) return refuseKind(env, name, "a number");
  // The comparison is false for NaN, and the infinities are outside; what passes converts exactly.
  if (number >= static_cast<double>(min) && number <= static_cast<double>(max) && number == std::trunc(number)) {
    *result = static_cast<int64_t>(number);
    return true;
  }
  char message[messageBytesMax];
  snprintf(message, sizeof message, "%s must be an integer from %" PRId64 " to %" PRId64, name, min, max);
  return refuseValue(env, message);
}

bool readDescriptor(napi_env env, napi_value value, int* result) {
  int64_t number;
  if (!readInteger(env, value, "fd", 0, INT_MAX, &number)) return false;
  *result = static_cast<int>(number);
  return true;
}

bool readFlag(napi_env env, napi_value value, const char* name, bool* result) {
  return napi_get_value_bool(env, value, result) == napi_ok || refuseKind(env, name, "a boolean");
}

bool readText(napi_env env, napi_value value, const char* name, char* result, size_t capacity, size_t* length) {
  // Asked first without a buffer: a text that does not fit must be refused, not cut.
  if (napi_get_value_string_utf8(env, value, nullptr, 0, length) != napi_ok) return refuseKind(env, name, "a string");
  if (*length == 0 || *length >= capacity) {
    char message[messageBytesMax];
    snprintf(message, sizeof message, "%s must have 1 to %zu bytes", name, capacity - 1);
    return refuseValue(env, message);
  }
  if (!isDone(env, napi_get_value_string_utf8(env, value, result, capacity, length))) return false;
  if (std::memchr(result, '\0', *length) == nullptr) return true;
  char message[messageBytesMax];
  snprintf(message, sizeof message, "%s must not contain a NUL", name);
  return refuseValue(env, message);
}

bool readBytes(napi_env env, napi_value value, const char* name, uint8_t** data, size_t* length) {
  napi_typedarray_type type;
  void* bytes = nullptr;
  if (napi_get_typedarray_info(env, value, &type, length, &bytes, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    return refuseKind(env, name, "a Uint8Array");
  }
  *data = static_cast<uint8_t*>(bytes);
  return true;
}
